// A client gets one message per wait, after the answers it was owed before, in every dialect.

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import { SYSTEM_TIMERS, type Timers } from "../../src/resource_manager/mod.ts";
import * as wire from "../../src/pcsclite/wire/mod.ts";
import { FakeReader, TEST_ATR } from "../resource_manager/fake_reader.ts";
import { APDU, type ServerBench, serverBench } from "./server_bench.ts";
import type { RawClient } from "./raw_client.ts";

const { COMMANDS } = wire;
const SIGNAL = "0000000000000000";
const CANCELLED = "0000000002001080";
const WAIT = COMMANDS.WAIT_READER_STATE_CHANGE;
const STOP = COMMANDS.STOP_WAITING_READER_STATE_CHANGE;

async function order(client: RawClient, command: wire.Command, bytes: number) {
  await client.order(command);
  return await client.read(bytes);
}

async function states(client: RawClient) {
  return wire.decodeReaderStates(
    await order(client, COMMANDS.GET_READERS_STATE, 2944),
  );
}

async function events(client: RawClient): Promise<number> {
  const bytes = await order(client, COMMANDS.GET_READER_EVENTS, 8);
  return wire.READER_EVENTS.decode(bytes).readerEvents;
}

async function arrive(b: ServerBench, name: string) {
  const reader = await b.manager.addReader(new FakeReader(), { name });
  return () => b.manager.removeReader(reader);
}

Deno.test("the state array shows card, power, protocol and who shares", async () => {
  await using b = await serverBench();
  const [device] = b.devices;
  using client = await b.client();
  using other = await b.client();
  const look = async () => {
    const [{ readerState, readerSharing, cardProtocol, eventCounter }] =
      await states(client);
    return [readerState, readerSharing, cardProtocol, eventCounter];
  };
  assert.deepEqual(await look(), [0x34, 0, 0, 0]);
  assert.deepEqual((await states(client))[0].cardAtr, TEST_ATR);
  const hCard = await client.card(b.names[0]);
  await other.card(b.names[0]);
  assert.deepEqual(await look(), [0x34, 2, 2, 0]);
  other.close();
  await b.until(() => b.server.clientCount === 1);
  const dwDisposition = 2;
  await client.ask(COMMANDS.DISCONNECT, wire.DISCONNECT, {
    hCard,
    dwDisposition,
  });
  assert.deepEqual(await look(), [0x04, 0, 0, 0]);
  const again = await client.card(b.names[0], 1);
  assert.deepEqual(await look(), [0x34, -1, 2, 0]);
  await client.transmit(again, APDU);
  device.remove();
  assert.deepEqual((await look())[0], 0x02);
  assert.equal((await states(client))[0].cardAtrLength, 0);
  device.mute = true;
  device.insert();
  assert.deepEqual((await look())[0], 0x0C);
  assert.deepEqual((await look())[3], 2);
});

Deno.test("4:4: WAIT is answered with the states, then one signal, then none", async () => {
  await using b = await serverBench();
  using client = await b.client(4);
  await order(client, WAIT, 2944);
  b.devices[0].remove();
  assert.equal(toHex(await client.read(8)), SIGNAL);
  b.devices[0].insert();
  // Not registered any more: STOP is not answered, and no second signal came.
  await client.order(STOP);
  assert.equal((await states(client))[0].eventCounter, 2);
  await order(client, WAIT, 2944);
  assert.equal(toHex(await order(client, STOP, 8)), SIGNAL);
});

Deno.test("4:3: WAIT has a body and no answer; what happened since the states were read is told", async () => {
  await using b = await serverBench();
  using client = await b.client(3);
  const wait = (command: wire.Command) =>
    client.send(wire.encodeRequest(command, wire.WAIT.encode()));
  await states(client);
  b.devices[0].remove();
  await wait(WAIT);
  assert.equal(toHex(await client.read(8)), SIGNAL);
  await states(client);
  await wait(WAIT);
  await wait(STOP);
  assert.equal(toHex(await client.read(8)), SIGNAL);
  await wait(WAIT);
  b.devices[0].insert();
  assert.equal(toHex(await client.read(8)), SIGNAL);
});

/** How long the server holds a signal for the next request, at the least. */
const HELD_MS = 5;
/** The moment that a signal is held for the next request never passes: a busy machine needs longer for it. */
const PATIENT: Timers = {
  ...SYSTEM_TIMERS,
  set: (callback, delayMs) =>
    delayMs <= HELD_MS ? null : SYSTEM_TIMERS.set(callback, delayMs),
};

Deno.test("4:5: events of readers are counted, and no signal precedes their number", async () => {
  await using b = await serverBench({ timers: PATIENT });
  using client = await b.client(5);
  assert.equal(await events(client), 2);
  await order(client, WAIT, 2944);
  const leave = await arrive(b, "Another 01 00");
  assert.equal(await events(client), 3);
  assert.equal(toHex(await client.read(8)), SIGNAL);
  leave();
  assert.equal(await events(client), 4);
});

Deno.test("4:6: signals wait until the states were answered", async () => {
  await using b = await serverBench({ timers: PATIENT });
  using client = await b.client(6);
  await client.order(WAIT);
  const size = async () => {
    const bytes = await order(client, COMMANDS.GET_READERS_STATE_SIZE, 4);
    return wire.STATE_SIZE.decode(bytes).readers;
  };
  assert.equal(await size(), 16);
  b.devices[0].remove();
  const array = await order(client, COMMANDS.GET_READERS_STATE_ARRAY, 16 * 184);
  assert.equal(wire.decodeReaderStates(array)[0].readerState, 2);
  assert.equal(await events(client), 2);
  assert.equal(toHex(await client.read(8)), SIGNAL);
});

Deno.test("4:6: a client that asks for nothing more gets its signal all the same", async () => {
  await using b = await serverBench();
  using client = await b.client(6);
  await client.order(WAIT);
  await order(client, COMMANDS.GET_READERS_STATE_SIZE, 4);
  await order(client, COMMANDS.GET_READERS_STATE_ARRAY, 16 * 184);
  b.devices[0].remove();
  assert.equal(toHex(await client.read(8)), SIGNAL);
  await client.order(WAIT);
  await order(client, COMMANDS.GET_READERS_STATE_SIZE, 4);
  b.devices[0].insert();
  assert.equal(toHex(await client.read(8)), SIGNAL);
});

Deno.test("4:6: size and array agree, grow, and never shrink", async () => {
  await using b = await serverBench();
  using client = await b.client(6);
  using fixed = await b.client(4);
  const size = async () => {
    const bytes = await order(client, COMMANDS.GET_READERS_STATE_SIZE, 4);
    return wire.STATE_SIZE.decode(bytes).readers;
  };
  const leaves: (() => void)[] = [];
  for (let i = 1; i < 20; i++) leaves.push(await arrive(b, `R ${i}`));
  assert.equal(await size(), 20);
  leaves.push(await arrive(b, "R 20"));
  const array = await order(client, COMMANDS.GET_READERS_STATE_ARRAY, 20 * 184);
  assert.equal(wire.decodeReaderStates(array).length, 20);
  assert.equal((await states(fixed)).length, 16);
  assert.equal(await size(), 21);
  for (const leave of leaves) leave();
  assert.equal(await size(), 21);
  // Places are kept while a reader is there, and used again.
  await arrive(b, "New");
  const [first, second] = await states(fixed);
  assert.deepEqual([first.readerName, second.readerName], [b.names[0], "New"]);
});

Deno.test("CANCEL comes on a socket of its own, and ends one wait", async () => {
  await using b = await serverBench();
  for (const minor of [3, 4, 5, 6]) {
    using client = await b.client(minor);
    const cancel = async (hContext: number) => {
      const { RawClient } = await import("./raw_client.ts");
      using canceller = await RawClient.connect(b.path);
      return (await canceller.ask(COMMANDS.CANCEL, wire.CANCEL, { hContext }))
        .rv;
    };
    await states(client);
    const body = minor === 3 ? wire.WAIT.encode() : undefined;
    await client.send(wire.encodeRequest(WAIT, body));
    if (minor === 4 || minor === 5) await client.read(2944);
    if (minor === 6) {
      await order(client, COMMANDS.GET_READERS_STATE_SIZE, 4);
      await order(client, COMMANDS.GET_READERS_STATE_ARRAY, 2944);
    }
    // The wait must have been seen before the other socket is.
    if (minor === 3) await states(client);
    assert.equal(await cancel(client.hContext), 0);
    assert.equal(toHex(await client.read(8)), CANCELLED);
    assert.equal(await cancel(client.hContext), 0);
    assert.equal(await cancel(client.hContext ^ 1), 0x80100003);
    await states(client);
  }
});

Deno.test("a change of sharing is an event, too", async () => {
  await using b = await serverBench();
  using client = await b.client();
  using other = await b.client();
  await order(client, WAIT, 2944);
  await other.card(b.names[0]);
  assert.equal(toHex(await client.read(8)), SIGNAL);
  const [{ readerSharing }] = wire.decodeReaderStates(
    await order(client, WAIT, 2944),
  );
  assert.equal(readerSharing, 1);
  other.close();
  assert.equal(toHex(await client.read(8)), SIGNAL);
});

Deno.test("a name that does not fit the wire is found by what fits", async () => {
  await using b = await serverBench();
  const long = "é".repeat(100);
  await arrive(b, long);
  using client = await b.client();
  const [, { readerName }] = await states(client);
  assert.equal(readerName, "é".repeat(63));
  assert.equal((await client.connectCard(readerName, 3)).rv, 0);
});
