/** A well-formed call of every function that takes a handle, and how it ends. */

import {
  SC_DLG_NO_UI,
  SCARD_ATTR_VENDOR_NAME,
  SCARD_CTL_CODE,
  SCARD_LEAVE_CARD,
  SCARD_PCI_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_PROVIDER_CSP,
  SCARD_SHARE_SHARED,
  type Winscard,
} from "../../src/winscard/mod.ts";
import type { ScardName } from "../../src/resource_manager/mod.ts";
import { APDU, NAME } from "./desk.ts";

export type Code = ScardName | number;
export type Result = Promise<{ code: number; error: Error | null }>;

/** How a call is made, and with what code it ends when all is well. */
export interface Call {
  readonly name: keyof Winscard;
  call(ws: Winscard, handle: number): Result;
  readonly ok: Code;
}

export const UUID = new Uint8Array(16);
const GUID = "{00000000-0000-0000-C000-000000000046}";
const ok = "SCARD_S_SUCCESS";

/** Functions whose first argument is a context, and SCardUIDlgSelectCard's like. */
export const CONTEXT_CALLS: readonly Call[] = [
  { name: "SCardIsValidContext", call: (w, h) => w.SCardIsValidContext(h), ok },
  { name: "SCardCancel", call: (w, h) => w.SCardCancel(h), ok },
  { name: "SCardFreeMemory", call: (w, h) => w.SCardFreeMemory(h, [NAME]), ok },
  { name: "SCardListReaders", call: (w, h) => w.SCardListReaders(h), ok },
  {
    name: "SCardListReaderGroups",
    call: (w, h) => w.SCardListReaderGroups(h),
    ok,
  },
  { name: "SCardListCards", call: (w, h) => w.SCardListCards(h), ok },
  {
    name: "SCardListInterfaces",
    call: (w, h) => w.SCardListInterfaces(h, "No"),
    ok: "SCARD_E_UNKNOWN_CARD",
  },
  {
    name: "SCardGetProviderId",
    call: (w, h) => w.SCardGetProviderId(h, "No"),
    ok: "SCARD_E_UNKNOWN_CARD",
  },
  {
    name: "SCardGetCardTypeProviderName",
    call: (w, h) => w.SCardGetCardTypeProviderName(h, "No", SCARD_PROVIDER_CSP),
    ok: "SCARD_E_UNKNOWN_CARD",
  },
  {
    name: "SCardListReadersWithDeviceInstanceId",
    call: (w, h) =>
      w.SCardListReadersWithDeviceInstanceId(
        h,
        "root\\smartcardreader\\screader0",
      ),
    ok,
  },
  {
    name: "SCardGetReaderDeviceInstanceId",
    call: (w, h) => w.SCardGetReaderDeviceInstanceId(h, NAME),
    ok,
  },
  {
    name: "SCardGetReaderIcon",
    call: (w, h) => w.SCardGetReaderIcon(h, NAME),
    ok: "SCARD_E_UNSUPPORTED_FEATURE",
  },
  {
    name: "SCardGetDeviceTypeId",
    call: (w, h) => w.SCardGetDeviceTypeId(h, NAME),
    ok,
  },
  {
    name: "SCardLocateCards",
    call: (w, h) => w.SCardLocateCards(h, null, [{ reader: NAME }]),
    ok,
  },
  {
    name: "SCardLocateCardsByATR",
    call: (w, h) => w.SCardLocateCardsByATR(h, [], [{ reader: NAME }]),
    ok,
  },
  {
    name: "SCardIntroduceReader",
    call: (w, h) => w.SCardIntroduceReader(h, "Second", "SCReader0"),
    ok,
  },
  {
    name: "SCardForgetReader",
    call: (w, h) => w.SCardForgetReader(h, "No"),
    ok: "SCARD_E_UNKNOWN_READER",
  },
  {
    name: "SCardIntroduceReaderGroup",
    call: (w, h) => w.SCardIntroduceReaderGroup(h, "G"),
    ok,
  },
  {
    name: "SCardForgetReaderGroup",
    call: (w, h) => w.SCardForgetReaderGroup(h, "G"),
    ok,
  },
  {
    name: "SCardAddReaderToGroup",
    call: (w, h) => w.SCardAddReaderToGroup(h, NAME, "G"),
    ok,
  },
  {
    name: "SCardRemoveReaderFromGroup",
    call: (w, h) => w.SCardRemoveReaderFromGroup(h, NAME, "G"),
    ok,
  },
  {
    name: "SCardIntroduceCardType",
    call: (w, h) =>
      w.SCardIntroduceCardType(h, "T", GUID, [GUID], Uint8Array.of(0x3B, 0)),
    ok,
  },
  {
    name: "SCardSetCardTypeProviderName",
    call: (w, h) => w.SCardSetCardTypeProviderName(h, "No", 2, "CSP"),
    ok: "SCARD_E_UNKNOWN_CARD",
  },
  {
    name: "SCardForgetCardType",
    call: (w, h) => w.SCardForgetCardType(h, "No"),
    ok: "SCARD_E_UNKNOWN_CARD",
  },
  {
    name: "SCardGetStatusChange",
    call: (w, h) => w.SCardGetStatusChange(h, 0, [{ reader: NAME }]),
    ok,
  },
  {
    name: "SCardConnect",
    call: (w, h) =>
      w.SCardConnect(h, NAME, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx),
    ok,
  },
  {
    name: "SCardReadCache",
    call: (w, h) => w.SCardReadCache(h, UUID, 1, "none"),
    ok: "SCARD_W_CACHE_ITEM_NOT_FOUND",
  },
  {
    name: "SCardWriteCache",
    call: (w, h) => w.SCardWriteCache(h, UUID, 1, "x", UUID),
    ok,
  },
  { name: "SCardAudit", call: (w, h) => w.SCardAudit(h, 1), ok },
  {
    name: "SCardUIDlgSelectCard",
    call: (w, h) =>
      w.SCardUIDlgSelectCard({ hContext: h, flags: SC_DLG_NO_UI }),
    ok,
  },
  {
    name: "GetOpenCardName",
    call: (w, h) => w.GetOpenCardName({ hContext: h, flags: SC_DLG_NO_UI }),
    ok,
  },
  { name: "SCardReleaseContext", call: (w, h) => w.SCardReleaseContext(h), ok },
];

/** How a call on a connection ends after something has happened. */
export interface CardCall extends Call {
  /** While a reset by another connection is pending. */
  readonly reset: Code;
  /** After the card was removed. */
  readonly removed: Code;
  /** After the reader was unplugged. */
  readonly unplugged: Code;
}

const needsCard = {
  ok,
  reset: "SCARD_W_RESET_CARD",
  removed: "SCARD_W_REMOVED_CARD",
  unplugged: "SCARD_E_READER_UNAVAILABLE",
} as const;
const needsReader = {
  ok,
  reset: ok,
  removed: ok,
  unplugged: "SCARD_E_READER_UNAVAILABLE",
} as const;

/** Functions whose first argument is a connection; it has begun no transaction. */
export const CARD_CALLS: readonly CardCall[] = [
  { ...needsCard, name: "SCardStatus", call: (w, h) => w.SCardStatus(h) },
  { ...needsCard, name: "SCardState", call: (w, h) => w.SCardState(h) },
  {
    ...needsCard,
    name: "SCardTransmit",
    call: (w, h) => w.SCardTransmit(h, SCARD_PCI_T1, APDU),
  },
  {
    ...needsReader,
    name: "SCardGetTransmitCount",
    call: (w, h) => w.SCardGetTransmitCount(h),
  },
  {
    ...needsReader,
    name: "SCardControl",
    call: (w, h) => w.SCardControl(h, SCARD_CTL_CODE(2050), null),
  },
  {
    ...needsReader,
    name: "SCardGetAttrib",
    call: (w, h) => w.SCardGetAttrib(h, SCARD_ATTR_VENDOR_NAME),
  },
  {
    ...needsReader,
    name: "SCardSetAttrib",
    call: (w, h) => w.SCardSetAttrib(h, 0x7FFF0007, Uint8Array.of(1, 0, 0, 0)),
  },
  {
    ...needsCard,
    name: "SCardEndTransaction",
    call: (w, h) => w.SCardEndTransaction(h, SCARD_LEAVE_CARD),
    ok: "SCARD_E_NOT_TRANSACTED",
  },
  {
    ...needsCard,
    name: "SCardBeginTransaction",
    call: (w, h) => w.SCardBeginTransaction(h),
  },
  {
    ...needsReader,
    name: "SCardReconnect",
    call: (w, h) =>
      w.SCardReconnect(h, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, 0),
    removed: "SCARD_E_NO_SMARTCARD",
  },
  {
    ...needsReader,
    name: "SCardDisconnect",
    call: (w, h) => w.SCardDisconnect(h, SCARD_LEAVE_CARD),
    unplugged: ok,
  },
];
