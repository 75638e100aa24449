/**
 * When a card may move.
 *
 * @module
 */

import type { Bench } from "../bench.ts";

/**
 * Whether the card is in, or not, as asked for, and the manager waits for it to move:
 * of two moves that happen while nobody waits a reader can tell but the last.
 */
export function canMoveCard(
  { witness }: Readonly<Bench>,
  isIn: boolean,
): boolean {
  const { device, reader } = witness;
  if (device === null || reader === null || device.dead) return false;
  return device.tracked && device.state > 1 === isIn;
}
