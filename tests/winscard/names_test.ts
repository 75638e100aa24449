import assert from "node:assert/strict";
import {
  ResourceManager,
  SCARD_CODES,
} from "../../src/resource_manager/mod.ts";
import * as winscard from "../../src/winscard/mod.ts";
import * as smclib from "../../src/smclib/mod.ts";

/** Every function of the interface, in the order of its manual's groups. */
const FUNCTIONS = `
  SCardEstablishContext SCardReleaseContext SCardIsValidContext SCardAccessStartedEvent
  SCardReleaseStartedEvent SCardFreeMemory SCardCancel
  SCardListReaderGroups SCardListReaders SCardListCards SCardListInterfaces SCardGetProviderId
  SCardGetCardTypeProviderName SCardListReadersWithDeviceInstanceId
  SCardGetReaderDeviceInstanceId SCardGetReaderIcon SCardGetDeviceTypeId SCardLocateCards
  SCardLocateCardsByATR
  SCardIntroduceReader SCardForgetReader SCardIntroduceReaderGroup SCardForgetReaderGroup
  SCardAddReaderToGroup SCardRemoveReaderFromGroup SCardIntroduceCardType
  SCardSetCardTypeProviderName SCardForgetCardType
  SCardGetStatusChange
  SCardConnect SCardReconnect SCardDisconnect
  SCardBeginTransaction SCardEndTransaction
  SCardStatus SCardState SCardTransmit SCardGetTransmitCount SCardControl SCardGetAttrib
  SCardSetAttrib
  SCardReadCache SCardWriteCache SCardAudit SCardUIDlgSelectCard GetOpenCardName
`.trim().split(/\s+/);

/** Numbers of the headers that nobody else checks. */
const NUMBERS: Record<string, number> = {
  SCARD_SHARE_EXCLUSIVE: 1,
  SCARD_SHARE_SHARED: 2,
  SCARD_SHARE_DIRECT: 3,
  SCARD_LEAVE_CARD: 0,
  SCARD_RESET_CARD: 1,
  SCARD_UNPOWER_CARD: 2,
  SCARD_EJECT_CARD: 3,
  SCARD_SCOPE_USER: 0,
  SCARD_SCOPE_TERMINAL: 1,
  SCARD_SCOPE_SYSTEM: 2,
  SCARD_PROTOCOL_UNDEFINED: 0,
  SCARD_PROTOCOL_T0: 1,
  SCARD_PROTOCOL_T1: 2,
  SCARD_PROTOCOL_Tx: 3,
  SCARD_PROTOCOL_RAW: 0x10000,
  SCARD_PROTOCOL_DEFAULT: 0x80000000,
  SCARD_PROTOCOL_OPTIMAL: 0,
  SCARD_AUTOALLOCATE: 0xFFFFFFFF,
  INFINITE: 0xFFFFFFFF,
  SCARD_PROVIDER_PRIMARY: 1,
  SCARD_PROVIDER_CSP: 2,
  SCARD_PROVIDER_KSP: 3,
  SCARD_PROVIDER_CARD_MODULE: 0x80000001,
  SCARD_STATE_UNAWARE: 0,
  SCARD_STATE_IGNORE: 1,
  SCARD_STATE_CHANGED: 2,
  SCARD_STATE_UNKNOWN: 4,
  SCARD_STATE_UNAVAILABLE: 8,
  SCARD_STATE_EMPTY: 0x10,
  SCARD_STATE_PRESENT: 0x20,
  SCARD_STATE_ATRMATCH: 0x40,
  SCARD_STATE_EXCLUSIVE: 0x80,
  SCARD_STATE_INUSE: 0x100,
  SCARD_STATE_MUTE: 0x200,
  SCARD_STATE_UNPOWERED: 0x400,
  SCARD_UNKNOWN: 0,
  SCARD_ABSENT: 1,
  SCARD_PRESENT: 2,
  SCARD_SWALLOWED: 3,
  SCARD_POWERED: 4,
  SCARD_NEGOTIABLE: 5,
  SCARD_SPECIFIC: 6,
  ERROR_FILE_NOT_FOUND: 2,
  ERROR_INVALID_HANDLE: 6,
  ERROR_NOT_SUPPORTED: 50,
};

const named: Record<string, unknown> = winscard;

Deno.test("winscard: every function is there, and no other", async () => {
  await using manager = new ResourceManager();
  const functions = winscard.createWinscard({ manager });
  assert.deepEqual(Object.keys(functions).sort(), [...FUNCTIONS].sort());
  for (const work of Object.values(functions)) {
    assert.equal(typeof work, "function");
  }
});

Deno.test("winscard: return codes are those of the resource manager", () => {
  for (const [name, code] of Object.entries(SCARD_CODES)) {
    assert.equal(named[name], code, name);
  }
  const codes = Object.keys(winscard).filter((name) =>
    /^SCARD_[EFPSW]_/.test(name)
  );
  assert.deepEqual(codes.sort(), Object.keys(SCARD_CODES).sort());
});

Deno.test("winscard: numbers of the headers", () => {
  for (const [name, value] of Object.entries(NUMBERS)) {
    assert.equal(named[name], value, name);
  }
});

Deno.test("winscard: attributes and control codes are those of the driver library", () => {
  const known: Record<string, unknown> = { ...smclib };
  let compared = 0;
  for (const [name, value] of Object.entries(winscard)) {
    if (!/^(SCARD_ATTR_|IOCTL_|CM_IOCTL_)/.test(name)) continue;
    if (known[name] === undefined) continue;
    assert.equal(value, known[name], name);
    compared++;
  }
  assert.ok(compared > 30, `only ${compared} compared`);
});

Deno.test("winscard: control codes by function number", () => {
  assert.equal(winscard.SCARD_CTL_CODE(1), winscard.IOCTL_SMARTCARD_POWER);
  assert.equal(
    winscard.SCARD_CTL_CODE(3400),
    winscard.CM_IOCTL_GET_FEATURE_REQUEST,
  );
  for (const number of [-1, 4096, 1.5, NaN]) {
    assert.throws(() => winscard.SCARD_CTL_CODE(number), RangeError);
  }
});
