import assert from "node:assert/strict";
import {
  CM_IOCTL_GET_FEATURE_REQUEST,
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  SCARD_ATTR_DEVICE_FRIENDLY_NAME_A,
  SCARD_ATTR_DEVICE_SYSTEM_NAME_W,
  SCARD_ATTR_VENDOR_NAME,
  SCARD_SPECIFIC,
} from "../../src/smclib/mod.ts";
import { bench, fails, isSettled } from "./bench.ts";
import { settle, TEST_ATR } from "./fake_reader.ts";

const APDU = Uint8Array.of(0, 0xA4, 0, 0);

Deno.test("reset: by disconnect and by control, the others must reconnect", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const [a, c] = [
    await context.connect(b.reader.name),
    await context.connect(b.reader.name),
  ];
  const resets = b.device.count(IOCTL_SMARTCARD_POWER);
  await c.disconnect(1);
  assert.equal(b.device.count(IOCTL_SMARTCARD_POWER), resets + 1);
  await fails("SCARD_W_RESET_CARD", () => a.transmit(APDU));
  await a.reconnect({ shareMode: "shared", protocols: 3, initialization: 2 });
  await a.transmit(APDU);
  const direct = await context.connect(b.reader.name, { shareMode: "direct" });
  const atr = await direct.control(
    IOCTL_SMARTCARD_POWER,
    Uint8Array.of(1, 0, 0, 0),
  );
  assert.deepEqual(atr, TEST_ATR);
  await fails("SCARD_W_RESET_CARD", () => a.transmit(APDU));
  await fails("SCARD_E_PROTO_MISMATCH", () => direct.transmit(APDU));
  await direct.control(
    IOCTL_SMARTCARD_SET_PROTOCOL,
    Uint8Array.of(2, 0, 0, 0),
  );
  assert.equal(direct.activeProtocol, 2);
  await direct.transmit(APDU);
});

Deno.test("status, control and attributes", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  assert.deepEqual(await connection.status(), {
    readerNames: ["Fake Reader 0"],
    state: SCARD_SPECIFIC,
    protocol: 2,
    atr: TEST_ATR,
  });
  const text = (bytes: Uint8Array, encoding = "utf-8") =>
    new TextDecoder(encoding).decode(bytes);
  assert.equal(
    text(await connection.getAttribute(SCARD_ATTR_VENDOR_NAME)),
    "Fake",
  );
  assert.equal(
    text(await connection.getAttribute(SCARD_ATTR_DEVICE_FRIENDLY_NAME_A)),
    "Fake Reader 0\0",
  );
  assert.equal(
    text(
      await connection.getAttribute(SCARD_ATTR_DEVICE_SYSTEM_NAME_W),
      "utf-16le",
    ),
    "SCReader0\0",
  );
  await fails(
    "SCARD_E_UNSUPPORTED_FEATURE",
    () => connection.getAttribute(0x7A000),
  );
  await connection.setAttribute(0x7FFF0007, Uint8Array.of(1));
  await fails(
    "SCARD_E_UNSUPPORTED_FEATURE",
    () => connection.control(CM_IOCTL_GET_FEATURE_REQUEST, new Uint8Array(0)),
  );
  await fails(
    "SCARD_E_INVALID_PARAMETER",
    () => connection.control(IOCTL_SMARTCARD_IS_PRESENT, new Uint8Array(0)),
  );
  b.device.vendorControl = (_code, input) => input;
  const big = new Uint8Array(70_000).fill(7);
  const output = await connection.control(0x312000, big, {
    outputLength: big.length,
  });
  assert.deepEqual(output, big);
  const state = await connection.control(
    IOCTL_SMARTCARD_GET_STATE,
    new Uint8Array(0),
  );
  assert.deepEqual(state, Uint8Array.of(6, 0, 0, 0));
});

Deno.test("release: transactions end with a reset, waits are called off, connections come back", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const other = b.manager.establishContext();
  const mine = await context.connect(b.reader.name);
  const theirs = await other.connect(b.reader.name);
  await mine.beginTransaction();
  const waiting = other.connect(b.reader.name);
  const status = context.getStatusChange([
    { readerName: b.reader.name, currentState: 0x20 | 0x100 },
  ]);
  assert.equal(await isSettled(status), false);
  const checked = fails("SCARD_E_CANCELLED", () => status);
  await context.release();
  await checked;
  await (await waiting).disconnect();
  await fails("SCARD_W_RESET_CARD", () => theirs.transmit(APDU));
  await fails("SCARD_E_INVALID_HANDLE", () => mine.transmit(APDU));
  await fails("SCARD_E_INVALID_HANDLE", () => context.connect(b.reader.name));
  assert.deepEqual([...b.reader.connections], [theirs]);
});

Deno.test("release: a connect that waits or is under way is called off", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const other = b.manager.establishContext();
  const theirs = await other.connect(b.reader.name);
  await theirs.beginTransaction();
  const waiting = context.connect(b.reader.name);
  await settle();
  await context.release();
  await fails("SCARD_E_CANCELLED", () => waiting);
  await theirs.endTransaction();
  const third = b.manager.establishContext();
  b.device.pace = "held";
  const connecting = third.connect(b.reader.name);
  await settle();
  await third.release();
  b.device.pace = "sync";
  b.device.release();
  await fails("SCARD_E_CANCELLED", () => connecting);
});

Deno.test("reconnect: a transaction begun while it is under way survives it", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  const other = await context.connect(b.reader.name);
  await connection.beginTransaction();
  const options = { shareMode: "shared", protocols: 3 } as const;
  await connection.reconnect(options);
  assert.equal(b.reader.lock.owner, null);
  const reconnecting = connection.reconnect(options);
  const begun = connection.beginTransaction();
  await reconnecting;
  await begun;
  assert.equal(b.reader.lock.owner, connection);
  assert.equal(await isSettled(Promise.resolve(other.transmit(APDU))), false);
  await connection.endTransaction();
});

Deno.test("reconnect: a failed one leaves the share mode, and lets nobody in meanwhile", async () => {
  await using b = await bench({ pace: "async" });
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name, {
    shareMode: "exclusive",
  });
  b.device.remove();
  const failing = fails(
    "SCARD_E_NO_SMARTCARD",
    () => connection.reconnect({ shareMode: "shared", protocols: 3 }),
  );
  await fails(
    "SCARD_E_SHARING_VIOLATION",
    () => context.connect(b.reader.name, { shareMode: "direct" }),
  );
  await failing;
  assert.equal(connection.shareMode, "exclusive");
});

Deno.test("release: a disconnect that waits for its turn still resets the card", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const other = b.manager.establishContext();
  const mine = await context.connect(b.reader.name);
  const theirs = await other.connect(b.reader.name);
  await theirs.beginTransaction();
  const leaving = Promise.resolve(mine.disconnect(1));
  await context.release();
  assert.equal(await isSettled(leaving), false);
  await theirs.endTransaction();
  await leaving;
  await fails("SCARD_W_RESET_CARD", () => theirs.transmit(APDU));
});

Deno.test("release: a control request that waits for a user ends with its connection", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  b.device.pace = "held";
  const waiting = connection.control(0x312000, new Uint8Array(0));
  await context.release();
  await fails("SCARD_E_INVALID_HANDLE", () => waiting);
});
