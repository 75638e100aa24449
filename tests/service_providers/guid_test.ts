import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../src/bytes.ts";
import {
  CardAuth,
  CHVerification,
  FileAccess,
  guidFromBytes,
  guidToBytes,
  interfaceToken,
  isGuid,
  ISO7816,
  parseGuid,
  shippedProviders,
} from "../../src/service_providers/mod.ts";
import { INTERFACE_ISO7816 } from "../../src/card_database/mod.ts";

const TEXT = "{53B6AA68-3F56-11D0-916B-00AA00C18068}";
/** Data1, Data2 and Data3 little-endian. */
const BINARY = fromHex("68AAB653 563F D011 916B00AA00C18068");

Deno.test("guid: text in either case, braces or not", () => {
  assert.equal(parseGuid(TEXT), TEXT);
  assert.equal(parseGuid(TEXT.toLowerCase()), TEXT);
  assert.equal(parseGuid(TEXT.slice(1, -1)), TEXT);
  for (
    const bad of ["", "{}", TEXT.slice(1), TEXT.slice(0, -1), `${TEXT} `, "x"]
  ) {
    assert.equal(isGuid(bad), false, bad);
    assert.throws(() => parseGuid(bad), RangeError);
  }
  assert.throws(() => parseGuid(5 as unknown as string), TypeError);
});

Deno.test("guid: the binary form of Windows", () => {
  assert.deepEqual(guidToBytes(TEXT), BINARY);
  assert.equal(guidFromBytes(BINARY), TEXT);
  assert.throws(() => guidFromBytes(new Uint8Array(15)), /15 bytes/);
});

Deno.test("guid: binary and back is the same", () => {
  const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(sixteen, (binary) => {
      assert.deepEqual([...guidToBytes(guidFromBytes(binary))], [...binary]);
    }),
    { seed: 78163 },
  );
});

Deno.test("guid: tokens and providers are distinct, and ISO7816 is that of the database", () => {
  const tokens = [ISO7816, FileAccess, CHVerification, CardAuth];
  const guids = [
    ...tokens.map(({ guid }) => guid),
    ...shippedProviders().map(({ id }) => id),
  ];
  assert.equal(new Set(guids).size, 7);
  assert.equal(ISO7816.guid, INTERFACE_ISO7816);
  assert.throws(() => interfaceToken("nonsense", "Nonsense"), RangeError);
});
