// The server comes and goes cleanly, and no byte of a client costs more than its own connection.

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import * as wire from "../../src/pcsclite/wire/mod.ts";
import { PcscLiteServer } from "../../src/pcsclite/server/mod.ts";
import { Receiver } from "../../src/pcsclite/server/receiver.ts";
import { ResourceManager } from "../../src/resource_manager/mod.ts";
import { RawClient } from "./raw_client.ts";
import { APDU, serverBench } from "./server_bench.ts";

const { COMMANDS } = wire;

Deno.test("the socket is its owner's alone, or as the mode says, and gone at the end", async () => {
  for (const [mode, expected] of [[undefined, 0o600], [0o666, 0o666]]) {
    const b = await serverBench({ mode });
    const { isSocket, mode: found } = await Deno.lstat(b.path);
    assert.equal(isSocket, true);
    assert.equal(found! & 0o777, expected);
    const path = b.path;
    await b[Symbol.asyncDispose]();
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  }
});

Deno.test("a live server is left alone, a dead one's socket taken over, other files kept", async () => {
  await using b = await serverBench();
  const { manager } = b;
  await assert.rejects(
    PcscLiteServer.listen({ manager, socketPath: b.path }),
    /another server listens there, expected none/,
  );
  using client = await b.client();
  await client.card(b.names[0]);
  const stale = `${b.folder}/stale`;
  await leaveSocket(stale);
  const second = await PcscLiteServer.listen({ manager, socketPath: stale });
  using other = await RawClient.open(stale);
  assert.ok(other.hContext > 0);
  await second.close();
  const file = `${b.folder}/file`;
  await Deno.writeTextFile(file, "kept");
  await assert.rejects(
    PcscLiteServer.listen({ manager, socketPath: file }),
    /a file that is no socket/,
  );
  assert.equal(await Deno.readTextFile(file), "kept");
});

/** The socket of a server that was killed. */
async function leaveSocket(path: string): Promise<void> {
  const code = `Deno.listen({ transport: "unix", path: ${
    JSON.stringify(path)
  } }); Deno.kill(Deno.pid, "SIGKILL");`;
  const killed = await new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
  }).output();
  assert.equal(killed.signal, "SIGKILL");
  assert.ok((await Deno.lstat(path)).isSocket);
}

Deno.test("paths and options that cannot be are refused", async () => {
  await using manager = new ResourceManager();
  const listen = (socketPath: string, options = {}) =>
    PcscLiteServer.listen({ manager, socketPath, ...options });
  await assert.rejects(listen(`/${"x".repeat(107)}`), /a path of 108 bytes/);
  await assert.rejects(listen(""), RangeError);
  await assert.rejects(
    listen("/nowhere/to/be/found"),
    /expected a folder that exists/,
  );
  for (
    const bad of [{ mode: 0o1000 }, { maxClients: 0 }, { writeTimeoutMs: 0 }]
  ) await assert.rejects(listen("/x", bad), RangeError);
});

Deno.test("closing cancels waits, ends connections, and leaves the manager open", async () => {
  const b = await serverBench();
  using waiting = await b.client();
  using held = await b.client();
  const hCard = await held.card(b.names[0]);
  await held.ask(COMMANDS.BEGIN_TRANSACTION, wire.BEGIN, { hCard });
  await waiting.order(COMMANDS.WAIT_READER_STATE_CHANGE);
  await waiting.read(2944);
  const closing = b.server.close();
  assert.equal(toHex(await waiting.read(8)), "0000000002001080");
  await waiting.ended();
  await held.ended();
  await closing;
  assert.equal(b.manager.closed, false);
  assert.equal(b.manager.readers[0].connections.size, 0);
  await b.server.close();
  await b[Symbol.asyncDispose]();
});

Deno.test("closing does not wait for a client that does not read", async () => {
  const b = await serverBench();
  using deaf = await b.client();
  const states = wire.encodeRequest(COMMANDS.GET_READERS_STATE);
  const wait = wire.encodeRequest(COMMANDS.WAIT_READER_STATE_CHANGE);
  await deaf.send(wait);
  const flood = (async () => {
    for (let i = 0; i < 100_000; i++) await deaf.send(states);
  })().catch(() => {});
  using client = await b.client();
  await client.card(b.names[0]);
  const startMs = performance.now();
  await b.server.close();
  assert.ok(performance.now() - startMs < 2000);
  await flood;
  await b[Symbol.asyncDispose]();
});

Deno.test("a manager that was closed answers, and the server still ends", async () => {
  const b = await serverBench({ readers: 2 });
  using client = await b.client();
  using fresh = await RawClient.connect(b.path);
  await b.manager.close();
  await fresh.order(COMMANDS.GET_READERS_STATE);
  assert.deepEqual(wire.decodeReaderStates(await fresh.read(2944)), []);
  const { rv } = await client.connectCard(b.names[0]);
  assert.notEqual(rv, 0);
  const { rv: refused } = await fresh.ask(
    COMMANDS.ESTABLISH_CONTEXT,
    wire.ESTABLISH,
    {},
  );
  assert.equal(refused, 0x8010001D);
  await b[Symbol.asyncDispose]();
});

Deno.test("too many clients are closed at once; there is room when one goes", async () => {
  await using b = await serverBench({ maxClients: 2 });
  using first = await b.client();
  const second = await b.client();
  using third = await RawClient.connect(b.path);
  await third.ended();
  assert.ok(b.events.some(({ kind }) => kind === "refused"));
  second.close();
  await b.until(() => b.server.clientCount === 1);
  using fourth = await b.client();
  assert.ok(first.hContext !== fourth.hContext);
});

Deno.test("two hundred clients is the default, as pcscd has it", async () => {
  await using b = await serverBench();
  const clients: RawClient[] = [];
  for (let i = 0; i < 200; i++) clients.push(await RawClient.connect(b.path));
  await b.until(() => b.server.clientCount === 200);
  using late = await RawClient.connect(b.path);
  await late.ended();
  for (const client of clients) client.close();
});

Deno.test("requests in one piece, and byte by byte, are answered in order", async () => {
  await using b = await serverBench();
  using client = await b.client();
  const hCard = await client.card(b.names[0]);
  const transmit = wire.encodeRequest(
    COMMANDS.TRANSMIT,
    wire.TRANSMIT.encode({
      hCard,
      ioSendPciProtocol: 2,
      cbSendLength: 4,
      pcbRecvLength: 100,
    }),
    APDU,
  );
  const status = wire.encodeRequest(
    COMMANDS.STATUS,
    wire.STATUS.encode({ hCard }),
  );
  const many = 300;
  const bytes = new Uint8Array(many * (transmit.length + status.length));
  for (let i = 0; i < many; i++) {
    bytes.set(transmit, i * (transmit.length + status.length));
    bytes.set(status, i * (transmit.length + status.length) + transmit.length);
  }
  const read = async (times: number) => {
    for (let i = 0; i < times; i++) {
      const answer = wire.TRANSMIT.decode(await client.read(32));
      assert.deepEqual([answer.rv, answer.pcbRecvLength], [0, 6]);
      assert.equal(toHex(await client.read(6)), "00A4000C9000");
      assert.equal(wire.STATUS.decode(await client.read(8)).rv, 0);
    }
  };
  await Promise.all([client.send(bytes), read(many)]);
  const two = bytes.subarray(0, 2 * (transmit.length + status.length));
  for (const byte of two) await client.send(Uint8Array.of(byte));
  await read(2);
});

Deno.test("a receiver holds what a message needs, and no more", () => {
  const dialect = wire.dialectOf(4, 4)!;
  const receiver = new Receiver();
  const body = wire.TRANSMIT.encode({ cbSendLength: 65548 });
  const request = wire.encodeRequest(
    COMMANDS.TRANSMIT,
    body,
    new Uint8Array(65548).fill(7),
  );
  const small = receiver.capacity;
  for (let at = 0; at < request.length;) {
    assert.equal(receiver.next(dialect), null);
    const room = receiver.room()!;
    const piece = request.subarray(at, at + Math.min(room.length, 999));
    room.set(piece);
    receiver.received(piece.length);
    at += piece.length;
  }
  assert.equal(receiver.capacity, request.length);
  const { payload } = receiver.next(dialect)!;
  assert.equal(payload.length, 65548);
  assert.ok(payload.every((byte) => byte === 7));
  receiver.room();
  assert.equal(receiver.capacity, small);
  // Requests that nobody takes out fill it, and then there is no room.
  for (;;) {
    const room = receiver.room();
    if (room === null) break;
    receiver.received(room.length);
  }
  assert.equal(receiver.capacity, small);
});
