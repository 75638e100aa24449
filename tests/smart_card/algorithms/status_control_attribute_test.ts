/** status, control, getAttribute and setAttribute, step by step. */

import assert from "node:assert/strict";
import type { SmartCardConnection } from "../../../src/smart_card/mod.ts";
import { connectionStateName } from "../../../src/smart_card/convert.ts";
import {
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  STATUS_IO_DEVICE_ERROR,
  STATUS_NOT_SUPPORTED,
} from "../../../src/smclib/mod.ts";
import * as rm from "../../../src/resource_manager/mod.ts";
import { settle, TEST_ATR } from "../../resource_manager/fake_reader.ts";
import { APDU, desk, NAME, refuses, rejects } from "../desk.ts";

const CODE = 0x00313540;
const TAG = 0x00010100;

const CALLS: Record<
  string,
  (connection: SmartCardConnection) => Promise<unknown>
> = {
  status: (connection) => connection.status(),
  control: (connection) => connection.control(CODE, APDU),
  getAttribute: (connection) => connection.getAttribute(TAG),
  setAttribute: (connection) => connection.setAttribute(TAG, APDU),
};

for (const [name, call] of Object.entries(CALLS)) {
  Deno.test(`${name} steps 1 to 3: the connection guard`, async () => {
    await using d = await desk();
    d.device.vendorControl = (_code, input) => input;
    const [owner, other] = [await d.connect(), await d.connect()];
    const first = owner.status();
    await rejects("InvalidStateError", call(owner));
    await first;
    await owner.startTransaction(async () => {
      await rejects("InvalidStateError", call(other));
      await call(owner);
      return "leave";
    });
    await other.disconnect();
    await rejects("InvalidStateError", call(other));
    await call(owner);
  });

  Deno.test(`${name} step 4: while it runs the context is busy, afterwards it is idle`, async () => {
    await using d = await desk();
    d.device.vendorControl = (_code, input) => input;
    const connection = await d.connect();
    d.device.pace = "held";
    const running = call(connection);
    await settle();
    await rejects("InvalidStateError", d.context.listReaders());
    d.device.pace = "sync";
    d.device.release();
    await running;
    assert.deepEqual(await d.context.listReaders(), [NAME]);
  });

  Deno.test(`${name} step 5: an error rejects with its exception, and the context is idle`, async () => {
    await using d = await desk();
    const connection = await d.connect();
    d.manager.removeReader(d.reader);
    await refuses("reader-unavailable", call(connection));
    assert.deepEqual(await d.context.listReaders(), []);
  });
}

Deno.test("status step 6: each state of the reader has a word, SPECIFIC that of its protocol", () => {
  const table = [
    [rm.SCARD_ABSENT, 0, "absent"],
    [rm.SCARD_PRESENT, 0, "present"],
    [rm.SCARD_SWALLOWED, 0, "swallowed"],
    [rm.SCARD_POWERED, 0, "powered"],
    [rm.SCARD_NEGOTIABLE, 0, "negotiable"],
    [rm.SCARD_NEGOTIABLE, rm.SCARD_PROTOCOL_T1, "negotiable"],
    [rm.SCARD_SPECIFIC, rm.SCARD_PROTOCOL_T0, "t0"],
    [rm.SCARD_SPECIFIC, rm.SCARD_PROTOCOL_T1, "t1"],
    [rm.SCARD_SPECIFIC, rm.SCARD_PROTOCOL_RAW, "raw"],
    [rm.SCARD_SPECIFIC, 0, undefined],
    [rm.SCARD_SPECIFIC, rm.SCARD_PROTOCOL_Tx, undefined],
    [rm.SCARD_UNKNOWN, 0, undefined],
    [7, 0, undefined],
  ] as const;
  for (const [state, protocol, word] of table) {
    assert.equal(connectionStateName(state, protocol), word);
  }
});

Deno.test("status step 6: a state that fits nothing rejects with UnknownError, and the context is idle", async () => {
  await using d = await desk();
  const connection = await d.connect();
  d.device.state = 7;
  await rejects("UnknownError", connection.status());
  assert.deepEqual(await d.context.listReaders(), [NAME]);
});

Deno.test("status step 7: name, state and ATR, in the order of the names; no ATR without a card", async () => {
  await using d = await desk();
  const status = await (await d.connect()).status();
  assert.deepEqual(Object.keys(status), [
    "answerToReset",
    "readerName",
    "state",
  ]);
  assert.equal(status.readerName, NAME);
  assert.equal(status.state, "t1");
  assert(status.answerToReset instanceof ArrayBuffer);
  assert.deepEqual(new Uint8Array(status.answerToReset), TEST_ATR);
  d.device.remove();
  await settle();
  const { connection } = await d.context.connect(NAME, "direct");
  assert.deepEqual(await connection.status(), {
    readerName: NAME,
    state: "absent",
  });
});

Deno.test("control step 6: the input is that of the moment of the call, the result what the reader returned", async () => {
  await using d = await desk({ queue: true });
  const connection = await d.connect();
  const seen: [number, number[]][] = [];
  d.device.vendorControl = (code, input) => {
    seen.push([code, [...input]]);
    return Uint8Array.of(...input, 0xAA);
  };
  d.device.pace = "async";
  const buffer = Uint8Array.of(1, 2, 3);
  const calls = [
    connection.control(CODE, buffer),
    connection.control(0xFFFFFFFF, buffer),
  ];
  buffer.fill(9);
  for (const answer of await Promise.all(calls)) {
    assert.deepEqual([...new Uint8Array(answer)], [1, 2, 3, 0xAA]);
  }
  assert.deepEqual(seen, [[CODE, [1, 2, 3]], [0xFFFFFFFF, [1, 2, 3]]]);
});

Deno.test("control step 6: no input, no output", async () => {
  await using d = await desk({ card: false });
  const { connection } = await d.context.connect(NAME, "direct");
  d.device.vendorControl = (_code, input) => input;
  const output = await connection.control(CODE, new ArrayBuffer(0));
  assert.equal(output.byteLength, 0);
});

Deno.test("control step 6: large answers come whole", async () => {
  await using d = await desk();
  const connection = await d.connect();
  d.device.vendorControl = () => new Uint8Array(60_000).fill(7);
  assert.equal((await connection.control(CODE, APDU)).byteLength, 60_000);
});

Deno.test("control step 5: what the reader does not know is unsupported-feature", async () => {
  await using d = await desk();
  const connection = await d.connect();
  d.device.vendorControl = () => STATUS_NOT_SUPPORTED;
  await refuses("unsupported-feature", connection.control(CODE, APDU));
});

Deno.test("getAttribute step 6: the bytes of the attribute", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const value = await connection.getAttribute(TAG);
  assert(value instanceof ArrayBuffer);
  assert.equal(new TextDecoder().decode(value), "Fake");
  await refuses("unsupported-feature", connection.getAttribute(0x7FFF0000));
});

Deno.test("setAttribute steps 5 and 6: resolves with nothing, or rejects with the exception", async () => {
  await using d = await desk();
  const connection = await d.connect();
  assert.equal(await connection.setAttribute(TAG, APDU), undefined);
  assert.equal(d.device.count(IOCTL_SMARTCARD_SET_ATTRIBUTE), 1);
  d.device.failNext(IOCTL_SMARTCARD_SET_ATTRIBUTE, STATUS_IO_DEVICE_ERROR);
  const error = await connection.setAttribute(TAG, APDU).catch((e) => e);
  assert(error instanceof DOMException);
});
