/**
 * The phases of a card slot: is a card in, and what does the engine know of it?
 *
 * @module
 */

import { StateTable } from "./state_table.ts";

/** Where a card slot stands. */
export type CardPhase =
  | "absent"
  | "fresh"
  | "powering"
  | "mute"
  | "powered"
  | "negotiated"
  | "unpowered";

/** What happens in a card slot. */
export type CardPhaseEvent =
  | "found"
  | "inserted"
  | "removed"
  | "forgotten"
  | "first reset"
  | "answered"
  | "mute"
  | "refused"
  | "missed"
  | "power off"
  | "power failed"
  | "selected"
  | "unselected";

const KNOWN = ["mute", "powered", "negotiated", "unpowered"] as const;
const NEW = ["fresh", "powering"] as const;
const IN = [...NEW, ...KNOWN] as const;
const ALL = ["absent", ...IN] as const;

/**
 * A card shows when its first reset has ended: nobody has to look twice for its ATR. A
 * request that was sent before its insertion was reported may answer for a fresh one.
 */
export const CARD_TABLE: StateTable<CardPhase, CardPhaseEvent> = new StateTable(
  "card",
  "absent",
  [
    {
      from: "absent",
      on: "inserted",
      to: "fresh",
      rule: "the card event counter grows (SCARD_READERSTATE, high word)",
    },
    {
      from: IN,
      on: "removed",
      to: "absent",
      rule:
        "the card event counter grows; handles get SCARD_W_REMOVED_CARD until SCardReconnect, also with a card in again",
    },
    {
      from: ALL,
      on: "forgotten",
      to: "absent",
      rule: "the reader failed, left or came: no event, but nothing is known",
    },
    {
      from: "absent",
      on: "found",
      to: "fresh",
      rule:
        "a card was in when the reader came or came back: no event, and its ATR is learned anew",
    },
    {
      from: "fresh",
      on: "first reset",
      to: "powering",
      rule: "a card that comes in is powered to learn its ATR",
    },
    {
      from: IN,
      on: "answered",
      to: "powered",
      rule:
        "an ATR came: PC/SC negotiable, whatever protocol was in force is gone",
    },
    {
      from: IN,
      on: "mute",
      to: "mute",
      rule: "no ATR came (SCARD_STATE_MUTE, SCARD_W_UNRESPONSIVE_CARD)",
    },
    {
      from: NEW,
      on: "refused",
      to: "unpowered",
      rule: "the reader would not power it: it shows without ATR",
    },
    {
      from: KNOWN,
      on: "refused",
      rule: "the request never reached the card: what was in force still is",
    },
    {
      from: "powering",
      on: "missed",
      to: "fresh",
      rule: "STATUS_NO_MEDIA: the removal is still to be reported",
    },
    {
      from: ["fresh", ...KNOWN],
      on: "missed",
      rule: "STATUS_NO_MEDIA: the removal is still to be reported",
    },
    {
      from: [...NEW, "powered", "negotiated", "unpowered"],
      on: "power off",
      to: "unpowered",
      rule: "SCARD_UNPOWER_CARD (SCARD_STATE_UNPOWERED)",
    },
    {
      from: "mute",
      on: "power off",
      rule:
        "it has no power either way, and what is worth telling is that it is mute",
    },
    {
      from: NEW,
      on: "power failed",
      to: "unpowered",
      rule: "it has not been powered: that it did not go off changes nothing",
    },
    {
      from: "negotiated",
      on: "power failed",
      to: "powered",
      rule: "the card may have been reset: a protocol is no longer vouched for",
    },
    {
      from: ["mute", "powered", "unpowered"],
      on: "power failed",
      rule: "as far as is known it is as before",
    },
    {
      from: ["powered", "negotiated"],
      on: "selected",
      to: "negotiated",
      rule: "IOCTL_SMARTCARD_SET_PROTOCOL succeeded: PC/SC specific",
    },
    {
      from: ["fresh", "mute", "unpowered"],
      on: "selected",
      rule: "a card without power has no protocol, whatever the reader says",
    },
    {
      from: ["powered", "negotiated"],
      on: "unselected",
      to: "powered",
      rule: "the reader selected no protocol at all",
    },
    {
      from: ["fresh", "mute", "unpowered"],
      on: "unselected",
      rule: "a card without power has no protocol, whatever the reader says",
    },
    ...(
      [
        "answered",
        "mute",
        "refused",
        "missed",
        "power off",
        "power failed",
        "selected",
        "unselected",
      ] as const
    ).map((on) => ({
      from: "absent" as const,
      on,
      rule: "a card is in when its insertion has been reported, not before",
    })),
  ],
);
