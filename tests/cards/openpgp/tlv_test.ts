// Invariant: what is encoded is read back, and no bytes make the reader throw or read past their end.
import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  concatBytes,
  encodeObject,
  findObject,
  readHeader,
  readObjects,
} from "../../../src/cards/openpgp/tlv.ts";

const SEED = { seed: 78163 };
const tag = fc.constantFrom(0x4f, 0x5f2d, 0x7f21, 0x73, 0x5f50);

Deno.test("lengths in their shortest form", () => {
  const sizes: [number, string][] = [
    [0, "5E00"],
    [127, "5E7F"],
    [128, "5E8180"],
    [255, "5E81FF"],
    [256, "5E820100"],
    [65535, "5E82FFFF"],
  ];
  for (const [size, header] of sizes) {
    const bytes = encodeObject(0x5e, new Uint8Array(size));
    equal(toHex(bytes.subarray(0, -size || undefined)), header);
  }
});

Deno.test("objects are read back", () => {
  const objects = fc.array(fc.record({
    tag,
    value: fc.uint8Array({ maxLength: 300 }),
  }));
  fc.assert(
    fc.property(objects, (objects) => {
      const bytes = concatBytes(
        ...objects.map(({ tag, value }) => encodeObject(tag, value)),
      );
      deepEqual(readObjects(bytes), objects);
    }),
    SEED,
  );
});

Deno.test("any bytes are objects, or none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const objects = readObjects(bytes);
      if (objects === null) return;
      const sum = objects.reduce((sum, { value }) => sum + value.length, 0);
      ok(sum <= bytes.length);
    }),
    SEED,
  );
  for (
    const text of ["5F", "5F81", "5F2D", "5E", "5E80", "5E83000000", "5E8100"]
  ) {
    const objects = readObjects(fromHex(text));
    deepEqual(
      objects,
      text === "5E8100" ? [{ tag: 0x5e, value: new Uint8Array(0) }] : null,
      text,
    );
  }
  equal(readHeader(fromHex("5E01"), 2), null);
  equal(findObject([], 0x5e), null);
});
