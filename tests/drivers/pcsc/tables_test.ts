// Invariant: numbers of the service and of the driver library are each other's, both ways.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { describeReader } from "../../../src/drivers/pcsc/attributes.ts";
import {
  PcscCode,
  pcscCodeName,
  PcscError,
} from "../../../src/drivers/pcsc/codes.ts";
import {
  asksForFeatures,
  fromServiceCode,
  toServiceCode,
  translateFeatures,
} from "../../../src/drivers/pcsc/control_codes.ts";
import {
  decodeStates,
  encodeStates,
  multiString,
  PCSC_LITE_64,
  PCSC_MACOS,
  pcscAbi,
  readHandle,
  writeDword,
  zeroTerminated,
} from "../../../src/drivers/pcsc/library_abi.ts";
import { parseReaderName } from "../../../src/drivers/pcsc/reader_names.ts";
import {
  effectOf,
  ntStatusOf,
  type PcscOperation,
} from "../../../src/drivers/pcsc/status.ts";
import {
  CM_IOCTL_GET_FEATURE_REQUEST,
  ntSuccess,
  SCARD_ATTR_CHANNEL_ID,
  SCARD_ATTR_MAX_IFSD,
  SCARD_ATTR_VENDOR_IFD_SERIAL_NO,
  SCARD_ATTR_VENDOR_IFD_TYPE,
  SCARD_ATTR_VENDOR_IFD_VERSION,
  SCARD_ATTR_VENDOR_NAME,
  SCARD_CTL_CODE,
  SmartcardExtension,
  STATUS_SUCCESS,
  STATUS_TIMEOUT,
  STATUS_UNSUCCESSFUL,
  statusName,
} from "../../../src/smclib/mod.ts";

const OPERATIONS: PcscOperation[] = [
  "power",
  "protocol",
  "transmit",
  "control",
];

Deno.test("every code but success is an error in every operation", () => {
  for (const code of Object.values(PcscCode)) {
    for (const operation of OPERATIONS) {
      const status = ntStatusOf(code, operation);
      assert.equal(
        ntSuccess(status),
        code === PcscCode.S_SUCCESS,
        pcscCodeName(code),
      );
      assert.notEqual(status, STATUS_TIMEOUT);
    }
  }
  assert.equal(ntStatusOf(PcscCode.S_SUCCESS, "power"), STATUS_SUCCESS);
  assert.equal(ntStatusOf(0x801000FF, "power"), STATUS_UNSUCCESSFUL);
  assert.equal(effectOf(0x801000FF), "none");
});

Deno.test("codes mean to each operation what the contract calls it", () => {
  const table: [keyof typeof PcscCode, ...string[]][] = [
    ["W_RESET_CARD", ...Array(4).fill("STATUS_INVALID_DEVICE_STATE")],
    ["W_REMOVED_CARD", ...Array(4).fill("STATUS_NO_MEDIA")],
    ["E_NO_SMARTCARD", ...Array(4).fill("STATUS_NO_MEDIA")],
    ["E_NO_SERVICE", ...Array(4).fill("STATUS_DEVICE_REMOVED")],
    ["E_SERVICE_STOPPED", ...Array(4).fill("STATUS_DEVICE_REMOVED")],
    ["E_READER_UNAVAILABLE", ...Array(4).fill("STATUS_DEVICE_REMOVED")],
    ["E_SHARING_VIOLATION", ...Array(4).fill("STATUS_DEVICE_BUSY")],
    ["E_TIMEOUT", ...Array(4).fill("STATUS_IO_TIMEOUT")],
    [
      "E_PROTO_MISMATCH",
      "STATUS_UNRECOGNIZED_MEDIA",
      "STATUS_NOT_SUPPORTED",
      "STATUS_INVALID_DEVICE_STATE",
      "STATUS_INVALID_DEVICE_STATE",
    ],
    [
      "W_UNRESPONSIVE_CARD",
      "STATUS_UNRECOGNIZED_MEDIA",
      "STATUS_DEVICE_PROTOCOL_ERROR",
      "STATUS_IO_TIMEOUT",
      "STATUS_IO_TIMEOUT",
    ],
    [
      "E_UNEXPECTED",
      "STATUS_NOT_SUPPORTED",
      "STATUS_NOT_SUPPORTED",
      "STATUS_NOT_SUPPORTED",
      "STATUS_INVALID_DEVICE_REQUEST",
    ],
  ];
  for (const [name, ...statuses] of table) {
    assert.deepEqual(
      OPERATIONS.map((one) => statusName(ntStatusOf(PcscCode[name], one))),
      statuses,
      name,
    );
  }
});

Deno.test("names of codes, and errors that carry one", () => {
  assert.equal(pcscCodeName(0x8010001D), "SCARD_E_NO_SERVICE");
  assert.equal(pcscCodeName(-2146435043), "SCARD_E_NO_SERVICE");
  assert.equal(pcscCodeName(0x801000FF), "0x801000FF");
  const error = new PcscError(0x8010001D, "list readers", "SCardListReaders");
  assert.equal(
    error.message,
    "Cannot list readers: SCardListReaders ended with SCARD_E_NO_SERVICE, expected SCARD_S_SUCCESS",
  );
  assert.equal(error.code, PcscCode.E_NO_SERVICE);
});

Deno.test("a vendor code goes to the service and back", () => {
  assert.equal(toServiceCode(CM_IOCTL_GET_FEATURE_REQUEST), 0x42000D48);
  assert.equal(toServiceCode(0x42000D48), 0x42000D48);
  assert.ok(asksForFeatures(0x42000D48));
  assert.ok(!asksForFeatures(SCARD_CTL_CODE(3401)));
  fc.assert(
    fc.property(fc.integer({ min: 2048, max: 0xFFFFFF }), (n) => {
      const code = SCARD_CTL_CODE(n);
      assert.equal(code & 3, 0);
      // Those are pcsc-lite's own, and stay.
      fc.pre(code < 0x42000000 || code >= 0x43000000);
      assert.equal(fromServiceCode(toServiceCode(code)), code);
    }),
    { seed: 78163 },
  );
});

Deno.test("features come back with codes that requests can carry", () => {
  // libccid: VERIFY_PIN_DIRECT, GET_TLV_PROPERTIES, and an escape that is below the vendor range.
  const list = fromHex("060442330006 120442330012 130442000001");
  assert.equal(
    toHex(translateFeatures(list)),
    "060400FD0018" + "120400FD0048",
  );
  assert.equal(toServiceCode(0x00FD0018), 0x42330006);
  assert.equal(toHex(list), "060442330006120442330012130442000001");
  for (const other of ["", "0604423300", "060542330006"]) {
    assert.equal(toHex(translateFeatures(fromHex(other))), other);
  }
});

Deno.test("the name of a reader is taken apart", () => {
  assert.deepEqual(
    parseReaderName("Gemalto PC Twin Reader (00112233) 01 02"),
    {
      vendor: "Gemalto",
      model: "Gemalto PC Twin Reader",
      serial: "00112233",
      unitNo: 0x102,
    },
  );
  assert.deepEqual(parseReaderName("Cherry ST [CCID Interface] (1) 0A 00"), {
    vendor: "Cherry",
    model: "Cherry ST",
    serial: "1",
    unitNo: 0xA00,
  });
  assert.deepEqual(parseReaderName("Plain"), {
    vendor: "Plain",
    model: "Plain",
    serial: "",
    unitNo: 0,
  });
  fc.assert(
    fc.property(fc.string(), (name) => {
      assert.ok(parseReaderName(name).model.length <= name.length);
    }),
    { seed: 78163 },
  );
});

Deno.test("what the reader tells goes before what its name does", () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const ext = new SmartcardExtension();
  describeReader(
    ext,
    "Acme Twin (7) 00 03",
    new Map<number, Uint8Array>([
      [SCARD_ATTR_VENDOR_NAME, text("Acme Corporation\0")],
      [SCARD_ATTR_VENDOR_IFD_TYPE, text("T".repeat(40))],
      [SCARD_ATTR_VENDOR_IFD_VERSION, fromHex("04030201")],
      [SCARD_ATTR_CHANNEL_ID, fromHex("05002000")],
      // A long of 64 bits, and one that tells nothing.
      [SCARD_ATTR_MAX_IFSD, fromHex("F800000000000000")],
      [SCARD_ATTR_VENDOR_IFD_SERIAL_NO, text("99")],
    ]),
  );
  const { vendorAttr, readerCapabilities } = ext;
  const ansi = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(ansi(vendorAttr.vendorName), "Acme Corporation");
  assert.equal(ansi(vendorAttr.ifdType), "T".repeat(32));
  assert.equal(ansi(vendorAttr.ifdSerialNo), "99");
  assert.deepEqual(vendorAttr.ifdVersion, {
    versionMajor: 1,
    versionMinor: 2,
    buildNumber: 0x0304,
  });
  assert.equal(vendorAttr.unitNo, 3);
  assert.equal(readerCapabilities.readerType, 0x20);
  assert.equal(readerCapabilities.channel, 5);
  assert.equal(readerCapabilities.maxIfsd, 248);
  assert.ok(readerCapabilities.clkFrequency.default >= 3580);
});

Deno.test("structures of the platforms", () => {
  assert.equal(pcscAbi("linux", "aarch64"), PCSC_LITE_64);
  assert.equal(pcscAbi("darwin", "x86_64"), PCSC_MACOS);
  assert.throws(() => pcscAbi("windows", "x86_64"), {
    message:
      "Cannot open the PC/SC library: windows on x86_64 found, expected linux or darwin on x86_64 or aarch64",
  });
  for (const abi of [PCSC_LITE_64, PCSC_MACOS]) {
    const states = [0x10022, 0xFFFF0010].map((currentState) => ({
      reader: "",
      currentState,
      eventState: 0,
      atr: new Uint8Array(0),
    }));
    const bytes = encodeStates(abi, states, [0x1122334455667788n, 1n]);
    assert.equal(bytes.length, 2 * abi.stateBytes);
    assert.equal(toHex(bytes.subarray(0, 8)), "8877665544332211");
    assert.equal(
      toHex(bytes.subarray(abi.currentStateAt, abi.currentStateAt + 4)),
      "22000100",
    );
    const second = abi.stateBytes;
    writeDword(abi, bytes, second + abi.eventStateAt, 0x80000032);
    writeDword(abi, bytes, second + abi.atrLengthAt, 2);
    bytes.set(fromHex("3B00"), second + abi.atrAt);
    decodeStates(abi, bytes, states);
    assert.equal(states[0].eventState, 0);
    assert.equal(states[1].eventState, 0x80000032);
    assert.equal(toHex(states[1].atr), "3B00");
    // Whatever the library claims, no byte beyond its place is read.
    writeDword(abi, bytes, second + abi.atrLengthAt, 0x7FFFFFFF);
    decodeStates(abi, bytes, states);
    assert.equal(states[1].atr.length, 33);
  }
  assert.equal(readHandle(PCSC_MACOS, fromHex("FFFFFFFF")), -1n);
  assert.equal(
    readHandle(PCSC_LITE_64, fromHex("FFFFFFFF00000000")),
    0xFFFFFFFFn,
  );
});

Deno.test("strings of the library", () => {
  assert.equal(toHex(zeroTerminated("Zoë")), "5A6FC3AB00");
  assert.deepEqual(multiString(zeroTerminated("a\0b\0")), ["a", "b"]);
  assert.deepEqual(multiString(fromHex("0000")), []);
});
