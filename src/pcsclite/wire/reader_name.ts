/**
 * What pcsc-lite calls readers.
 *
 * @module
 */

import { MAX_READER_NAME_BYTES } from "./limits.ts";
import { text } from "./struct.ts";

const MOST = 0xFF;

/**
 * A reader's name as programs expect it, `Virtual Reader 00 01`: they read the two numbers
 * at the end, reader and slot. A stem that is too long for the wire is cut.
 *
 * @param stem what the device is called
 * @param index number of the reader, 0 to 255; not used by another one as long as it is there
 * @param slot number of the slot within the reader, 0 to 255
 * @throws {RangeError} when a number is out of range
 */
export function pcscLiteReaderName(
  stem: string,
  index: number,
  slot = 0,
): string {
  const end = [index, slot].map((value) => {
    if (!Number.isInteger(value) || value < 0 || value > MOST) {
      throw new RangeError(
        `Cannot name a reader: number ${value}, expected 0 to ${MOST}`,
      );
    }
    return ` ${value.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
  const field = text(MAX_READER_NAME_BYTES - end.length);
  const bytes = new Uint8Array(field.bytes);
  field.write(bytes, 0, stem);
  return `${field.read(bytes, 0)}${end}`;
}
