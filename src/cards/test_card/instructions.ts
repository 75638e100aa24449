/**
 * Instructions of the test card.
 *
 * @module
 */

import type { CommandCase } from "../application.ts";

/** CLA of the test card's own commands; with bit '10' set more of the data follow in the next command. */
export const TEST_CLA = 0x80;
/** CLA bit of command chaining (ISO/IEC 7816-4 5.3.3). */
export const CHAINING = 0x10;
/** The data come back. P1: how often the card asks for more time before, P2: the multiplier, 0 for 1. */
export const INS_ECHO = 0x10;
/** Le bytes, counted up from P1. */
export const INS_GIVE = 0x20;
/** P1 bytes, 256 if P1 is 0, counted up from P2, whatever Le says. */
export const INS_GIVE_FIXED = 0x22;
/** Takes the data; what came is told by {@linkcode INS_DIGEST}. */
export const INS_TAKE = 0x24;
/** Four bytes about the last {@linkcode INS_TAKE}: their number, high byte first, exclusive OR, sum. */
export const INS_DIGEST = 0x26;
/** From here on the card is mute, until the next reset. */
export const INS_MUTE = 0x2A;
/** The next P1 blocks of T=1 after the answer to this are damaged. */
export const INS_DAMAGE = 0x2C;
/** Four bytes: resets in the card's life, high byte first, and how often this ran since the last of them. */
export const INS_COUNTERS = 0x2E;
/** Nothing: 9000. */
export const INS_NOTHING = 0x30;
/** The card thinks until `release()` is called, then 9000. P1 and P2 as for ECHO, before. */
export const INS_HOLD = 0x32;
/** SELECT: 3F00 is there, no other file is. */
export const INS_SELECT = 0xA4;

const CASES: ReadonlyMap<number, CommandCase> = new Map([
  [INS_ECHO, 4],
  [INS_GIVE, 2],
  [INS_GIVE_FIXED, 2],
  [INS_TAKE, 3],
  [INS_DIGEST, 2],
  [INS_MUTE, 1],
  [INS_DAMAGE, 1],
  [INS_COUNTERS, 2],
  [INS_NOTHING, 1],
  [INS_HOLD, 1],
  [INS_SELECT, 3],
]);

/** The case that an instruction of the test card belongs to; null: the card has no such instruction. */
export function testCardCase(ins: number): CommandCase | null {
  return CASES.get(ins) ?? null;
}
