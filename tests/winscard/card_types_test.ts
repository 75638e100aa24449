import assert from "node:assert/strict";
import {
  createWinscard,
  SCARD_ATTR_CHANNEL_ID,
  SCARD_PROVIDER_CARD_MODULE,
  SCARD_PROVIDER_CSP,
  SCARD_PROVIDER_PRIMARY,
  SCARD_READER_TYPE_USB,
  SCARD_READER_TYPE_VENDOR,
  SCARD_STATE_ATRMATCH,
  SCARD_STATE_CHANGED,
  SCARD_STATE_PRESENT,
} from "../../src/winscard/mod.ts";
import { FakeReader, TEST_ATR } from "../resource_manager/fake_reader.ts";
import { desk, ends, NAME } from "./desk.ts";

const ok = "SCARD_S_SUCCESS";
const GUIDS = [
  "{00000000-0000-0000-C000-000000000046}",
  "{AAAAAAAA-0000-0000-C000-000000000046}",
];

Deno.test("card types: introduced, found, described, forgotten", async () => {
  await using d = await desk();
  const { ws, hContext } = d;
  const mask = new Uint8Array(TEST_ATR.length).fill(0xFF);
  ends(
    ok,
    await ws.SCardIntroduceCardType(
      hContext,
      "Test",
      GUIDS[0],
      GUIDS,
      TEST_ATR,
      mask,
    ),
  );
  const list = async (atr: Uint8Array | null, interfaces: string[] | null) =>
    (await ws.SCardListCards(null, atr, interfaces)).names;
  assert.deepEqual(await list(null, null), ["Test"]);
  assert.deepEqual(await list(TEST_ATR, GUIDS), ["Test"]);
  assert.deepEqual(await list(Uint8Array.of(0x3B, 0), null), []);
  assert.deepEqual(await list(null, [GUIDS[0].replace("C0", "C1")]), []);
  const found = await ws.SCardListInterfaces(hContext, "test");
  assert.deepEqual([found.interfaces, found.length], [GUIDS, 2]);
  ends(
    "SCARD_E_INSUFFICIENT_BUFFER",
    await ws.SCardListInterfaces(hContext, "test", 1),
  );
  const { providerId } = await ws.SCardGetProviderId(hContext, "Test");
  assert.equal(providerId, GUIDS[0]);
  const provider = (id: number, room?: number) =>
    ws.SCardGetCardTypeProviderName(null, "Test", id, room);
  assert.equal((await provider(SCARD_PROVIDER_PRIMARY)).provider, GUIDS[0]);
  ends(2, await provider(SCARD_PROVIDER_CSP));
  ends(
    ok,
    await ws.SCardSetCardTypeProviderName(
      null,
      "Test",
      SCARD_PROVIDER_CARD_MODULE,
      "test.dll",
    ),
  );
  const named = await provider(SCARD_PROVIDER_CARD_MODULE);
  assert.deepEqual([named.provider, named.length], ["test.dll", 9]);
  ends(
    "SCARD_E_INSUFFICIENT_BUFFER",
    await provider(SCARD_PROVIDER_CARD_MODULE, 8),
  );
  ends(ok, await ws.SCardForgetCardType(hContext, "Test"));
  ends("SCARD_E_UNKNOWN_CARD", await ws.SCardGetProviderId(hContext, "Test"));
  ends(
    ok,
    await ws.SCardIntroduceCardType(hContext, "Bare", null, null, TEST_ATR),
  );
  ends(
    "SCARD_E_ICC_INSTALLATION",
    await ws.SCardGetProviderId(hContext, "Bare"),
  );
});

Deno.test("locate: by name and by ATR, at once, with the rules of a status change", async () => {
  await using d = await desk();
  const { ws, hContext } = d;
  await ws.SCardIntroduceCardType(hContext, "Test", null, null, TEST_ATR);
  await ws.SCardIntroduceCardType(
    hContext,
    "Other",
    null,
    null,
    Uint8Array.of(0x3B, 0),
  );
  const flags = async (cards: string[] | null, currentState = 0) => {
    const { code, readerStates } = await ws.SCardLocateCards(hContext, cards, [
      { reader: NAME, currentState },
    ]);
    assert.equal(code, 0);
    return readerStates[0].eventState;
  };
  const match = SCARD_STATE_PRESENT | SCARD_STATE_ATRMATCH;
  const first = await flags(["Test"]);
  assert.equal(first & 0xFFFF, match | SCARD_STATE_CHANGED);
  assert.equal(await flags(["Test", "Other"], first) & 0xFFFF, match);
  assert.equal(await flags(["Other"]) & 0xFFFF, 0x22);
  assert.equal(await flags(null) & SCARD_STATE_ATRMATCH, SCARD_STATE_ATRMATCH);
  const masked = await ws.SCardLocateCardsByATR(hContext, [{
    atr: Uint8Array.from(TEST_ATR, (byte, i) => i === 0 ? byte : 0),
    mask: Uint8Array.from(TEST_ATR, (_, i) => i === 0 ? 0xFF : 0),
  }], [{ reader: NAME }]);
  assert.equal(masked.readerStates[0].eventState & 0xFFFF, match | 2);
});

Deno.test("devices: described, asked, or made up", async () => {
  await using d = await desk();
  const { ws, hContext, device } = d;
  const type = async (from = ws, context = hContext) =>
    (await from.SCardGetDeviceTypeId(context, NAME)).deviceTypeId;
  assert.equal(await type(), SCARD_READER_TYPE_VENDOR);
  const { deviceControl } = FakeReader.prototype;
  device.deviceControl = (irp) => {
    const tag = new DataView(irp.systemBuffer.buffer).getUint32(0, true);
    if (irp.ioControlCode !== 0x00310008 || tag !== SCARD_ATTR_CHANNEL_ID) {
      return deviceControl.call(device, irp);
    }
    irp.systemBuffer.set([3, 1, SCARD_READER_TYPE_USB, 0]);
    irp.complete(0, 4);
    return 0;
  };
  assert.equal(await type(), SCARD_READER_TYPE_USB);
  const path = "ROOT\\SMARTCARDREADER\\SCREADER0";
  const found = await ws.SCardGetReaderDeviceInstanceId(hContext, NAME);
  assert.deepEqual([found.deviceInstanceId, found.length], [
    path,
    path.length + 1,
  ]);
  const on = await ws.SCardListReadersWithDeviceInstanceId(hContext, path);
  assert.deepEqual(on.names, [NAME]);

  const icon = Uint8Array.of(1, 2, 3);
  const described = createWinscard({
    manager: d.manager,
    describeReader: ({ name }) =>
      name === NAME
        ? { icon, deviceTypeId: 0x100, deviceInstanceId: "X" }
        : undefined,
  });
  const { hContext: other } = await described.SCardEstablishContext(2);
  assert.equal(await type(described, other), 0x100);
  assert.deepEqual(
    (await described.SCardGetReaderIcon(other, NAME)).icon,
    icon,
  );
  const short = await described.SCardGetReaderIcon(other, NAME, 2);
  ends("SCARD_E_INSUFFICIENT_BUFFER", short);
  assert.equal(short.length, 3);
  const same = await described.SCardListReadersWithDeviceInstanceId(other, "x");
  assert.deepEqual(same.names, [NAME]);
});
