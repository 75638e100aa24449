// Invariant: whatever is traced behaves as if it were not, and each floor says what passed it.

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import { createCard } from "../../src/cards/mod.ts";
import {
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  Irp,
  type ReaderDevice,
  SCARD_ATTR_DEVICE_IN_USE,
  SCARD_ATTR_VENDOR_NAME,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import {
  describeEvent,
  traceDevice,
  type TraceEvent,
  Tracer,
} from "../../src/tracing/mod.ts";
import { request } from "../drivers/requests.ts";
import {
  connect,
  eventList,
  READER,
  send,
  tracedReader,
} from "./traced_reader.ts";

function shown(events: readonly TraceEvent[], floor: string): string[] {
  return events.filter((event) => event.floor === floor).map((event) => {
    const { detail } = event;
    const bytes = detail.kind === "sent" || detail.kind === "received"
      ? `${detail.kind} ${detail.unit} ${toHex(detail.bytes)} `
      : "";
    return bytes + describeEvent(detail);
  });
}

Deno.test("three floors of a T=1 session", async () => {
  const { events, write } = eventList();
  let now = 0;
  const tracer = new Tracer({ sinks: [{ write }], clock: () => ++now });
  const card = createCard(undefined, { protocols: ["t1"] });
  const { reader, device } = tracedReader(tracer, card);
  using _ = reader;
  await connect(device, "t1");
  assert.equal(await send(device, "t1", "00A4040C06F044454E4F01"), "9000");
  assert.equal(await send(device, "t1", "0020000104FFFFFFFF"), "63C2");

  assert.deepEqual(shown(events, "device"), [
    "IOCTL_SMARTCARD_POWER COLD_RESET",
    "IOCTL_SMARTCARD_POWER = STATUS_SUCCESS, ATR: direct, T=1, F = 512, D = 16, historical 8073F62140",
    "IOCTL_SMARTCARD_SET_PROTOCOL T1",
    "IOCTL_SMARTCARD_SET_PROTOCOL = STATUS_SUCCESS, T1",
    "IOCTL_SMARTCARD_TRANSMIT T1 SELECT 04-0C, Lc 6",
    "IOCTL_SMARTCARD_TRANSMIT = STATUS_SUCCESS, SW 9000: done",
    "IOCTL_SMARTCARD_TRANSMIT T1 VERIFY 00-01, Lc 4",
    "IOCTL_SMARTCARD_TRANSMIT = STATUS_SUCCESS, SW 63C2: wrong, 2 tries left",
  ]);
  assert.deepEqual(shown(events, "callback"), [
    "RDF_CARD_POWER COLD_RESET",
    "RDF_CARD_POWER = STATUS_SUCCESS, ATR: direct, T=1, F = 512, D = 16, historical 8073F62140",
    "RDF_SET_PROTOCOL T1",
    "RDF_SET_PROTOCOL = STATUS_SUCCESS, T1",
    "RDF_TRANSMIT T1 SELECT 04-0C, Lc 6",
    "RDF_TRANSMIT = STATUS_SUCCESS, SW 9000: done",
    "RDF_TRANSMIT T1 VERIFY 00-01, Lc 4",
    "RDF_TRANSMIT = STATUS_SUCCESS, SW 63C2: wrong, 2 tries left",
  ]);
  assert.deepEqual(shown(events, "link"), [
    "power off",
    "cold reset",
    "received atr 3B95958131FE458073F621406F ATR: direct, T=1, F = 512, D = 16, historical 8073F62140",
    "sent pps FF1115FB PPS: T=1, F = 372, D = 16",
    "received pps FF1115FB PPS: T=1, F = 372, D = 16",
    "sent t1 00C101FE3E S(IFS request 254)",
    "received t1 00E101FE1E S(IFS response 254)",
    "sent t1 00000B00A4040C06F044454E4F0150 I(0,0): 11 bytes",
    "received t1 000002900092 I(0,0): 2 bytes",
    "sent t1 00400900200001042A2A2A2A2A I(1,0): 9 bytes",
    "received t1 00400263C2E3 I(1,0): 2 bytes",
  ]);

  assert.deepEqual(
    events.map(({ number, timeMicroseconds }) => [number, timeMicroseconds]),
    events.map((_, at) => [at + 1, at + 1]),
  );
  for (const { begin, number, floor, reader, detail } of events) {
    assert.equal(reader, READER);
    const answers = ["completion", "received"].includes(detail.kind);
    assert.equal(begin !== null, answers, describeEvent(detail));
    if (begin === null) continue;
    assert.ok(begin < number);
    assert.equal(events[begin - 1].floor, floor);
    assert.notEqual(events[begin - 1].detail.kind, "completion");
  }
});

Deno.test("T=0 is told by its procedure bytes, byte by byte, too", async () => {
  const { events, write } = eventList();
  const tracer = new Tracer({ sinks: [{ write }] });
  const card = createCard(undefined, {
    protocols: ["t0"],
    t0: { procedure: ["null", "one", "all"], nullsBeforeStatus: 1 },
  });
  const { reader, device } = tracedReader(tracer, card);
  using _ = reader;
  await connect(device, "t0");
  assert.equal(await send(device, "t0", "00A4040C06F044454E4F01"), "9000");
  assert.equal(await send(device, "t0", "00B0810003"), "48656C9000");
  const link = shown(events, "link");
  const from = link.findIndex((line) => line.startsWith("sent t0"));
  assert.deepEqual(link.slice(from), [
    "sent t0 00A4040C06 T=0 header: SELECT 04-0C, P3 6",
    "received t0 60 NULL: wait",
    "received t0 5B ~ACK: one byte",
    "sent t0 F0 data: 1 byte",
    "received t0 A4 ACK: send the data",
    "sent t0 44454E4F01 data: 5 bytes",
    "received t0 609000 NULL: wait, SW 9000: done",
    "sent t0 00B0810003 T=0 header: READ BINARY 81-00, P3 3",
    "received t0 604F NULL: wait, ~ACK: one byte",
    "received t0 48B0656C609000 1 byte, ACK, 2 bytes, NULL: wait, SW 9000: done",
  ]);
});

Deno.test("a request that waits has three events, attributes have names", async () => {
  const { events, write } = eventList();
  const tracer = new Tracer({ sinks: [{ write }] });
  const { reader, device } = tracedReader(tracer, createCard());
  using _ = reader;
  const tag = (value: number, ...more: number[]) =>
    Uint8Array.of(value, value >> 8, value >> 16, value >>> 24, ...more);
  await request(
    device,
    IOCTL_SMARTCARD_GET_ATTRIBUTE,
    tag(SCARD_ATTR_VENDOR_NAME),
    32,
  );
  await request(
    device,
    IOCTL_SMARTCARD_SET_ATTRIBUTE,
    tag(SCARD_ATTR_DEVICE_IN_USE, 1, 0, 0, 0),
  );
  await request(device, IOCTL_SMARTCARD_GET_STATE, new Uint8Array(0), 4);
  const absent = request(device, IOCTL_SMARTCARD_IS_ABSENT);
  reader.remove();
  await absent;
  assert.deepEqual(shown(events, "device"), [
    "IOCTL_SMARTCARD_GET_ATTRIBUTE SCARD_ATTR_VENDOR_NAME",
    'IOCTL_SMARTCARD_GET_ATTRIBUTE = STATUS_SUCCESS, "deno-smartcard"',
    "IOCTL_SMARTCARD_SET_ATTRIBUTE SCARD_ATTR_DEVICE_IN_USE 1",
    "IOCTL_SMARTCARD_SET_ATTRIBUTE = STATUS_SUCCESS",
    "IOCTL_SMARTCARD_GET_STATE",
    "IOCTL_SMARTCARD_GET_STATE = STATUS_SUCCESS, PRESENT",
    "IOCTL_SMARTCARD_IS_ABSENT",
    "IOCTL_SMARTCARD_IS_ABSENT = STATUS_PENDING",
    "IOCTL_SMARTCARD_IS_ABSENT = STATUS_SUCCESS",
  ]);
  assert.deepEqual(shown(events, "callback"), [
    "RDF_CARD_TRACKING",
    "RDF_CARD_TRACKING = STATUS_PENDING",
  ]);
  const begins = events.filter(({ floor }) => floor === "device").slice(-3)
    .map(({ begin }) => begin);
  assert.equal(begins[1], begins[2]);
});

function irp(): Irp {
  return new Irp({
    ioControlCode: IOCTL_SMARTCARD_GET_STATE,
    systemBuffer: new Uint8Array(4),
    inputLength: 0,
    outputLength: 4,
  });
}

Deno.test("a device keeps its shape: what it has not, its wrapper has not", async () => {
  const { events, write } = eventList();
  const tracer = new Tracer({ sinks: [{ write }] });
  const bare = traceDevice({
    deviceName: "\\Device\\Bare0",
    deviceControl: () => STATUS_SUCCESS,
  }, tracer);
  assert.equal(bare.deviceName, "\\Device\\Bare0");
  assert.deepEqual(
    [bare.cleanup, bare.sleep, bare.wake],
    [undefined, undefined, undefined],
  );
  const calls: string[] = [];
  const device: ReaderDevice = {
    deviceName: "x",
    deviceControl: () => STATUS_SUCCESS,
    cleanup() {
      assert.equal(this, device);
      calls.push("cleanup");
    },
    sleep: () => Promise.resolve(void calls.push("sleep")),
    wake: () => Promise.reject(new Error("stays asleep")),
  };
  const full = traceDevice(device, tracer, "full");
  full.cleanup?.();
  await full.sleep?.();
  await assert.rejects(async () => await full.wake?.(), /stays asleep/);
  assert.deepEqual(calls, ["cleanup", "sleep"]);
  assert.deepEqual(shown(events, "device"), [
    "cleanup",
    "cleanup returned",
    "sleep",
    "sleep returned",
    "wake",
    "wake threw Error: stays asleep",
  ]);
});

Deno.test("a device that throws or rejects does so through its wrapper", async () => {
  const { events, write } = eventList();
  const tracer = new Tracer({ sinks: [{ write }] });
  for (const isLate of [false, true]) {
    const device = traceDevice({
      deviceName: "x",
      deviceControl() {
        if (isLate) return Promise.reject(new Error("broken"));
        throw new Error("broken");
      },
    }, tracer);
    await assert.rejects(async () => await device.deviceControl(irp()), {
      message: "broken",
    });
  }
  assert.deepEqual(
    events.map(({ begin, detail }) => [begin, detail.kind]),
    [[null, "request"], [1, "failure"], [null, "request"], [3, "failure"]],
  );
});

Deno.test("without a sink nothing is done and nothing numbered", () => {
  const tracer = new Tracer();
  let served = 0;
  const device = traceDevice({
    deviceName: "x",
    deviceControl: () => (served++, STATUS_PENDING),
  }, tracer);
  assert.equal(device.deviceControl(irp()), STATUS_PENDING);
  const { events, write } = eventList();
  const sink = { write };
  tracer.addSink(sink);
  device.deviceControl(irp());
  tracer.removeSink(sink);
  device.deviceControl(irp());
  assert.equal(served, 3);
  assert.deepEqual(events.map(({ number }) => number), [1, 2]);
});

Deno.test("a sink that throws harms neither the device nor the other sinks", () => {
  const { events, write } = eventList();
  const broken = {
    write() {
      throw new Error("full disk");
    },
  };
  const tracer = new Tracer({ sinks: [broken, { write }] });
  const device = traceDevice({
    deviceName: "x",
    deviceControl: () => STATUS_SUCCESS,
  }, tracer);
  assert.equal(device.deviceControl(irp()), STATUS_SUCCESS);
  assert.equal(events.length, 2);
});
