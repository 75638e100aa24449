// Message ids and names of readers.

import assert from "node:assert/strict";
import * as smclib from "../../src/smclib/mod.ts";

Deno.test("a message id comes apart", () => {
  const { eventLogIds, parseMessageId } = smclib;
  assert.deepEqual(parseMessageId(eventLogIds.NO_DEVICE_FOUND), {
    severity: 3,
    isCustomer: false,
    facility: 0x010,
    code: 1,
  });
  assert.deepEqual(parseMessageId(eventLogIds.NO_MEMORY), {
    severity: 3,
    isCustomer: false,
    facility: 0x004,
    code: 7,
  });
  // The one warning among them.
  const severities = Object.entries(eventLogIds)
    .filter(([, id]) => parseMessageId(id).severity !== 3);
  assert.deepEqual(severities, [["WRONG_FIRMWARE", 0x80100007]]);
  assert.deepEqual(parseMessageId(0xFFFFFFFF), {
    severity: 3,
    isCustomer: true,
    facility: 0xFFF,
    code: 0xFFFF,
  });
  assert.deepEqual(parseMessageId(0x2FFF0000), {
    severity: 0,
    isCustomer: true,
    facility: 0xFFF,
    code: 0,
  });
  assert.deepEqual(parseMessageId(eventLogIds.WRONG_FIRMWARE | 0), {
    severity: 2,
    isCustomer: false,
    facility: 0x010,
    code: 7,
  });
});

Deno.test("names of readers", () => {
  assert.equal(smclib.kernelDeviceName("Virtual", 0), "\\Device\\Virtual0");
  assert.equal(smclib.readerLinkName(12), "\\DosDevices\\SCReader12");
});

Deno.test("a log record carries the device itself, and the driver where none exists yet", () => {
  const records: smclib.LogRecord[] = [];
  const device = { name: "device" };
  smclib.setLogSink((record) => records.push(record));
  try {
    smclib.SmartcardLogError("driver", smclib.eventLogIds.NO_DEVICE_FOUND);
    smclib.SmartcardLogError(
      device,
      smclib.eventLogIds.WRONG_FIRMWARE,
      "1.2",
      0x0102,
    );
  } finally {
    smclib.setLogSink(null);
  }
  assert.equal(records[0].object, "driver");
  assert.equal(records[1].object, device);
  assert.deepEqual(
    records.map(({ errorCode, insertion, dumpWord }) => [
      errorCode,
      insertion,
      dumpWord,
    ]),
    [[0xC0100001, null, 0], [0x80100007, "1.2", 0x0102]],
  );
});
