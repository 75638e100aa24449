/**
 * The verbs of the command, in the order of its help. Each is loaded when it is called,
 * so that none pays for the others.
 *
 * @module
 */

import type { Verb } from "./verb.ts";

/** A verb that may not be loaded yet. */
export interface VerbEntry {
  /** As it is typed. */
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** The verb. */
  load(): Promise<Verb>;
}

/** Every verb. */
export const VERBS: readonly VerbEntry[] = [
  {
    name: "list",
    summary: "readers, and what is in them",
    load: async () => (await import("./list.ts")).LIST_VERB,
  },
  {
    name: "watch",
    summary: "readers and cards as they come and go",
    load: async () => (await import("./watch.ts")).WATCH_VERB,
  },
  {
    name: "atr",
    summary: "explain Answers to Reset",
    load: async () => (await import("./atr.ts")).ATR_VERB,
  },
  {
    name: "apdu",
    summary: "send commands to a card",
    load: async () => (await import("./apdu.ts")).APDU_VERB,
  },
  {
    name: "trace",
    summary: "what passes between resource manager, driver and card",
    load: async () => (await import("./trace.ts")).TRACE_VERB,
  },
  {
    name: "serve",
    summary: "a service for PC/SC programs, with readers of all kinds",
    load: async () => (await import("./serve.ts")).SERVE_VERB,
  },
  {
    name: "card",
    summary: "a virtual card in somebody else's reader",
    load: async () => (await import("./card.ts")).CARD_VERB,
  },
  {
    name: "replay",
    summary: "a card that answers as a recorded one did",
    load: async () => (await import("./replay.ts")).REPLAY_VERB,
  },
  {
    name: "monitor",
    summary: "a board of readers, cards, holders, transactions and rates",
    load: async () => (await import("./monitor.ts")).MONITOR_VERB,
  },
  {
    name: "doctor",
    summary: "what would fail and why, with the remedy",
    load: async () => (await import("./doctor.ts")).DOCTOR_VERB,
  },
  {
    name: "completions",
    summary: "completions for bash, zsh and fish",
    load: async () => (await import("./completions.ts")).COMPLETIONS_VERB,
  },
];
