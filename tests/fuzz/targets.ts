/**
 * Everything that `deno task fuzz` fuzzes.
 *
 * @module
 */

import type { FuzzTarget } from "./target.ts";

/** The targets, in the order of their turns. */
export const TARGETS: readonly FuzzTarget[] = [];
