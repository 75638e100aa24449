// Invariant: what was ended is given back once and does nothing more, and what cannot be right is not asked.

import assert from "node:assert/strict";
import { COMMANDS, CONNECT, DISCONNECT } from "../../src/pcsclite/wire/mod.ts";
import { READER, ScriptedService } from "./client_service.ts";

const GONE = { name: "SCARD_E_NO_SERVICE" };

Deno.test("nothing goes on after the end", async () => {
  await using service = new ScriptedService();
  const client = await service.connect();
  const context = await client.establishContext();
  const connection = await context.connect(READER);
  await client.close();
  await client.close();
  assert.equal(client.closed, true);
  assert.deepEqual(client.contexts, []);
  assert.equal(context.released, true);
  assert.equal(connection.closed, true);
  await assert.rejects(client.establishContext(), GONE);
  await assert.rejects(context.listReaders(), {
    name: "SCARD_E_SERVICE_STOPPED",
  });
  await assert.rejects(connection.transmit(new Uint8Array(4)), {
    name: "SCARD_E_INVALID_HANDLE",
  });
});

Deno.test("a release ends what runs, and waits for it no longer than agreed", async () => {
  const connected = Promise.withResolvers<void>();
  await using service = new ScriptedService({
    [COMMANDS.CONNECT]: async ({ body }) => {
      await connected.promise;
      return CONNECT.encode(CONNECT.decode(body));
    },
  });
  await using client = await service.connect();
  const cancelled = { name: "SCARD_E_CANCELLED" };
  const first = await client.establishContext();
  const heard = service.hears(COMMANDS.RELEASE_CONTEXT);
  const asked = assert.rejects(first.connect(READER), cancelled);
  const queued = assert.rejects(first.listReaders(), cancelled);
  const releasing = first.release();
  await Promise.all([asked, queued]);
  connected.resolve();
  await releasing;
  await heard;
  service.script = { [COMMANDS.CONNECT]: () => null };
  await using hasty = await service.connect({ graceMs: 20 });
  const second = await hasty.establishContext();
  const hanging = assert.rejects(second.connect(READER), cancelled);
  await Promise.all([second.release(), hanging]);
});

Deno.test("a closed connection is given back, once", async () => {
  await using service = new ScriptedService();
  await using client = await service.connect();
  await using context = await client.establishContext();
  const connection = await context.connect(READER);
  const heard = service.hears(COMMANDS.DISCONNECT);
  connection.close();
  connection.close();
  await heard;
  assert.equal(connection.closed, true);
  await assert.rejects(connection.disconnect(), {
    name: "SCARD_E_INVALID_HANDLE",
  });
  await context.listReaders();
  const all = service.heard.filter((one) => one === COMMANDS.DISCONNECT);
  assert.equal(all.length, 1);
  const other = await context.connect(READER);
  service.script[COMMANDS.DISCONNECT] = ({ body }) =>
    DISCONNECT.encode({ ...DISCONNECT.decode(body), rv: 0x8010_000B });
  await assert.rejects(other.disconnect(1), {
    name: "SCARD_E_SHARING_VIOLATION",
  });
  assert.equal(other.closed, false);
});

Deno.test("bad arguments do not reach the service", async () => {
  await using service = new ScriptedService();
  await using client = await service.connect();
  await using context = await client.establishContext();
  const connection = await context.connect(READER);
  const before = service.heard.length;
  const invalid = { name: "SCARD_E_INVALID_VALUE" };
  for (const disposition of [-1, 4, 0.5]) {
    await assert.rejects(connection.endTransaction(disposition), invalid);
    await assert.rejects(connection.disconnect(disposition), invalid);
  }
  const shareMode = "nobody" as "shared";
  await assert.rejects(context.connect(READER, { shareMode }), invalid);
  await assert.rejects(
    connection.reconnect({ shareMode, protocols: 3 }),
    invalid,
  );
  await assert.rejects(
    connection.reconnect({
      shareMode: "shared",
      protocols: 3,
      initialization: 3,
    }),
    invalid,
  );
  for (const name of ["", "x".repeat(128), "é".repeat(64), "a\0b"]) {
    await assert.rejects(context.connect(name), {
      name: "SCARD_E_UNKNOWN_READER",
    });
  }
  for (const length of [0, 3, 65_545]) {
    await assert.rejects(connection.transmit(new Uint8Array(length)), {
      name: "SCARD_E_INVALID_PARAMETER",
    });
  }
  const large = { name: "SCARD_E_INSUFFICIENT_BUFFER" };
  await assert.rejects(
    connection.setAttribute(1, new Uint8Array(265)),
    large,
  );
  await assert.rejects(
    connection.control(1, new Uint8Array(65_549)),
    large,
  );
  assert.equal(service.heard.length, before);
});
