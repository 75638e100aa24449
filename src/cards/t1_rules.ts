/**
 * What a valid block means to the card, by the rules of ISO/IEC 7816-3
 * 11.6.3. The rows stand in the order of their precedence; a block that
 * matches no row is invalid.
 *
 * @module
 */
import type { T1Block, T1Supervision } from "./t1_block.ts";

/** What the card does about a block. */
export type T1Reaction =
  /** the I-block expected: take it */
  | "accept"
  /** an I-block already known: R(nr) */
  | "repeated"
  /** my chained I-block is acknowledged: go on */
  | "next"
  /** my last I-block is wanted again, byte for byte */
  | "retransmit"
  /** an R-block that acknowledges nothing outstanding */
  | "unmatched"
  /** the response to my S request */
  | "granted"
  /** the reader goes on although my S request was given up (rule 8) */
  | "resume"
  /** an S request of the reader */
  | "supervise"
  | "invalid";

/** The card's last I-block that the reader has not acknowledged. */
export interface T1LastInformation {
  readonly bytes: Uint8Array;
  readonly number: number;
  readonly more: boolean;
}

/** The card's S request that awaits its response. */
export interface T1Outstanding {
  readonly type: T1Supervision;
  readonly value: number;
  readonly bytes: Uint8Array;
  repeatsLeft: number;
}

/** The part of the card's state that decides. */
export interface T1View {
  readonly acceptedNad: number | undefined;
  readonly ifscBytes: number;
  /** N(S) of the reader's next I-block. */
  readonly expected: number;
  readonly lastI: T1LastInformation | null;
  readonly outstanding: T1Outstanding | null;
}

/** Whether this is S(RESYNCH request), which is heard in every state. */
export function isResynchRequest(block: T1Block): boolean {
  return block.kind === "S" && block.type === "resynch" && !block.response;
}

/** Finds the reaction to a valid block. */
export function classifyT1Block(block: T1Block, view: T1View): T1Reaction {
  const { acceptedNad, outstanding, lastI } = view;
  if (acceptedNad !== undefined && acceptedNad !== block.nad) return "invalid";
  if (isResynchRequest(block)) return "supervise"; // rule 6.2
  if (outstanding !== null) return classifyResponse(block, outstanding);
  switch (block.kind) {
    case "S": // nobody asked for a response; only the card asks for time
      return block.response || block.type === "wtx" ? "invalid" : "supervise";
    case "I": // rule 5: while the card chains, the reader sends no I-block
      if (block.inf.length > view.ifscBytes || lastI?.more) return "invalid";
      return block.number === view.expected ? "accept" : "repeated";
    case "R":
      if (lastI === null) return "unmatched";
      if (block.number === lastI.number) return "retransmit"; // rule 7.1
      return lastI.more ? "next" : "unmatched"; // rule 2.2
  }
}

/** Rule 7.3: only the response itself ends an S request, or rule 8 does. */
function classifyResponse(block: T1Block, request: T1Outstanding): T1Reaction {
  if (
    block.kind === "S" && block.response && block.type === request.type &&
    block.value === request.value
  ) return "granted";
  const givenUp = request.type === "ifs" && request.repeatsLeft === 0;
  return givenUp && block.kind === "R" ? "resume" : "invalid";
}
