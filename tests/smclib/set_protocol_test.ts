// SET_PROTOCOL: what the callback finds ready, and what the library rounds off.

import assert from "node:assert/strict";
import { writeU32le } from "../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  PTS_TYPE_DEFAULT,
  PTS_TYPE_OPTIMAL,
  PTS_TYPE_USER,
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
  STATUS_UNRECOGNIZED_MEDIA,
} from "../../src/smclib/mod.ts";
import {
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

Deno.test("a driver's own parameters with a reserved index count as 372/1", () => {
  const ext = workingReader(BOTH);
  reset(ext);
  const negotiate = ext.readerFunction[RDF_SET_PROTOCOL]!;
  ext.readerFunction[RDF_SET_PROTOCOL] = (reader) => {
    Object.assign(reader.cardCapabilities.ptsData, {
      type: PTS_TYPE_USER,
      fl: 7,
      dl: 5,
      clkFrequency: 5000,
    });
    return negotiate(reader);
  };
  assert.equal(control(ext, setProtocolIrp(1)), STATUS_SUCCESS);
  assert.equal(attribute(ext, SCARD_ATTR_CURRENT_F), 372);
  assert.equal(attribute(ext, SCARD_ATTR_CURRENT_D), 1);
  assert.equal(attribute(ext, SCARD_ATTR_CURRENT_CLK), 5000);
  assert.equal(ext.cardCapabilities.t0.wt, 983040);
});

Deno.test("an ATR that has become unreadable ends SET_PROTOCOL", () => {
  const ext = workingReader(BOTH);
  reset(ext);
  ext.cardCapabilities.atr.buffer[5]++;
  assert.equal(control(ext, setProtocolIrp(1)), STATUS_UNRECOGNIZED_MEDIA);
});
