// PTS parameters: the fastest that card and reader have in common, or the standard ones.

import assert from "node:assert/strict";
import { fromHex } from "../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_SET_PROTOCOL,
  PTS_TYPE_DEFAULT,
  PTS_TYPE_OPTIMAL,
  PTS_TYPE_USER,
  type PtsData,
  SmartcardUpdateCardCapabilities,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import {
  bareReader,
  control,
  makeIrp,
  reset,
  ulong,
  workingReader,
} from "./fake_reader.ts";

const NEGOTIABLE_T0 = "3B 95 18 40 FF 62 01 02 01 04";
/** T=0 and T=1, TA1 95: 512/16. */
const BOTH = "3B 90 95 80 01 84";

function setProtocolIrp(mask: number) {
  return makeIrp(IOCTL_SMARTCARD_SET_PROTOCOL, ulong(mask), 4);
}

interface Choice {
  name: string;
  atr: string;
  clocks?: number[];
  clock?: [number, number];
  rates?: number[];
  rate?: [number, number];
  type?: number;
  want: Partial<PtsData>;
}

const D = { fl: 1, dl: 1 };
// deno-fmt-ignore
const choices: Choice[] = [
  { name: "DEFAULT", atr: BOTH, rates: [9600, 115200], type: PTS_TYPE_DEFAULT, want: { ...D, clkFrequency: 4000, dataRate: 9600 } },
  { name: "one rate: DEFAULT", atr: BOTH, want: { ...D, dataRate: 9600 } },
  { name: "rate more than 1 % off", atr: BOTH, rates: [9600, 126300], want: D },
  { name: "rate just within 1 %", atr: BOTH, rates: [9600, 126200], want: { fl: 9, dl: 5, dataRate: 126200 } },
  { name: "a smaller D of the card's F", atr: BOTH, rates: [9600, 62500], want: { fl: 9, dl: 4, dataRate: 62500 } },
  { name: "a smaller F", atr: BOTH, rates: [9600, 86022], want: { fl: 1, dl: 4, dataRate: 86022 } },
  { name: "the highest rate wins", atr: BOTH, rates: [9600, 125000, 62500, 86022], want: { fl: 9, dl: 5, dataRate: 125000 } },
  { name: "not above the card's clock", atr: BOTH, clocks: [4000, 8000], rates: [9600, 250000], want: D },
  { name: "the card's clock itself", atr: BOTH, clocks: [4000, 5000], rates: [9600, 156250], want: { fl: 9, dl: 5, clkFrequency: 5000, dataRate: 156250 } },
  { name: "default and max clock without a list", atr: BOTH, clock: [4000, 5000], rates: [9600, 156250], want: { clkFrequency: 5000, dataRate: 156250 } },
  { name: "default and max rate without a list", atr: BOTH, rate: [9600, 125000], want: { fl: 9, dl: 5, dataRate: 125000 } },
  { name: "never above the card's D", atr: BOTH, rates: [9600, 250000], want: D },
  { name: "own F before lower clock", atr: "3B 90 94 80 01 85", clocks: [3634, 5000], rates: [9600, 78125], want: { fl: 9, dl: 4, clkFrequency: 5000 } },
  { name: "lower clock among equals", atr: BOTH, clocks: [4000, 3990], rates: [9600, 125000], want: { clkFrequency: 3990 } },
  { name: "F index 0 stays the card's own", atr: "3B 10 03", rates: [9600, 43011], want: { fl: 0, dl: 3, dataRate: 43011 } },
  { name: "F index 0 is never proposed to others", atr: "3B 10 13", rates: [9600, 43011], want: { fl: 1, dl: 3 } },
  { name: "D 12", atr: NEGOTIABLE_T0, rates: [9600, 115200, 129032], want: { fl: 1, dl: 8, dataRate: 129032 } },
  { name: "D 64", atr: "3B 10 97", rates: [9600, 500000], want: { fl: 9, dl: 7, dataRate: 500000 } },
  { name: "no clock known", atr: BOTH, clock: [0, 0], rates: [9600, 125000], want: D },
  { name: "USER stays", atr: BOTH, rates: [9600, 125000], type: PTS_TYPE_USER, want: { fl: 5, dl: 6, clkFrequency: 1234, dataRate: 77 } },
];

for (const { name, atr, type, want, ...reader } of choices) {
  Deno.test(`PTS parameters: ${name}`, () => {
    const ext = bareReader();
    const { readerCapabilities, cardCapabilities } = ext;
    const [clkDefault, clkMax] = reader.clock ?? [4000, 4000];
    const [rateDefault, rateMax] = reader.rate ?? [9600, 9600];
    Object.assign(readerCapabilities.clkFrequency, {
      default: clkDefault,
      max: clkMax,
    });
    Object.assign(readerCapabilities.dataRate, {
      default: rateDefault,
      max: rateMax,
    });
    readerCapabilities.clkFrequenciesSupported.list = reader.clocks ?? [];
    readerCapabilities.dataRatesSupported.list = reader.rates ?? [];
    cardCapabilities.setAtr(fromHex(atr));
    Object.assign(cardCapabilities.ptsData, {
      type: type ?? PTS_TYPE_OPTIMAL,
      fl: 5,
      dl: 6,
      clkFrequency: 1234,
      dataRate: 77,
    });
    assert.equal(SmartcardUpdateCardCapabilities(ext), STATUS_SUCCESS);
    for (const [member, value] of Object.entries(want)) {
      assert.equal(
        cardCapabilities.ptsData[member as keyof PtsData],
        value,
        member,
      );
    }
  });
}

// ATR, mask (0: none), stop bits
for (
  const [atr, mask, stopBits] of [
    ["3B D0 95 FF 80 01 3B", 0, 2],
    ["3B D0 95 FF 80 01 3B", 3, 1],
    ["3B D0 95 FF 80 01 3B", 1, 2],
    ["3B D0 95 FF 01 BB", 0, 1],
    ["3B D0 95 FF 01 BB", 2, 1],
    ["3B D0 95 00 01 44", 2, 2],
    ["3B 50 95 FF", 0, 2],
  ] as const
) {
  Deno.test(`stop bits of ${atr} with mask ${mask}`, () => {
    const ext = workingReader(atr);
    reset(ext);
    if (mask !== 0) assert.equal(control(ext, setProtocolIrp(mask)), 0);
    assert.equal(ext.cardCapabilities.ptsData.stopBits, stopBits);
  });
}
