// IOCTL x reader state x callback slot x buffers: the status that a request demands, and the bytes delivered.

import assert from "node:assert/strict";
import * as smclib from "../../src/smclib/mod.ts";
import { bareReader, control, makeIrp, pci, ulong } from "./fake_reader.ts";

const {
  IOCTL_SMARTCARD_POWER: POWER,
  IOCTL_SMARTCARD_GET_ATTRIBUTE: GET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_ATTRIBUTE: SET_ATTRIBUTE,
  IOCTL_SMARTCARD_TRANSMIT: TRANSMIT,
  IOCTL_SMARTCARD_SET_PROTOCOL: SET_PROTOCOL,
  IOCTL_SMARTCARD_GET_STATE: GET_STATE,
  IOCTL_SMARTCARD_GET_LAST_ERROR: GET_LAST_ERROR,
  IOCTL_SMARTCARD_EJECT: EJECT,
  IOCTL_SMARTCARD_SWALLOW: SWALLOW,
  IOCTL_SMARTCARD_CONFISCATE: CONFISCATE,
  IOCTL_SMARTCARD_IS_PRESENT: IS_PRESENT,
  IOCTL_SMARTCARD_IS_ABSENT: IS_ABSENT,
} = smclib;

const OK = "STATUS_SUCCESS";
const PARAMETER = "STATUS_INVALID_PARAMETER";
const SMALL = "STATUS_BUFFER_TOO_SMALL";
const UNSUPPORTED = "STATUS_NOT_SUPPORTED";
const STATE = "STATUS_INVALID_DEVICE_STATE";
const REQUEST = "STATUS_INVALID_DEVICE_REQUEST";
const NO_MEDIA = "STATUS_NO_MEDIA";
const PENDING = "STATUS_PENDING";

/** States UNKNOWN, ABSENT, PRESENT, SWALLOWED, POWERED, NEGOTIABLE, SPECIFIC. */
type SevenStates = readonly [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];

const always = (status: string): SevenStates => [
  status,
  status,
  status,
  status,
  status,
  status,
  status,
];
const needsCard: SevenStates = [STATE, NO_MEDIA, OK, OK, OK, OK, OK];
const needsReset: SevenStates = [STATE, NO_MEDIA, STATE, STATE, STATE, OK, OK];
const needsSpecific: SevenStates = [
  STATE,
  NO_MEDIA,
  STATE,
  STATE,
  STATE,
  STATE,
  OK,
];

interface Case {
  name: string;
  code: number;
  input: Uint8Array;
  capacity: number;
  /** Slot of the callback, if there is one. */
  slot?: number;
  filled: SevenStates;
  /** With the slot empty. */
  empty?: SevenStates;
  /** Bytes delivered on success. */
  information: number;
}

const none = new Uint8Array(0);
const T0 = smclib.SCARD_PROTOCOL_T0;
const T1 = smclib.SCARD_PROTOCOL_T1;
const cold = ulong(smclib.SCARD_COLD_RESET);
const warm = ulong(smclib.SCARD_WARM_RESET);
const down = ulong(smclib.SCARD_POWER_DOWN);
const unsupported = always(UNSUPPORTED);

const power = { code: POWER, slot: smclib.RDF_CARD_POWER };
const transmit = { code: TRANSMIT, slot: smclib.RDF_TRANSMIT };
const setProtocol = { code: SET_PROTOCOL, slot: smclib.RDF_SET_PROTOCOL };
const get = { code: GET_ATTRIBUTE };
const set = { code: SET_ATTRIBUTE };

// Every fake callback reports 3 bytes; the reader supports and has selected T=1.
// deno-fmt-ignore
const cases: Case[] = [
  { name: "cold reset", ...power, input: cold, capacity: 33, filled: needsCard, empty: unsupported, information: 3 },
  { name: "warm reset", ...power, input: warm, capacity: 64, filled: needsCard, empty: unsupported, information: 3 },
  { name: "reset, small buffer", ...power, input: cold, capacity: 32, filled: always(SMALL), empty: always(SMALL), information: 0 },
  { name: "warm reset, no buffer", ...power, input: warm, capacity: 0, filled: always(SMALL), empty: always(SMALL), information: 0 },
  { name: "power down", ...power, input: down, capacity: 0, filled: needsCard, empty: unsupported, information: 0 },
  { name: "power, unknown action", ...power, input: ulong(3), capacity: 0, filled: always(PARAMETER), empty: always(PARAMETER), information: 0 },
  { name: "power, huge action", ...power, input: ulong(0x80000001), capacity: 33, filled: always(PARAMETER), empty: always(PARAMETER), information: 0 },
  { name: "power, no action", ...power, input: none, capacity: 33, filled: always(PARAMETER), empty: always(PARAMETER), information: 0 },
  { name: "power, short action", ...power, input: cold.slice(0, 3), capacity: 33, filled: always(PARAMETER), empty: always(PARAMETER), information: 0 },

  { name: "transmit", ...transmit, input: pci(T1, "00A40000"), capacity: 8, filled: needsSpecific, empty: unsupported, information: 3 },
  { name: "transmit, header alone", ...transmit, input: pci(T1, ""), capacity: 8, filled: needsSpecific, empty: unsupported, information: 3 },
  { name: "transmit, long header", ...transmit, input: pci(T1, "00A40000", 10), capacity: 8, filled: needsSpecific, empty: unsupported, information: 3 },
  { name: "transmit, another protocol", ...transmit, input: pci(T0, "00A40000"), capacity: 8, filled: [STATE, NO_MEDIA, STATE, STATE, STATE, STATE, STATE], empty: unsupported, information: 0 },
  { name: "transmit, 7 bytes", ...transmit, input: pci(T1, "").slice(0, 7), capacity: 8, filled: always(PARAMETER), empty: always(PARAMETER), information: 0 },
  { name: "transmit, no input", ...transmit, input: none, capacity: 0, filled: always(PARAMETER), empty: always(PARAMETER), information: 0 },
  { name: "transmit, cbPciLength 7", ...transmit, input: pci(T1, "00", 7), capacity: 8, filled: always(PARAMETER), empty: always(PARAMETER), information: 0 },
  { name: "transmit, cbPciLength beyond", ...transmit, input: pci(T1, "00", 12).slice(0, 11), capacity: 8, filled: always(PARAMETER), empty: always(PARAMETER), information: 0 },
  { name: "transmit, cbPciLength 0xFFFFFFFF", ...transmit, input: Uint8Array.of(2, 0, 0, 0, 255, 255, 255, 255), capacity: 8, filled: always(PARAMETER), empty: always(PARAMETER), information: 0 },
  { name: "transmit, small buffer", ...transmit, input: pci(T1, "00A40000"), capacity: 7, filled: always(SMALL), empty: always(SMALL), information: 0 },

  { name: "set protocol T=1", ...setProtocol, input: ulong(T1), capacity: 4, filled: needsReset, empty: unsupported, information: 4 },
  { name: "set protocol T=0|T=1|DEFAULT", ...setProtocol, input: ulong(0x80000003), capacity: 8, filled: needsReset, empty: unsupported, information: 4 },
  { name: "set protocol, not the card's", ...setProtocol, input: ulong(T0), capacity: 4, filled: [STATE, NO_MEDIA, STATE, STATE, STATE, UNSUPPORTED, UNSUPPORTED], empty: unsupported, information: 0 },
  { name: "set protocol, the other one", ...setProtocol, input: ulong(smclib.SCARD_PROTOCOL_RAW), capacity: 4, filled: [STATE, NO_MEDIA, STATE, STATE, STATE, OK, STATE], empty: unsupported, information: 4 },
  { name: "set protocol, empty mask", ...setProtocol, input: ulong(0), capacity: 4, filled: always(REQUEST), empty: always(REQUEST), information: 0 },
  { name: "set protocol, DEFAULT alone", ...setProtocol, input: ulong(0x80000000), capacity: 4, filled: always(REQUEST), empty: always(REQUEST), information: 0 },
  { name: "set protocol, unknown bits", ...setProtocol, input: ulong(0xFFFC), capacity: 4, filled: always(REQUEST), empty: always(REQUEST), information: 0 },
  { name: "set protocol, small buffer", ...setProtocol, input: ulong(T1), capacity: 3, filled: always(SMALL), empty: always(SMALL), information: 0 },
  { name: "set protocol, short mask", ...setProtocol, input: ulong(T1).slice(0, 3), capacity: 4, filled: always(PARAMETER), empty: always(PARAMETER), information: 0 },

  { name: "get state", code: GET_STATE, input: none, capacity: 4, filled: always(OK), information: 4 },
  { name: "get state, with input", code: GET_STATE, input: ulong(1), capacity: 16, filled: always(OK), information: 4 },
  { name: "get state, small buffer", code: GET_STATE, input: none, capacity: 3, filled: always(SMALL), information: 0 },
  { name: "get last error", code: GET_LAST_ERROR, input: none, capacity: 4, filled: always(OK), information: 4 },
  { name: "get last error, no buffer", code: GET_LAST_ERROR, input: none, capacity: 0, filled: always(SMALL), information: 0 },

  { name: "attribute of the reader", ...get, input: ulong(smclib.SCARD_ATTR_DEVICE_UNIT), capacity: 4, filled: always(OK), information: 4 },
  { name: "attribute, no output buffer", ...get, input: ulong(smclib.SCARD_ATTR_DEVICE_UNIT), capacity: 0, filled: always(SMALL), information: 0 },
  { name: "attribute, small buffer", ...get, input: ulong(smclib.SCARD_ATTR_VENDOR_NAME), capacity: 3, filled: always(SMALL), information: 0 },
  { name: "attribute of the card", ...get, input: ulong(smclib.SCARD_ATTR_CURRENT_F), capacity: 4, filled: needsReset, information: 4 },
  { name: "attribute of the card, small buffer", ...get, input: ulong(smclib.SCARD_ATTR_CURRENT_F), capacity: 3, filled: always(SMALL), information: 0 },
  { name: "attribute ATR, no buffer", ...get, input: ulong(smclib.SCARD_ATTR_ATR_STRING), capacity: 0, filled: [STATE, NO_MEDIA, STATE, STATE, STATE, SMALL, SMALL], information: 0 },
  { name: "attribute ATR", ...get, input: ulong(smclib.SCARD_ATTR_ATR_STRING), capacity: 33, filled: needsReset, information: 2 },
  { name: "attribute ICC_PRESENCE", ...get, input: ulong(smclib.SCARD_ATTR_ICC_PRESENCE), capacity: 1, filled: [STATE, OK, OK, OK, OK, OK, OK], information: 1 },
  { name: "attribute, unknown tag", ...get, input: ulong(0x12345678), capacity: 0, filled: unsupported, information: 0 },
  { name: "attribute, write-only tag", ...get, input: ulong(smclib.SCARD_ATTR_DEVICE_IN_USE), capacity: 4, filled: unsupported, information: 0 },
  { name: "attribute, 5 bytes of input", ...get, input: new Uint8Array(5), capacity: 4, filled: always(PARAMETER), information: 0 },
  { name: "attribute, no input", ...get, input: none, capacity: 4, filled: always(PARAMETER), information: 0 },
  { name: "set DEVICE_IN_USE", ...set, input: Uint8Array.of(2, 0, 0xFF, 0x7F, 1, 0, 0, 0), capacity: 4, filled: always(OK), information: 4 },
  { name: "set DEVICE_IN_USE, no output", ...set, input: Uint8Array.of(2, 0, 0xFF, 0x7F, 1, 0, 0, 0), capacity: 0, filled: always(OK), information: 0 },
  { name: "set DEVICE_IN_USE, 2 bytes of output", ...set, input: Uint8Array.of(2, 0, 0xFF, 0x7F, 1, 0, 0, 0), capacity: 2, filled: always(OK), information: 2 },
  { name: "set SUPRESS_T1_IFS_REQUEST", ...set, input: ulong(smclib.SCARD_ATTR_SUPRESS_T1_IFS_REQUEST), capacity: 0, filled: always(OK), information: 0 },
  { name: "set another attribute", ...set, input: ulong(smclib.SCARD_ATTR_VENDOR_NAME), capacity: 4, filled: unsupported, information: 0 },
  { name: "set attribute, malformed", ...set, input: new Uint8Array(3), capacity: 4, filled: always(PARAMETER), information: 0 },

  { name: "eject", code: EJECT, slot: smclib.RDF_CARD_EJECT, input: none, capacity: 4, filled: always(OK), empty: unsupported, information: 3 },
  { name: "swallow", code: SWALLOW, slot: smclib.RDF_READER_SWALLOW, input: none, capacity: 0, filled: always(OK), empty: unsupported, information: 0 },
  { name: "confiscate", code: CONFISCATE, slot: smclib.RDF_CARD_CONFISCATE, input: none, capacity: 0, filled: always(OK), empty: unsupported, information: 0 },
  { name: "is present", code: IS_PRESENT, slot: smclib.RDF_CARD_TRACKING, input: none, capacity: 0, filled: [STATE, PENDING, OK, OK, OK, OK, OK], empty: unsupported, information: 0 },
  { name: "is absent", code: IS_ABSENT, slot: smclib.RDF_CARD_TRACKING, input: none, capacity: 0, filled: [STATE, OK, PENDING, PENDING, PENDING, PENDING, PENDING], empty: unsupported, information: 0 },

  { name: "vendor, first", code: 0x00312000, slot: smclib.RDF_IOCTL_VENDOR, input: none, capacity: 8, filled: always(OK), empty: unsupported, information: 3 },
  { name: "vendor, get feature", code: smclib.CM_IOCTL_GET_FEATURE_REQUEST, slot: smclib.RDF_IOCTL_VENDOR, input: none, capacity: 8, filled: always(OK), empty: unsupported, information: 3 },
  { name: "vendor, beyond 4095", code: 0x0033000C, slot: smclib.RDF_IOCTL_VENDOR, input: none, capacity: 8, filled: always(OK), empty: unsupported, information: 3 },
  { name: "vendor, highest", code: 0xFFFFFFFC, slot: smclib.RDF_IOCTL_VENDOR, input: none, capacity: 8, filled: always(OK), empty: unsupported, information: 3 },
  { name: "vendor, not buffered", code: 0x00312001, slot: smclib.RDF_IOCTL_VENDOR, input: none, capacity: 8, filled: always(REQUEST), empty: always(REQUEST), information: 0 },
  { name: "power, not buffered", code: POWER + 3, input: cold, capacity: 33, filled: always(REQUEST), information: 0 },
  { name: "get perf cntr", code: smclib.IOCTL_SMARTCARD_GET_PERF_CNTR, input: none, capacity: 64, filled: unsupported, information: 0 },
  { name: "read", code: smclib.IOCTL_SMARTCARD_READ, input: none, capacity: 64, filled: always(REQUEST), information: 0 },
  { name: "write", code: smclib.IOCTL_SMARTCARD_WRITE, input: none, capacity: 64, filled: always(REQUEST), information: 0 },
  { name: "function 13", code: 0x00310034, input: none, capacity: 64, filled: always(REQUEST), information: 0 },
  { name: "another device type", code: 0x00220004, input: none, capacity: 64, filled: always(REQUEST), information: 0 },
  ...[0x190, 0x194, 0x198, 0x19C, 0x1A0, 0x1A4, 0x1A8].map((low) => ({ name: `smcdbg ${low}`, code: 0x00310000 + low, input: none, capacity: 64, filled: unsupported, information: 0 })),
];

function readerIn(state: number): smclib.SmartcardExtension {
  const ext = bareReader();
  ext.vendorAttr.vendorName = smclib.ansiBytes("ACME");
  ext.readerCapabilities.currentState = state;
  ext.cardCapabilities.setAtr(Uint8Array.of(0x3B, 0x00));
  ext.cardCapabilities.protocol.supported = T1 | smclib.SCARD_PROTOCOL_RAW;
  if (state === smclib.SCARD_SPECIFIC) {
    ext.cardCapabilities.protocol.selected = T1;
  }
  return ext;
}

for (const { name, code, input, capacity, slot, ...wanted } of cases) {
  for (const isFilled of slot === undefined ? [true] : [true, false]) {
    const slotName = slot === undefined ? "" : isFilled ? "" : ", empty slot";
    Deno.test(`${name}${slotName}`, () => {
      const statuses = isFilled ? wanted.filled : wanted.empty!;
      for (let state = 0; state <= smclib.SCARD_SPECIFIC; state++) {
        const ext = readerIn(state);
        let calls = 0;
        if (slot !== undefined && isFilled) {
          ext.readerFunction[slot] = () => {
            calls++;
            if (slot === smclib.RDF_CARD_TRACKING) return smclib.STATUS_PENDING;
            ext.ioRequest.information = 3;
            return smclib.STATUS_SUCCESS;
          };
        }
        const irp = makeIrp(code, input, capacity);
        const before = irp.systemBuffer.slice();
        const status = control(ext, irp);
        const label = `${name} in state ${state}`;
        assert.equal(smclib.statusName(status), statuses[state], label);
        assert.equal(irp.isCompleted, statuses[state] !== PENDING, label);
        const information = status === 0 ? wanted.information : 0;
        assert.equal(irp.ioStatus.information, information, label);
        assert.equal(ext.osData.currentIrp, null, label);
        assert.equal(ext.osData.mutex.isHeld, false, label);
        const isServed = statuses[state] === OK || statuses[state] === PENDING;
        const isTracking = slot === smclib.RDF_CARD_TRACKING;
        if (isTracking) assert.equal(calls, status === 0x103 ? 1 : 0, label);
        else if (slot !== undefined) {
          assert.equal(calls, isServed ? 1 : 0, label);
        }
        if (!isServed) assert.deepEqual(irp.systemBuffer, before, label);
        smclib.SmartcardExit(ext);
      }
    });
  }
}
