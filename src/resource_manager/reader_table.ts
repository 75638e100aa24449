/**
 * The phases of a reader: does it work?
 *
 * @module
 */

import { StateTable } from "./state_table.ts";

/** Where a reader stands. */
export type ReaderPhase =
  | "arriving"
  | "working"
  | "failed"
  | "reviving"
  | "removed";

/** What happens to a reader. */
export type ReaderPhaseEvent =
  | "answered"
  | "silent"
  | "broke down"
  | "asked again"
  | "left";

/** Only a reader that works can be used (SCARD_E_READER_UNAVAILABLE); a removed one stays so. */
export const READER_TABLE: StateTable<ReaderPhase, ReaderPhaseEvent> =
  new StateTable("reader", "arriving", [
    {
      from: ["arriving", "reviving"],
      on: "answered",
      to: "working",
      rule:
        "IOCTL_SMARTCARD_GET_STATE succeeded: cards are tracked from now on",
    },
    {
      from: ["arriving", "reviving"],
      on: "silent",
      to: "failed",
      rule:
        "no state was told: the reader is listed with SCARD_STATE_UNAVAILABLE",
    },
    {
      from: "working",
      on: "broke down",
      to: "failed",
      rule:
        "tracking failed: what is not watched cannot be vouched for; handles get SCARD_E_READER_UNAVAILABLE",
    },
    {
      from: "failed",
      on: "asked again",
      to: "reviving",
      rule: "SCardConnect gives a reader that failed another chance",
    },
    {
      from: ["arriving", "working", "failed", "reviving"],
      on: "left",
      to: "removed",
      rule:
        "the device is gone for good: the same device comes back as another reader",
    },
  ]);
