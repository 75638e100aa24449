/**
 * The link of characters between a reader and the card in it.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";

/** How characters pass from now on. */
export interface LinkSettings {
  /** F in force (ISO/IEC 7816-3 7.1). */
  readonly f: number;
  /** D in force. */
  readonly d: number;
  /** The card's clock, in kHz; 0 where the driver told none. */
  readonly clockKhz: number;
  /** Speed, in bits per second; 0 where F, D and clock alone say it. */
  readonly bitsPerSecond: number;
  /** Least time from the start of a character sent to the start of the next one, in microseconds. */
  readonly guardTimeMicroseconds: number;
  /** Stop bits of a character: 2, or 1 where it lasts 11 etu. */
  readonly stopBits: number;
}

/**
 * What a reader does with the contacts. Characters are what a direct-convention UART
 * reads: an inverse-convention card's are bit-reversed and complemented.
 *
 * A call that needs no waiting returns no promise. None throws or rejects for what a
 * card does.
 */
export interface CardLink {
  /** Resets the card, cold or warm, at the default speed; what it had sent before is dropped. */
  reset(kind: "cold" | "warm"): MaybePromise<void>;
  /** Takes the power away. */
  powerOff(): MaybePromise<void>;
  /** Sends `bytes`, which are good until it is done; what the card had sent before is dropped, as a receiver that is off while the reader sends does. */
  send(bytes: Uint8Array): MaybePromise<void>;
  /**
   * Receives `wanted` characters into `target` from `offset` on.
   *
   * @param waitMicroseconds how long to wait for all of them
   * @param gapMicroseconds how long to wait for the next of them, WT or CWT; a link
   * that passes blocks need not heed it. Without it `waitMicroseconds` alone counts
   * @returns how many came: fewer than `wanted` when time ran out, none on silence
   */
  receive(
    target: Uint8Array,
    offset: number,
    wanted: number,
    waitMicroseconds: number,
    gapMicroseconds?: number,
  ): MaybePromise<number>;
  /** Characters that have come and were not received yet. */
  readonly available: number;
  /** Takes over speed and guard time: after an ATR that fixes them, and after PPS. */
  configure?(settings: LinkSettings): MaybePromise<void>;
}

/** Waiting, so that tests can do without. Returns a function that calls it off. */
export type Timer = (milliseconds: number, run: () => void) => () => void;

/** The timer of the runtime. */
export const systemTimer: Timer = (milliseconds, run): () => void => {
  const id = setTimeout(run, milliseconds);
  return () => clearTimeout(id);
};
