/**
 * SW1 SW2 in words (ISO/IEC 7816-4 5.6).
 *
 * @module
 */

const STATUS_WORDS: Readonly<Record<number, string>> = {
  0x9000: "done",
  0x6281: "warning: data may be corrupted",
  0x6282: "warning: end of file before Le bytes",
  0x6283: "warning: file deactivated",
  0x6285: "warning: file terminated",
  0x6300: "warning: no information",
  0x6400: "refused: execution error",
  0x6581: "refused: memory failure",
  0x6700: "refused: wrong length",
  0x6881: "refused: no logical channels",
  0x6882: "refused: no secure messaging",
  0x6883: "refused: last command of the chain expected",
  0x6884: "refused: no command chaining",
  0x6981: "refused: wrong kind of file",
  0x6982: "refused: security status not satisfied",
  0x6983: "refused: authentication method blocked",
  0x6984: "refused: reference data not usable",
  0x6985: "refused: conditions of use not satisfied",
  0x6986: "refused: no current file",
  0x6987: "refused: secure messaging data missing",
  0x6988: "refused: secure messaging data wrong",
  0x6a80: "refused: wrong data",
  0x6a81: "refused: function not supported",
  0x6a82: "refused: file not found",
  0x6a83: "refused: record not found",
  0x6a84: "refused: no memory left in the file",
  0x6a86: "refused: wrong P1 P2",
  0x6a87: "refused: Lc does not fit P1 P2",
  0x6a88: "refused: reference data not found",
  0x6a89: "refused: file exists",
  0x6b00: "refused: wrong P1 P2",
  0x6d00: "refused: unknown instruction",
  0x6e00: "refused: unknown class",
  0x6f00: "refused: no precise diagnosis",
};

/** SW1 SW2 in words; "incomplete status" when there are not two bytes. */
export function describeStatus(sw: Uint8Array): string {
  if (sw.length !== 2) return "incomplete status";
  const [sw1, sw2] = sw;
  const words = STATUS_WORDS[sw1 << 8 | sw2];
  if (words !== undefined) return words;
  if (sw1 === 0x61) return `${sw2 || 256} bytes are ready`;
  if (sw1 === 0x6c) return `ask for ${sw2 || 256} bytes`;
  if (sw1 === 0x63 && (sw2 & 0xf0) === 0xc0) {
    return `wrong, ${sw2 & 15} tries left`;
  }
  if (sw1 === 0x62 || sw1 === 0x63) return "warning";
  if (sw1 >= 0x64 && sw1 <= 0x6f) return "refused";
  return sw1 >> 4 === 9 ? "done, the card's own status" : "no status";
}
