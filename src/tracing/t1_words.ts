/**
 * T=1 blocks in words (ISO/IEC 7816-3 11.3).
 *
 * @module
 */

import { toHex } from "../bytes.ts";

/** NAD, PCB and LEN, in bytes. */
export const PROLOGUE_BYTES = 3;

const S_BLOCKS: Readonly<Record<number, string>> = {
  0: "RESYNCH",
  1: "IFS",
  2: "ABORT",
  3: "WTX",
  4: "VPP error",
};

const R_ERRORS = ["go on", "check error", "other error", "reserved error"];

/** The parts of a T=1 block. */
export interface T1Block {
  /** I, R or S. */
  readonly type: "I" | "R" | "S";
  /** N(S) of an I-block, N(R) of an R-block, type of an S-block. */
  readonly value: number;
  /** M of an I-block; whether an S-block is a response. */
  readonly flag: boolean;
  /** The information field, a view. */
  readonly inf: Uint8Array;
  /** Where the check bytes begin. */
  readonly edcAt: number;
}

/** Takes a block apart; null when it is shorter than NAD, PCB and LEN. */
export function readBlock(block: Uint8Array): T1Block | null {
  if (block.length < PROLOGUE_BYTES) return null;
  const [, pcb, length] = block;
  const edcAt = Math.min(PROLOGUE_BYTES + length, block.length);
  const inf = block.subarray(PROLOGUE_BYTES, edcAt);
  if ((pcb & 0x80) === 0) {
    const flag = (pcb & 0x20) !== 0;
    return { type: "I", value: pcb >> 6 & 1, flag, inf, edcAt };
  }
  if ((pcb & 0x40) === 0) {
    return { type: "R", value: pcb >> 4 & 1, flag: false, inf, edcAt };
  }
  const flag = (pcb & 0x20) !== 0;
  return { type: "S", value: pcb & 0x1f, flag, inf, edcAt };
}

/** `NAD 12` where it is not 00: the answer's has its halves swapped. */
function describeNad(nad: number): string {
  return nad === 0 ? "" : `NAD ${toHex(Uint8Array.of(nad))} `;
}

/** What is wrong with the length, or with an LRC. */
function describeProblem(block: Uint8Array, edcAt: number): string {
  const edcBytes = block.length - edcAt;
  if (edcBytes < 1) return ", incomplete";
  if (edcBytes > 2) return ", too long";
  if (edcBytes === 2) return "";
  const sum = block.reduce((sum, byte) => sum ^ byte, 0);
  return sum === 0 ? "" : ", LRC wrong";
}

/** A T=1 block in words: `I(0,1): 32 bytes, more follow`, `R(1): other error`, `S(IFS request 254)`. */
export function describeT1Block(bytes: Uint8Array): string {
  const block = readBlock(bytes);
  if (block === null) return "incomplete block";
  const { type, value, flag, inf } = block;
  const nad = describeNad(bytes[0]);
  const problem = describeProblem(bytes, block.edcAt);
  switch (type) {
    case "I": {
      const more = flag ? ", more follow" : "";
      return `${nad}I(${value},${
        flag ? 1 : 0
      }): ${inf.length} bytes${more}${problem}`;
    }
    case "R":
      return `${nad}R(${value}): ${R_ERRORS[bytes[1] & 3]}${problem}`;
    case "S": {
      const name = S_BLOCKS[value] ?? `type ${value}`;
      const parameter = inf.length === 1 ? ` ${inf[0]}` : "";
      return `${nad}S(${name} ${
        flag ? "response" : "request"
      }${parameter})${problem}`;
    }
  }
}
