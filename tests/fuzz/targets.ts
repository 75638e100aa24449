/**
 * What `deno task fuzz` fuzzes.
 *
 * @module
 */

import type { FuzzTarget } from "./target.ts";
import { APDU_TARGET } from "./targets/apdu.ts";
import { ATR_TARGET } from "./targets/atr.ts";
import { PPS_TARGET } from "./targets/pps.ts";
import { T0_TARGET } from "./targets/t0.ts";
import { T1_TARGET } from "./targets/t1.ts";

/** All targets. */
export const TARGETS: readonly FuzzTarget[] = [
  ATR_TARGET,
  PPS_TARGET,
  T0_TARGET,
  T1_TARGET,
  APDU_TARGET,
];
