/**
 * Contactless storage cards: the ATRs that readers make up for them (PC/SC part 3, and
 * its supplement, the list of card names).
 *
 * @module
 */

import type { AtrMask } from "./atr_mask.ts";

// TS T0 TD1 TD2, category 80, tag 4F with length 12, the RID of the PC/SC workgroup.
const PREFIX = [0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C];
const RID = [0xA0, 0x00, 0x00, 0x03, 0x06];
const STANDARD_AT = 12;
const RFU_BYTES = 4;

/** Names of storage cards by their number NN in the ATR. */
export const STORAGE_CARD_NAMES: ReadonlyMap<number, string> = new Map([
  [0x0001, "MIFARE Classic 1K"],
  [0x0002, "MIFARE Classic 4K"],
  [0x0003, "MIFARE Ultralight"],
  [0x0004, "SLE55R"],
  [0x0006, "SR176"],
  [0x0007, "SRIX4K"],
  [0x0008, "AT88RF020"],
  [0x0009, "AT88SC0204CRF"],
  [0x000A, "AT88SC0808CRF"],
  [0x000B, "AT88SC1616CRF"],
  [0x000C, "AT88SC3216CRF"],
  [0x000D, "AT88SC6416CRF"],
  [0x000E, "SRF55V10P"],
  [0x000F, "SRF55V02P"],
  [0x0010, "SRF55V10S"],
  [0x0011, "SRF55V02S"],
  [0x0012, "Tag-it"],
  [0x0013, "LRI512"],
  [0x0014, "ICODE SLI"],
  [0x0015, "TempSens"],
  [0x0016, "I-CODE1"],
  [0x0017, "PicoPass 2K"],
  [0x0018, "PicoPass 2KS"],
  [0x0019, "PicoPass 16K"],
  [0x001A, "PicoPass 16KS"],
  [0x001B, "PicoPass 16K (8x2)"],
  [0x001C, "PicoPass 16KS (8x2)"],
  [0x001D, "PicoPass 32KS (16+16)"],
  [0x001E, "PicoPass 32KS (16+8x2)"],
  [0x001F, "PicoPass 32KS (8x2+16)"],
  [0x0020, "PicoPass 32KS (8x2+8x2)"],
  [0x0021, "LRI64"],
  [0x0022, "I-CODE UID"],
  [0x0023, "I-CODE EPC"],
  [0x0024, "LRI12"],
  [0x0025, "LRI128"],
  [0x0026, "MIFARE Mini"],
  [0x0027, "my-d move (SLE 66R01P)"],
  [0x0028, "my-d NFC (SLE 66RxxP)"],
  [0x0029, "my-d proximity 2 (SLE 66RxxS)"],
  [0x002A, "my-d proximity enhanced (SLE 55RxxE)"],
  [0x002B, "my-d light (SRF 55V01P)"],
  [0x002C, "PJM Stack Tag"],
  [0x002D, "PJM Item Tag"],
  [0x002E, "PJM Light"],
  [0x002F, "Jewel Tag"],
  [0x0030, "Topaz NFC Tag"],
  [0x0031, "AT88SC0104CRF"],
  [0x0032, "AT88SC0404CRF"],
  [0x0033, "AT88RF01C"],
  [0x0034, "AT88RF04C"],
  [0x0035, "ICODE SL2"],
  [0x0036, "MIFARE Plus SL1 2K"],
  [0x0037, "MIFARE Plus SL1 4K"],
  [0x0038, "MIFARE Plus SL2 2K"],
  [0x0039, "MIFARE Plus SL2 4K"],
  [0x003A, "MIFARE Ultralight C"],
  [0x003B, "FeliCa"],
  [0x003C, "Melexis MLX90129"],
  [0x003D, "MIFARE Ultralight EV1"],
]);

/**
 * The ATR that a reader makes up for a storage card.
 *
 * @param standard SS, 0 to 255: 3 ISO/IEC 14443 A part 3, 7 14443 B part 3, 11 ISO/IEC
 * 15693 part 3, 17 FeliCa, 0 not said, and so on
 * @param cardName NN, a key of {@linkcode STORAGE_CARD_NAMES}, 0 to 65 535
 * @throws {RangeError} when a number is out of range
 */
export function storageCardAtr(
  standard: number,
  cardName: number,
): Uint8Array<ArrayBuffer> {
  assertRange("standard", standard, 0xFF);
  assertRange("cardName", cardName, 0xFFFF);
  const body = [
    ...PREFIX,
    ...RID,
    standard,
    cardName >> 8,
    cardName & 0xFF,
    ...new Array<number>(RFU_BYTES).fill(0),
  ];
  // TCK: the exclusive or of all from T0 on is zero.
  const tck = body.slice(1).reduce((sum, byte) => sum ^ byte, 0);
  return new Uint8Array([...body, tck]);
}

/** The ATRs of a storage card: all that readers make up for it, by whatever standard. */
export function storageCardMask(cardName: number): Required<AtrMask> {
  const atr = storageCardAtr(0, cardName);
  const mask = new Uint8Array(atr.length).fill(0xFF);
  mask[STANDARD_AT] = 0;
  // Reserved bytes, and the check of them all.
  mask.fill(0, atr.length - RFU_BYTES - 1);
  return { atr: atr.map((byte, i) => byte & mask[i]), mask };
}

function assertRange(what: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new RangeError(
    `Cannot make the ATR of a storage card: ${what} is ${value}, expected 0 to ${max}`,
  );
}
