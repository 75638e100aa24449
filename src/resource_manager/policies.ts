/**
 * Ready policies, to be used alone or together.
 *
 * @example
 * ```ts
 * import {
 *   allOf,
 *   denyResets,
 *   onlyReaders,
 *   pinCommandsFrom,
 *   ResourceManager,
 * } from "deno-smartcard/resource-manager";
 * import assert from "node:assert/strict";
 *
 * const policy = allOf(
 *   onlyReaders(["ACS *"]),
 *   denyResets(),
 *   pinCommandsFrom(["login"]),
 * );
 * await using manager = new ResourceManager({ policy });
 * const context = manager.establishContext({ name: "browser" });
 * assert.deepEqual(context.listReaders(), []);
 * ```
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import {
  CM_IOCTL_GET_FEATURE_REQUEST,
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_GET_LAST_ERROR,
  IOCTL_SMARTCARD_GET_PERF_CNTR,
  IOCTL_SMARTCARD_GET_STATE,
} from "../smclib/mod.ts";
import type { Policy, PolicyQuestion, PolicyVerdict } from "./policy.ts";

export { pinCommandsFrom, type PinCommandsOptions } from "./policy_pin.ts";

const READING_CODES: ReadonlySet<number> = new Set([
  CM_IOCTL_GET_FEATURE_REQUEST,
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_GET_LAST_ERROR,
  IOCTL_SMARTCARD_GET_PERF_CNTR,
  IOCTL_SMARTCARD_GET_STATE,
]);

/**
 * Read-only inventory: readers, states, ATRs and attributes can be read, by shared
 * connections; nothing is sent to a card, nothing is set, nobody is kept out.
 */
export function inventoryOnly(): Policy {
  const why = "inventory only";
  return {
    connect: ({ shareMode }) => shareMode === "shared" || why,
    beginTransaction: () => why,
    transmit: () => why,
    control: ({ code }) => READING_CODES.has(code) || why,
    setAttribute: () => why,
    dispose: () => why,
  };
}

/**
 * No resets: neither as a disposition (RESET, UNPOWER, EJECT), nor on reconnecting, nor
 * by a control request. What the manager does by itself stays: the first use of a card
 * with another protocol, and what becomes of a card whose context has ended.
 */
export function denyResets(): Policy {
  return { dispose: () => "resets are denied" };
}

/** Options of {@linkcode onlyReaders}. */
export interface OnlyReadersOptions {
  /**
   * What becomes of the others: `hidden` (default), as if they were not there, or
   * `refused`, listed but not to be connected to.
   */
  others?: "hidden" | "refused";
}

/**
 * Only readers whose name matches one of these patterns.
 *
 * @param patterns a text matches the whole name, case matters, `*` stands for any number of
 * characters and `?` for one; a regular expression matches anywhere
 */
export function onlyReaders(
  patterns: readonly (string | RegExp)[],
  options: OnlyReadersOptions = {},
): Policy {
  const tests = patterns.map((pattern) =>
    typeof pattern === "string" ? wildcard(pattern) : pattern
  );
  // Unlike `test`, `search` does not depend on what a global expression matched before.
  const isListed = ({ readerName }: PolicyQuestion) =>
    tests.some((test) => readerName.search(test) >= 0);
  const connect = (question: PolicyQuestion) =>
    isListed(question) || "not one of its readers";
  return options.others === "refused"
    ? { connect }
    : { connect, seeReader: isListed };
}

function wildcard(pattern: string): RegExp {
  const source = pattern.replace(
    /[\\^$.*+?()[\]{}|\/-]/g,
    (character) =>
      character === "*" ? ".*" : character === "?" ? "." : `\\${character}`,
  );
  return new RegExp(`^${source.replace(/(\.\*)+/g, ".*")}$`, "s");
}

/**
 * What all of these allow. They are asked in this order, until one refuses.
 *
 * @param policies without any, everything is allowed
 */
export function allOf(...policies: readonly Policy[]): Policy {
  const all: Policy = {};
  const seers = policies.filter((policy) => policy.seeReader !== undefined);
  if (seers.length > 0) {
    all.seeReader = (question) =>
      seers.every((policy) => policy.seeReader!(question) === true);
  }
  for (const rule of ASKED) combine(all, rule, policies);
  return all;
}

/** The rules whose verdict may take time. */
type AskedRule = Exclude<keyof Policy, "seeReader">;

const ASKED: readonly AskedRule[] = [
  "connect",
  "beginTransaction",
  "transmit",
  "control",
  "setAttribute",
  "dispose",
];

function combine<Rule extends AskedRule>(
  all: Policy,
  rule: Rule,
  policies: readonly Policy[],
): void {
  type Ask = (
    question: Parameters<NonNullable<Policy[Rule]>>[0],
  ) => MaybePromise<PolicyVerdict>;
  const asks = policies.filter((policy) => policy[rule] !== undefined)
    .map((policy): Ask => (question) => (policy[rule] as Ask)(question));
  if (asks.length === 0) return;
  const ask = (
    question: Parameters<Ask>[0],
    from: number,
  ): MaybePromise<PolicyVerdict> =>
    from === asks.length ? true : chain(
      asks[from](question),
      (verdict) => verdict === true ? ask(question, from + 1) : verdict,
    );
  all[rule] =
    ((question: Parameters<Ask>[0]) => ask(question, 0)) as Policy[Rule];
}
