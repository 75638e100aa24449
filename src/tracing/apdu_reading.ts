/**
 * The form of a C-APDU (ISO/IEC 7816-3 12.1).
 *
 * @module
 */

/** Where the parts of a C-APDU are. */
export interface CommandForm {
  /** Where the data begin. */
  readonly dataAt: number;
  /** Bytes of data (Nc). */
  readonly nc: number;
  /** Most bytes wanted (Ne), 0 when Le is absent. */
  readonly ne: number;
  /** Whether Lc or Le is extended. */
  readonly isExtended: boolean;
}

function form(
  dataAt: number,
  nc: number,
  ne: number,
  isExtended: boolean,
): CommandForm {
  return { dataAt, nc, ne, isExtended };
}

/** Reads the form of a C-APDU; null when it is malformed. */
export function parseCommand(bytes: Uint8Array): CommandForm | null {
  if (bytes.length < 4) return null;
  const body = bytes.length - 4;
  const last = bytes[bytes.length - 1];
  if (body === 0) return form(4, 0, 0, false);
  const first = bytes[4];
  if (body === 1) return form(5, 0, first || 256, false);
  if (first !== 0) {
    if (body === 1 + first) return form(5, first, 0, false);
    return body === 2 + first ? form(5, first, last || 256, false) : null;
  }
  if (body < 3) return null;
  const long = bytes[5] << 8 | bytes[6];
  if (body === 3) return form(7, 0, long || 65_536, true);
  if (long === 0) return null;
  if (body === 3 + long) return form(7, long, 0, true);
  if (body !== 5 + long) return null;
  return form(7, long, bytes[bytes.length - 2] << 8 | last || 65_536, true);
}
