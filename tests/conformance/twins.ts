/**
 * The two runs of the core side by side, for tests that call both and compare codes
 * and memory.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromHex } from "../../src/bytes.ts";
import type { Core, CoreExports } from "../../src/core/mod.ts";
import { bothCores, SEED } from "../core/cores.ts";
import sample from "../data/atr-sample.json" with { type: "json" };
import { Random } from "../fuzz/random.ts";

const [wasm, twin] = bothCores();

/** The compiled core and its twin. */
export const cores: readonly Core[] = [wasm, twin];

/** Where the inputs are drawn from. */
export const random: Random = new Random(SEED);

const realAtrs = (sample as { atrs: { atr: string }[] }).atrs.map(({ atr }) =>
  fromHex(atr)
);

/** Asserts that `bytes` bytes of memory are the same from the address `from` on. @throws {AssertionError} beginning with `what` */
export function same(from: number, bytes: number, what: () => string): void {
  const end = (from + bytes + 3) >> 2;
  for (let word = from >> 2; word < end; word++) {
    if (wasm.words[word] !== twin.words[word]) {
      assert.fail(`${what()}: memory differs at ${word * 4}`);
    }
  }
}

/** Calls both; gives their code. @throws {AssertionError} when the codes differ, beginning with `what` */
export function both(
  call: (exports: CoreExports) => number,
  what: () => string,
): number {
  const codes = cores.map(({ exports }) => call(exports));
  if (codes[0] !== codes[1]) assert.fail(`${what()}: ${codes.join(" or ")}`);
  return codes[0];
}

/** Writes `bytes` to the address `at` of both. */
export function put(bytes: ArrayLike<number>, at: number): void {
  for (const core of cores) core.bytes.set(bytes, at);
}

/** Zeroes `bytes` bytes from the address `from` on. */
export function clear(from: number, bytes: number): void {
  for (const core of cores) core.bytes.fill(0, from, from + bytes);
}

/** So many bytes at random. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = random.next();
  return bytes;
}

/** A real ATR with up to three bytes changed, or anything. */
export function anyAtr(): Uint8Array {
  if (random.chance(0.3)) return randomBytes(random.below(40));
  const atr = random.pick(realAtrs).slice();
  for (let i = random.below(4); i > 0; i--) {
    atr[random.below(atr.length)] = random.next();
  }
  return atr.subarray(0, random.chance(0.1) ? random.below(40) : undefined);
}
