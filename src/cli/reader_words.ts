/**
 * Readers and what is in them, in words.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import { AtrMatcher, stockCardTypes } from "../card_database/mod.ts";
import {
  type ReaderState,
  SCARD_STATE_EMPTY,
  SCARD_STATE_EXCLUSIVE,
  SCARD_STATE_INUSE,
  SCARD_STATE_MUTE,
  SCARD_STATE_PRESENT,
  SCARD_STATE_UNAVAILABLE,
  SCARD_STATE_UNPOWERED,
} from "../resource_manager/mod.ts";

/** A reader as `--json` prints it. */
export interface ReaderReport {
  /** Its name. */
  readonly reader: string;
  /** What is in it; "unavailable": the reader does not work. */
  readonly card: "none" | "present" | "mute" | "unavailable";
  /** Who uses the card. */
  readonly use: "nobody" | "shared" | "exclusive";
  /** Whether the card has power. */
  readonly powered: boolean;
  /** The ATR in hexadecimal, or null. */
  readonly atr: string | null;
  /** The card type of the stock, or null. */
  readonly type: string | null;
  /** Insertions and removals so far, modulo 65 536. */
  readonly events: number;
}

let stock: { names: string[]; matcher: AtrMatcher } | null = null;

/** The card type that an ATR points to; null when the stock has none. It is a help, no proof. */
export function cardTypeName(atr: Uint8Array): string | null {
  if (stock === null) {
    const types = stockCardTypes();
    stock = {
      names: types.map(({ name }) => name),
      matcher: new AtrMatcher(types),
    };
  }
  const [position] = stock.matcher.matches(atr);
  return position === undefined ? null : stock.names[position];
}

function cardOf(flags: number): ReaderReport["card"] {
  if ((flags & SCARD_STATE_UNAVAILABLE) !== 0) return "unavailable";
  if ((flags & SCARD_STATE_MUTE) !== 0) return "mute";
  if ((flags & SCARD_STATE_PRESENT) !== 0) return "present";
  return (flags & SCARD_STATE_EMPTY) !== 0 ? "none" : "unavailable";
}

/** What a state says. */
export function reportReader(reader: string, state: ReaderState): ReaderReport {
  const { flags, atr, eventCount } = state;
  const card = cardOf(flags);
  const shown = card === "present" && atr !== null && atr.length > 0
    ? atr
    : null;
  return {
    reader,
    card,
    use: (flags & SCARD_STATE_EXCLUSIVE) !== 0
      ? "exclusive"
      : (flags & SCARD_STATE_INUSE) !== 0
      ? "shared"
      : "nobody",
    powered: card === "present" && (flags & SCARD_STATE_UNPOWERED) === 0,
    atr: shown === null ? null : toHex(shown),
    type: shown === null ? null : cardTypeName(shown),
    events: eventCount & 0xFFFF,
  };
}

/** One line of what is in a reader: `card 3B 02 14 50 (Schlumberger ...), in use`. */
export function describeCard(report: ReaderReport): string {
  if (report.card === "unavailable") return "reader does not work";
  if (report.card === "none") return "no card";
  const use = report.use === "nobody"
    ? ""
    : report.use === "shared"
    ? ", in use"
    : ", held exclusively";
  if (report.card === "mute") return `mute card${use}`;
  const atr = report.atr?.match(/../g)?.join(" ") ?? "";
  const type = report.type === null ? "" : ` (${report.type})`;
  return `card ${atr}${type}${use}${report.powered ? "" : ", no power"}`;
}
