// After PTS every time follows the new F, D and clock, except where the standard keeps the card's Fi or 372.

import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  PTS_TYPE_DEFAULT,
  PTS_TYPE_OPTIMAL,
  PTS_TYPE_USER,
  RDF_SET_PROTOCOL,
  SCARD_ATTR_CURRENT_CLK,
  SCARD_ATTR_CURRENT_D,
  SCARD_ATTR_CURRENT_F,
  SCARD_NEGOTIABLE,
  SCARD_PROTOCOL_UNDEFINED,
  SCARD_SPECIFIC,
  type SmartcardExtension,
  SmartcardUpdateCardCapabilities,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import {
  control,
  deliveredUlong,
  makeIrp,
  reset,
  ulong,
  workingReader,
} from "./fake_reader.ts";

/** T=0 and T=1, TA1 95: 512/16. */
const BOTH = "3B 90 95 80 01 84";
/** The same with TC1 FF. */
const SHORT_GUARD = "3B D0 95 FF 80 01 3B";

/** A reader that can clock at 5 MHz, and has the rate of 512/16 there; its card has been reset. */
function fastReader(atr: string): SmartcardExtension {
  const ext = workingReader(atr);
  ext.readerCapabilities.clkFrequenciesSupported.list = [4000, 5000];
  ext.readerCapabilities.dataRatesSupported.list = [10753, 156250];
  reset(ext);
  assert.equal(ext.readerCapabilities.currentState, SCARD_NEGOTIABLE);
  return ext;
}

function setProtocol(ext: SmartcardExtension, mask: number): void {
  const irp = makeIrp(IOCTL_SMARTCARD_SET_PROTOCOL, ulong(mask), 4);
  assert.equal(control(ext, irp), STATUS_SUCCESS);
  assert.equal(ext.readerCapabilities.currentState, SCARD_SPECIFIC);
}

function times(ext: SmartcardExtension) {
  const { etu, gt, t0, t1 } = ext.cardCapabilities;
  return { etu, gt, wt: t0.wt, cwt: t1.cwt, bwt: t1.bwt, bgt: t1.bgt };
}

function inForce(ext: SmartcardExtension): number[] {
  return [SCARD_ATTR_CURRENT_F, SCARD_ATTR_CURRENT_D, SCARD_ATTR_CURRENT_CLK]
    .map((tag) => {
      const irp = makeIrp(IOCTL_SMARTCARD_GET_ATTRIBUTE, ulong(tag), 4);
      assert.equal(control(ext, irp), STATUS_SUCCESS);
      return deliveredUlong(irp);
    });
}

// At 4000 kHz with 372/1: etu 93; wt = 10 x 960 x 512 / 4000 ms, since Fi is TA1's already.
const BEFORE = {
  etu: 93,
  gt: 1116,
  wt: 1_228_800,
  cwt: 762_879,
  bwt: 1_429_503,
  bgt: 2046,
};
// At 5000 kHz with 512/16: etu 6.4, and every time is rounded up once; bwt keeps 372.
const AFTER = {
  etu: 7,
  gt: 77,
  wt: 983_040,
  cwt: 52_500,
  bwt: 1_142_855,
  bgt: 141,
};

Deno.test("the times after PTS", () => {
  const ext = fastReader(BOTH);
  assert.deepEqual(times(ext), BEFORE);
  setProtocol(ext, 2);
  assert.equal(ext.cardCapabilities.ptsData.clkFrequency, 5000);
  assert.deepEqual(times(ext), AFTER);
  assert.deepEqual(inForce(ext), [512, 16, 5000]);
});

Deno.test("a reset takes the times of PTS back", () => {
  const ext = fastReader(BOTH);
  setProtocol(ext, 2);
  reset(ext);
  assert.deepEqual(times(ext), BEFORE);
  assert.deepEqual(inForce(ext), [372, 1, 4000]);
});

Deno.test("N 255 after PTS: 11 etu for T=1, 12 etu for T=0", () => {
  const t1 = fastReader(SHORT_GUARD);
  setProtocol(t1, 2);
  assert.deepEqual(times(t1), { ...AFTER, gt: 71 });
  const t0 = fastReader(SHORT_GUARD);
  setProtocol(t0, 1);
  assert.deepEqual(times(t0), { ...AFTER, gt: 77 });
});

Deno.test("a specific card keeps its times, whatever ptsData says", () => {
  const ext = workingReader("3B 90 95 11 01 15");
  reset(ext);
  assert.equal(ext.readerCapabilities.currentState, SCARD_SPECIFIC);
  const before = times(ext);
  assert.equal(before.etu, 8);
  const negotiate = ext.readerFunction[RDF_SET_PROTOCOL]!;
  ext.readerFunction[RDF_SET_PROTOCOL] = (reader) => {
    Object.assign(reader.cardCapabilities.ptsData, { fl: 1, dl: 1 });
    return negotiate(reader);
  };
  setProtocol(ext, 2);
  assert.deepEqual(times(ext), before);
});

Deno.test("when optimal parameters fail, the callback falls back to the standard ones", () => {
  const ext = fastReader(BOTH);
  const { ptsData, protocol } = ext.cardCapabilities;
  const negotiate = ext.readerFunction[RDF_SET_PROTOCOL]!;
  ext.readerFunction[RDF_SET_PROTOCOL] = (reader) => {
    assert.deepEqual(
      [ptsData.type, ptsData.fl, ptsData.dl, ptsData.dataRate],
      [PTS_TYPE_OPTIMAL, 9, 5, 156250],
    );
    // PTS has failed: the new values are ready after this, and negotiation is still open.
    ptsData.type = PTS_TYPE_DEFAULT;
    assert.equal(SmartcardUpdateCardCapabilities(reader), STATUS_SUCCESS);
    assert.equal(reader.readerCapabilities.currentState, SCARD_NEGOTIABLE);
    assert.equal(protocol.selected, SCARD_PROTOCOL_UNDEFINED);
    assert.deepEqual(
      { ...ptsData },
      {
        type: PTS_TYPE_DEFAULT,
        fl: 1,
        dl: 1,
        clkFrequency: 4000,
        dataRate: 10753,
        stopBits: 2,
      },
    );
    return negotiate(reader);
  };
  setProtocol(ext, 2);
  assert.deepEqual(times(ext), BEFORE);
  assert.deepEqual(inForce(ext), [372, 1, 4000]);
});

Deno.test("PTS_TYPE_USER leaves every member to the driver, stop bits too", () => {
  const ext = fastReader(SHORT_GUARD);
  const own = {
    type: PTS_TYPE_USER,
    fl: 9,
    dl: 3,
    clkFrequency: 4500,
    dataRate: 35156,
    stopBits: 1,
  };
  Object.assign(ext.cardCapabilities.ptsData, own);
  assert.equal(SmartcardUpdateCardCapabilities(ext), STATUS_SUCCESS);
  assert.deepEqual({ ...ext.cardCapabilities.ptsData }, own);
});
