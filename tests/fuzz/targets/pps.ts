/**
 * PPS: proposals and responses, core against oracle.
 *
 * @module
 */

import { bothCores } from "../../core/cores.ts";
import { duelPps } from "../../core/duel_stateless.ts";
import type { FuzzTarget } from "../target.ts";

const cores = bothCores();

/** Target `pps`; its input is read by `duelPps`. */
export const PPS_TARGET: FuzzTarget = {
  name: "pps",
  maxBytes: 24,
  seeds: () => [
    Uint8Array.of(1, 1, 0x96, 1),
    Uint8Array.of(7, 0, 0x96, 1, 2, 1),
    Uint8Array.of(7, 0, 0x96, 1, 2, 4, 0x2f),
  ],
  run: (input, feature) => duelPps(input, cores, feature),
};
