import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CHARACTER_DAMAGED,
  type SerialSettings,
} from "../../../src/drivers/serial/mod.ts";
import {
  decodeTermios,
  encodeTermios,
  MarkDecoder,
  TERMIOS2_BYTES,
} from "../../../src/drivers/serial/serial_port_termios.ts";

const PHOENIX: SerialSettings = {
  baudRate: 10_753,
  parity: "even",
  stopBits: 2,
  marksDamage: true,
};

Deno.test("struct termios2, field by field", () => {
  const bytes = encodeTermios(PHOENIX);
  assert.equal(bytes.length, TERMIOS2_BYTES);
  const view = new DataView(bytes.buffer);
  // INPCK, PARMRK
  assert.equal(view.getUint32(0, true), 0x18);
  assert.equal(view.getUint32(4, true), 0);
  // BOTHER for both speeds, CLOCAL, HUPCL, PARENB, CREAD, CSTOPB, CS8
  assert.equal(view.getUint32(8, true), 0x1000_1DF0);
  assert.equal(view.getUint32(12, true), 0);
  // VTIME 0, VMIN 1
  assert.deepEqual([...bytes.subarray(17 + 5, 17 + 7)], [0, 1]);
  assert.equal(view.getUint32(36, true), 10_753);
  assert.equal(view.getUint32(40, true), 10_753);
});

Deno.test("settings survive termios2", () => {
  fc.assert(
    fc.property(
      fc.record({
        baudRate: fc.integer({ min: 1, max: 4_000_000 }),
        parity: fc.constantFrom("none", "even", "odd"),
        stopBits: fc.constantFrom(1, 2),
        marksDamage: fc.boolean(),
      }, { noNullPrototype: true }),
      (settings) => {
        const typed = settings as SerialSettings;
        assert.deepEqual(decodeTermios(encodeTermios(typed)), typed);
      },
    ),
    { seed: 78163 },
  );
});

/** What a driver of Linux puts in with PARMRK. */
function marked(characters: readonly number[]): number[] {
  return characters.flatMap((character) => {
    if ((character & CHARACTER_DAMAGED) !== 0) {
      return [0xFF, 0x00, character & 0xFF];
    }
    return character === 0xFF ? [0xFF, 0xFF] : [character];
  });
}

// Invariant: what was marked comes out again, however the bytes are cut into pieces.
Deno.test("marks are undone, whole or in pieces", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.integer({ min: 0, max: 0x1FF }),
          fc.constantFrom(0, 0xFF, 0x1FF, 0x100),
        ),
      ),
      fc.array(fc.integer({ min: 1, max: 5 })),
      (characters, pieces) => {
        const bytes = Uint8Array.from(marked(characters));
        const decoder = new MarkDecoder();
        const target = new Uint16Array(bytes.length);
        const found: number[] = [];
        for (let at = 0; at < bytes.length;) {
          const piece = bytes.subarray(at, at + (pieces.shift() ?? 7));
          const count = decoder.decode(piece, piece.length, target);
          found.push(...target.subarray(0, count));
          at += piece.length;
        }
        assert.deepEqual(found, characters);
      },
    ),
    { seed: 78163 },
  );
});

Deno.test("half a mark is forgotten after a flush", () => {
  const decoder = new MarkDecoder();
  const target = new Uint16Array(4);
  assert.equal(decoder.decode(Uint8Array.of(0xFF, 0x00), 2, target), 0);
  decoder.reset();
  assert.equal(decoder.decode(Uint8Array.of(0x3B), 1, target), 1);
  assert.equal(target[0], 0x3B);
});
