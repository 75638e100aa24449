// deno-fmt-ignore-file: the table reads as a table only in columns.
/**
 * The reactions of the reader's T=1 machine (ISO/IEC 7816-3 11.6): what is
 * outstanding x what came -> what to do.
 *
 * Rules for whoever edits this file: a row for each thing that can be outstanding,
 * a column for each thing that can come, every cell filled; the rules that a row
 * obeys stand above it, by their numbers in 11.6.2 and 11.6.3. `deno task draw` draws
 * the diagram in docs/ from these rows and their comments.
 *
 * @module
 */

import { T1_TABLE } from "./abi.ts";
import { ld8, st8 } from "./mem.ts";

// What is outstanding: the block last sent, and what the exchange still waits for.
/** I-block, the last or only one of the command. */
export const OUT_I = 0;
/** I-block with more to come. */
export const OUT_I_MORE = 1;
/** R-block after a failure, the command's last I-block not yet acknowledged. */
export const OUT_R = 2;
/** The same in the middle of the command's chain. */
export const OUT_R_MORE = 3;
/** R-block in the middle of the card's chain. */
export const OUT_R_CHAIN = 4;
/** S(IFS response) or S(WTX response), the command's last I-block not yet acknowledged. */
export const OUT_S = 5;
/** The same in the middle of the command's chain. */
export const OUT_S_MORE = 6;
/** The same in the middle of the card's chain. */
export const OUT_S_CHAIN = 7;
/** S(IFS request). */
export const OUT_IFS = 8;
/** S(RESYNCH request). */
export const OUT_RESYNCH = 9;
/** S(ABORT request). */
export const OUT_ABORT = 10;
/** S(ABORT response). */
export const OUT_ABORTED = 11;
/** R-block after S(ABORT response). */
export const OUT_R_ABORTED = 12;

// What came.
/** Nothing, or an invalid block. */
export const CAME_NOTHING_VALID = 0;
/** I-block with the number expected. */
export const CAME_I = 1;
/** I-block with the other number: a repetition. */
export const CAME_I_AGAIN = 2;
/** R-block that asks for our I-block. */
export const CAME_R_MINE = 3;
/** R-block with the other number: an acknowledgement, if anything was to be acknowledged. */
export const CAME_R_NEXT = 4;
/** S(IFS request). */
export const CAME_IFS = 5;
/** S(WTX request). */
export const CAME_WTX = 6;
/** S(ABORT request). */
export const CAME_ABORT = 7;
/** The S-response that answers our S-request. */
export const CAME_ANSWER = 8;

// What to do.
/** Failure: send R with the number expected. */
export const DO_R = 1;
/** Failure: send the same block again. */
export const DO_SAME = 2;
/** The card wants our I-block again, byte for byte. */
export const DO_I_AGAIN = 3;
/** Acknowledged: send the next I-block of the chain. */
export const DO_I_NEXT = 4;
/** Take the I-block. */
export const DO_TAKE = 5;
/** Answer the card's S-request. */
export const DO_IFS = 6;
export const DO_WTX = 7;
export const DO_ABORT = 8;
/** Our S-request is answered. */
export const DO_IFS_DONE = 9;
export const DO_RESYNCH_DONE = 10;
export const DO_ABORT_DONE = 11;
/** The right to send is back after an abortion. */
export const DO_TURN = 12;

const STRIDE = 16;

function row(
  outstanding: i32,
  nothingValid: i32,
  i: i32,
  iAgain: i32,
  rMine: i32,
  rNext: i32,
  ifs: i32,
  wtx: i32,
  abort: i32,
  answer: i32,
): void {
  const at: i32 = T1_TABLE + outstanding * STRIDE;
  st8(at + CAME_NOTHING_VALID, nothingValid);
  st8(at + CAME_I, i);
  st8(at + CAME_I_AGAIN, iAgain);
  st8(at + CAME_R_MINE, rMine);
  st8(at + CAME_R_NEXT, rNext);
  st8(at + CAME_IFS, ifs);
  st8(at + CAME_WTX, wtx);
  st8(at + CAME_ABORT, abort);
  st8(at + CAME_ANSWER, answer);
}

/** Fills the table; once for an instance. */
export function initT1Table(): void {
  // Columns: nothing valid, I, I again, R mine, R next, IFS, WTX, ABORT, S-response.
  // What a rule asks of a third failure in a row, RESYNCH or a reset, is no cell: `escalate` in t1.ts.

  // 2.1: I acknowledges I. 7.1: R after a failure. 3, 4, 9: S-requests of the card.
  row(OUT_I,         DO_R,    DO_TAKE, DO_R,    DO_I_AGAIN, DO_R,      DO_IFS,  DO_WTX,  DO_ABORT, DO_R);
  // 2.2, 5: R(next) acknowledges a block of a chain; no I-block can come before the chain is over. 7.1: R after a failure.
  row(OUT_I_MORE,    DO_R,    DO_R,    DO_R,    DO_I_AGAIN, DO_I_NEXT, DO_IFS,  DO_WTX,  DO_ABORT, DO_R);
  // 7.2: the same R after a failure; but R naming our I-block means that the I-block was lost (7.1 of the card).
  row(OUT_R,         DO_SAME, DO_TAKE, DO_SAME, DO_I_AGAIN, DO_SAME,   DO_IFS,  DO_WTX,  DO_ABORT, DO_SAME);
  // 7.2: the same R after a failure. 2.2, 5: as for the I-block of a chain.
  row(OUT_R_MORE,    DO_SAME, DO_SAME, DO_SAME, DO_I_AGAIN, DO_I_NEXT, DO_IFS,  DO_WTX,  DO_ABORT, DO_SAME);
  // 5: the card's next block. 7.2: our I-block is acknowledged already, so any R means that our R was lost.
  row(OUT_R_CHAIN,   DO_SAME, DO_TAKE, DO_SAME, DO_SAME,    DO_SAME,   DO_IFS,  DO_WTX,  DO_ABORT, DO_SAME);
  // 7.3: R after a failure, once an S-response is out.
  row(OUT_S,         DO_R,    DO_TAKE, DO_R,    DO_I_AGAIN, DO_R,      DO_IFS,  DO_WTX,  DO_ABORT, DO_R);
  // 7.3: R after a failure, once an S-response is out. 2.2, 5: as for the I-block of a chain.
  row(OUT_S_MORE,    DO_R,    DO_R,    DO_R,    DO_I_AGAIN, DO_I_NEXT, DO_IFS,  DO_WTX,  DO_ABORT, DO_R);
  // 7.3: R after a failure, once an S-response is out. 5: the card's next block.
  row(OUT_S_CHAIN,   DO_R,    DO_TAKE, DO_R,    DO_R,       DO_R,      DO_IFS,  DO_WTX,  DO_ABORT, DO_R);
  // 7.3: the same S-request, whatever else came. 4: its response.
  row(OUT_IFS,       DO_SAME, DO_SAME, DO_SAME, DO_SAME,    DO_SAME,   DO_SAME, DO_SAME, DO_SAME,  DO_IFS_DONE);
  // 7.3: the same S-request, whatever else came. 6.2, 6.3: its response.
  row(OUT_RESYNCH,   DO_SAME, DO_SAME, DO_SAME, DO_SAME,    DO_SAME,   DO_SAME, DO_SAME, DO_SAME,  DO_RESYNCH_DONE);
  // 7.3: the same S-request, whatever else came. 9: its response.
  row(OUT_ABORT,     DO_SAME, DO_SAME, DO_SAME, DO_SAME,    DO_SAME,   DO_SAME, DO_SAME, DO_SAME,  DO_ABORT_DONE);
  // 9: after the abortion the card gives the right to send back by an R-block, or answers after all. 7.3: R after a failure.
  row(OUT_ABORTED,   DO_R,    DO_TAKE, DO_R,    DO_TURN,    DO_TURN,   DO_IFS,  DO_WTX,  DO_ABORT, DO_R);
  // 9: the same. 7.2: the same R after a failure.
  row(OUT_R_ABORTED, DO_SAME, DO_TAKE, DO_SAME, DO_TURN,    DO_TURN,   DO_IFS,  DO_WTX,  DO_ABORT, DO_SAME);
}

/** What to do when `came` meets `outstanding`. */
export function reaction(outstanding: i32, came: i32): i32 {
  return ld8(T1_TABLE + outstanding * STRIDE + came);
}
