/**
 * Command APDUs as a card reads them (ISO/IEC 7816-3 12.1).
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";

/** A C-APDU taken apart (ISO/IEC 7816-3 12.1). */
export interface CardCommand {
  /** Class byte. */
  readonly cla: number;
  /** Instruction byte. */
  readonly ins: number;
  /** First parameter. */
  readonly p1: number;
  /** Second parameter. */
  readonly p2: number;
  /** The command data, a view of the C-APDU; empty when there are none. */
  readonly data: Uint8Array;
  /** Most response bytes wanted, 0 when Le is absent. */
  readonly ne: number;
  /** Le is coded as zero: all there is, as far as Ne allows. */
  readonly wantsAll: boolean;
}

/** The form of a command body. */
interface Body {
  readonly dataOffset: number;
  readonly nc: number;
  readonly ne: number;
  readonly wantsAll: boolean;
}

/** Takes a C-APDU apart; null when it is malformed. */
export function parseCardCommand(bytes: Uint8Array): CardCommand | null {
  if (bytes.length < 4) return null;
  const body = parseBody(bytes);
  if (body === null) return null;
  const { dataOffset, nc, ne, wantsAll } = body;
  return {
    cla: bytes[0],
    ins: bytes[1],
    p1: bytes[2],
    p2: bytes[3],
    data: nc === 0 ? NO_BYTES : bytes.subarray(dataOffset, dataOffset + nc),
    ne,
    wantsAll,
  };
}

function parseBody(bytes: Uint8Array): Body | null {
  const length = bytes.length - 4;
  if (length === 0) return { dataOffset: 4, nc: 0, ne: 0, wantsAll: false };
  const first = bytes[4];
  if (length === 1) return withLe(4, 0, first, 256);
  if (first !== 0) {
    if (length === 1 + first) return withoutLe(5, first);
    if (length !== 2 + first) return null;
    return withLe(5, first, bytes[bytes.length - 1], 256);
  }
  if (length < 3) return null;
  const second = bytes[5] << 8 | bytes[6];
  if (length === 3) return withLe(4, 0, second, 65_536);
  if (second === 0) return null;
  if (length === 3 + second) return withoutLe(7, second);
  if (length !== 5 + second) return null;
  const le = bytes[bytes.length - 2] << 8 | bytes[bytes.length - 1];
  return withLe(7, second, le, 65_536);
}

function withoutLe(dataOffset: number, nc: number): Body {
  return { dataOffset, nc, ne: 0, wantsAll: false };
}

function withLe(dataOffset: number, nc: number, le: number, all: number): Body {
  return { dataOffset, nc, ne: le === 0 ? all : le, wantsAll: le === 0 };
}
