// Invariant: a client finds the service, agrees on what both speak, notices when it goes, and finds it again.

import assert from "node:assert/strict";
import {
  DEFAULT_ANSWER_TIMEOUT_MS,
  PCSC_LITE_SOCKET,
  PcscLiteClient,
} from "../../src/pcsclite/client/mod.ts";
import { serviceAccess } from "../../src/pcsclite/client/options.ts";
import { CANCEL, COMMANDS, VERSION } from "../../src/pcsclite/wire/mod.ts";
import { SmartCardResourceManager } from "../../src/smart_card/mod.ts";
import { READER, ScriptedService } from "./client_service.ts";

const GONE = { name: "SCARD_E_NO_SERVICE" };
const MINORS = [3, 4, 5, 6];

Deno.test("whatever is proposed, the service's version is spoken", async () => {
  for (const spoken of MINORS) {
    for (const minor of MINORS) {
      await using service = new ScriptedService({}, spoken);
      await using client = await service.connect({ minor });
      assert.equal(client.minor, spoken);
      const first = service.connections;
      await using context = await client.establishContext();
      assert.equal(context.minor, spoken);
      assert.deepEqual(await context.listReaders(), [READER]);
      // What it speaks is not asked again.
      assert.equal(service.connections, first + 1);
    }
  }
});

Deno.test("a newer service that agrees and tells its own version is taken at its word", async () => {
  await using service = new ScriptedService({
    [COMMANDS.VERSION]: () => VERSION.encode({ major: 4, minor: 6 }),
  });
  await using client = await service.connect();
  assert.equal(client.minor, 4);
});

Deno.test("versions that are not spoken are refused, and none is tried for ever", async () => {
  const stopped = { name: "SCARD_E_SERVICE_STOPPED" };
  for (const [major, minor] of [[4, 2], [4, 7], [5, 4], [4, 4], [4, 5]]) {
    await using service = new ScriptedService({
      [COMMANDS.VERSION]: () =>
        VERSION.encode({ major, minor, rv: 0x8010_001E }),
    });
    await assert.rejects(service.connect(), stopped);
    assert.ok(service.connections <= 2);
  }
});

Deno.test("nobody listens", async () => {
  const folder = Deno.makeTempDirSync();
  const socketPath = `${folder}/socket`;
  await assert.rejects(PcscLiteClient.connect({ socketPath }), GONE);
  Deno.listen({ transport: "unix", path: socketPath }).close();
  await assert.rejects(PcscLiteClient.connect({ socketPath }), GONE);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("where the service is, and how long to wait for it", () => {
  const before = Deno.env.get("PCSCLITE_CSOCK_NAME");
  try {
    Deno.env.set("PCSCLITE_CSOCK_NAME", "/somewhere");
    assert.equal(serviceAccess({}).socketPath, "/somewhere");
    Deno.env.delete("PCSCLITE_CSOCK_NAME");
    assert.equal(serviceAccess({}).socketPath, PCSC_LITE_SOCKET);
    const { answerTimeoutMs } = serviceAccess({});
    assert.equal(answerTimeoutMs, DEFAULT_ANSWER_TIMEOUT_MS);
  } finally {
    if (before !== undefined) Deno.env.set("PCSCLITE_CSOCK_NAME", before);
  }
  const socketPath = "/somewhere";
  for (const ms of [0, -1, NaN, Infinity]) {
    for (const name of ["answerTimeoutMs", "cardTimeoutMs", "graceMs"]) {
      assert.throws(() => serviceAccess({ socketPath, [name]: ms }), {
        name: "RangeError",
        message: new RegExp(name),
      });
    }
  }
  for (const minor of [2, 7, 4.5]) {
    assert.throws(() => serviceAccess({ socketPath, minor }), RangeError);
  }
});

Deno.test("the service goes: readers leave, contexts fail, and the next one finds it again", async () => {
  await using service = new ScriptedService();
  await using client = await service.connect();
  const context = await client.establishContext({ name: "first" });
  assert.equal(context.name, "first");
  const connection = await context.connect(READER);
  assert.equal(connection.reader, client.readers[0]);
  const ended = new Promise<void>((resolve) => context.onReleased(resolve));
  const left = new Promise<void>((resolve) =>
    client.subscribe(({ kind }) => kind === "removed" && resolve())
  );
  const waiting = assert.rejects(
    context.getStatusChange([{ readerName: READER, currentState: 0x20 }]),
    GONE,
  );
  service.hangUp();
  await Promise.all([ended, left, waiting]);
  assert.deepEqual(client.readers, []);
  await assert.rejects(connection.status(), GONE);
  assert.equal(connection.reader.available, false);
  assert.equal(context.released, false);
  await assert.rejects(context.listReaders(), GONE);
  await assert.rejects(context.connect(READER), GONE);
  assert.throws(() => context.assertOpen("go on"), GONE);
  await context.release();
  assert.equal(connection.closed, true);
  assert.throws(() => context.assertOpen("go on"), {
    name: "SCARD_E_INVALID_HANDLE",
  });
  await using again = await client.establishContext();
  assert.deepEqual(await again.listReaders(), [READER]);
  assert.equal(client.readers.length, 1);
});

Deno.test("the Web Smart Card API over a service that goes", async () => {
  await using service = new ScriptedService();
  await using client = await service.connect();
  const smartCard = new SmartCardResourceManager(client);
  const context = await smartCard.establishContext();
  const { connection } = await context.connect(READER, "shared");
  const told: string[] = [];
  for await (const { type } of context.readerEvents()) {
    told.push(type);
    if (type === "card-inserted") service.hangUp();
  }
  assert.deepEqual(told.slice(0, 2), ["reader-added", "card-inserted"]);
  await assert.rejects(context.listReaders(), { responseCode: "no-service" });
  await assert.rejects(connection.status(), { responseCode: "no-service" });
  await context.release();
  await using again = await smartCard.establishContext();
  assert.deepEqual(await again.listReaders(), [READER]);
});

Deno.test("a signal ends connecting and establishing, at any point", async () => {
  const silent = [
    COMMANDS.VERSION,
    COMMANDS.ESTABLISH_CONTEXT,
    COMMANDS.WAIT_READER_STATE_CHANGE,
  ];
  for (const command of silent) {
    await using service = new ScriptedService();
    await using client = await service.connect();
    service.script = { [command]: () => null };
    const off = new AbortController();
    const heard = service.hears(command);
    const connecting = service.connect({ signal: off.signal });
    await heard;
    off.abort("enough");
    await assert.rejects(connecting, (reason) => reason === "enough");
    if (command === COMMANDS.WAIT_READER_STATE_CHANGE) continue;
    const establishing = client.establishContext({
      signal: AbortSignal.abort("enough"),
    });
    await assert.rejects(establishing, (reason) => reason === "enough");
    // The end of the client ends it, too.
    const asked = service.hears(command);
    const last = assert.rejects(client.establishContext(), GONE);
    await asked;
    await client.close();
    await last;
  }
});

Deno.test("any context can be cancelled by its number, on a socket of its own", async () => {
  const named: number[] = [];
  await using service = new ScriptedService({
    [COMMANDS.CANCEL]: ({ body }) => {
      const { hContext } = CANCEL.decode(body);
      named.push(hContext);
      return CANCEL.encode({ hContext, rv: hContext === 9 ? 0x8010_0003 : 0 });
    },
  });
  await using client = await service.connect();
  const before = service.connections;
  await client.cancelContext(8);
  await assert.rejects(client.cancelContext(9), {
    name: "SCARD_E_INVALID_HANDLE",
  });
  assert.deepEqual(named, [8, 9]);
  assert.equal(service.connections, before + 2);
  service.script = { [COMMANDS.CANCEL]: () => null };
  await assert.rejects(
    client.cancelContext(8, { signal: AbortSignal.timeout(5) }),
    { name: "TimeoutError" },
  );
});
