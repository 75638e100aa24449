// Invariant: however a stream is cut, the decoder yields the frames that were encoded.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  encodeFrame,
  FrameDecoder,
  VPCD_MAX_PAYLOAD_BYTES,
  writeFrame,
} from "../../../src/drivers/vpcd/mod.ts";

const ATR_FRAME = fromHex("000B 3B9513810180 73FF01000B");

/** Feeds pieces the way a reader of one frame after the other does. */
function decodeAll(pieces: Iterable<Uint8Array>): string[] {
  const decoder = new FrameDecoder();
  const frames: string[] = [];
  for (let piece of pieces) {
    while (piece.length > 0) {
      piece = piece.subarray(decoder.push(piece));
      if (!decoder.isComplete) continue;
      frames.push(toHex(decoder.payload));
      decoder.start();
    }
  }
  assert.equal(decoder.payload.length, 0);
  return frames;
}

function cut(stream: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (let i = 0; from < stream.length; i++) {
    const to = from + sizes[i % sizes.length];
    pieces.push(stream.subarray(from, to));
    from = to;
  }
  return pieces;
}

Deno.test("a frame is its length, big-endian, and its payload", () => {
  assert.equal(toHex(encodeFrame(fromHex("04"))), "000104");
  assert.equal(toHex(encodeFrame(fromHex("00A4000C02"))), "000500A4000C02");
  assert.equal(toHex(encodeFrame(new Uint8Array(0))), "0000");
  assert.equal(toHex(encodeFrame(new Uint8Array(258)).subarray(0, 2)), "0102");
});

Deno.test("a frame is written to the start of a longer buffer", () => {
  const target = new Uint8Array(8).fill(0xEE);
  assert.equal(writeFrame(target, fromHex("6A82")), 4);
  assert.equal(toHex(target), "00026A82EEEEEEEE");
});

Deno.test("payloads of 65535 bytes fit, one more is refused", () => {
  const longest = encodeFrame(new Uint8Array(VPCD_MAX_PAYLOAD_BYTES));
  assert.equal(toHex(longest.subarray(0, 2)), "FFFF");
  assert.throws(
    () => encodeFrame(new Uint8Array(VPCD_MAX_PAYLOAD_BYTES + 1)),
    new RangeError(
      "Cannot write frame: payload has 65536 bytes, expected at most 65535",
    ),
  );
  assert.throws(
    () => writeFrame(new Uint8Array(3), fromHex("9000")),
    new RangeError(
      "Cannot write frame: target has 3 bytes, expected at least 4",
    ),
  );
});

Deno.test("a frame is decoded whole and byte by byte", () => {
  for (const sizes of [[ATR_FRAME.length], [1], [2], [3, 1]]) {
    assert.deepEqual(decodeAll(cut(ATR_FRAME, sizes)), [
      "3B951381018073FF01000B",
    ]);
  }
});

Deno.test("the decoder takes its own frame and leaves the next", () => {
  const decoder = new FrameDecoder();
  assert.equal(decoder.push(fromHex("0002 9000 0002 6A82")), 4);
  assert.ok(decoder.isComplete);
  assert.equal(toHex(decoder.payload), "9000");
  assert.equal(decoder.push(fromHex("0002 6A82")), 0);
  assert.equal(toHex(decoder.payload), "9000");
});

Deno.test("an empty frame is complete with its second length byte", () => {
  const decoder = new FrameDecoder();
  assert.equal(decoder.push(fromHex("00")), 1);
  assert.ok(!decoder.isComplete);
  assert.equal(decoder.push(fromHex("00")), 1);
  assert.ok(decoder.isComplete);
  assert.equal(decoder.payload.length, 0);
});

Deno.test("a length beyond the limit is refused and nothing of it is taken", () => {
  const decoder = new FrameDecoder();
  decoder.start(33);
  assert.equal(decoder.push(fromHex("FFFF 0102")), 2);
  assert.ok(decoder.isRefused);
  assert.ok(!decoder.isComplete);
  assert.equal(decoder.push(fromHex("0304")), 0);
  decoder.start(33);
  assert.equal(decoder.push(new Uint8Array(35).fill(33, 1, 2)), 35);
  assert.ok(decoder.isComplete && !decoder.isRefused);
});

Deno.test("the limit never exceeds the capacity", () => {
  const decoder = new FrameDecoder(4);
  decoder.start(9);
  decoder.push(fromHex("0005"));
  assert.ok(decoder.isRefused);
  for (const capacity of [-1, 1.5, 65536, NaN]) {
    assert.throws(() => new FrameDecoder(capacity), RangeError);
  }
});

Deno.test("frames survive every way of cutting the stream", () => {
  const payload = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(
      fc.array(payload, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 }),
      (payloads, sizes) => {
        const stream = new Uint8Array(
          payloads.flatMap((bytes) => Array.from(encodeFrame(bytes))),
        );
        assert.deepEqual(
          decodeAll(cut(stream, sizes)),
          payloads.map((bytes) => toHex(bytes)),
        );
      },
    ),
    { seed: 35963, numRuns: 300 },
  );
});

Deno.test("no bytes make the decoder throw or take more than it was given", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 })),
      fc.integer({ min: 0, max: 70_000 }),
      (pieces, limitBytes) => {
        const decoder = new FrameDecoder();
        decoder.start(limitBytes);
        for (const piece of pieces) {
          const taken = decoder.push(piece);
          assert.ok(taken >= 0 && taken <= piece.length);
          if (taken < piece.length) {
            assert.ok(decoder.isComplete || decoder.isRefused);
          }
          assert.ok(decoder.payload.length <= Math.min(limitBytes, 65535));
        }
      },
    ),
    { seed: 35963, numRuns: 300 },
  );
});

Deno.test("decoding byte by byte takes time in step with the input", () => {
  // Work is counted, not timed: one push a byte, none of which copies more than its byte.
  const frame = encodeFrame(new Uint8Array(VPCD_MAX_PAYLOAD_BYTES).fill(0x5A));
  const decoder = new FrameDecoder();
  let taken = 0;
  for (let i = 0; i < frame.length; i++) {
    taken += decoder.push(frame.subarray(i, i + 1));
  }
  assert.equal(taken, frame.length);
  assert.ok(decoder.isComplete);
  assert.ok(decoder.payload.every((byte) => byte === 0x5A));
});
