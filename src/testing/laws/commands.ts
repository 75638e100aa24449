/**
 * Commands for the test card, and what it answers.
 *
 * @module
 */

import { testCardBytes, testCardIns } from "../../cards/mod.ts";
import type { LawProtocol } from "../law.ts";
import { shown } from "../law_bytes.ts";
import type { LawContext } from "../law_context.ts";

/** A command without data and without Le. */
export function plain(ins: number, p1 = 0, p2 = 0): Uint8Array {
  return Uint8Array.of(testCardIns.TEST_CLA, ins, p1, p2);
}

/** A command that asks for `count` bytes, 1 to 65 536; over 256 in extended form. */
export function asking(ins: number, count: number, p1 = 0, p2 = 0): Uint8Array {
  const body = count <= 256 ? [count] : [0, count >> 8, count];
  return Uint8Array.of(testCardIns.TEST_CLA, ins, p1, p2, ...body);
}

/** A command that brings data, at most 255 bytes, without Le. */
export function bringing(
  ins: number,
  data: Uint8Array,
  p1 = 0,
  p2 = 0,
): Uint8Array {
  return Uint8Array.of(
    testCardIns.TEST_CLA,
    ins,
    p1,
    p2,
    data.length,
    ...data,
  );
}

/** ECHO of `data` with Le; over 255 bytes in extended form. */
export function echo(data: Uint8Array, p1 = 0, p2 = 0): Uint8Array {
  const { TEST_CLA, INS_ECHO } = testCardIns;
  const { length } = data;
  return length <= 255
    ? Uint8Array.of(TEST_CLA, INS_ECHO, p1, p2, length, ...data, 0)
    : Uint8Array.of(
      ...[TEST_CLA, INS_ECHO, p1, p2, 0, length >> 8, length],
      ...data,
      ...[0, 0],
    );
}

/** GET RESPONSE. */
export function getResponse(count: number): Uint8Array {
  return Uint8Array.of(0, 0xC0, 0, 0, count);
}

/** `data` and SW 9000. */
export function good(data: Uint8Array = new Uint8Array(0)): Uint8Array {
  return Uint8Array.of(...data, 0x90, 0x00);
}

/** Bytes to send, the same at each run and different for each `seed`. */
export function sample(length: number, seed = length): Uint8Array {
  return testCardBytes(seed * 7 + 1, length);
}

/**
 * Sends `data` to the card and has them back: ECHO over T=1, over T=0 with GET RESPONSE
 * where the answer is 61xx.
 */
export async function echoes(
  context: LawContext,
  protocol: LawProtocol,
  data: Uint8Array,
  p1 = 0,
  p2 = 0,
): Promise<void> {
  const what = `ECHO of ${data.length} bytes`;
  if (protocol === "t1") {
    const answer = await context.exchange("t1", echo(data, p1, p2));
    return context.expectBytes(answer, good(data), what);
  }
  const { INS_ECHO } = testCardIns;
  const first = await context.exchange("t0", bringing(INS_ECHO, data, p1, p2));
  // A reader that runs T=0 itself may fetch the answer, too.
  if (first[0] !== 0x61 || first.length !== 2) {
    return context.expectBytes(first, good(data), what);
  }
  const rest = await context.exchange("t0", getResponse(first[1]));
  context.expectBytes(rest, good(data), what);
}

/** SELECT of the one file that the test card has, answered 9000. */
export const SELECT_MASTER_FILE: Uint8Array = bringing(
  testCardIns.INS_SELECT,
  Uint8Array.of(0x3F, 0x00),
);

/** The card works: SELECT of its master file is answered 9000. */
export async function works(
  context: LawContext,
  protocol: LawProtocol,
  when: string,
): Promise<void> {
  const answer = await context.exchange(protocol, SELECT_MASTER_FILE);
  context.expectBytes(answer, good(), `the answer to SELECT ${when}`);
}

/** What COUNTERS tells: resets in the card's life, and its runs since the last of them. */
export async function counters(
  context: LawContext,
  protocol: LawProtocol,
): Promise<{ resets: number; runs: number }> {
  const command = asking(testCardIns.INS_COUNTERS, 4);
  const answer = await context.exchange(protocol, command);
  context.expect(
    answer.length === 6 && answer[4] === 0x90,
    `the answer to COUNTERS is ${shown(answer)}, expected 4 bytes and 90 00`,
  );
  return {
    resets: answer[0] << 8 | answer[1],
    runs: answer[2] << 8 | answer[3],
  };
}
