// SmartcardUpdateCardCapabilities: an accepted ATR sets everything, a refused one changes nothing.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  SCARD_NEGOTIABLE,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_SPECIFIC,
  SmartcardInitializeCardCapabilities,
  SmartcardUpdateCardCapabilities,
  STATUS_SUCCESS,
  T1_IFS_REQUEST,
  T1_INIT,
} from "../../src/smclib/mod.ts";
import { bareReader } from "./fake_reader.ts";
import { checked, withAtr } from "./card_with_atr.ts";

Deno.test("PC/SC test card 3: T=0 at 372/12", () => {
  const { ext, status } = withAtr("3B 95 18 40 FF 62 01 02 01 04");
  assert.equal(status, STATUS_SUCCESS);
  const card = ext.cardCapabilities;
  assert.deepEqual([card.fl, card.dl, card.t0.wi], [1, 8, 255]);
  assert.equal(card.protocol.supported, SCARD_PROTOCOL_T0);
  assert.equal(card.protocol.selected, 0);
  assert.equal(card.historicalChars.length, 5);
  assert.equal(
    toHex(card.historicalChars.buffer.subarray(0, 5)),
    "6201020104",
  );
  assert.equal(ext.readerCapabilities.currentState, SCARD_NEGOTIABLE);
  assert.equal(card.inversConvention, false);
});

Deno.test("PC/SC test card 4: T=1 with IFSC 254", () => {
  const { ext, status } = withAtr(
    "3B DF 18 00 81 31 FE 67 00 5C 49 43 4D D4 91 47 D2 76 00 00 38 33 00 58",
  );
  assert.equal(status, STATUS_SUCCESS);
  const { fl, dl, n, t1, protocol, historicalChars } = ext.cardCapabilities;
  assert.deepEqual([fl, dl, n], [1, 8, 0]);
  assert.deepEqual([t1.ifsc, t1.bwi, t1.cwi, t1.edc], [254, 6, 7, 0]);
  assert.equal(protocol.supported, SCARD_PROTOCOL_T1);
  assert.equal(protocol.selected, 0);
  assert.equal(historicalChars.length, 15);
  assert.equal(ext.readerCapabilities.currentState, SCARD_NEGOTIABLE);
  assert.equal(ext.t1.ifsc, 254);
  assert.equal(ext.t1.ifsd, 254);
});

// clock, etu, gt, wt, cwt, bwt, bgt with N 0, WI 10, CWI 13, BWI 4 at 372/1
for (
  const [clock, etu, gt, wt, cwt, bwt, bgt] of [
    [3580, 104, 1247, 997542, 852379, 1597211, 2287],
    [0, 104, 1247, 997542, 852379, 1597211, 2287],
    [4000, 93, 1116, 892800, 762879, 1429503, 2046],
    [5000, 75, 893, 714240, 610304, 1143603, 1637],
  ]
) {
  Deno.test(`times at ${clock} kHz`, () => {
    const { ext } = withAtr("3B 00", clock);
    const { cardCapabilities: card } = ext;
    assert.deepEqual(
      [card.etu, card.gt, card.t0.wt, card.t1.cwt, card.t1.bwt, card.t1.bgt],
      [etu, gt, wt, cwt, bwt, bgt],
    );
  });
}

Deno.test("N 255 is 12 etu for T=0 and unselected, 11 etu for T=1", () => {
  assert.equal(withAtr("3B 40 FF").ext.cardCapabilities.gt, 1116);
  assert.equal(
    withAtr(checked("3B C0 FF 01")).ext.cardCapabilities.gt,
    1023,
  );
  assert.equal(
    withAtr(checked("3B C0 FF 80 01")).ext.cardCapabilities.gt,
    1116,
  );
});

Deno.test("with T=15 in the ATR N counts in Fi/Di", () => {
  // TA1 96, TC1 2: 12 etu of 372/1 and 2 x 512/32 clocks.
  const { ext } = withAtr(checked("3B D0 96 02 80 1F C7"));
  assert.equal(ext.cardCapabilities.gt, 1124);
  assert.equal(ext.cardCapabilities.protocol.supported, SCARD_PROTOCOL_T0);
  assert.equal(withAtr("3B 50 96 02").ext.cardCapabilities.gt, 1302);
});

Deno.test("specific mode takes TA1 at once, implicit parameters count as 372/1", () => {
  const explicit = withAtr("3B 90 96 10 00").ext;
  assert.equal(explicit.readerCapabilities.currentState, SCARD_SPECIFIC);
  assert.equal(
    explicit.cardCapabilities.protocol.selected,
    SCARD_PROTOCOL_T0,
  );
  assert.equal(explicit.cardCapabilities.etu, 4);
  assert.equal(explicit.cardCapabilities.t0.wt, 1228800);
  const implicit = withAtr("3B 90 96 10 10").ext;
  assert.equal(implicit.cardCapabilities.etu, 93);
});

// ATR, state, selected, supported (without RAW)
const selections: [string, number, number, number][] = [
  ["3B 00", SCARD_SPECIFIC, 1, 1],
  ["3B 10 11", SCARD_SPECIFIC, 1, 1],
  ["3B 10 01", SCARD_NEGOTIABLE, 0, 1],
  ["3B 10 18", SCARD_NEGOTIABLE, 0, 1],
  [checked("3B 80 01"), SCARD_SPECIFIC, 2, 2],
  [checked("3B 80 80 01"), SCARD_NEGOTIABLE, 0, 3],
  [checked("3B 80 91 01 00"), SCARD_SPECIFIC, 2, 2],
  [checked("3B 80 90 81 01"), SCARD_SPECIFIC, 2, 2],
  [checked("3B 80 91 0E 00"), SCARD_NEGOTIABLE, 0, 0],
  [checked("3B 80 0E"), SCARD_NEGOTIABLE, 0, 0],
  [checked("3B 80 81 0E"), SCARD_NEGOTIABLE, 0, 2],
  [checked("3B 80 81 1F 03"), SCARD_SPECIFIC, 2, 2],
];

for (const [atr, state, selected, supported] of selections) {
  Deno.test(`state and protocol of ${atr}`, () => {
    const { ext, status } = withAtr(atr);
    assert.equal(status, STATUS_SUCCESS);
    assert.equal(ext.readerCapabilities.currentState, state);
    assert.deepEqual(ext.cardCapabilities.protocol, { supported, selected });
  });
}

Deno.test("RAW is supported where the reader has it", () => {
  const ext = bareReader();
  ext.cardCapabilities.setAtr(fromHex("3B 00"));
  assert.equal(SmartcardUpdateCardCapabilities(ext), STATUS_SUCCESS);
  assert.equal(
    ext.cardCapabilities.protocol.supported,
    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_RAW,
  );
});

// Reserved values and what they count as.
Deno.test("reserved values count as the defaults", () => {
  const wi = withAtr("3B 80 40 00").ext.cardCapabilities;
  assert.equal(wi.t0.wi, 10);
  for (const [coded, ifsc] of [["00", 32], ["FF", 254], ["01", 1]] as const) {
    const { ext } = withAtr(checked(`3B 80 81 11 ${coded}`));
    assert.equal(ext.cardCapabilities.t1.ifsc, ifsc);
    assert.equal(ext.t1.ifsc, ifsc);
  }
  const bwi = withAtr(checked("3B 80 81 21 A0")).ext.cardCapabilities.t1;
  assert.deepEqual([bwi.bwi, bwi.cwi], [9, 0]);
  const crc = withAtr(checked("3B 80 81 41 01")).ext.cardCapabilities.t1;
  assert.equal(crc.edc, 1);
});

Deno.test("old programming voltage: TB1 gives ii and volts, TB2 tenths", () => {
  const of = (atr: string) => {
    const { ii, p } = withAtr(atr).ext.cardCapabilities;
    return [ii, p];
  };
  assert.deepEqual(of("3B 00"), [1, 50]);
  assert.deepEqual(of("3B 20 45"), [2, 50]);
  assert.deepEqual(of("3B 20 0C"), [0, 120]);
  assert.deepEqual(of("3B A0 25 20 7D"), [1, 125]);
  assert.deepEqual(of("3B 80 20 7D"), [1, 125]);
});

Deno.test("an ATR in the wrong convention is converted in place", () => {
  // 3F 05 DC 20 FC 00 01 00, as a direct-convention receiver reads it.
  const { ext, status } = withAtr("03 5F C4 FB C0 FF 7F FF");
  assert.equal(status, STATUS_SUCCESS);
  const { atr, inversConvention } = ext.cardCapabilities;
  assert.equal(inversConvention, true);
  assert.equal(toHex(atr.buffer.subarray(0, atr.length)), "3F05DC20FC000100");
  assert.equal(SmartcardUpdateCardCapabilities(ext), STATUS_SUCCESS);
  assert.equal(ext.cardCapabilities.inversConvention, true);
  assert.equal(
    withAtr("3F 05 DC 20 FC 00 01").ext.cardCapabilities.inversConvention,
    false,
  );
});

Deno.test("a session that has begun keeps the IFSC of the card", () => {
  const { ext } = withAtr("3B 80 81 11 FE EE");
  assert.equal(ext.t1.state, T1_INIT);
  ext.t1.nad = 0x21;
  ext.library.t1Session!.start(Uint8Array.of(0));
  assert.equal(ext.t1.state, T1_IFS_REQUEST);
  assert.equal(SmartcardUpdateCardCapabilities(ext), STATUS_SUCCESS);
  assert.equal(ext.t1.state, T1_IFS_REQUEST);
  SmartcardInitializeCardCapabilities(ext);
  assert.equal(ext.t1.state, T1_INIT);
  assert.deepEqual([ext.t1.ifsc, ext.t1.nad], [32, 0]);
});

// maxIfsd: what is announced
for (const [maxIfsd, ifsd] of [[0, 32], [1, 1], [254, 254], [255, 254]]) {
  Deno.test(`maxIfsd ${maxIfsd} makes IFSD ${ifsd}`, () => {
    const ext = bareReader();
    ext.readerCapabilities.maxIfsd = maxIfsd;
    SmartcardInitializeCardCapabilities(ext);
    assert.equal(ext.t1.ifsd, ifsd);
  });
}
