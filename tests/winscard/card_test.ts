import assert from "node:assert/strict";
import {
  CM_IOCTL_GET_FEATURE_REQUEST,
  SCARD_ATTR_DEVICE_FRIENDLY_NAME,
  SCARD_ATTR_DEVICE_FRIENDLY_NAME_A,
  SCARD_ATTR_DEVICE_SYSTEM_NAME_W,
  SCARD_ATTR_SUPRESS_T1_IFS_REQUEST,
  SCARD_ATTR_VENDOR_NAME,
  SCARD_PCI_T0,
  SCARD_PCI_T1,
  SCARD_SPECIFIC,
} from "../../src/winscard/mod.ts";
import { TEST_ATR } from "../resource_manager/fake_reader.ts";
import { APDU, desk, ends, NAME } from "./desk.ts";

const ok = "SCARD_S_SUCCESS";
const small = "SCARD_E_INSUFFICIENT_BUFFER";
const MULTI_STRING_LENGTH = NAME.length + 2;

Deno.test("status: names, state, protocol, ATR, and their lengths", async () => {
  await using d = await desk();
  const hCard = await d.connect();
  const whole = {
    code: 0,
    error: null,
    names: [NAME],
    length: MULTI_STRING_LENGTH,
    state: SCARD_SPECIFIC,
    protocol: 2,
    atr: TEST_ATR,
    atrLength: TEST_ATR.length,
  };
  assert.deepEqual(await d.ws.SCardStatus(hCard), whole);
  assert.deepEqual(
    await d.ws.SCardStatus(hCard, MULTI_STRING_LENGTH, TEST_ATR.length),
    whole,
  );
  const lengths = { ...whole, names: [], atr: new Uint8Array(0) };
  assert.deepEqual(await d.ws.SCardStatus(hCard, null, null), lengths);
  const short = await d.ws.SCardStatus(hCard, MULTI_STRING_LENGTH - 1, 36);
  ends(small, short);
  assert.deepEqual({ ...short, code: 0, error: null }, { ...whole, names: [] });
  const { names: _, length: __, ...state } = whole;
  assert.deepEqual(await d.ws.SCardState(hCard), state);
  const shortState = await d.ws.SCardState(hCard, TEST_ATR.length - 1);
  ends(small, shortState);
  assert.equal(shortState.atrLength, TEST_ATR.length);
});

Deno.test("transmit: the answer, its length and its header", async () => {
  await using d = await desk();
  const hCard = await d.connect();
  const answer = Uint8Array.of(...APDU, 0x90, 0x00);
  const whole = {
    code: 0,
    error: null,
    response: answer,
    length: 6,
    recvPci: { protocol: 2, pciLength: 8 },
  };
  assert.deepEqual(await d.ws.SCardTransmit(hCard, SCARD_PCI_T1, APDU), whole);
  assert.deepEqual(
    await d.ws.SCardTransmit(hCard, { protocol: 2 }, APDU, {
      maxLength: 6,
      recvPci: SCARD_PCI_T1,
    }),
    whole,
  );
  const short = await d.ws.SCardTransmit(hCard, SCARD_PCI_T1, APDU, {
    maxLength: 5,
  });
  ends(small, short);
  assert.deepEqual([short.response.length, short.length], [0, 6]);
});

Deno.test("transmit: the command is copied when the call is made", async () => {
  await using d = await desk({ pace: "sync" });
  const hCard = await d.connect();
  d.device.pace = "async";
  const command = APDU.slice();
  const first = d.ws.SCardTransmit(hCard, SCARD_PCI_T1, command);
  const second = d.ws.SCardTransmit(hCard, SCARD_PCI_T1, command);
  command.fill(0xFF);
  assert.deepEqual([...(await first).response], [...APDU, 0x90, 0x00]);
  assert.deepEqual([...(await second).response], [...APDU, 0x90, 0x00]);
});

Deno.test("transmit: 4 bytes and T=0; GET RESPONSE is left to the caller", async () => {
  await using d = await desk();
  const hCard = await d.connect({ protocols: 1 });
  d.device.respond = () => Uint8Array.of(0x61, 0x10);
  const sent = await d.ws.SCardTransmit(hCard, SCARD_PCI_T0, APDU);
  assert.deepEqual([...sent.response], [0x61, 0x10]);
});

Deno.test("transmit count: completed exchanges of the reader, whoever asked", async () => {
  await using d = await desk();
  const [a, b] = [await d.connect(), await d.connect()];
  const count = async () => (await d.ws.SCardGetTransmitCount(a)).transmitCount;
  assert.equal(await count(), 0);
  await d.ws.SCardTransmit(a, SCARD_PCI_T1, APDU);
  await d.ws.SCardTransmit(b, SCARD_PCI_T1, APDU);
  await d.ws.SCardTransmit(b, SCARD_PCI_T0, APDU);
  assert.equal(await count(), 2);
});

Deno.test("control: input and output go through as they are", async () => {
  await using d = await desk();
  const hCard = await d.connect();
  const features = Uint8Array.of(0x12, 4, 0x42, 0x33, 0, 0x12);
  d.device.vendorControl = (code) =>
    code === CM_IOCTL_GET_FEATURE_REQUEST ? features : 0xC00000BB;
  const asked = await d.ws.SCardControl(
    hCard,
    CM_IOCTL_GET_FEATURE_REQUEST,
    null,
    256,
  );
  ends(ok, asked);
  assert.deepEqual([asked.output, asked.length], [features, 6]);
  const huge = await d.ws.SCardControl(
    hCard,
    CM_IOCTL_GET_FEATURE_REQUEST,
    new Uint8Array(3),
    0xFFFFFFFE,
  );
  assert.deepEqual(huge.output, features);
});

Deno.test("attributes: names are the resource manager's, the rest the reader's", async () => {
  await using d = await desk();
  const hCard = await d.connect();
  const get = async (id: number) =>
    (await d.ws.SCardGetAttrib(hCard, id)).attribute;
  const utf16 = new TextDecoder("utf-16le");
  const utf8 = new TextDecoder();
  assert.equal(
    utf8.decode(await get(SCARD_ATTR_DEVICE_FRIENDLY_NAME_A)),
    `${NAME}\0`,
  );
  assert.equal(
    utf16.decode(await get(SCARD_ATTR_DEVICE_FRIENDLY_NAME)),
    `${NAME}\0`,
  );
  assert.equal(
    utf16.decode(await get(SCARD_ATTR_DEVICE_SYSTEM_NAME_W)),
    "SCReader0\0",
  );
  assert.equal(utf8.decode(await get(SCARD_ATTR_VENDOR_NAME)), "Fake");
  const asked = await d.ws.SCardGetAttrib(hCard, SCARD_ATTR_VENDOR_NAME, null);
  assert.deepEqual([asked.code, asked.attribute.length, asked.length], [
    0,
    0,
    4,
  ]);
  const short = await d.ws.SCardGetAttrib(hCard, SCARD_ATTR_VENDOR_NAME, 3);
  ends(small, short);
  assert.equal(short.length, 4);
  ends(
    ok,
    await d.ws.SCardSetAttrib(
      hCard,
      SCARD_ATTR_SUPRESS_T1_IFS_REQUEST,
      Uint8Array.of(1, 0, 0, 0),
    ),
  );
  d.device.failNext(0x0031000C, 0xC00000BB);
  ends(50, await d.ws.SCardSetAttrib(hCard, 1, new Uint8Array(4)));
});
