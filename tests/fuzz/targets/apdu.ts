/**
 * APDUs: their cases, and their way over T=0, core against oracle.
 *
 * @module
 */

import { bothCores } from "../../core/cores.ts";
import { duelApdu } from "../../core/duel_stateless.ts";
import { T0Duel } from "../../core/duel_t0.ts";
import type { FuzzTarget } from "../target.ts";

const cores = bothCores();
const duel = new T0Duel(cores);

/** Target `apdu`; its input is an APDU, and a script for `T0Duel.runApdus`. */
export const APDU_TARGET: FuzzTarget = {
  name: "apdu",
  maxBytes: 600,
  seeds: () => [
    Uint8Array.of(0, 0xa4, 4, 0, 2, 0x3f, 0, 0),
    Uint8Array.of(0, 0xb0, 0, 0, 0, 1, 0),
    Uint8Array.of(0, 0xd6, 0, 0, 0, 1, 0, ...new Uint8Array(256), 0, 0),
    // Case 4S answered by 61xx; case 2S by 6Cxx.
    Uint8Array.of(1, 0, 0, 0, 0, 4, 1, 3, 1, 2, 2, 0, 2, 9),
    Uint8Array.of(1, 1, 0, 0, 0, 9, 1, 0, 0, 4, 5, 1, 1, 0),
  ],
  run(input, feature) {
    duelApdu(input, cores, feature);
    duel.runApdus(input, feature);
  },
};
