/** transmit, step by step. */

import assert from "node:assert/strict";
import { STATUS_IO_TIMEOUT } from "../../../src/smclib/mod.ts";
import { settle } from "../../resource_manager/fake_reader.ts";
import { APDU, desk, NAME, refuses, rejects } from "../desk.ts";

const LEAVE = () => Promise.resolve("leave" as const);

Deno.test("transmit step 1: an operation in progress rejects with InvalidStateError", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const first = connection.transmit(APDU);
  await rejects("InvalidStateError", connection.transmit(APDU));
  await first;
});

Deno.test("transmit step 2: another connection's transaction rejects with InvalidStateError, the own one does not", async () => {
  await using d = await desk();
  const [owner, other] = [await d.connect(), await d.connect()];
  await owner.startTransaction(async () => {
    await rejects("InvalidStateError", other.transmit(APDU));
    await owner.transmit(APDU);
    return "leave";
  });
  await other.transmit(APDU);
});

Deno.test("transmit step 3: a connection that was closed rejects with InvalidStateError", async () => {
  await using d = await desk();
  const connection = await d.connect();
  await connection.disconnect();
  await rejects("InvalidStateError", connection.transmit(APDU));
});

Deno.test("transmit step 4: without a protocol that has a word, InvalidStateError; a protocol given counts", async () => {
  await using d = await desk();
  const { connection } = await d.context.connect(NAME, "direct");
  await rejects("InvalidStateError", connection.transmit(APDU));
  // With one it goes to the engine, which knows that it is not the active one.
  await refuses(
    "proto-mismatch",
    connection.transmit(APDU, { protocol: "t1" }),
  );
});

Deno.test("transmit step 5: the header has the protocol that was given, not the active one", async () => {
  await using d = await desk();
  const connection = await d.connect();
  await connection.transmit(APDU, { protocol: "t1" });
  for (const protocol of ["t0", "raw"] as const) {
    await refuses("proto-mismatch", connection.transmit(APDU, { protocol }));
  }
});

Deno.test("transmit step 6: the bytes are those of the moment of the call", async () => {
  await using d = await desk({ pace: "async" });
  const connection = await d.connect();
  // Somebody else keeps the reader busy, so that the APDU waits.
  const other = await d.connect(await d.web.establishContext());
  let transmitting: Promise<ArrayBuffer> | undefined;
  const buffer = APDU.slice();
  await other.startTransaction(async () => {
    transmitting = connection.transmit(buffer);
    await settle();
    buffer.fill(0xFF);
    return "leave";
  });
  const answer = new Uint8Array(await transmitting!);
  assert.deepEqual([...answer.subarray(0, APDU.length)], [...APDU]);
});

Deno.test("transmit step 7: an error rejects with its exception, and the context is idle", async () => {
  await using d = await desk();
  const connection = await d.connect();
  // SCARD_E_INVALID_PARAMETER.
  await rejects("TypeError", connection.transmit(new Uint8Array(3)));
  d.device.respond = () => STATUS_IO_TIMEOUT;
  const error = await connection.transmit(APDU).catch((e) => e);
  assert(error instanceof DOMException);
  d.device.remove();
  await refuses("removed-card", connection.transmit(APDU));
  assert.deepEqual(await d.context.listReaders(), [NAME]);
});

Deno.test("transmit step 8: the result is a copy of what came, in a buffer of that size; up to 65538 bytes", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const first = await connection.transmit(APDU);
  const kept = new Uint8Array(first).slice();
  assert.equal(first.byteLength, APDU.length + 2);
  for (const length of [2, 258, 65_538]) {
    d.device.respond = () => new Uint8Array(length).fill(0x90);
    const answer = await connection.transmit(APDU);
    assert(answer instanceof ArrayBuffer);
    assert.equal(answer.byteLength, length);
  }
  assert.deepEqual(new Uint8Array(first), kept);
  await connection.startTransaction(LEAVE);
});
