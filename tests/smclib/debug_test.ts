// Debug output, log and names.

import assert from "node:assert/strict";
import * as smclib from "../../src/smclib/mod.ts";
import { bareReader, control, makeIrp } from "./fake_reader.ts";

Deno.test("debug output: silent by default, errors at every level, DEBUG_BREAK always asserts", () => {
  const lines: string[] = [];
  const failures: string[] = [];
  smclib.SmartcardDebug(smclib.DEBUG_ERROR, "not in debug mode");
  smclib.startDebugMode({
    print: (line) => lines.push(line),
    assert: (_, message) => failures.push(message),
  });
  try {
    smclib.SmartcardDebug(smclib.DEBUG_TRACE, "too low");
    smclib.SmartcardDebug(smclib.DEBUG_ERROR, "an error");
    smclib.SmartcardSetDebugLevel(smclib.DEBUG_TRACE);
    assert.equal(smclib.SmartcardGetDebugLevel(), smclib.DEBUG_TRACE);
    smclib.SmartcardDebug(smclib.DEBUG_TRACE, () => "a trace");
    smclib.SmartcardSetDebugLevel(smclib.DEBUG_BREAK);
    smclib.SmartcardDebug(smclib.DEBUG_TRACE, "unprinted");
    assert.deepEqual(lines, ["SMCLIB: an error", "SMCLIB: a trace"]);
    assert.deepEqual(failures, ["SMCLIB: unprinted"]);
    smclib.SmartcardSetDebugLevel(smclib.DEBUG_IOCTL);
    const ext = bareReader();
    const code = smclib.IOCTL_SMARTCARD_GET_STATE;
    control(ext, makeIrp(code, new Uint8Array(0), 4));
    assert.equal(
      lines.at(-1),
      "SMCLIB: IOCTL_SMARTCARD_GET_STATE: STATUS_SUCCESS, 4 bytes",
    );
    ext.readerFunction[smclib.RDF_IOCTL_VENDOR] = () => {
      ext.osData.currentIrp!.complete(smclib.STATUS_NO_MEDIA);
      return smclib.STATUS_SUCCESS;
    };
    control(ext, makeIrp(smclib.IOCTL_SMARTCARD_VENDOR_FIRST));
    assert.match(lines.at(-1)!, /was completed before/);
    smclib.SmartcardLogError("driver", 0xC0100001, "COM1", 7);
    assert.equal(lines.at(-1), "SMCLIB: event 0xC0100001 COM1 (7)");
  } finally {
    smclib.stopDebugMode();
    smclib.SmartcardSetDebugLevel(0);
  }
  assert.equal(lines.length, 6);
});

Deno.test("SmartcardLogError makes one record and never fails", () => {
  const records: smclib.LogRecord[] = [];
  smclib.setLogSink((record) => records.push(record));
  smclib.SmartcardLogError("driver", 0xC0100001 | 0, "COM1", -1);
  smclib.SmartcardLogError("driver", 1);
  smclib.setLogSink(() => {
    throw new Error("disk full");
  });
  smclib.SmartcardLogError("driver", 2);
  smclib.setLogSink(null);
  smclib.SmartcardLogError("driver", 3);
  assert.deepEqual(records, [
    {
      object: "driver",
      errorCode: 0xC0100001,
      insertion: "COM1",
      dumpWord: 0xFFFFFFFF,
    },
    { object: "driver", errorCode: 1, insertion: null, dumpWord: 0 },
  ]);
});

Deno.test("names and Win32 errors of statuses and control codes", () => {
  assert.equal(smclib.statusName(0xC00000B5 | 0), "STATUS_IO_TIMEOUT");
  assert.equal(smclib.statusName(0xC0001234), "0xC0001234");
  assert.deepEqual(smclib.win32Error(smclib.STATUS_IO_TIMEOUT), {
    name: "ERROR_SEM_TIMEOUT",
    code: 121,
  });
  assert.equal(smclib.win32Error(smclib.STATUS_TIMEOUT), null);
  assert.equal(smclib.ntSuccess(smclib.STATUS_PENDING), true);
  assert.equal(smclib.ntSuccess(smclib.STATUS_DEVICE_BUSY), false);
  assert.equal(smclib.ntSuccess(smclib.STATUS_NO_MEDIA), false);
  assert.equal(
    smclib.ioctlName(smclib.SCARD_CTL_CODE(5)),
    "IOCTL_SMARTCARD_TRANSMIT",
  );
  assert.equal(
    smclib.ioctlName(0x003101A8),
    "IOCTL_SMCLIB_NOTIFY_DEVICE_REMOVAL",
  );
  assert.equal(smclib.ioctlName(0x00312000), "0x00312000");
  assert.equal(smclib.SCARD_CTL_CODE(2048), 0x00312000);
});

Deno.test("which messages are printed at which level", () => {
  const lines: string[] = [];
  smclib.startDebugMode({
    print: (line) => lines.push(line),
    assert: () => {},
  });
  const prints = (current: number, level: number) => {
    lines.length = 0;
    smclib.SmartcardSetDebugLevel(current);
    smclib.SmartcardDebug(level, "message");
    return lines.length === 1;
  };
  try {
    const { DEBUG_ERROR, DEBUG_INFO, DEBUG_ALL, DEBUG_PERF } = smclib;
    const ordinary = [
      smclib.DEBUG_IOCTL,
      smclib.DEBUG_ATR,
      smclib.DEBUG_PROTOCOL,
      smclib.DEBUG_DRIVER,
      smclib.DEBUG_TRACE,
    ];
    for (const level of ordinary) {
      assert.equal(prints(0, level), false);
      assert.equal(prints(level, level), true);
      assert.equal(prints(DEBUG_ALL, level), true);
      assert.equal(prints((DEBUG_ALL & ~level) >>> 0, level), false);
      assert.equal(prints(0, level | DEBUG_ERROR), true);
    }
    for (const current of [0, DEBUG_PERF, DEBUG_ALL, ...ordinary]) {
      assert.equal(prints(current, DEBUG_ERROR), true);
      assert.equal(prints(current, DEBUG_INFO), true);
      assert.equal(prints(current, 0), false);
    }
    assert.equal(prints(DEBUG_ALL, DEBUG_PERF), false);
    assert.equal(prints(DEBUG_PERF, DEBUG_PERF), true);
  } finally {
    smclib.stopDebugMode();
    smclib.SmartcardSetDebugLevel(0);
  }
});

Deno.test("DEBUG_BREAK asserts on printed messages too, and outside debug mode on none", () => {
  const lines: string[] = [];
  const failures: string[] = [];
  const options = {
    print: (line: string) => lines.push(line),
    assert: (condition: boolean, message: string) => {
      assert.equal(condition, false);
      failures.push(message);
    },
  };
  smclib.SmartcardSetDebugLevel(smclib.DEBUG_BREAK);
  assert.equal(smclib.SmartcardGetDebugLevel(), 0x80000000);
  try {
    smclib.SmartcardDebug(smclib.DEBUG_ERROR, "silent");
    // The level is one value for the whole library, and outlives the switch.
    smclib.startDebugMode(options);
    assert.equal(smclib.SmartcardGetDebugLevel(), 0x80000000);
    smclib.SmartcardDebug(smclib.DEBUG_ERROR, "both");
    assert.deepEqual(lines, ["SMCLIB: both"]);
    assert.deepEqual(failures, ["SMCLIB: both"]);
  } finally {
    smclib.stopDebugMode();
    smclib.SmartcardSetDebugLevel(0);
  }
});
