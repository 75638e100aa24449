/**
 * T=1: whole sessions, core against oracle.
 *
 * @module
 */

import { bothCores } from "../../core/cores.ts";
import { T1Duel } from "../../core/duel_t1.ts";
import type { Random } from "../random.ts";
import type { FuzzTarget } from "../target.ts";

const duel = new T1Duel(bothCores());

/** Answers that keep an exchange alive, so that mutation gets to its later blocks. */
const FITTING = [0, 3, 8, 9];

/** Target `t1`; its input is read by `T1Duel.run`. */
export const T1_TARGET: FuzzTarget = {
  name: "t1",
  maxBytes: 400,
  seeds: () => [
    // LRC and CRC sessions whose card answers well, with chains both ways.
    Uint8Array.of(1, 0, 0, 2, 1, 1, 0, 0, 9, 9, 9, 8, 0, 9, 8),
    Uint8Array.of(1, 3, 0, 1, 0, 1, 0, 0, 5, 8, 9, 9, 8),
    Uint8Array.of(1, 0, 0, 3, 3, 1, 0, 0, 12, 8, 9, 8, 0, 7, 8),
    // EMV.
    Uint8Array.of(0, 4, 0, 1, 0, 0, 7, 8, 9, 8, 0, 4, 9, 8),
    // Failures up to RESYNCH.
    Uint8Array.of(1, 0, 0, 5, 0, 1, 0, 0, 3, 21, 21, 21, 8, 8),
  ],
  mutate(input: Uint8Array, random: Random): Uint8Array {
    if (input.length < 10) return input;
    const from = 8 + random.below(input.length - 8);
    input[from] = random.chance(0.5)
      ? random.pick(FITTING)
      : random.below(32) | random.below(8) << 5;
    return input;
  },
  run: (input, feature) => duel.run(input, feature),
};
