import assert from "node:assert/strict";
import {
  SCARD_ATTR_VENDOR_NAME,
  SCARD_AUTOALLOCATE,
  SCARD_CTL_CODE,
  SCARD_PCI_RAW,
  SCARD_PCI_T0,
  SCARD_PCI_T1,
  type Winscard,
} from "../../src/winscard/mod.ts";
import type { Code, Result } from "./calls.ts";
import { APDU, desk, ends, NAME } from "./desk.ts";

interface Handles {
  readonly hContext: number;
  readonly hCard: number;
}
type Row = readonly [
  string,
  string,
  Code,
  (ws: Winscard, handles: Handles) => Result,
];

/** Passes a value that the types forbid. */
// deno-lint-ignore no-explicit-any
const wrong = (value: unknown): any => value;

const parameter = "SCARD_E_INVALID_PARAMETER";
const value = "SCARD_E_INVALID_VALUE";
const small = "SCARD_E_INSUFFICIENT_BUFFER";
const UUID = new Uint8Array(16);
const ATR = Uint8Array.of(0x3B, 0x00);
const READER = { reader: NAME };

// Function, what is wrong, code, call.
// deno-fmt-ignore
const ROWS: readonly Row[] = [
  ["SCardEstablishContext", "scope 3", value, (w) => w.SCardEstablishContext(3)],
  ["SCardEstablishContext", "scope -1", parameter, (w) => w.SCardEstablishContext(-1)],
  ["SCardEstablishContext", "scope 0.5", parameter, (w) => w.SCardEstablishContext(0.5)],
  ["SCardEstablishContext", "no scope", parameter, (w) => w.SCardEstablishContext(wrong(undefined))],
  ["SCardFreeMemory", "no memory", parameter, (w, h) => w.SCardFreeMemory(h.hContext, wrong(null))],
  ["SCardListReaders", "groups a text", parameter, (w, h) => w.SCardListReaders(h.hContext, wrong("G"))],
  ["SCardListReaders", "a group a number", parameter, (w, h) => w.SCardListReaders(h.hContext, wrong([1]))],
  ["SCardListReaders", "small buffer", small, (w, h) => w.SCardListReaders(h.hContext, null, 14)],
  ["SCardListReaders", "negative length", parameter, (w, h) => w.SCardListReaders(h.hContext, null, -1)],
  ["SCardListReaders", "unknown group", "SCARD_E_NO_READERS_AVAILABLE", (w, h) => w.SCardListReaders(h.hContext, ["No"])],
  ["SCardListReaderGroups", "small buffer", small, (w, h) => w.SCardListReaderGroups(h.hContext, 1)],
  ["SCardListCards", "ATR a text", parameter, (w, h) => w.SCardListCards(h.hContext, wrong("3B"))],
  ["SCardListCards", "no GUID", parameter, (w, h) => w.SCardListCards(h.hContext, null, ["no"])],
  ["SCardListCards", "GUIDs a number", parameter, (w, h) => w.SCardListCards(h.hContext, null, wrong(1))],
  ["SCardListCards", "no room", small, (w, h) => w.SCardListCards(h.hContext, null, null, 0)],
  ["SCardListInterfaces", "null", parameter, (w, h) => w.SCardListInterfaces(h.hContext, wrong(null))],
  ["SCardGetProviderId", "null", parameter, (w, h) => w.SCardGetProviderId(h.hContext, wrong(null))],
  ["SCardGetCardTypeProviderName", "provider 0", value, (w, h) => w.SCardGetCardTypeProviderName(h.hContext, "T", 0)],
  ["SCardGetReaderIcon", "unknown reader", "SCARD_E_UNKNOWN_READER", (w, h) => w.SCardGetReaderIcon(h.hContext, "No")],
  ["SCardGetDeviceTypeId", "unknown reader", "SCARD_E_UNKNOWN_READER", (w, h) => w.SCardGetDeviceTypeId(h.hContext, "No")],
  ["SCardGetReaderDeviceInstanceId", "unknown reader", "SCARD_E_UNKNOWN_READER", (w, h) => w.SCardGetReaderDeviceInstanceId(h.hContext, "No")],
  ["SCardGetReaderDeviceInstanceId", "small buffer", small, (w, h) => w.SCardGetReaderDeviceInstanceId(h.hContext, NAME, 5)],
  ["SCardListReadersWithDeviceInstanceId", "unknown device", "SCARD_E_READER_UNAVAILABLE", (w, h) => w.SCardListReadersWithDeviceInstanceId(h.hContext, "No")],
  ["SCardListReadersWithDeviceInstanceId", "null", parameter, (w, h) => w.SCardListReadersWithDeviceInstanceId(h.hContext, wrong(null))],
  ["SCardLocateCards", "unknown card", "SCARD_E_UNKNOWN_CARD", (w, h) => w.SCardLocateCards(h.hContext, ["No"], [READER])],
  ["SCardLocateCards", "unknown reader", "SCARD_E_UNKNOWN_READER", (w, h) => w.SCardLocateCards(h.hContext, null, [{ reader: "No" }])],
  ["SCardLocateCards", "readers null", parameter, (w, h) => w.SCardLocateCards(h.hContext, null, wrong(null))],
  ["SCardLocateCardsByATR", "masks null", parameter, (w, h) => w.SCardLocateCardsByATR(h.hContext, wrong(null), [READER])],
  ["SCardLocateCardsByATR", "a mask null", parameter, (w, h) => w.SCardLocateCardsByATR(h.hContext, wrong([null]), [READER])],
  ["SCardLocateCardsByATR", "ATR not masked", "SCARD_E_INVALID_ATR", (w, h) => w.SCardLocateCardsByATR(h.hContext, [{ atr: ATR, mask: Uint8Array.of(0, 0)}], [READER])],
  ["SCardLocateCardsByATR", "ATR too long", "SCARD_E_INVALID_ATR", (w, h) => w.SCardLocateCardsByATR(h.hContext, [{ atr: new Uint8Array(37) }], [READER])],
  ["SCardIntroduceReader", "name taken", "SCARD_E_DUPLICATE_READER", (w, h) => w.SCardIntroduceReader(h.hContext, NAME, "SCReader0")],
  ["SCardIntroduceReader", "empty name", value, (w, h) => w.SCardIntroduceReader(h.hContext, "", "SCReader0")],
  ["SCardIntroduceReader", "no device", parameter, (w, h) => w.SCardIntroduceReader(h.hContext, "X", wrong(undefined))],
  ["SCardForgetReader", "unknown reader", "SCARD_E_UNKNOWN_READER", (w, h) => w.SCardForgetReader(h.hContext, "No")],
  ["SCardForgetReader", "null", parameter, (w, h) => w.SCardForgetReader(h.hContext, wrong(null))],
  ["SCardIntroduceReaderGroup", "system group", value, (w, h) => w.SCardIntroduceReaderGroup(h.hContext, "SCard$AllReaders")],
  ["SCardForgetReaderGroup", "system group", value, (w, h) => w.SCardForgetReaderGroup(h.hContext, "SCard$DefaultReaders")],
  ["SCardAddReaderToGroup", "unknown reader", "SCARD_E_UNKNOWN_READER", (w, h) => w.SCardAddReaderToGroup(h.hContext, "No", "G")],
  ["SCardAddReaderToGroup", "system group", value, (w, h) => w.SCardAddReaderToGroup(h.hContext, NAME, "SCard$SystemReaders")],
  ["SCardRemoveReaderFromGroup", "unknown reader", "SCARD_E_UNKNOWN_READER", (w, h) => w.SCardRemoveReaderFromGroup(h.hContext, "No", "G")],
  ["SCardIntroduceCardType", "ATR empty", "SCARD_E_INVALID_ATR", (w, h) => w.SCardIntroduceCardType(h.hContext, "T", null, null, new Uint8Array(0))],
  ["SCardIntroduceCardType", "mask too short", value, (w, h) => w.SCardIntroduceCardType(h.hContext, "T", null, null, ATR, Uint8Array.of(0xFF))],
  ["SCardIntroduceCardType", "no GUID", parameter, (w, h) => w.SCardIntroduceCardType(h.hContext, "T", "no", null, ATR)],
  ["SCardIntroduceCardType", "interfaces a number", parameter, (w, h) => w.SCardIntroduceCardType(h.hContext, "T", null, wrong(1), ATR)],
  ["SCardSetCardTypeProviderName", "unknown card", "SCARD_E_UNKNOWN_CARD", (w, h) => w.SCardSetCardTypeProviderName(h.hContext, "No", 2, "x")],
  ["SCardForgetCardType", "unknown card", "SCARD_E_UNKNOWN_CARD", (w, h) => w.SCardForgetCardType(h.hContext, "No")],
  ["SCardGetStatusChange", "readers null", parameter, (w, h) => w.SCardGetStatusChange(h.hContext, 0, wrong(null))],
  ["SCardGetStatusChange", "a reader null", parameter, (w, h) => w.SCardGetStatusChange(h.hContext, 0, wrong([null]))],
  ["SCardGetStatusChange", "no name", parameter, (w, h) => w.SCardGetStatusChange(h.hContext, 0, wrong([{}]))],
  ["SCardGetStatusChange", "state -1", parameter, (w, h) => w.SCardGetStatusChange(h.hContext, 0, [{ ...READER, currentState: -1 }])],
  ["SCardGetStatusChange", "timeout -1", parameter, (w, h) => w.SCardGetStatusChange(h.hContext, -1, [READER])],
  ["SCardConnect", "unknown reader", "SCARD_E_UNKNOWN_READER", (w, h) => w.SCardConnect(h.hContext, "No", 2, 3)],
  ["SCardConnect", "no name", parameter, (w, h) => w.SCardConnect(h.hContext, wrong(null), 2, 3)],
  ["SCardConnect", "share mode 0", value, (w, h) => w.SCardConnect(h.hContext, NAME, 0, 3)],
  ["SCardConnect", "share mode 4", value, (w, h) => w.SCardConnect(h.hContext, NAME, 4, 3)],
  ["SCardConnect", "share mode a text", parameter, (w, h) => w.SCardConnect(h.hContext, NAME, wrong("2"), 3)],
  ["SCardConnect", "no protocol", value, (w, h) => w.SCardConnect(h.hContext, NAME, 2, 0)],
  ["SCardConnect", "unknown protocol", value, (w, h) => w.SCardConnect(h.hContext, NAME, 2, 8)],
  ["SCardConnect", "protocol the card lacks", "SCARD_E_PROTO_MISMATCH", (w, h) => w.SCardConnect(h.hContext, NAME, 2, 0x10000)],
  ["SCardReconnect", "share mode 0", value, (w, h) => w.SCardReconnect(h.hCard, 0, 3, 0)],
  ["SCardReconnect", "initialization 3", value, (w, h) => w.SCardReconnect(h.hCard, 2, 3, 3)],
  ["SCardReconnect", "unknown protocol", value, (w, h) => w.SCardReconnect(h.hCard, 2, 8, 0)],
  ["SCardDisconnect", "disposition 4", value, (w, h) => w.SCardDisconnect(h.hCard, 4)],
  ["SCardDisconnect", "disposition a text", parameter, (w, h) => w.SCardDisconnect(h.hCard, wrong("0"))],
  ["SCardEndTransaction", "none begun", "SCARD_E_NOT_TRANSACTED", (w, h) => w.SCardEndTransaction(h.hCard, 0)],
  ["SCardEndTransaction", "disposition 4", value, (w, h) => w.SCardEndTransaction(h.hCard, 4)],
  ["SCardStatus", "no room for names", small, (w, h) => w.SCardStatus(h.hCard, 3)],
  ["SCardStatus", "no room for the ATR", small, (w, h) => w.SCardStatus(h.hCard, SCARD_AUTOALLOCATE, 3)],
  ["SCardState", "no room for the ATR", small, (w, h) => w.SCardState(h.hCard, 0)],
  ["SCardTransmit", "another protocol", "SCARD_E_PROTO_MISMATCH", (w, h) => w.SCardTransmit(h.hCard, SCARD_PCI_T0, APDU)],
  ["SCardTransmit", "raw", "SCARD_E_PROTO_MISMATCH", (w, h) => w.SCardTransmit(h.hCard, SCARD_PCI_RAW, APDU)],
  ["SCardTransmit", "no header", parameter, (w, h) => w.SCardTransmit(h.hCard, wrong(null), APDU)],
  ["SCardTransmit", "short header", parameter, (w, h) => w.SCardTransmit(h.hCard, { protocol: 2, pciLength: 7 }, APDU)],
  ["SCardTransmit", "long header", "SCARD_E_UNSUPPORTED_FEATURE", (w, h) => w.SCardTransmit(h.hCard, { protocol: 2, pciLength: 9 }, APDU)],
  ["SCardTransmit", "short receive header", "SCARD_E_PCI_TOO_SMALL", (w, h) => w.SCardTransmit(h.hCard, SCARD_PCI_T1, APDU, { recvPci: { protocol: 2, pciLength: 4 }})],
  ["SCardTransmit", "receive header a number", parameter, (w, h) => w.SCardTransmit(h.hCard, SCARD_PCI_T1, APDU, { recvPci: wrong(8) })],
  ["SCardTransmit", "3 bytes", parameter, (w, h) => w.SCardTransmit(h.hCard, SCARD_PCI_T1, APDU.subarray(1))],
  ["SCardTransmit", "a text", parameter, (w, h) => w.SCardTransmit(h.hCard, SCARD_PCI_T1, wrong("00A40000"))],
  ["SCardTransmit", "room for 1 byte", small, (w, h) => w.SCardTransmit(h.hCard, SCARD_PCI_T1, APDU, { maxLength: 1 })],
  ["SCardTransmit", "small buffer", small, (w, h) => w.SCardTransmit(h.hCard, SCARD_PCI_T1, APDU, { maxLength: 5 })],
  ["SCardTransmit", "AUTOALLOCATE", parameter, (w, h) => w.SCardTransmit(h.hCard, SCARD_PCI_T1, APDU, { maxLength: SCARD_AUTOALLOCATE})],
  ["SCardControl", "unknown code", "SCARD_E_UNSUPPORTED_FEATURE", (w, h) => w.SCardControl(h.hCard, SCARD_CTL_CODE(3000), null)],
  ["SCardControl", "tracking", parameter, (w, h) => w.SCardControl(h.hCard, 0x00310028, null)],
  ["SCardControl", "code a text", parameter, (w, h) => w.SCardControl(h.hCard, wrong("1"), null)],
  ["SCardControl", "input a text", parameter, (w, h) => w.SCardControl(h.hCard, SCARD_CTL_CODE(2050), wrong("1"))],
  ["SCardControl", "small buffer", small, (w, h) => w.SCardControl(h.hCard, SCARD_CTL_CODE(2050), null, 2)],
  ["SCardControl", "AUTOALLOCATE", parameter, (w, h) => w.SCardControl(h.hCard, SCARD_CTL_CODE(2050), null, SCARD_AUTOALLOCATE)],
  ["SCardGetAttrib", "unknown attribute", 50, (w, h) => w.SCardGetAttrib(h.hCard, 0x00990099)],
  ["SCardGetAttrib", "small buffer", small, (w, h) => w.SCardGetAttrib(h.hCard, SCARD_ATTR_VENDOR_NAME, 3)],
  ["SCardGetAttrib", "attribute a text", parameter, (w, h) => w.SCardGetAttrib(h.hCard, wrong("1"))],
  ["SCardSetAttrib", "value a number", parameter, (w, h) => w.SCardSetAttrib(h.hCard, 0x7FFF0007, wrong(1))],
  ["SCardReadCache", "UUID of 15 bytes", parameter, (w, h) => w.SCardReadCache(h.hContext, new Uint8Array(15), 1, "n")],
  ["SCardReadCache", "no name", parameter, (w, h) => w.SCardReadCache(h.hContext, UUID, 1, "")],
  ["SCardReadCache", "freshness -1", parameter, (w, h) => w.SCardReadCache(h.hContext, UUID, -1, "n")],
  ["SCardReadCache", "never written", "SCARD_W_CACHE_ITEM_NOT_FOUND", (w, h) => w.SCardReadCache(h.hContext, UUID, 1, "n")],
  ["SCardWriteCache", "too big", "SCARD_W_CACHE_ITEM_TOO_BIG", (w, h) => w.SCardWriteCache(h.hContext, UUID, 1, "n", new Uint8Array(65_537))],
  ["SCardWriteCache", "data a text", parameter, (w, h) => w.SCardWriteCache(h.hContext, UUID, 1, "n", wrong("x"))],
  ["SCardWriteCache", "long name", parameter, (w, h) => w.SCardWriteCache(h.hContext, UUID, 1, "n".repeat(257), UUID)],
  ["SCardAudit", "event 2", parameter, (w, h) => w.SCardAudit(h.hContext, 2)],
  ["SCardUIDlgSelectCard", "null", parameter, (w) => w.SCardUIDlgSelectCard(wrong(null))],
  ["SCardUIDlgSelectCard", "flags 3", value, (w, h) => w.SCardUIDlgSelectCard({ hContext: h.hContext, flags: 3 })],
  ["SCardUIDlgSelectCard", "unknown card", "SCARD_E_UNKNOWN_CARD", (w, h) => w.SCardUIDlgSelectCard({ hContext: h.hContext, search: { cards: ["No"] }})],
  ["SCardUIDlgSelectCard", "no room", "SCARD_E_NO_MEMORY", (w, h) => w.SCardUIDlgSelectCard({ hContext: h.hContext, maxReaderLength: 3 })],
  ["SCardUIDlgSelectCard", "nobody to ask", "SCARD_E_UNSUPPORTED_FEATURE", (w, h) => w.SCardUIDlgSelectCard({ hContext: h.hContext, flags: 4 })],
  ["GetOpenCardName", "null", parameter, (w) => w.GetOpenCardName(wrong(null))],
  ["GetOpenCardName", "flags 8", value, (w, h) => w.GetOpenCardName({ hContext: h.hContext, flags: 8 })],
];

for (const [name, what, code, call] of ROWS) {
  Deno.test(`${name}: ${what}`, async () => {
    await using d = await desk();
    d.device.vendorControl = (control) =>
      control === SCARD_CTL_CODE(2050) ? Uint8Array.of(1, 2, 3) : 0xC00000BB;
    const hCard = await d.connect();
    const handles = { hContext: d.hContext, hCard };
    ends(code, await call(d.ws, handles));
    // The next call works.
    const { response } = await d.ws.SCardTransmit(hCard, SCARD_PCI_T1, APDU);
    assert.deepEqual([...response], [...APDU, 0x90, 0x00]);
    ends("SCARD_S_SUCCESS", await d.ws.SCardListReaders(d.hContext));
  });
}

Deno.test("a stopped service establishes no context", async () => {
  await using d = await desk();
  await d.manager.close();
  ends("SCARD_E_NO_SERVICE", await d.ws.SCardEstablishContext(0));
  ends("SCARD_E_NO_SERVICE", await d.ws.SCardListReaders(null));
  ends("SCARD_E_NO_SERVICE", await d.ws.SCardListReaderGroups(0));
});
