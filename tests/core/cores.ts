/// <reference types="../../src/portable/portable.d.ts" />
/**
 * The two runs of the core's sources: compiled to WASM, and as TypeScript. A suite
 * written against `eachCore` runs on both.
 *
 * @module
 */

import * as twin from "../../core-as/index.ts";
import { MEMORY } from "../../core-as/mem.ts";
import { Core, instantiateCore } from "../../src/core/mod.ts";

const cores: { name: string; core: Core }[] = [
  { name: "wasm", core: instantiateCore() },
  { name: "twin", core: new Core(twin, MEMORY.buffer as ArrayBuffer) },
];

/** Registers `body` as a test for the compiled core and for its twin. */
export function eachCore(
  name: string,
  body: (core: Core) => void,
): void {
  for (const { name: side, core } of cores) {
    Deno.test(`${name} (${side})`, () => body(core));
  }
}

/** Both cores, for tests that compare them. */
export function bothCores(): [wasm: Core, twin: Core] {
  return [cores[0].core, cores[1].core];
}

/** Seed of the property tests; printed by fast-check with each counterexample. */
export const SEED = 78163;
