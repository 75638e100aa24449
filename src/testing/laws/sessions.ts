/**
 * How laws come to a card in use.
 *
 * @module
 */

import { readU32le } from "../../bytes.ts";
import {
  createTestCard,
  type TestCard,
  type TestCardOptions,
} from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { LawProtocol } from "../law.ts";
import { protocolBit } from "../law_bytes.ts";
import type { LawContext } from "../law_context.ts";
import { works } from "./commands.ts";

/** TA1 of a card that can be faster: 512 and 16. */
export const FAST_TA1 = 0x95;

/** The other protocol than this. */
export function otherThan(protocol: LawProtocol): LawProtocol {
  return protocol === "t0" ? "t1" : "t0";
}

/** Puts in a card and resets it. */
export async function resetCard(
  context: LawContext,
  options: TestCardOptions = {},
): Promise<TestCard> {
  const card = createTestCard(options);
  await context.insert(card);
  await context.reset();
  return card;
}

/** Puts in a card of `protocol` alone and connects to it. */
export async function connectTo(
  context: LawContext,
  protocol: LawProtocol,
  options: TestCardOptions = {},
): Promise<TestCard> {
  const card = createTestCard({ protocols: [protocol], ...options });
  await context.use(card, protocol);
  return card;
}

/** Runs `body` with a card of each protocol of the reader. */
export async function forEachProtocol(
  context: LawContext,
  body: (protocol: LawProtocol) => Promise<void>,
): Promise<void> {
  for (const protocol of context.settings.protocols) {
    await connectTo(context, protocol);
    await body(protocol);
    await context.remove();
  }
}

/** SET_PROTOCOL succeeds, names `protocol` in its reply, and commands work. */
export async function chooses(
  context: LawContext,
  mask: number,
  protocol: LawProtocol,
  what: string,
): Promise<void> {
  const outcome = await context.setProtocol(mask);
  context.expectStatus(outcome, what, lib.STATUS_SUCCESS);
  context.expectEqual(outcome.output.length, 4, `the length of ${what}`);
  context.expectEqual(
    readU32le(outcome.output, 0),
    protocolBit(protocol),
    `the protocol that ${what} chose`,
  );
  await context.expectState(`after ${what}`, lib.SCARD_SPECIFIC);
  await works(context, protocol, `after ${what}`);
}

/** LEN of each block in characters that a card of T=1 heard. */
export function blockLengths(heard: Uint8Array, edcBytes: number): number[] {
  const lengths: number[] = [];
  for (let at = 0; at + 3 <= heard.length; at += 3 + edcBytes + heard[at + 2]) {
    lengths.push(heard[at + 2]);
  }
  return lengths;
}
