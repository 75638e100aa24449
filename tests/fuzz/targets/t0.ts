/**
 * T=0: TPDUs character by character, core against oracle.
 *
 * @module
 */

import { bothCores } from "../../core/cores.ts";
import { T0Duel } from "../../core/duel_t0.ts";
import type { FuzzTarget } from "../target.ts";

const duel = new T0Duel(bothCores());

/** Target `t0`; its input is read by `T0Duel.runTpdus`. */
export const T0_TARGET: FuzzTarget = {
  name: "t0",
  maxBytes: 400,
  seeds: () => [
    // Case 1, ACK and status; case 3 byte by byte; case 2 with NULL.
    Uint8Array.of(1, 0, 0, 1, 0, 0, 1, 9),
    Uint8Array.of(1, 2, 3, 1, 1, 2, 3, 0, 1, 4, 1, 4, 1, 4, 1, 9),
    Uint8Array.of(1, 1, 0, 1, 0, 16, 0, 2, 7, 0, 13, 16, 1, 9),
  ],
  run: (input, feature) => duel.runTpdus(input, feature),
};
