/**
 * How cards want their secrets: as text, as packed digits, or as a PIN block
 * (ISO 9564-1 format 2).
 *
 * @module
 */

/** How characters become bytes. */
export type PinEncoding = "ascii" | "bcd" | "iso9564-2";

/** A format of secrets. */
export interface PinFormat {
  /** Default `ascii`. `bcd`: two digits a byte, an odd last one followed by F. `iso9564-2`: a block of 8 bytes. */
  readonly encoding?: PinEncoding;
  /** Fewest characters, or bytes of a secret that is given as bytes; default 4. */
  readonly minLength?: number;
  /** Most; default 16, in an ISO 9564 block 12. */
  readonly maxLength?: number;
  /** Bytes to fill up to; default: not filled up. Not for blocks. */
  readonly padToBytes?: number;
  /** What to fill up with; default FF. */
  readonly padByte?: number;
}

/** A secret: text that the format encodes, or bytes that it only fills up. */
export type PinValue = string | Uint8Array;

const DEFAULT_MIN_LENGTH = 4;
const DEFAULT_MAX_LENGTH = 16;
const BLOCK_BYTES = 8;
const BLOCK_MAX_DIGITS = 12;
const BLOCK_CONTROL = 0x20;
const FILLER = 0xf;

/**
 * A secret as the card wants it. Messages never tell what it is.
 *
 * @returns bytes that are the caller's to wipe
 * @throws {RangeError} when it is too short, too long, or of characters that the format has not
 */
export function encodePin(
  pin: PinValue,
  format: PinFormat = {},
): Uint8Array<ArrayBuffer> {
  const { encoding = "ascii", minLength = DEFAULT_MIN_LENGTH } = format;
  const most = encoding === "iso9564-2" ? BLOCK_MAX_DIGITS : DEFAULT_MAX_LENGTH;
  const { maxLength = most } = format;
  checkCharacters(pin, encoding);
  if (pin.length < minLength || pin.length > maxLength) {
    throw refused(
      `it has length ${pin.length}`,
      `${minLength} to ${maxLength}`,
    );
  }
  const isBlock = encoding === "iso9564-2" && typeof pin === "string";
  if (isBlock && pin.length > BLOCK_MAX_DIGITS) {
    throw refused(`it has ${pin.length} digits`, `${BLOCK_MAX_DIGITS} at most`);
  }
  if (isBlock) return block(pin);
  const length = typeof pin === "string" && encoding === "bcd"
    ? Math.ceil(pin.length / 2)
    : pin.length;
  const { padToBytes = length, padByte = 0xff } = format;
  if (length > padToBytes) {
    throw refused(`it takes ${length} bytes`, `${padToBytes} at most`);
  }
  const bytes = new Uint8Array(padToBytes).fill(padByte);
  if (typeof pin !== "string") bytes.set(pin);
  else if (encoding === "bcd") packDigits(pin, bytes, 0);
  else for (let i = 0; i < pin.length; i++) bytes[i] = pin.charCodeAt(i);
  return bytes;
}

function checkCharacters(pin: PinValue, encoding: PinEncoding): void {
  if (typeof pin !== "string") return;
  const allowed = encoding === "ascii" ? /^[\x20-\x7e]*$/ : /^[0-9]*$/;
  if (allowed.test(pin)) return;
  throw refused(
    "it has a character beyond them",
    encoding === "ascii" ? "printable ASCII characters" : "digits",
  );
}

/** Control and length, the digits, F to the end. */
function block(digits: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(BLOCK_BYTES).fill(0xff);
  bytes[0] = BLOCK_CONTROL | digits.length;
  packDigits(digits, bytes, 1);
  return bytes;
}

function packDigits(digits: string, target: Uint8Array, at: number): void {
  for (let i = 0; i < digits.length; i += 2) {
    const high = digits.charCodeAt(i) & 0xf;
    const low = i + 1 < digits.length ? digits.charCodeAt(i + 1) & 0xf : FILLER;
    target[at + i / 2] = high << 4 | low;
  }
}

function refused(found: string, expected: string): RangeError {
  return new RangeError(
    `Cannot encode a secret: ${found}, expected ${expected}`,
  );
}
