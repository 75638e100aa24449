// The real port of Linux, on pseudo-terminals, in real time.

import assert from "node:assert/strict";
import { createTestCard } from "../../../src/cards/mod.ts";
import type { TestCardOptions } from "../../../src/cards/mod.ts";
import {
  openSerialPort,
  type SerialPort,
  SerialPortError,
  SerialReader,
  type SerialSettings,
} from "../../../src/drivers/serial/mod.ts";
import {
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  setLogSink,
  statusName,
} from "../../../src/smclib/mod.ts";
import { laws, runLaw } from "../../../src/testing/mod.ts";
import { request, untilAbsent, untilPresent } from "../requests.ts";
import { realClock } from "./clocks.ts";
import {
  noPseudoTerminals,
  PseudoTerminal,
  WiredPort,
} from "./pseudo_terminal.ts";
import { connect, exchange, useTestCard } from "./sessions.ts";
import { SimulatedPhoenix } from "./simulated_phoenix.ts";

const DEADLINE_MS = 10_000;

function test(name: string, run: () => Promise<void>): void {
  Deno.test({
    name: noPseudoTerminals === null
      ? name
      : `${name} (skipped: ${noPseudoTerminals})`,
    ignore: noPseudoTerminals !== null,
    async fn() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`not done after ${DEADLINE_MS} ms`)),
          DEADLINE_MS,
        );
      });
      try {
        await Promise.race([run(), late]);
      } finally {
        clearTimeout(timer);
      }
    },
  });
}

const SETTINGS: SerialSettings = {
  baudRate: 9600,
  parity: "none",
  stopBits: 1,
  marksDamage: false,
};

async function readAll(port: SerialPort, count: number): Promise<number[]> {
  const target = new Uint16Array(16);
  const found: number[] = [];
  while (found.length < count) {
    const length = await port.read(target);
    if (length === 0) break;
    found.push(...target.subarray(0, length));
  }
  return found;
}

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, index) => index);

test("settings reach the kernel", async () => {
  await using terminal = new PseudoTerminal();
  await using port = openSerialPort(terminal.path);
  assert.equal(terminal.settings.baudRate, 9600);
  for (const baudRate of [10_753, 9622, 115_200, 344_086]) {
    for (const stopBits of [1, 2] as const) {
      for (const marksDamage of [false, true]) {
        const settings = { ...SETTINGS, baudRate, stopBits, marksDamage };
        port.configure(settings);
        assert.deepEqual(terminal.settings, settings);
      }
    }
  }
  assert.throws(
    () => port.configure({ ...SETTINGS, baudRate: 0 }),
    /Cannot set the speed of a serial port: 0 bit\/s found/,
  );
});

test("all bytes pass in both directions, untranslated", async () => {
  await using terminal = new PseudoTerminal();
  const { promise, resolve } = Promise.withResolvers<number[]>();
  const seen: number[] = [];
  terminal.onBytes = (bytes) => {
    seen.push(...bytes);
    if (seen.length >= 256) resolve(seen);
  };
  for (const marksDamage of [false, true]) {
    await using port = openSerialPort(terminal.path, {
      settings: { ...SETTINGS, marksDamage },
    });
    terminal.write(EVERY_BYTE);
    assert.deepEqual(await readAll(port, 256), [...EVERY_BYTE]);
    await port.write(EVERY_BYTE);
    await port.drain();
  }
  assert.deepEqual((await promise).slice(0, 256), [...EVERY_BYTE]);
});

test("more is written than the kernel keeps", async () => {
  await using terminal = new PseudoTerminal();
  await using port = openSerialPort(terminal.path);
  let count = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  terminal.onBytes = (bytes) => {
    count += bytes.length;
    if (count === 100_000) resolve();
  };
  await port.write(new Uint8Array(100_000).fill(0x55));
  await promise;
});

test("a flush drops what has come", async () => {
  await using terminal = new PseudoTerminal();
  await using port = openSerialPort(terminal.path);
  terminal.write(Uint8Array.of(1, 2, 3));
  // The kernel brings what was written at once in one piece: the others are there, too.
  const target = new Uint16Array(1);
  assert.equal(await port.read(target), 1);
  assert.equal(target[0], 1);
  port.flush("input");
  terminal.write(Uint8Array.of(4));
  assert.equal(await port.read(target), 1);
  assert.equal(target[0], 4);
});

test("closing ends a read, and the port takes no more", async () => {
  await using terminal = new PseudoTerminal();
  const port = openSerialPort(terminal.path);
  const reading = port.read(new Uint16Array(4));
  await assert.rejects(port.read(new Uint16Array(4)), /another read waits/);
  const closed = port.close();
  assert.equal(port.close(), closed);
  assert.equal(await reading, 0);
  await closed;
  const isClosed = { name: "SerialPortError", code: "EBADF" };
  assert.equal(await port.read(new Uint16Array(4)), 0);
  await assert.rejects(port.write(Uint8Array.of(1)), isClosed);
  await assert.rejects(port.drain(), isClosed);
  assert.throws(() => port.configure(SETTINGS), isClosed);
  assert.throws(() => port.flush("both"), isClosed);
  assert.throws(() => port.setLines({ rts: true }), isClosed);
  assert.throws(() => port.lineState(), isClosed);
});

test("a port can be opened again, and the new one loses nothing to the old", async () => {
  await using terminal = new PseudoTerminal();
  for (let round = 0; round < 20; round++) {
    await using port = openSerialPort(terminal.path);
    terminal.write(Uint8Array.of(round, 0xFF));
    assert.deepEqual(await readAll(port, 2), [round, 0xFF]);
    // Left waiting when the port is closed.
    port.read(new Uint16Array(1));
  }
});

test("a pseudo-terminal has no lines, which is an error with the system's name", async () => {
  await using terminal = new PseudoTerminal();
  await using port = openSerialPort(terminal.path);
  const noLines = { name: "SerialPortError", code: "ENOTTY" };
  assert.throws(() => port.lineState(), noLines);
  assert.throws(() => port.setLines({ rts: true, dtr: false }), noLines);
  const none = { cts: false, dsr: false, cd: false, ri: false, changes: null };
  await assert.rejects(port.waitForLineChange(none), noLines);
  await assert.rejects(
    port.waitForLineChange(none, { signal: AbortSignal.abort("enough") }),
    (reason) => reason === "enough",
  );
  await assert.rejects(SerialReader.open({ path: terminal.path }), noLines);
});

test("a hangup ends a read with EIO", async () => {
  const terminal = new PseudoTerminal();
  await using port = openSerialPort(terminal.path);
  const reading = port.read(new Uint16Array(4));
  await terminal.hangUp();
  await assert.rejects(reading, { name: "SerialPortError", code: "EIO" });
  await assert.rejects(port.write(Uint8Array.of(1)), SerialPortError);
});

/** A reader on a pseudo-terminal. */
async function wiredReader(options: { clockKhz?: number } = {}) {
  const terminal = new PseudoTerminal();
  const adaptor = new SimulatedPhoenix({
    clock: realClock,
    isPaced: false,
    hasParity: false,
    power: { line: "dtr" },
    ...options,
  });
  const port = openSerialPort(terminal.path);
  const reader = await SerialReader.open({
    port: new WiredPort(port, terminal, adaptor),
    power: { line: "dtr" },
    resetHoldMs: 5,
    // The machine may be busy.
    hostLatencyMs: 2000,
    ...options,
  });
  return {
    terminal,
    adaptor,
    reader,
    async [Symbol.asyncDispose]() {
      await reader.close();
      await terminal.hangUp();
    },
  };
}

const T0 = SCARD_PROTOCOL_T0;
const T1 = SCARD_PROTOCOL_T1;
const KINDS: [string, TestCardOptions, number, number][] = [
  ["T=0", { protocols: ["t0"] }, T0, 10_753],
  [
    "T=0, inverse convention",
    { protocols: ["t0"], convention: "inverse" },
    T0,
    10_753,
  ],
  ["T=1 after PPS", { protocols: ["t1"], ta1: 0x94 }, T1, 86_022],
  [
    "T=1, inverse convention",
    { protocols: ["t1"], convention: "inverse" },
    T1,
    10_753,
  ],
];

for (const [name, options, protocol, baudRate] of KINDS) {
  test(`a card through the kernel: ${name}`, async () => {
    await using place = await wiredReader({ clockKhz: 4000 });
    const card = createTestCard(options);
    const inserted = untilPresent(place.reader);
    place.adaptor.insert(card.contacts);
    await inserted;
    await connect(place.reader, protocol);
    await useTestCard(place.reader, protocol);
    assert.equal(place.terminal.settings.baudRate, baudRate);
    assert.equal(place.terminal.settings.stopBits, 2);
    assert.deepEqual(place.adaptor.violations, []);
    const removed = untilAbsent(place.reader);
    place.adaptor.remove();
    await removed;
  });
}

test("a hangup in an exchange ends it, and the reader", async () => {
  await using place = await wiredReader();
  const card = createTestCard({ protocols: ["t1"] });
  place.adaptor.insert(card.contacts);
  await untilPresent(place.reader);
  await connect(place.reader, T1);
  const removed = untilAbsent(place.reader);
  const answer = exchange(place.reader, T1, "80320000");
  await card.whenHeld;
  setLogSink(() => {});
  await place.terminal.hangUp();
  assert.match(await answer, /^STATUS_(NO_MEDIA|DEVICE_REMOVED)$/);
  await removed;
  const { status } = await request(place.reader, 0x0031_0038);
  assert.equal(statusName(status), "STATUS_DEVICE_REMOVED");
  setLogSink(null);
});

/** Laws that a few hundred milliseconds prove. */
const FEW = [
  "an empty reader is ABSENT",
  "a card of inverse convention is like any other",
  "a card that moves while tracking is on its way is seen",
  "sleep powers the card down",
  "T=0 case 2 brings what P3 asks for",
  "T=1 grants the time that a card asks for",
];

for (const name of FEW) {
  const law = laws.find((law) => law.name === name);
  if (law === undefined) throw new Error(`no law "${name}" in the law book`);
  test(`a law through the kernel: ${law.name}`, async () => {
    await runLaw(law, async () => {
      const place = await wiredReader();
      return {
        device: place.reader,
        insert: ({ contacts }) => place.adaptor.insert(contacts),
        remove: () => place.adaptor.remove(),
        [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
      };
    });
  });
}
