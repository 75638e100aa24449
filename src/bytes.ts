/**
 * Small helpers for bytes, and for values that may still be on their way, for every
 * floor above the core.
 *
 * @module
 */

/** A value that is there already, or will be. */
export type MaybePromise<T> = T | Promise<T>;

/** Continues with `next` at once when `value` is there, else when it comes: sync paths stay sync. */
export function chain<T, U>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** No bytes; stands for a buffer that does not exist. */
export const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Up to here a loop is faster than making the view that `set` needs. */
const LOOP_BYTES = 64;

/** Copies `source[start..end)` to `target[at..]`; the caller has seen to it that it fits. */
export function copyBytes(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): void {
  if (end - start > LOOP_BYTES) {
    target.set(source.subarray(start, end), at);
    return;
  }
  while (start < end) target[at++] = source[start++];
}

/** An unsigned 32-bit number as `0x` and eight hexadecimal digits. */
export function hex32(value: number): string {
  return `0x${(value >>> 0).toString(16).toUpperCase().padStart(8, "0")}`;
}

const HEX = Array.from(
  { length: 256 },
  (_, value) => value.toString(16).toUpperCase().padStart(2, "0"),
);

/** Bytes as upper-case hexadecimal, `separator` between two bytes. */
export function toHex(bytes: Uint8Array, separator = ""): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) {
    text += i === 0 ? HEX[bytes[i]] : separator + HEX[bytes[i]];
  }
  return text;
}

/**
 * Hexadecimal text as bytes; white space and colons between bytes are ignored.
 *
 * @throws {RangeError} when another character is found or the digits are odd in number.
 */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/[\s:]/g, "");
  const stray = digits.match(/[^0-9A-Fa-f]/);
  if (stray !== null) {
    throw new RangeError(
      `Cannot read hexadecimal: ${
        JSON.stringify(stray[0])
      } found, expected 0-9 and A-F`,
    );
  }
  if (digits.length % 2 !== 0) {
    throw new RangeError(
      `Cannot read hexadecimal: ${digits.length} digits found, expected an even number`,
    );
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/** Whether both hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

/** Reads an unsigned 32-bit little-endian number (a Windows ULONG). */
export function readU32le(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] | bytes[offset + 1] << 8 | bytes[offset + 2] << 16 |
    bytes[offset + 3] << 24) >>> 0;
}

/** Writes an unsigned 32-bit little-endian number (a Windows ULONG). */
export function writeU32le(
  bytes: Uint8Array,
  offset: number,
  value: number,
): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}
