/**
 * Protocol and parameters selection (ISO/IEC 7816-3 9).
 *
 * @module
 */

import {
  PPS_E_LENGTH,
  PPS_E_NOT_ASKED,
  PPS_E_PCK,
  PPS_E_PPSS,
  PPS_E_PROTOCOL,
  PPS_E_RFU,
  PPS_E_VALUE,
  PPS_OK,
  SCRATCH,
  SCRATCH_2,
} from "../../core-as/abi.ts";
import { lrc } from "./edc.ts";
import { type Core, sharedCore } from "./instance.ts";

/** What to propose. */
export interface PpsProposal {
  /** The protocol, T = 0 to 14. */
  protocol: number;
  /** Index of F (high nibble of TA1); with `diIndex` it makes PPS1. Left out: 372/1 is kept. */
  fiIndex?: number;
  /** Index of D (low nibble of TA1). */
  diIndex?: number;
  /** Standard or proprietary use of contact C6, coded as TB of T=15. */
  pps2?: number;
  /** Reserved by ISO. */
  pps3?: number;
}

/** Name of the rule that a PPS response breaks. */
export type PpsProblem =
  | "LENGTH"
  | "PPSS"
  | "PCK"
  | "PROTOCOL"
  | "RFU"
  | "NOT_ASKED"
  | "VALUE";

/** What a PPS response says. */
export interface PpsOutcome {
  /** Whether the response keeps every rule. */
  accepted: boolean;
  /** Name of the first rule that it breaks, null if it breaks none. */
  code: PpsProblem | null;
  /** That rule in words. */
  problem: string | null;
  /** PPS1 in force, or null: F = 372 and D = 1 stay. */
  pps1: number | null;
  /** Whether PPS2 was taken over. */
  spuAgreed: boolean;
}

const PROBLEMS: Readonly<
  Record<number, { code: PpsProblem; words: string }>
> = {
  [PPS_E_LENGTH]: { code: "LENGTH", words: "the length does not fit PPS0" },
  [PPS_E_PPSS]: { code: "PPSS", words: "the first byte is not FF" },
  [PPS_E_PCK]: { code: "PCK", words: "the check byte PCK is wrong" },
  [PPS_E_PROTOCOL]: {
    code: "PROTOCOL",
    words: "another protocol than the one proposed",
  },
  [PPS_E_RFU]: { code: "RFU", words: "bit 8 of PPS0 is set" },
  [PPS_E_NOT_ASKED]: {
    code: "NOT_ASKED",
    words: "a parameter that was not proposed",
  },
  [PPS_E_VALUE]: {
    code: "VALUE",
    words: "a parameter with another value than proposed",
  },
};

/** Longest PPS message: PPSS PPS0 PPS1 PPS2 PPS3 PCK. */
export const MAX_PPS_BYTES = 6;

function checkByte(name: string, value: number | undefined, high: number) {
  if (value === undefined) return;
  if (!(Number.isInteger(value) && value >= 0 && value <= high)) {
    throw new RangeError(
      `Cannot build PPS: ${name} is ${value}, expected 0 to ${high}`,
    );
  }
}

/** Builds a PPS request. @throws {RangeError} when a value does not fit its field */
export function buildPpsRequest(
  proposal: PpsProposal,
  core: Core = sharedCore(),
): Uint8Array<ArrayBuffer> {
  const { protocol, fiIndex, diIndex, pps2, pps3 } = proposal;
  checkByte("protocol", protocol, 14);
  checkByte("fiIndex", fiIndex, 15);
  checkByte("diIndex", diIndex, 15);
  checkByte("pps2", pps2, 255);
  checkByte("pps3", pps3, 255);
  const pps1 = fiIndex === undefined && diIndex === undefined
    ? -1
    : (fiIndex ?? 1) << 4 | (diIndex ?? 1);
  const length = core.exports.pps_build(
    protocol,
    pps1,
    pps2 ?? -1,
    pps3 ?? -1,
  );
  return core.bytes.slice(SCRATCH, SCRATCH + length);
}

/**
 * Length of a response whose first `length` bytes are at hand; 2 as long as PPS0
 * has not come.
 */
export function ppsResponseLength(
  prefix: Uint8Array,
  length: number = prefix.length,
  core: Core = sharedCore(),
): number {
  if (length < 2) return 2;
  core.bytes[SCRATCH_2 + 1] = prefix[1];
  return core.exports.pps_length(length);
}

function toHexadecimal(bytes: Uint8Array): string {
  return Array.from(
    bytes.subarray(0, MAX_PPS_BYTES + 1),
    (byte) => byte.toString(16).toUpperCase().padStart(2, "0"),
  ).join("");
}

/** PPSS, the length that PPS0 announces, and a right PCK. */
function isPps(bytes: Uint8Array, core: Core): boolean {
  if (bytes.length < 3 || bytes.length > MAX_PPS_BYTES) return false;
  return bytes[0] === 0xff &&
    ppsResponseLength(bytes, bytes.length, core) === bytes.length &&
    lrc(bytes, core) === 0;
}

/**
 * Checks a response against its request.
 *
 * @throws {RangeError} when `request` is no PPS message
 */
export function checkPpsResponse(
  request: Uint8Array,
  response: Uint8Array,
  core: Core = sharedCore(),
): PpsOutcome {
  if (!isPps(request, core)) {
    throw new RangeError(
      `Cannot check PPS: ${
        toHexadecimal(request)
      } found for a request, expected FF, PPS0, what it announces, and PCK`,
    );
  }
  // A response longer than any PPS message fails on its length alone.
  const length = Math.min(response.length, MAX_PPS_BYTES + 1);
  core.bytes.set(request, SCRATCH);
  core.bytes.set(response.subarray(0, length), SCRATCH_2);
  const code = core.exports.pps_check(length);
  const given = code === PPS_OK ? response[1] : 0;
  const broken = code === PPS_OK ? null : PROBLEMS[code];
  return {
    accepted: broken === null,
    code: broken?.code ?? null,
    problem: broken?.words ?? null,
    pps1: (given & 0x10) !== 0 ? response[2] : null,
    spuAgreed: (given & 0x20) !== 0,
  };
}

/** A PPS exchange without I/O: what to send, how much to expect, what it led to. */
export interface PpsNegotiation {
  /** What to send after the ATR. */
  readonly request: Uint8Array<ArrayBuffer>;
  /** Length to expect, given what came so far. */
  expected(received: Uint8Array, length?: number): number;
  /** Judges the response. */
  check(response: Uint8Array): PpsOutcome;
}

/** Prepares the negotiation of `proposal` with a card in negotiable mode. */
export function negotiatePps(
  proposal: PpsProposal,
  core: Core = sharedCore(),
): PpsNegotiation {
  const request = buildPpsRequest(proposal, core);
  return {
    request,
    expected: (received, length) => ppsResponseLength(received, length, core),
    check: (response) => checkPpsResponse(request, response, core),
  };
}
