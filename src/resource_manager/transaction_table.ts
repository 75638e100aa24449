/**
 * The phases of a reader's lock: does somebody run a transaction?
 *
 * @module
 */

import { StateTable } from "./state_table.ts";

/** Where the lock of a reader stands. */
export type LockPhase = "free" | "owned" | "disposing" | "idle-reset";

/** What happens to the lock of a reader. */
export type LockPhaseEvent =
  | "begun"
  | "ended"
  | "released"
  | "disposing"
  | "disposed"
  | "idle"
  | "cleared";

/** Who owns the lock, and how often it has begun, stands beside the phase. */
export const LOCK_TABLE: StateTable<LockPhase, LockPhaseEvent> = new StateTable(
  "transaction lock",
  "free",
  [
    {
      from: "free",
      on: "begun",
      to: "owned",
      rule: "SCardBeginTransaction: all others wait, first come, first served",
    },
    {
      from: ["owned", "disposing", "idle-reset"],
      on: "begun",
      rule: "SCardBeginTransaction of the owner is counted",
    },
    {
      from: ["owned", "disposing", "idle-reset"],
      on: "ended",
      rule: "SCardEndTransaction ends the innermost: others remain",
    },
    {
      from: ["owned", "disposing", "idle-reset"],
      on: "released",
      to: "free",
      rule:
        "SCardEndTransaction of the outermost, SCardDisconnect, an end that met a reset or removal, or SCardReconnect where the profile says so",
    },
    {
      from: "owned",
      on: "disposing",
      to: "disposing",
      rule:
        "SCardEndTransaction with a disposition: the card is reset before the next in line is served",
    },
    {
      from: ["disposing", "idle-reset"],
      on: "disposing",
      rule: "ends that wait for the reader count as if they had been",
    },
    {
      from: "disposing",
      on: "disposed",
      to: "owned",
      rule: "the last end under way is back",
    },
    {
      from: "owned",
      on: "idle",
      to: "idle-reset",
      rule:
        "Windows 8: no operation for 5 seconds resets the card and ends the transaction",
    },
    {
      from: "free",
      on: "cleared",
      rule: "there is nothing to free",
    },
    {
      from: ["owned", "disposing", "idle-reset"],
      on: "cleared",
      to: "free",
      rule: "the card or the reader is gone, and the lock with it",
    },
  ],
);
