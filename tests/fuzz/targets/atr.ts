/**
 * Answers to Reset: real ones and their mutants, core against oracle.
 *
 * @module
 */

import { fromHex } from "../../../src/bytes.ts";
import { bothCores } from "../../core/cores.ts";
import { duelAtr } from "../../core/duel_atr.ts";
import sample from "../../data/atr-sample.json" with { type: "json" };
import type { Random } from "../random.ts";
import type { FuzzTarget } from "../target.ts";

const cores = bothCores();
const { atrs } = sample as { atrs: { atr: string }[] };

/** Makes the last byte a right TCK, so that what lies before it is judged by itself. */
function seal(atr: Uint8Array): Uint8Array {
  let sum = 0;
  for (let i = 1; i < atr.length - 1; i++) sum ^= atr[i];
  if (atr.length > 2) atr[atr.length - 1] = sum;
  return atr;
}

/** Target `atr`. */
export const ATR_TARGET: FuzzTarget = {
  name: "atr",
  maxBytes: 60,
  seeds: () => atrs.map(({ atr }) => fromHex(atr)),
  mutate(input: Uint8Array, random: Random): Uint8Array {
    if (input.length > 1 && random.chance(0.5)) {
      // The format byte and those that announce further ones steer everything.
      input[1 + random.below(Math.min(6, input.length - 1))] = random.below(
        256,
      );
    }
    return seal(input);
  },
  run: (input, feature) => duelAtr(input, cores, feature),
};
