/** Conversions of bytes: what Web IDL takes as BufferSource, what it refuses, and when it is copied. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ownBuffer } from "../../../src/smart_card/web_idl.ts";
import { APDU, desk, rejects } from "../desk.ts";

Deno.test("BufferSource: buffers and every view, of the bytes they cover", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const around = Uint8Array.of(9, 9, 0, 0xB0, 0, 0, 9, 9);
  const { buffer } = around;
  const sources: BufferSource[] = [
    around.slice(2, 6).buffer,
    new Uint8Array(buffer, 2, 4),
    new Int8Array(buffer, 2, 4),
    new Uint8ClampedArray(buffer, 2, 4),
    new Uint16Array(buffer, 2, 2),
    new DataView(buffer, 2, 4),
    Buffer.from(buffer, 2, 4),
    new (class extends Uint8Array<ArrayBuffer> {})(buffer, 2, 4),
  ];
  for (const source of sources) {
    const answer = await connection.transmit(source);
    assert.deepEqual(
      [...new Uint8Array(answer)],
      [0, 0xB0, 0, 0, 0x90, 0],
      source.constructor.name,
    );
  }
});

Deno.test("BufferSource: shared and resizable memory, and what is no buffer, are refused", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const shared = new SharedArrayBuffer(8);
  const resizable = new ArrayBuffer(8, { maxByteLength: 16 });
  const wrong: unknown[] = [
    shared,
    new Uint8Array(shared),
    new DataView(shared),
    resizable,
    new Uint8Array(resizable),
    new Uint8Array(resizable, 0, 4),
    undefined,
    null,
    "00A40000",
    [0, 0xA4, 0, 0],
    { byteLength: 4 },
    Object.create(ArrayBuffer.prototype),
    Object.create(Uint8Array.prototype),
  ];
  const calls: ((source: never) => Promise<unknown>)[] = [
    (source) => connection.transmit(source),
    (source) => connection.control(0x313540, source),
    (source) => connection.setAttribute(0x10100, source),
  ];
  for (const source of wrong) {
    for (const call of calls) await rejects("TypeError", call(source as never));
  }
});

Deno.test("BufferSource: a detached buffer has no bytes", async () => {
  await using d = await desk();
  d.device.vendorControl = (_code, input) => input;
  const connection = await d.connect();
  const buffer = new ArrayBuffer(4);
  const views = [new Uint8Array(buffer), new DataView(buffer)];
  structuredClone(buffer, { transfer: [buffer] });
  for (const source of [buffer, ...views]) {
    const output = await connection.control(0x313540, source);
    assert.equal(output.byteLength, 0);
    // No APDU has no bytes: SCARD_E_INVALID_PARAMETER.
    await rejects("TypeError", connection.transmit(source));
  }
});

Deno.test("BufferSource: copied before anything is waited for, whatever the class; a later change does not matter", async () => {
  await using d = await desk({ queue: true, pace: "async" });
  const connection = await d.connect();
  const sources = [
    APDU.slice(),
    Buffer.from(APDU),
    new DataView(APDU.slice().buffer),
  ];
  const answers = sources.map((source) => connection.transmit(source));
  for (const { buffer, byteOffset } of sources) {
    new Uint8Array(buffer, byteOffset, APDU.length).fill(0xFF);
  }
  for (const answer of await Promise.all(answers)) {
    assert.deepEqual([...new Uint8Array(answer, 0, APDU.length)], [...APDU]);
  }
});

Deno.test("BufferSource: what the options' getters change before the call counts", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const apdu = APDU.slice();
  const answer = await connection.transmit(apdu, {
    get protocol() {
      apdu[3] = 7;
      return "t1" as const;
    },
  });
  assert.equal(new Uint8Array(answer)[3], 7);
});

Deno.test("ownBuffer: holds these bytes and no others", () => {
  const whole = Uint8Array.of(1, 2, 3);
  assert.equal(ownBuffer(whole), whole.buffer);
  const part = ownBuffer(whole.subarray(1));
  assert.deepEqual([...new Uint8Array(part)], [2, 3]);
});
