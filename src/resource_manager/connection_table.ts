/**
 * The phases of a connection: can it be used, and if not, why?
 *
 * A connection learns of resets and removals when it is looked at: they cost the
 * same however many connections a card has.
 *
 * @module
 */

import type { HandleProblem } from "./handle_problem.ts";
import { StateTable } from "./state_table.ts";

/** Where a connection stands; between `open` and `closing` lie its problems. */
export type ConnectionPhase = "opening" | "open" | HandleProblem | "closing";

/** What happens to a connection. */
export type ConnectionPhaseEvent =
  | "opened"
  | "bound"
  | "well"
  | "card reset"
  | "card removed"
  | "reader failed"
  | "disconnecting"
  | "kept"
  | "closed";

/** Errors of each phase: see `handle_problem.ts`. */
export const CONNECTION_TABLE: StateTable<
  ConnectionPhase,
  ConnectionPhaseEvent
> = new StateTable("connection", "opening", [
  {
    from: "opening",
    on: "opened",
    to: "open",
    rule: "SCardConnect succeeded: the connection shows (SCARD_STATE_INUSE)",
  },
  {
    from: "opening",
    on: "bound",
    rule: "SCardConnect has a card: what comes of it is for its end to say",
  },
  {
    from: "opening",
    on: "card removed",
    rule: "nobody has the connection yet: SCardConnect fails",
  },
  {
    from: "opening",
    on: "reader failed",
    rule: "nobody has the connection yet: SCardConnect fails",
  },
  {
    from: "opening",
    on: "well",
    rule: "nobody has the connection yet",
  },
  {
    from: "open",
    on: "card reset",
    to: "card-reset",
    rule:
      "somebody else reset or powered down: SCARD_W_RESET_CARD until SCardReconnect",
  },
  {
    from: ["open", "card-reset"],
    on: "card removed",
    to: "card-removed",
    rule:
      "SCARD_W_REMOVED_CARD until SCardReconnect, also with a card in again",
  },
  {
    from: ["open", "card-reset", "card-removed"],
    on: "reader failed",
    to: "reader-unavailable",
    rule:
      "SCARD_E_READER_UNAVAILABLE; the handle stays, and so does the context",
  },
  {
    from: "reader-unavailable",
    on: "card removed",
    to: "card-removed",
    rule:
      "the reader works again; whether it is the same card nobody knows: SCardReconnect",
  },
  {
    from: "reader-unavailable",
    on: "well",
    to: "open",
    rule: "the reader works again, and a direct connection has no card to lose",
  },
  {
    from: ["open", "card-reset", "card-removed", "reader-unavailable"],
    on: "bound",
    to: "open",
    rule:
      "SCardReconnect, or the connection's own reset: what was before no longer matters",
  },
  {
    from: ["open", "card-reset"],
    on: "disconnecting",
    to: "closing",
    rule: "SCardDisconnect disposes of the card first: nothing new begins",
  },
  {
    from: "closing",
    on: "kept",
    to: "open",
    rule: "SCardDisconnect was called off before the reader was asked",
  },
  {
    from: ["closing", "closed"],
    on: "bound",
    rule: "an answer that comes too late changes nothing",
  },
  {
    from: [
      "opening",
      "open",
      "card-reset",
      "card-removed",
      "reader-unavailable",
      "closing",
    ],
    on: "closed",
    to: "closed",
    rule: "SCARD_E_INVALID_HANDLE from now on",
  },
]);
