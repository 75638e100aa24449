// A refused ATR changes nothing; bytes behind an ATR and bytes still to come are no reason to refuse for ever.

import assert from "node:assert/strict";
import { fromHex } from "../../src/bytes.ts";
import {
  type SmartcardExtension,
  SmartcardUpdateCardCapabilities,
  STATUS_SUCCESS,
  STATUS_UNRECOGNIZED_MEDIA,
} from "../../src/smclib/mod.ts";
import { withAtr } from "./card_with_atr.ts";

function snapshot(ext: SmartcardExtension): string {
  const { atr: _, ...rest } = ext.cardCapabilities;
  return JSON.stringify([
    rest,
    ext.readerCapabilities.currentState,
    ext.t1.ifsc,
    ext.t1.state,
  ]);
}

// deno-fmt-ignore
for (
  const [why, atr] of [
    ["no byte", ""], ["TS alone", "3B"], ["wrong TS", "3C 00"], ["TS 23", "23 00"],
    ["interface bytes missing", "3B F0 11"], ["historical bytes missing", "3B 05 01 02 03 04"],
    ["TCK missing", "3B 80 01"], ["TCK wrong", "3B 80 01 80"], ["TCK wrong, T=0 and T=15", "3B 80 80 1F 03 00"],
    ["Fi reserved", "3B 10 71"], ["Di reserved", "3B 10 10"], ["Di reserved, old fractions", "3B 10 1A"],
    ["inverse, TCK wrong", "03 FE 7F BF"], ["T=15 in TD1", "3B 80 0F 8F"],
  ]
) {
  Deno.test(`refused, and nothing changes: ${why}`, () => {
    const { ext } = withAtr("3B 95 18 40 FF 62 01 02 01 04");
    ext.cardCapabilities.setAtr(fromHex(atr));
    const before = snapshot(ext);
    const bytes = ext.cardCapabilities.atr.buffer.slice();
    assert.equal(SmartcardUpdateCardCapabilities(ext), STATUS_UNRECOGNIZED_MEDIA);
    assert.equal(snapshot(ext), before);
    assert.deepEqual(ext.cardCapabilities.atr.buffer, bytes);
  });
}

Deno.test("extra bytes are accepted and ignored, also beyond 33", () => {
  const { ext, status } = withAtr("3B 02 14 50 AA BB CC");
  assert.equal(status, STATUS_SUCCESS);
  assert.equal(ext.cardCapabilities.historicalChars.length, 2);
  assert.equal(ext.cardCapabilities.atr.length, 7);
  ext.cardCapabilities.atr.length = 64;
  assert.equal(SmartcardUpdateCardCapabilities(ext), STATUS_SUCCESS);
});

Deno.test("a driver may call after each byte until it succeeds", () => {
  const atr = fromHex("3B 80 81 11 FE EE");
  const { ext } = withAtr("");
  for (let length = 1; length <= atr.length; length++) {
    ext.cardCapabilities.setAtr(atr.subarray(0, length));
    const wanted = length === atr.length
      ? STATUS_SUCCESS
      : STATUS_UNRECOGNIZED_MEDIA;
    assert.equal(SmartcardUpdateCardCapabilities(ext), wanted);
  }
});
