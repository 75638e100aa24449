// Invariant: a connection hears of what happened to its card and of nothing else, and what waits in a name ends with it.
import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
  SCARD_NEGOTIABLE,
} from "../../src/smclib/mod.ts";
import {
  DEFAULT_GRACE_MS,
  ResourceManager,
  SCARD_RESET_CARD,
} from "../../src/resource_manager/mod.ts";
import { createCard } from "../../src/cards/mod.ts";
import { VirtualReader } from "../../src/drivers/virtual/mod.ts";
import { bench, fails, isSettled } from "./bench.ts";
import { FakeReader, settle } from "./fake_reader.ts";

const APDU = Uint8Array.of(0, 0xA4, 0, 0);

Deno.test("power-up: the first reset of a card is news to nobody", async () => {
  await using b = await bench({ card: false, pace: "async" });
  const context = b.manager.establishContext();
  b.device.insert();
  const connection = await context.connect(b.reader.name, {
    shareMode: "direct",
  });
  await settle();
  assert.equal(connection.problem, null);
  await connection.beginTransaction();
  await connection.endTransaction();
});

Deno.test("status: a card that is specific at once is negotiable until somebody asks for its protocol", async () => {
  using device = new VirtualReader();
  device.insert(createCard(undefined, {
    protocols: ["t0"],
    atr: { protocols: [0] },
  }));
  await using manager = new ResourceManager();
  const reader = await manager.addReader(device);
  const context = manager.establishContext();
  const direct = await context.connect(reader.name, { shareMode: "direct" });
  const before = await direct.status();
  assert.deepEqual([before.state, before.protocol], [SCARD_NEGOTIABLE, 0]);
});

Deno.test("control: a connection that lost its card gets no other one by SET_PROTOCOL", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  b.device.remove();
  await settle();
  b.device.insert();
  await settle();
  await fails("SCARD_W_REMOVED_CARD", () => connection.transmit(APDU));
  await connection.control(
    IOCTL_SMARTCARD_SET_PROTOCOL,
    Uint8Array.of(3, 0, 0, 0),
  );
  await fails("SCARD_W_REMOVED_CARD", () => connection.transmit(APDU));
});

Deno.test("end: two at once end one transaction once", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  await connection.beginTransaction();
  b.device.pace = "async";
  const resets = b.device.count(IOCTL_SMARTCARD_POWER);
  const first = Promise.resolve(connection.endTransaction(SCARD_RESET_CARD));
  await fails(
    "SCARD_E_NOT_TRANSACTED",
    () => connection.endTransaction(SCARD_RESET_CARD),
  );
  await first;
  assert.equal(b.device.count(IOCTL_SMARTCARD_POWER), resets + 1);
  await connection.beginTransaction();
  await connection.endTransaction();
});

Deno.test("release: what waits for its turn at a reader that hangs is called off", async () => {
  await using b = await bench();
  const theirs = await b.manager.establishContext().connect(b.reader.name);
  const context = b.manager.establishContext();
  const mine = await context.connect(b.reader.name);
  b.device.pace = "held";
  const hanging = Promise.resolve(theirs.transmit(APDU));
  const waiting = [
    fails("SCARD_E_INVALID_HANDLE", () => mine.transmit(APDU)),
    fails("SCARD_E_INVALID_HANDLE", () => mine.status()),
    fails("SCARD_E_INVALID_HANDLE", () => mine.beginTransaction()),
    fails("SCARD_E_CANCELLED", () => context.connect(b.reader.name)),
  ];
  await settle();
  const releasing = context.release();
  await Promise.all(waiting);
  assert.equal(await isSettled(hanging), false);
  b.timers.advance(DEFAULT_GRACE_MS);
  await releasing;
  assert.equal(b.device.count(IOCTL_SMARTCARD_TRANSMIT), 1);
});

Deno.test("removal: a device whose cleanup throws is removed all the same", async () => {
  const reported: unknown[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error);
  };
  globalThis.addEventListener("error", onError);
  const manager = new ResourceManager();
  const bug = new Error("cleanup bug");
  const broken = new FakeReader();
  broken.insert();
  broken.cleanup = () => {
    throw bug;
  };
  const other = new FakeReader();
  await manager.addReader(broken);
  await manager.addReader(other, { name: "other" });
  await manager.close();
  await settle();
  globalThis.removeEventListener("error", onError);
  assert.equal(manager.readerCount, 0);
  assert.equal(other.cleanups, 1);
  assert.deepEqual(reported, [bug]);
});
