/**
 * Finds PIN data in commands that come in pieces of any size.
 *
 * @module
 */

/** What stands in a trace for a byte of PIN data: an asterisk, which no padding of PINs uses. */
export const BLANK = 0x2a;

/**
 * INS of the commands that carry reference data or verification data (ISO/IEC
 * 7816-4): VERIFY, CHANGE REFERENCE DATA, DISABLE and ENABLE VERIFICATION
 * REQUIREMENT, RESET RETRY COUNTER (UNBLOCK of SIMs), each with its odd twin.
 */
const PIN_INSTRUCTIONS: ReadonlySet<number> = new Set([
  0x20,
  0x21,
  0x24,
  0x25,
  0x26,
  0x27,
  0x28,
  0x29,
  0x2c,
  0x2d,
]);

const INS_ENVELOPE = 0xc2;
const INS_GET_RESPONSE = 0xc0;
/** ENVELOPE of toolkit applications begins with a tag from here on; none is a class byte. */
const FIRST_TOOLKIT_TAG = 0xc0;
const HEADER_BYTES = 5;
const EXTENDED_HEADER_BYTES = 7;
/** Le on its own, in an ENVELOPE behind the one that ended the data (ISO/IEC 7816-3 12.2). */
const LE_BYTES = 2;

/**
 * Reads commands byte by byte and tells which bytes are PIN data: all behind Lc of a
 * command with such an INS, whatever its CLA, and so chained commands and logical
 * channels, too. It looks into ENVELOPE, where T=0 puts long commands (ISO/IEC 7816-3
 * 12.2), over as many of them as it takes.
 */
export class CommandScanner {
  readonly #isInner: boolean;
  #at = 0;
  #kind: "plain" | "pin" | "envelope" = "plain";
  #dataAt = HEADER_BYTES;
  #lc = 0;
  /** The command inside ENVELOPEs. */
  #inner: CommandScanner | null = null;
  /** Reads an ENVELOPE as another command's first, where four bytes so far may have been all of one. */
  #other: CommandScanner | null = null;

  /** @param isInner it reads what is inside an ENVELOPE; there is no ENVELOPE inside */
  constructor(isInner = false) {
    this.#isInner = isInner;
  }

  /** Whether the command, or the one in the ENVELOPE, carries PIN data. */
  get hasPin(): boolean {
    return this.#kind === "pin" ||
      (this.#kind === "envelope" && (this.#inner?.hasPin ?? false));
  }

  /** The next byte is CLA. */
  begin(): void {
    this.#at = 0;
    this.#kind = "plain";
    this.#dataAt = HEADER_BYTES;
    this.#lc = 0;
  }

  /** The command was answered by SW1 SW2, or by nothing (null): a sequence of ENVELOPEs goes on after 9000 alone. */
  end(status: number | null): void {
    if (status !== 0x9000 && (status ?? 0) >> 8 !== 0x61) this.#inner = null;
  }

  /** Takes one byte. @returns whether it is PIN data */
  next(byte: number): boolean {
    const at = this.#at++;
    if (at === 0) return false;
    if (at === 1) return this.#instruction(byte);
    if (at < HEADER_BYTES - 1) return false;
    if (at === HEADER_BYTES - 1) {
      this.#lc = byte;
      if (byte === 0) this.#dataAt = EXTENDED_HEADER_BYTES;
      return false;
    }
    if (at < this.#dataAt) {
      this.#lc = this.#lc << 8 | byte;
      return false;
    }
    if (this.#kind === "pin") return true;
    if (this.#kind === "plain" || at - this.#dataAt >= this.#lc) return false;
    return this.#wrapped(byte, at === this.#dataAt);
  }

  #instruction(ins: number): boolean {
    if (PIN_INSTRUCTIONS.has(ins)) this.#kind = "pin";
    else if (ins === INS_ENVELOPE && !this.#isInner) this.#kind = "envelope";
    if (this.#kind !== "envelope" && ins !== INS_GET_RESPONSE) {
      this.#inner = null;
    }
    return false;
  }

  #wrapped(byte: number, isFirst: boolean): boolean {
    if (isFirst) this.#beginWrapped(byte);
    const isSecret = this.#inner?.next(byte) ?? false;
    if (this.#other === null) return isSecret;
    const isOthers = this.#other.next(byte);
    if (this.#other.hasPin) {
      this.#inner = this.#other;
      this.#other = null;
    }
    return isSecret || isOthers;
  }

  #beginWrapped(byte: number): void {
    this.#other = null;
    const before = this.#inner;
    // What follows a complete command is its Le, or another command.
    if (before !== null && before.#isComplete && this.#lc > LE_BYTES) {
      this.#inner = null;
    }
    if (byte >= FIRST_TOOLKIT_TAG) return;
    if (this.#inner === null) this.#inner = new CommandScanner(true);
    else if (this.#inner.#at === HEADER_BYTES - 1) {
      this.#other = new CommandScanner(true);
    }
  }

  get #isComplete(): boolean {
    return this.#at >= this.#dataAt + this.#lc;
  }
}
