/** Reader states of getStatusChange: words and numbers, step by step. */

import assert from "node:assert/strict";
import type {
  SmartCardReaderStateFlagsIn,
  SmartCardReaderStateOut,
} from "../../../src/smart_card/mod.ts";
import {
  toStateOut,
  toStateRequest,
} from "../../../src/smart_card/reader_states.ts";
import * as rm from "../../../src/resource_manager/mod.ts";
import { settle, TEST_ATR } from "../../resource_manager/fake_reader.ts";
import { desk, NAME } from "../desk.ts";

/** Flags that are set, by name. */
function set(out: SmartCardReaderStateOut): string[] {
  return Object.entries(out.eventState).filter(([, value]) => value)
    .map(([name]) => name);
}

Deno.test("getStatusChange step 4: each flag in is one bit, the count is the high word", () => {
  const bits: Record<keyof SmartCardReaderStateFlagsIn, number> = {
    unaware: rm.SCARD_STATE_UNAWARE,
    ignore: rm.SCARD_STATE_IGNORE,
    unavailable: rm.SCARD_STATE_UNAVAILABLE,
    empty: rm.SCARD_STATE_EMPTY,
    present: rm.SCARD_STATE_PRESENT,
    exclusive: rm.SCARD_STATE_EXCLUSIVE,
    inuse: rm.SCARD_STATE_INUSE,
    mute: rm.SCARD_STATE_MUTE,
    unpowered: rm.SCARD_STATE_UNPOWERED,
  };
  for (const [name, bit] of Object.entries(bits)) {
    const request = toStateRequest({
      readerName: NAME,
      currentState: { [name]: true },
    });
    assert.equal(request.currentState, bit, name);
    assert.equal(request.currentCount, undefined);
    assert.equal(request.readerName, NAME);
  }
  const counts = [[0, 0], [7, 7], [0x12345, 0x2345], [-1, 0xFFFF], [2.9, 2]];
  for (const [count, expected] of counts) {
    const request = toStateRequest({
      readerName: NAME,
      currentState: {},
      currentCount: count,
    });
    assert.equal(request.currentCount, expected);
  }
});

Deno.test("getStatusChange step 8: each bit is one flag out, in the order of the names", () => {
  const bits: Record<string, number> = {
    changed: rm.SCARD_STATE_CHANGED,
    empty: rm.SCARD_STATE_EMPTY,
    exclusive: rm.SCARD_STATE_EXCLUSIVE,
    ignore: rm.SCARD_STATE_IGNORE,
    inuse: rm.SCARD_STATE_INUSE,
    mute: rm.SCARD_STATE_MUTE,
    present: rm.SCARD_STATE_PRESENT,
    unavailable: rm.SCARD_STATE_UNAVAILABLE,
    unknown: rm.SCARD_STATE_UNKNOWN,
    unpowered: rm.SCARD_STATE_UNPOWERED,
  };
  for (const [name, bit] of Object.entries(bits)) {
    const answer = { readerName: NAME, eventCount: 9, atr: null };
    const out = toStateOut({ ...answer, eventState: bit });
    assert.deepEqual(set(out), [name]);
    assert.deepEqual(Object.keys(out.eventState), Object.keys(bits));
    assert.deepEqual(Object.keys(out), [
      "eventCount",
      "eventState",
      "readerName",
    ]);
  }
});

Deno.test("getStatusChange step 8: all entries are answered, with eventCount and ATR", async () => {
  await using d = await desk();
  d.device.remove();
  await settle();
  d.device.insert();
  await settle();
  const out = await d.context.getStatusChange([
    { readerName: NAME, currentState: { unaware: true } },
    { readerName: "nobody", currentState: {} },
    { readerName: NAME, currentState: { ignore: true } },
  ]);
  assert.deepEqual(out.map(set), [
    ["changed", "present"],
    ["changed", "ignore", "unknown"],
    ["ignore"],
  ]);
  assert.deepEqual(out.map(({ eventCount }) => eventCount), [2, 0, 0]);
  assert.deepEqual(Object.keys(out[0]), [
    "answerToReset",
    "eventCount",
    "eventState",
    "readerName",
  ]);
  assert(out[0].answerToReset instanceof ArrayBuffer);
  assert.deepEqual(new Uint8Array(out[0].answerToReset), TEST_ATR);
  assert.equal("answerToReset" in out[1], false);
});

Deno.test("getStatusChange step 8: an empty list is answered at once", async () => {
  await using d = await desk();
  assert.deepEqual(await d.context.getStatusChange([]), []);
});
