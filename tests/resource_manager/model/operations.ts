/**
 * What can happen to a resource manager, as data: calls of applications, the moves of
 * card, reader and clock, and the answers of the device.
 *
 * @module
 */

import type { ShareMode } from "../../../src/resource_manager/mod.ts";

/** A call through a connection that only uses it. */
export type UseKind = "transmit" | "status" | "control" | "begin";

/** What a caller of a status request believes: nothing, what is so, or what was so one event ago. */
export type Belief = "unaware" | "current" | "outdated";

/** Something that happens; numbers of contexts and connections are those of the call that made them. */
export type Operation =
  | { readonly kind: "establish" }
  | {
    readonly kind: "release" | "abandon" | "cancel";
    readonly context: number;
  }
  | {
    readonly kind: "connect";
    readonly context: number;
    readonly mode: ShareMode;
    readonly protocols: number;
  }
  | {
    readonly kind: "reconnect";
    readonly handle: number;
    readonly mode: ShareMode;
    readonly protocols: number;
    readonly initialization: number;
  }
  | {
    readonly kind: "disconnect" | "end";
    readonly handle: number;
    readonly disposition: number;
  }
  | { readonly kind: UseKind; readonly handle: number }
  | {
    readonly kind: "watch";
    readonly context: number;
    readonly belief: Belief;
    /** Milliseconds; null = no limit. */
    readonly timeoutMs: number | null;
  }
  | { readonly kind: "abort"; readonly call: number }
  | { readonly kind: "insert"; readonly mute: boolean }
  | { readonly kind: "remove" | "plug" | "unplug" | "die" | "heal" }
  | { readonly kind: "advance"; readonly milliseconds: number };

/** The operations of one kind. */
export type OperationOf<Kind extends Operation["kind"]> = Extract<
  Operation,
  { kind: Kind }
>;

const DISPOSITIONS = ["leave", "reset", "unpower", "eject"];

/** A disposition or initialization in a word. */
export function dispositionWord(disposition: number): string {
  return DISPOSITIONS[disposition];
}

/** An operation in a few words, for counterexamples. */
export function describe(operation: Operation): string {
  const { kind } = operation;
  switch (kind) {
    case "release":
    case "abandon":
    case "cancel":
      return `${kind} context ${operation.context}`;
    case "connect":
      return `context ${operation.context} connects ${operation.mode}, protocols ${operation.protocols}`;
    case "reconnect":
      return `connection ${operation.handle} reconnects ${operation.mode}, protocols ${operation.protocols}, ${
        dispositionWord(operation.initialization)
      }`;
    case "disconnect":
    case "end":
      return `connection ${operation.handle}: ${kind}, ${
        dispositionWord(operation.disposition)
      }`;
    case "transmit":
    case "status":
    case "control":
    case "begin":
      return `connection ${operation.handle}: ${kind}`;
    case "watch":
      return `context ${operation.context} watches, ${operation.belief}, ${
        operation.timeoutMs ?? "no"
      } ms`;
    case "abort":
      return `abort call ${operation.call}`;
    case "insert":
      return operation.mute ? "insert a mute card" : "insert a card";
    case "advance":
      return `${operation.milliseconds} ms pass`;
    default:
      return kind;
  }
}
