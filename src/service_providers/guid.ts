/**
 * GUIDs: of interfaces, which are contracts, and of service providers, which keep them.
 *
 * @module
 */

/** A GUID in its one form, `{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}`, upper case. */
export type Guid = string;

/** Bytes of a GUID in binary form. */
export const GUID_BYTES = 16;

const DIGITS = "[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}";
const GUID = new RegExp(`^(?:\\{(${DIGITS})\\}|(${DIGITS}))$`, "i");

/**
 * Where the bytes of the text lie in the binary form: Data1, Data2 and Data3 are
 * little-endian numbers, Data4 is bytes.
 */
const BYTE_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** Whether {@linkcode parseGuid} takes this text. */
export function isGuid(text: unknown): text is string {
  return typeof text === "string" && GUID.test(text);
}

/**
 * A GUID in its one form.
 *
 * @param text in either case, braces or not
 * @throws {TypeError} when it is no string
 * @throws {RangeError} when it is no GUID
 */
export function parseGuid(text: string): Guid {
  if (typeof text !== "string") {
    throw new TypeError(
      `Cannot read a GUID: a ${typeof text} found, expected a string`,
    );
  }
  const match = GUID.exec(text);
  if (match === null) {
    throw new RangeError(
      `Cannot read a GUID: ${
        JSON.stringify(text.slice(0, 64))
      } found, expected {XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX} in hexadecimal`,
    );
  }
  return `{${(match[1] ?? match[2]).toUpperCase()}}`;
}

/**
 * The binary form of Windows, 16 bytes, as registries and structures hold it.
 *
 * @throws {TypeError | RangeError} as {@linkcode parseGuid}
 */
export function guidToBytes(guid: Guid): Uint8Array<ArrayBuffer> {
  const digits = parseGuid(guid).replace(/[{}-]/g, "");
  const bytes = new Uint8Array(GUID_BYTES);
  BYTE_ORDER.forEach((place, i) => {
    bytes[place] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  });
  return bytes;
}

/**
 * The GUID in the binary form of Windows.
 *
 * @param bytes 16 bytes
 * @throws {RangeError} when there are more or fewer
 */
export function guidFromBytes(bytes: Uint8Array): Guid {
  if (bytes.length !== GUID_BYTES) {
    throw new RangeError(
      `Cannot read a GUID: ${bytes.length} bytes found, expected ${GUID_BYTES}`,
    );
  }
  const digits = BYTE_ORDER.map((place) =>
    bytes[place].toString(16).toUpperCase().padStart(2, "0")
  ).join("");
  const parts = [8, 12, 16, 20].reduceRight(
    (text, at) => `${text.slice(0, at)}-${text.slice(at)}`,
    digits,
  );
  return `{${parts}}`;
}
