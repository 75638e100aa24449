/**
 * What the fuzzing engine needs to know of a thing it fuzzes.
 *
 * @module
 */

import type { Random } from "./random.ts";

/** Something that takes bytes and holds invariants while it does. */
export interface FuzzTarget {
  /** Short name, as `--target` takes it; also the start of its reproducers' file names. */
  readonly name: string;

  /** Inputs to begin with. */
  seeds(): Uint8Array[];

  /**
   * Structured change of an input, besides the generic ones; may be absent. It may
   * change `input` in place and return it; a result longer than `maxBytes` is cut.
   */
  mutate?(input: Uint8Array, random: Random): Uint8Array;

  /** Longest input worth trying, in bytes. */
  readonly maxBytes: number;

  /**
   * Runs one input; calls `feature` with small non-negative integers (0..65535) for
   * what it saw (coverage-like feedback). `input` is a view of a buffer that the next
   * run reuses: neither change it nor keep it beyond the call. What a run does depends
   * on `input` alone, and it bounds its own loops: the engine cannot interrupt it.
   *
   * @throws when an invariant breaks
   */
  run(input: Uint8Array, feature: (id: number) => void): void;
}
