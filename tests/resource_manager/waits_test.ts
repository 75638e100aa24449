import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_TRANSMIT,
  STATUS_DEVICE_REMOVED,
} from "../../src/smclib/mod.ts";
import {
  DEFAULT_GRACE_MS,
  ResourceManager,
} from "../../src/resource_manager/mod.ts";
import { bench, fails, isSettled } from "./bench.ts";
import { FakeReader, settle } from "./fake_reader.ts";
import { FakeTimers } from "./fake_timers.ts";

const APDU = Uint8Array.of(0, 0xA4, 0, 0);
const SHARED = { shareMode: "shared", protocols: 3 } as const;

Deno.test("queue: twenty thousand requests behind a slow one all end", async () => {
  await using b = await bench();
  const connection = await b.manager.establishContext().connect(b.reader.name);
  b.device.pace = "held";
  const answers = Array.from(
    { length: 20_000 },
    () => connection.transmit(APDU),
  );
  b.device.pace = "sync";
  b.device.release();
  const [first] = await Promise.all(answers);
  assert.equal(first.length, APDU.length + 2);
  assert.equal(b.device.count(IOCTL_SMARTCARD_TRANSMIT), 20_000);
});

Deno.test("subscribe: a listener that throws harms nobody", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const [mine, theirs] = [
    await context.connect(b.reader.name),
    await context.connect(b.reader.name),
  ];
  await mine.beginTransaction();
  const waiting = fails(
    "SCARD_W_REMOVED_CARD",
    () => theirs.beginTransaction(),
  );
  const reported: unknown[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error);
  };
  globalThis.addEventListener("error", onError);
  const bug = new Error("listener bug");
  const told: number[] = [];
  const stop = b.manager.subscribe(() => {
    throw bug;
  });
  b.manager.subscribe(({ reader }) => told.push(reader.state.flags));
  b.device.remove();
  await waiting;
  stop();
  b.device.insert();
  await settle();
  globalThis.removeEventListener("error", onError);
  assert.deepEqual(reported, [bug]);
  assert.deepEqual(told, [0x10, 0x120]);
  assert.equal(b.reader.state.eventCount, 2);
});

Deno.test("release: takes the grace at most; the reset still comes before the next use", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const mine = await context.connect(b.reader.name);
  const theirs = await b.manager.establishContext().connect(b.reader.name);
  await mine.beginTransaction();
  b.device.pace = "held";
  const sent = Promise.resolve(mine.transmit(APDU));
  const next = Promise.resolve(theirs.transmit(APDU));
  const releasing = context.release();
  b.timers.advance(DEFAULT_GRACE_MS - 1);
  assert.equal(await isSettled(releasing), false);
  b.timers.advance(1);
  await releasing;
  assert.equal(await isSettled(next), false);
  assert.deepEqual([...b.reader.connections], [theirs]);
  const resets = b.device.count(IOCTL_SMARTCARD_POWER);
  b.device.pace = "sync";
  b.device.release();
  await sent;
  await fails("SCARD_W_RESET_CARD", () => next);
  assert.equal(b.device.count(IOCTL_SMARTCARD_POWER), resets + 1);
});

Deno.test("close: takes the grace at most; what hangs ends with the reader", async () => {
  const timers = new FakeTimers();
  const manager = new ResourceManager({ timers, graceMs: 300 });
  const device = new FakeReader();
  device.insert();
  const reader = await manager.addReader(device);
  const mine = await manager.establishContext().connect(reader.name);
  await mine.beginTransaction();
  device.pace = "held";
  const sent = fails("SCARD_E_READER_UNAVAILABLE", async () => {
    await mine.transmit(APDU);
  });
  const closing = manager.close();
  timers.advance(299);
  assert.equal(await isSettled(closing), false);
  timers.advance(1);
  await closing;
  await sent;
  assert.equal(manager.readerCount, 0);
  assert.equal(device.cleanups, 1);
  assert.equal(timers.pending, 0);
  assert.throws(() => new ResourceManager({ graceMs: -1 }), RangeError);
});

Deno.test("signal: calls off what waits behind a slow request, and nothing of it is sent", async () => {
  await using b = await bench();
  const connection = await b.manager.establishContext().connect(b.reader.name);
  b.device.pace = "held";
  const sent = Promise.resolve(connection.transmit(APDU));
  const abort = new AbortController();
  const { signal } = abort;
  const reason = new Error("enough");
  const waiting = [
    connection.reconnect({ ...SHARED, initialization: 1, signal }),
    connection.status({ signal }),
    connection.beginTransaction({ signal }),
    connection.disconnect(1, { signal }),
  ].map((work) => assert.rejects(Promise.resolve(work), reason));
  await settle();
  abort.abort(reason);
  await Promise.all(waiting);
  assert.equal(b.reader.lock.owner, null);
  const { length } = b.device.log;
  b.device.pace = "sync";
  b.device.release();
  await sent;
  await settle();
  assert.equal(b.device.log.length, length);
  await connection.transmit(APDU);
});

Deno.test("signal: calls off a reset that hangs; the disconnect ends in its own time", async () => {
  await using b = await bench();
  const connection = await b.manager.establishContext().connect(b.reader.name);
  b.device.pace = "held";
  const abort = new AbortController();
  const { signal } = abort;
  const leaving = Promise.resolve(connection.disconnect(1, { signal }));
  await settle();
  abort.abort();
  await assert.rejects(leaving, { name: "AbortError" });
  assert.equal(b.reader.connections.size, 1);
  b.device.release();
  await settle();
  assert.equal(b.reader.connections.size, 0);
});

Deno.test("signal: calls off a connect to a failed reader that does not answer", async () => {
  await using b = await bench();
  b.device.endTracking(STATUS_DEVICE_REMOVED);
  await settle();
  b.device.pace = "held";
  const abort = new AbortController();
  const connecting = b.manager.establishContext().connect(b.reader.name, {
    signal: abort.signal,
  });
  await settle();
  abort.abort();
  await assert.rejects(connecting, { name: "AbortError" });
});

Deno.test("signal: one that lives long keeps nothing of requests that have ended", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  b.device.vendorControl = (_code, input) => input;
  const { signal } = new AbortController();
  let kept = 0;
  const listen = signal.addEventListener.bind(signal);
  const forget = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof listen>) => {
    kept++;
    listen(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof forget>) => {
    kept--;
    forget(...args);
  };
  const requests = [{ readerName: b.reader.name, currentState: 0 }];
  for (const pace of ["sync", "async"] as const) {
    b.device.pace = pace;
    await context.getStatusChange(requests, { signal });
    await connection.control(0x312000, APDU, { signal });
    await connection.status({ signal });
    await connection.reconnect({ ...SHARED, signal });
    const other = await context.connect(b.reader.name, { signal });
    await other.disconnect(0, { signal });
  }
  assert(kept <= 0, `${kept} listeners`);
});
