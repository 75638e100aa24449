/**
 * The oracle's blocks of T=1 (7816-3 11.3): what the reader sends, and what a block
 * that came from the card is, judged by itself.
 *
 * @module
 */

import { checkBytes, type OracleCheck } from "./t1_check.ts";

/** 0 or 1: N(S) of an I-block or N(R) of an R-block. */
export type OracleNumber = 0 | 1;

/** The names of the S-blocks the reader sends or understands. */
export type OracleSupervisory = "RESYNCH" | "IFS" | "ABORT" | "WTX";

/**
 * A received block. `invalid` carries the error bits which an R-block about it bears:
 * 1 for wrong check bytes, 2 for all the rest. `value` is -1 where INF is empty.
 */
export type OracleBlock =
  | { is: "I"; number: OracleNumber; more: boolean; inf: Uint8Array }
  | { is: "R"; number: OracleNumber }
  | { is: "S request"; name: OracleSupervisory; value: number }
  | { is: "S response"; name: OracleSupervisory; value: number }
  | { is: "invalid"; error: 1 | 2 };

/** What the validity of a card's block depends on, besides its bytes. */
export interface OracleLink {
  /** Kind of check bytes in use. */
  check: OracleCheck;
  /** NAD of the reader's own blocks. */
  nad: number;
  /** "emv" narrows the IFSC a card may ask for to 10..FE. */
  profile: "iso" | "emv";
}

const NAMES: readonly OracleSupervisory[] = ["RESYNCH", "IFS", "ABORT", "WTX"];

const INVALID: OracleBlock = { is: "invalid", error: 2 };

/** The other number modulo 2 (11.6.2.1). */
export function other(number: OracleNumber): OracleNumber {
  return number === 0 ? 1 : 0;
}

/** The reader's I(number, more). */
export function iBlock(
  link: OracleLink,
  number: OracleNumber,
  more: boolean,
  inf: Uint8Array,
): Uint8Array {
  return block(link, (number === 1 ? 0x40 : 0) + (more ? 0x20 : 0), inf);
}

/** The reader's R(number) with its two error bits. */
export function rBlock(
  link: OracleLink,
  number: OracleNumber,
  error: 0 | 1 | 2,
): Uint8Array {
  return block(link, 0x80 + (number === 1 ? 0x10 : 0) + error, []);
}

/** The reader's S(name request), with a value where `inf` has one. */
export function sRequest(
  link: OracleLink,
  name: OracleSupervisory,
  inf: readonly number[],
): Uint8Array {
  return block(link, 0xc0 + NAMES.indexOf(name), inf);
}

/** The reader's S(name response), with a value where `inf` has one. */
export function sResponse(
  link: OracleLink,
  name: OracleSupervisory,
  inf: readonly number[],
): Uint8Array {
  return block(link, 0xe0 + NAMES.indexOf(name), inf);
}

function block(
  link: OracleLink,
  pcb: number,
  inf: Uint8Array | readonly number[],
): Uint8Array {
  const covered = Uint8Array.of(link.nad, pcb, inf.length, ...inf);
  return Uint8Array.of(...covered, ...checkBytes(link.check, covered));
}

/**
 * What `bytes` from the card are, by themselves (11.6.3.2: the classes of invalid
 * blocks). No bytes stand for silence or a parity error.
 */
export function readBlock(link: OracleLink, bytes: Uint8Array): OracleBlock {
  const checkLength = link.check === "LRC" ? 1 : 2;
  if (bytes.length < 3 + checkLength) return INVALID;
  const [nad, pcb, len] = bytes;
  if (len === 255) return INVALID;
  if (bytes.length !== 3 + len + checkLength) return INVALID;
  const wanted = checkBytes(link.check, bytes.subarray(0, 3 + len));
  for (let i = 0; i < checkLength; i++) {
    if (bytes[3 + len + i] !== wanted[i]) return { is: "invalid", error: 1 };
  }
  // The answer swaps SAD (b3..b1) and DAD (b7..b5); this excludes FF and b8, b4 too.
  if (nad !== ((link.nad & 0x07) << 4) + ((link.nad & 0x70) >> 4)) {
    return INVALID;
  }
  const inf = bytes.slice(3, 3 + len);
  if ((pcb & 0x80) === 0) return readI(pcb, inf);
  if ((pcb & 0x40) === 0) return readR(pcb, len);
  return readS(link.profile, pcb, inf);
}

function readI(pcb: number, inf: Uint8Array): OracleBlock {
  if ((pcb & 0x1f) !== 0) return INVALID;
  return {
    is: "I",
    number: (pcb & 0x40) === 0 ? 0 : 1,
    more: (pcb & 0x20) !== 0,
    inf,
  };
}

function readR(pcb: number, len: number): OracleBlock {
  if (len !== 0) return INVALID;
  if ((pcb & 0x20) !== 0) return INVALID;
  if ((pcb & 0x0c) !== 0) return INVALID;
  if ((pcb & 0x03) === 3) return INVALID;
  return { is: "R", number: (pcb & 0x10) === 0 ? 0 : 1 };
}

function readS(
  profile: "iso" | "emv",
  pcb: number,
  inf: Uint8Array,
): OracleBlock {
  const name = NAMES.at(pcb & 0x1f);
  // E4, the obsolete VPP error, is a response nobody asked for.
  if (name === undefined) return INVALID;
  const is = (pcb & 0x20) === 0 ? "S request" : "S response";
  // Rule 6.1: only the reader asks for resynchronisation.
  if (name === "RESYNCH" && is === "S request") return INVALID;
  if (inf.length !== (name === "IFS" || name === "WTX" ? 1 : 0)) return INVALID;
  const value = inf.length === 1 ? inf[0] : -1;
  if (name === "IFS" && (value === 0 || value === 255)) return INVALID;
  if (
    profile === "emv" && name === "IFS" && is === "S request" && value < 0x10
  ) {
    return INVALID;
  }
  return { is, name, value };
}
