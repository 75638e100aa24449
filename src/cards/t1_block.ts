/**
 * Blocks of T=1 as the card reads and writes them (ISO/IEC 7816-3 11.3).
 *
 * @module
 */
import type { Edc } from "./edc.ts";

/** What an S-block is about; the index is the type in its PCB. */
export type T1Supervision = "resynch" | "ifs" | "abort" | "wtx";

const SUPERVISION: readonly T1Supervision[] = [
  "resynch",
  "ifs",
  "abort",
  "wtx",
];

/** An I-block: `number` is N(S), `more` the M-bit, `inf` a view of the characters decoded. */
export interface T1Information {
  readonly kind: "I";
  readonly nad: number;
  readonly number: number;
  readonly more: boolean;
  readonly inf: Uint8Array;
}

/** An R-block: `number` is N(R), `error` 0 (none), 1 (EDC or parity) or 2 (other). */
export interface T1ReceiveReady {
  readonly kind: "R";
  readonly nad: number;
  readonly number: number;
  readonly error: number;
}

/** An S-block; `value` is the IFS or the multiplier, 0 for the others. */
export interface T1Supervisory {
  readonly kind: "S";
  readonly nad: number;
  readonly type: T1Supervision;
  readonly response: boolean;
  readonly value: number;
}

/** What is no valid block: `error` is what an R-block would report of it. */
export interface T1Invalid {
  readonly kind: "invalid";
  readonly error: 1 | 2;
}

/** A block that was understood. */
export type T1Block = T1Information | T1ReceiveReady | T1Supervisory;

const EDC_ERROR: T1Invalid = { kind: "invalid", error: 1 };
const OTHER_ERROR: T1Invalid = { kind: "invalid", error: 2 };

/** Bytes before INF. */
export const T1_PROLOGUE_BYTES = 3;

/** The longest block: prologue, 254 bytes of INF, CRC. */
export const T1_MAX_BLOCK_BYTES = 259;

/** PCB of I(number, more). */
export function pcbI(number: number, more: boolean): number {
  return number << 6 | (more ? 0x20 : 0);
}

/** PCB of R(number) with the error bits. */
export function pcbR(number: number, error: number): number {
  return 0x80 | number << 4 | error;
}

/** PCB of an S-block. */
export function pcbS(type: T1Supervision, response: boolean): number {
  return 0xc0 | (response ? 0x20 : 0) | SUPERVISION.indexOf(type);
}

/** Reads exactly one block; every flaw that 11.6.3 calls an invalid block gives `invalid`. */
export function decodeT1Block(
  bytes: Uint8Array,
  edc: Edc,
): T1Block | T1Invalid {
  if (bytes.length < T1_PROLOGUE_BYTES) return OTHER_ERROR;
  const nad = bytes[0];
  const pcb = bytes[1];
  const end = T1_PROLOGUE_BYTES + bytes[2];
  if (bytes[2] === 0xff || bytes.length !== end + edc.length) {
    return OTHER_ERROR;
  }
  if (!edc.matches(bytes, end)) return EDC_ERROR;
  if (!isLegalNad(nad)) return OTHER_ERROR;
  const inf = bytes.subarray(T1_PROLOGUE_BYTES, end);
  if ((pcb & 0x80) === 0) return readInformation(nad, pcb, inf);
  return (pcb & 0x40) === 0
    ? readReceiveReady(nad, pcb, inf)
    : readSupervisory(nad, pcb, inf);
}

/** b8 and b4 are unused, SAD = DAD is reserved but for 0 (11.3.2.1). */
function isLegalNad(nad: number): boolean {
  return (nad & 0x88) === 0 && (nad === 0 || nad >> 4 !== (nad & 7));
}

function readInformation(
  nad: number,
  pcb: number,
  inf: Uint8Array,
): T1Block | T1Invalid {
  if ((pcb & 0x1f) !== 0) return OTHER_ERROR;
  const more = (pcb & 0x20) !== 0;
  return { kind: "I", nad, number: pcb >> 6 & 1, more, inf };
}

function readReceiveReady(
  nad: number,
  pcb: number,
  inf: Uint8Array,
): T1Block | T1Invalid {
  const error = pcb & 3;
  if (inf.length !== 0 || (pcb & 0x2c) !== 0 || error === 3) return OTHER_ERROR;
  return { kind: "R", nad, number: pcb >> 4 & 1, error };
}

function readSupervisory(
  nad: number,
  pcb: number,
  inf: Uint8Array,
): T1Block | T1Invalid {
  if ((pcb & 0x1f) >= SUPERVISION.length) return OTHER_ERROR;
  const type = SUPERVISION[pcb & 0x1f];
  const hasValue = type === "ifs" || type === "wtx";
  if (inf.length !== (hasValue ? 1 : 0)) return OTHER_ERROR;
  const value = hasValue ? inf[0] : 0;
  if (hasValue && value === 0) return OTHER_ERROR;
  if (type === "ifs" && value === 0xff) return OTHER_ERROR;
  return { kind: "S", nad, type, response: (pcb & 0x20) !== 0, value };
}
