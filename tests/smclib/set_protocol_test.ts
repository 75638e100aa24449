// SET_PROTOCOL: what the callback finds ready, what the library rounds off, and how PTS parameters are chosen.

import assert from "node:assert/strict";
import { fromHex, writeU32le } from "../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  PTS_TYPE_DEFAULT,
  PTS_TYPE_OPTIMAL,
  PTS_TYPE_USER,
  PtsData,
  RDF_ATR_PARSE,
  RDF_SET_PROTOCOL,
  SCARD_ABSENT,
  SCARD_ATTR_CURRENT_CLK,
  SCARD_ATTR_CURRENT_D,
  SCARD_ATTR_CURRENT_F,
  SCARD_NEGOTIABLE,
  SCARD_PROTOCOL_DEFAULT,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_SPECIFIC,
  type SmartcardExtension,
  SmartcardUpdateCardCapabilities,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import {
  bareReader,
  control,
  controlAsync,
  deliveredUlong,
  makeIrp,
  reset,
  T0_ATR,
  ulong,
  workingReader,
} from "./fake_reader.ts";

const NEGOTIABLE_T0 = "3B 95 18 40 FF 62 01 02 01 04";
/** T=0 and T=1, TA1 95: 512/16. */
const BOTH = "3B 90 95 80 01 84";

function setProtocolIrp(mask: number) {
  return makeIrp(IOCTL_SMARTCARD_SET_PROTOCOL, ulong(mask), 4);
}

function attribute(ext: SmartcardExtension, tag: number): number {
  const irp = makeIrp(IOCTL_SMARTCARD_GET_ATTRIBUTE, ulong(tag), 4);
  assert.equal(control(ext, irp), STATUS_SUCCESS);
  return deliveredUlong(irp);
}

Deno.test("T=1 is negotiated: state, reply and times after PTS", () => {
  const ext = workingReader(BOTH);
  ext.readerCapabilities.dataRatesSupported.list = [10753, 125000];
  reset(ext);
  assert.equal(ext.readerCapabilities.currentState, SCARD_NEGOTIABLE);
  assert.equal(attribute(ext, SCARD_ATTR_CURRENT_F), 372);
  assert.equal(ext.cardCapabilities.etu, 93);
  const irp = setProtocolIrp(3);
  assert.equal(control(ext, irp), STATUS_SUCCESS);
  assert.equal(deliveredUlong(irp), SCARD_PROTOCOL_T1);
  assert.equal(ext.readerCapabilities.currentState, SCARD_SPECIFIC);
  assert.deepEqual(
    { ...ext.cardCapabilities.ptsData },
    {
      type: PTS_TYPE_OPTIMAL,
      fl: 9,
      dl: 5,
      clkFrequency: 4000,
      dataRate: 125000,
      stopBits: 2,
    },
  );
  assert.equal(ext.cardCapabilities.etu, 8);
  assert.equal(attribute(ext, SCARD_ATTR_CURRENT_F), 512);
  assert.equal(attribute(ext, SCARD_ATTR_CURRENT_D), 16);
  assert.equal(attribute(ext, SCARD_ATTR_CURRENT_CLK), 4000);
});

Deno.test("the DEFAULT bit means standard parameters", () => {
  const ext = workingReader(BOTH);
  ext.readerCapabilities.dataRatesSupported.list = [10753, 125000];
  reset(ext);
  assert.equal(
    control(ext, setProtocolIrp((SCARD_PROTOCOL_DEFAULT | 3) >>> 0)),
    STATUS_SUCCESS,
  );
  const { ptsData, etu } = ext.cardCapabilities;
  assert.deepEqual(
    [ptsData.type, ptsData.fl, ptsData.dl, ptsData.dataRate],
    [PTS_TYPE_DEFAULT, 1, 1, 10753],
  );
  assert.equal(etu, 93);
});

Deno.test("a specific card reports its protocol without negotiation", () => {
  const ext = workingReader(T0_ATR);
  reset(ext);
  const { ptsData } = ext.cardCapabilities;
  ptsData.type = PTS_TYPE_USER;
  let calls = 0;
  ext.readerFunction[RDF_SET_PROTOCOL] = () => {
    calls++;
    return STATUS_SUCCESS;
  };
  for (const mask of [1, 3, 0x80000001]) {
    const irp = setProtocolIrp(mask);
    assert.equal(control(ext, irp), STATUS_SUCCESS);
    assert.equal(deliveredUlong(irp), SCARD_PROTOCOL_T0);
  }
  assert.equal(calls, 3);
  assert.equal(ptsData.type, PTS_TYPE_USER);
  assert.equal(
    control(ext, setProtocolIrp(SCARD_PROTOCOL_RAW)),
    STATUS_INVALID_DEVICE_STATE,
  );
  assert.equal(control(ext, setProtocolIrp(2)), STATUS_NOT_SUPPORTED);
  assert.equal(ext.cardCapabilities.protocol.selected, SCARD_PROTOCOL_T0);
  assert.equal(ext.readerCapabilities.currentState, SCARD_SPECIFIC);
});

Deno.test("no common protocol leaves a negotiable card negotiable", () => {
  const ext = workingReader(NEGOTIABLE_T0);
  reset(ext);
  assert.equal(
    control(ext, setProtocolIrp(SCARD_PROTOCOL_T1)),
    STATUS_NOT_SUPPORTED,
  );
  assert.equal(ext.readerCapabilities.currentState, SCARD_NEGOTIABLE);
  assert.equal(ext.cardCapabilities.protocol.selected, 0);
  assert.equal(control(ext, setProtocolIrp(3)), STATUS_SUCCESS);
});

Deno.test("selected takes what the reply names, and only after a reply of four bytes", () => {
  const cases = [
    { named: 2, information: 4, selected: 2, reply: 2 },
    { named: 2, information: 0, selected: 0, reply: 0 },
    { named: 3, information: 4, selected: 0, reply: 3 },
  ];
  for (const { named, information, selected, reply } of cases) {
    const ext = workingReader(BOTH);
    reset(ext);
    ext.readerFunction[RDF_SET_PROTOCOL] = () => {
      writeU32le(ext.ioRequest.replyBuffer, 0, named);
      ext.ioRequest.information = information;
      return STATUS_SUCCESS;
    };
    const irp = setProtocolIrp(3);
    assert.equal(control(ext, irp), STATUS_SUCCESS);
    assert.equal(deliveredUlong(irp), reply);
    assert.equal(ext.cardCapabilities.protocol.selected, selected);
  }
});

Deno.test("a failing callback delivers nothing, and its fallback recomputes ptsData", () => {
  const ext = workingReader(BOTH);
  ext.readerCapabilities.dataRatesSupported.list = [10753, 125000];
  reset(ext);
  ext.readerFunction[RDF_SET_PROTOCOL] = () => {
    const { ptsData } = ext.cardCapabilities;
    assert.equal(ptsData.dl, 5);
    ptsData.type = PTS_TYPE_DEFAULT;
    assert.equal(SmartcardUpdateCardCapabilities(ext), STATUS_SUCCESS);
    assert.deepEqual([ptsData.fl, ptsData.dl], [1, 1]);
    return STATUS_IO_TIMEOUT;
  };
  const irp = setProtocolIrp(3);
  assert.equal(control(ext, irp), STATUS_IO_TIMEOUT);
  assert.equal(irp.ioStatus.information, 0);
  assert.equal(ext.readerCapabilities.currentState, SCARD_NEGOTIABLE);
});

Deno.test("RDF_ATR_PARSE is called once per reset, for ATRs without T=0 and T=1", async () => {
  const ext = workingReader("3B 80 0E 8E");
  let calls = 0;
  let answer: number | Promise<number> = STATUS_SUCCESS;
  ext.readerFunction[RDF_ATR_PARSE] = () => {
    calls++;
    assert.equal(ext.majorIoControlCode, IOCTL_SMARTCARD_SET_PROTOCOL);
    ext.cardCapabilities.protocol.supported |= SCARD_PROTOCOL_T0;
    return answer;
  };
  reset(ext);
  assert.equal(control(ext, setProtocolIrp(2)), STATUS_NOT_SUPPORTED);
  assert.equal(calls, 1);
  const irp = setProtocolIrp(1);
  assert.equal(control(ext, irp), STATUS_SUCCESS);
  assert.equal(deliveredUlong(irp), SCARD_PROTOCOL_T0);
  assert.equal(calls, 1);
  reset(ext);
  answer = Promise.resolve(STATUS_NO_MEDIA);
  assert.equal(await controlAsync(ext, setProtocolIrp(1)), STATUS_NO_MEDIA);
  assert.equal(calls, 2);
  reset(ext);
  answer = Promise.resolve().then(() => {
    ext.readerCapabilities.currentState = SCARD_ABSENT;
    return STATUS_SUCCESS;
  });
  assert.equal(await controlAsync(ext, setProtocolIrp(1)), STATUS_NO_MEDIA);
});

Deno.test("without RDF_ATR_PARSE a foreign card is open to RAW alone", () => {
  const ext = workingReader("3B 80 0E 8E");
  reset(ext);
  assert.equal(control(ext, setProtocolIrp(3)), STATUS_NOT_SUPPORTED);
  const irp = setProtocolIrp(SCARD_PROTOCOL_RAW);
  assert.equal(control(ext, irp), STATUS_SUCCESS);
  assert.equal(deliveredUlong(irp), SCARD_PROTOCOL_RAW);
});

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
