// Every attribute: its value, its length, and what it asks of the card.

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import * as smclib from "../../src/smclib/mod.ts";
import {
  bareReader,
  control,
  delivered,
  makeIrp,
  pci,
  reset,
  ulong,
  workingReader,
} from "./fake_reader.ts";

const SICRYPT =
  "3B DF 18 00 81 31 FE 67 00 5C 49 43 4D D4 91 47 D2 76 00 00 38 33 00 58";

function get(ext: smclib.SmartcardExtension, tag: number): string {
  const irp = makeIrp(
    smclib.IOCTL_SMARTCARD_GET_ATTRIBUTE,
    ulong(tag),
    64,
  );
  const status = control(ext, irp);
  return status === smclib.STATUS_SUCCESS
    ? toHex(delivered(irp))
    : smclib.statusName(status);
}

function furnished(atr = SICRYPT) {
  const ext = workingReader(atr);
  const { vendorAttr, readerCapabilities } = ext;
  vendorAttr.vendorName = smclib.ansiBytes("ACME");
  vendorAttr.ifdType = smclib.ansiBytes("Läser");
  vendorAttr.unitNo = 3;
  Object.assign(vendorAttr.ifdVersion, {
    versionMajor: 0xA1,
    versionMinor: 2,
    buildNumber: 0x0304,
  });
  readerCapabilities.channel = 0x10007;
  readerCapabilities.mechProperties = smclib.SCARD_READER_SWALLOWS;
  readerCapabilities.powerMgmtSupport = 1;
  readerCapabilities.clkFrequency.max = 5000;
  readerCapabilities.dataRate.max = 115200;
  return ext;
}

// deno-fmt-ignore
const readerValues: [keyof typeof smclib, string][] = [
  ["SCARD_ATTR_VENDOR_NAME", "41434D45"],
  ["SCARD_ATTR_VENDOR_IFD_TYPE", "4CE4736572"],
  ["SCARD_ATTR_VENDOR_IFD_VERSION", "040302A1"],
  ["SCARD_ATTR_VENDOR_IFD_SERIAL_NO", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_CHANNEL_ID", "07002000"],
  ["SCARD_ATTR_PROTOCOL_TYPES", "03000100"],
  ["SCARD_ATTR_ASYNC_PROTOCOL_TYPES", "03000100"],
  ["SCARD_ATTR_DEFAULT_CLK", "A00F0000"],
  ["SCARD_ATTR_MAX_CLK", "88130000"],
  ["SCARD_ATTR_DEFAULT_DATA_RATE", "012A0000"],
  ["SCARD_ATTR_MAX_DATA_RATE", "00C20100"],
  ["SCARD_ATTR_MAX_IFSD", "FE000000"],
  ["SCARD_ATTR_SYNC_PROTOCOL_TYPES", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_POWER_MGMT_SUPPORT", "01000000"],
  ["SCARD_ATTR_USER_TO_CARD_AUTH_DEVICE", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_USER_AUTH_INPUT_DEVICE", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_CHARACTERISTICS", "01000000"],
  ["SCARD_ATTR_CURRENT_IO_STATE", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_ESC_RESET", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_ESC_CANCEL", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_ESC_AUTHREQUEST", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_MAXINPUT", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_DEVICE_UNIT", "03000000"],
  ["SCARD_ATTR_DEVICE_IN_USE", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_DEVICE_FRIENDLY_NAME_A", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_DEVICE_FRIENDLY_NAME_W", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_DEVICE_SYSTEM_NAME_A", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_DEVICE_SYSTEM_NAME_W", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_SUPRESS_T1_IFS_REQUEST", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_PERF_NUM_TRANSMISSIONS", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_PERF_BYTES_TRANSMITTED", "STATUS_NOT_SUPPORTED"],
  ["SCARD_ATTR_PERF_TRANSMISSION_TIME", "STATUS_NOT_SUPPORTED"],
];

// After a reset of the SiCrypt card, before protocol selection.
// deno-fmt-ignore
const cardValues: [keyof typeof smclib, string][] = [
  ["SCARD_ATTR_CURRENT_PROTOCOL_TYPE", "00000000"],
  ["SCARD_ATTR_CURRENT_CLK", "A00F0000"],
  ["SCARD_ATTR_CURRENT_F", "74010000"],
  ["SCARD_ATTR_CURRENT_D", "01000000"],
  ["SCARD_ATTR_CURRENT_N", "00000000"],
  ["SCARD_ATTR_CURRENT_W", "0A000000"],
  ["SCARD_ATTR_CURRENT_IFSC", "FE000000"],
  ["SCARD_ATTR_CURRENT_IFSD", "FE000000"],
  ["SCARD_ATTR_CURRENT_BWT", "06000000"],
  ["SCARD_ATTR_CURRENT_CWT", "07000000"],
  ["SCARD_ATTR_CURRENT_EBC_ENCODING", "00000000"],
  ["SCARD_ATTR_EXTENDED_BWT", "00000000"],
  ["SCARD_ATTR_ATR_STRING", SICRYPT.replaceAll(" ", "")],
  ["SCARD_ATTR_ICC_TYPE_PER_ATR", "01"],
];

Deno.test("attributes of the reader are there in every state", () => {
  for (let state = 0; state <= smclib.SCARD_SPECIFIC; state++) {
    const ext = furnished();
    ext.readerCapabilities.currentState = state;
    for (const [name, value] of readerValues) {
      assert.equal(get(ext, smclib[name] as number), value, name);
    }
  }
});

Deno.test("attributes of the card, and what a card less than reset makes of them", () => {
  const ext = furnished();
  reset(ext);
  for (const [name, value] of cardValues) {
    assert.equal(get(ext, smclib[name] as number), value, name);
  }
  const refusals = [
    "STATUS_INVALID_DEVICE_STATE",
    "STATUS_NO_MEDIA",
    "STATUS_INVALID_DEVICE_STATE",
    "STATUS_INVALID_DEVICE_STATE",
    "STATUS_INVALID_DEVICE_STATE",
  ];
  refusals.forEach((refusal, state) => {
    ext.readerCapabilities.currentState = state;
    for (const [name] of cardValues) {
      assert.equal(get(ext, smclib[name] as number), refusal, name);
    }
  });
});

Deno.test("every published tag is in one of the two tables or below", () => {
  const covered = new Set([
    ...readerValues.map(([name]) => name),
    ...cardValues.map(([name]) => name),
    "SCARD_ATTR_ICC_PRESENCE",
    "SCARD_ATTR_ICC_INTERFACE_STATUS",
  ]);
  const published = Object.keys(smclib).filter((name) =>
    name.startsWith("SCARD_ATTR_")
  );
  assert.deepEqual(published.filter((name) => !covered.has(name)), []);
});

Deno.test("ICC_PRESENCE and ICC_INTERFACE_STATUS by state", () => {
  const ext = bareReader();
  const column = (mechProperties: number) => {
    ext.readerCapabilities.mechProperties = mechProperties;
    return [0, 1, 2, 3, 4, 5, 6].map((state) => {
      ext.readerCapabilities.currentState = state;
      return get(ext, smclib.SCARD_ATTR_ICC_PRESENCE);
    });
  };
  const unknown = "STATUS_INVALID_DEVICE_STATE";
  assert.deepEqual(column(0), [unknown, "00", "02", "02", "02", "02", "02"]);
  assert.deepEqual(
    column(smclib.SCARD_READER_SWALLOWS),
    [unknown, "00", "01", "02", "02", "02", "02"],
  );
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].map((state) => {
      ext.readerCapabilities.currentState = state;
      return get(ext, smclib.SCARD_ATTR_ICC_INTERFACE_STATUS);
    }),
    ["00", "00", "00", "00", "01", "01", "01"],
  );
  ext.readerCapabilities.cardConfiscated = true;
  assert.equal(get(ext, smclib.SCARD_ATTR_ICC_PRESENCE), "04");
});

Deno.test("a serial number is an attribute where there is one", () => {
  const ext = furnished();
  ext.vendorAttr.ifdSerialNo = smclib.ansiBytes("42");
  assert.equal(get(ext, smclib.SCARD_ATTR_VENDOR_IFD_SERIAL_NO), "3432");
});

Deno.test("a card of a foreign protocol has type 0", () => {
  const ext = furnished("3B 80 0E 8E");
  reset(ext);
  assert.equal(get(ext, smclib.SCARD_ATTR_ICC_TYPE_PER_ATR), "00");
});

Deno.test("performance counters exist in debug mode", () => {
  let now = 0;
  smclib.startDebugMode({ print: () => {}, ticks: () => now += 10 });
  try {
    const ext = workingReader();
    reset(ext);
    ext.readerFunction[smclib.RDF_TRANSMIT] = () => {
      ext.ioRequest.information = 10;
      return smclib.STATUS_SUCCESS;
    };
    for (let i = 0; i < 2; i++) {
      const irp = makeIrp(
        smclib.IOCTL_SMARTCARD_TRANSMIT,
        pci(smclib.SCARD_PROTOCOL_T1, "00A4000000"),
        64,
      );
      assert.equal(control(ext, irp), smclib.STATUS_SUCCESS);
    }
    assert.equal(
      get(ext, smclib.SCARD_ATTR_PERF_NUM_TRANSMISSIONS),
      "02000000",
    );
    assert.equal(
      get(ext, smclib.SCARD_ATTR_PERF_BYTES_TRANSMITTED),
      "0E000000",
    );
    assert.equal(
      get(ext, smclib.SCARD_ATTR_PERF_TRANSMISSION_TIME),
      "14000000",
    );
  } finally {
    smclib.stopDebugMode();
  }
});

Deno.test("ansiBytes refuses what a VENDOR_ATTR cannot hold", () => {
  assert.equal(smclib.ansiBytes("x".repeat(32)).length, 32);
  assert.throws(() => smclib.ansiBytes("x".repeat(33)), RangeError);
  assert.throws(() => smclib.ansiBytes("€"), RangeError);
  assert.throws(() => smclib.ansiBytes("🂡"), RangeError);
});
