/**
 * Test oracle: the cases of a command APDU (ISO/IEC 7816-3 clause 12.1), the decision table as it stands.
 *
 * @module
 */

/** A well-formed command APDU: its case, data length, expected maximum (65 536 and 256 already decoded), and where its data starts (0: no data). */
export interface OracleCase {
  case: "1" | "2S" | "3S" | "4S" | "2E" | "3E" | "4E";
  nc: number;
  ne: number;
  dataOffset: number;
}

/** Sorts a command APDU into its case (12.1), null if it is none; CLA and INS are not judged. */
export function apduCase(bytes: Uint8Array): OracleCase | null {
  if (bytes.length < 4) return null;
  const body = bytes.slice(4);
  const l = body.length;
  if (l === 0) return { case: "1", nc: 0, ne: 0, dataOffset: 0 };

  const b1 = body[0];
  const last = body[l - 1];
  const shortNe = last === 0 ? 256 : last;
  if (l === 1) return { case: "2S", nc: 0, ne: shortNe, dataOffset: 0 };
  if (b1 !== 0) {
    if (l === 1 + b1) return { case: "3S", nc: b1, ne: 0, dataOffset: 5 };
    if (l === 2 + b1) return { case: "4S", nc: b1, ne: shortNe, dataOffset: 5 };
    return null;
  }

  if (l < 3) return null;
  const b2b3 = body[1] * 256 + body[2];
  const lastTwo = body[l - 2] * 256 + last;
  const extendedNe = lastTwo === 0 ? 65536 : lastTwo;
  if (l === 3) return { case: "2E", nc: 0, ne: extendedNe, dataOffset: 0 };
  if (b2b3 === 0) return null;
  if (l === 3 + b2b3) return { case: "3E", nc: b2b3, ne: 0, dataOffset: 7 };
  if (l === 5 + b2b3) {
    return { case: "4E", nc: b2b3, ne: extendedNe, dataOffset: 7 };
  }
  return null;
}
