import assert from "node:assert/strict";
import { settle } from "../resource_manager/fake_reader.ts";
import { APDU, desk, NAME, refuses, rejects } from "./desk.ts";

Deno.test("guards: one operation at a time per context, even with a reader that answers at once", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const first = connection.transmit(APDU);
  const others = [
    connection.transmit(APDU),
    connection.status(),
    connection.disconnect(),
    connection.startTransaction(() => Promise.resolve("leave" as const)),
    d.context.listReaders(),
    d.context.connect(NAME, "shared"),
    d.context.getStatusChange([]),
  ];
  for (const other of others) await rejects("InvalidStateError", other);
  await first;
  await connection.transmit(APDU);
  // Another context is not concerned.
  const second = await d.web.establishContext();
  const slow = connection.transmit(APDU);
  assert.deepEqual(await second.listReaders(), [NAME]);
  await slow;
});

Deno.test("guards: with queue, operations wait for their turn", async () => {
  await using d = await desk({ queue: true, pace: "async" });
  const connection = await d.connect();
  const buffer = APDU.slice();
  const answers = [];
  for (let i = 0; i < 5; i++) {
    buffer[3] = i;
    answers.push(connection.transmit(buffer));
  }
  const last = (await Promise.all(answers)).map((answer) =>
    new Uint8Array(answer)[3]
  );
  assert.deepEqual(last, [0, 1, 2, 3, 4]);
  const abort = new AbortController();
  const running = connection.transmit(APDU);
  const waiting = connection.transmit(APDU, { signal: abort.signal });
  const after = connection.status();
  abort.abort(new Error("enough"));
  await assert.rejects(waiting, { message: "enough" });
  await running;
  assert.equal((await after).state, "t1");
});

Deno.test("guards: a transaction shuts out the context's other connections, then comm is looked at", async () => {
  await using d = await desk();
  const [a, b] = [await d.connect(), await d.connect()];
  const closed = await d.connect();
  await closed.disconnect();
  await rejects("InvalidStateError", closed.status());
  await a.startTransaction(async () => {
    for (
      const refused of [
        () => b.transmit(APDU),
        () => b.status(),
        () => b.disconnect(),
        () => b.startTransaction(() => Promise.resolve("leave" as const)),
        () => a.startTransaction(() => Promise.resolve("leave" as const)),
        () => d.context.connect(NAME, "shared"),
        () => a.reconnect("shared", { preferredProtocols: ["t1"] }),
      ]
    ) await rejects("InvalidStateError", refused());
    assert.deepEqual(await d.context.listReaders(), [NAME]);
    await a.transmit(APDU);
    return "leave" as const;
  });
  await b.transmit(APDU);
});

Deno.test("guards: arguments are converted first", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const cases: (() => Promise<unknown>)[] = [
    () => connection.disconnect("burn" as "leave"),
    () => connection.transmit("00A4" as unknown as Uint8Array<ArrayBuffer>),
    () => connection.transmit(APDU, { protocol: "t2" as "t1" }),
    () => connection.control(-1, APDU),
    () => connection.control(2 ** 32, APDU),
    () => connection.control(NaN, APDU),
    () => connection.getAttribute(Infinity),
    () => connection.startTransaction(undefined as never),
    () => d.context.connect(NAME, "alone" as "shared"),
    () =>
      d.context.connect(NAME, "shared", { preferredProtocols: ["x" as "t0"] }),
    () => d.context.getStatusChange([{ readerName: NAME } as never]),
    () => d.context.getStatusChange([], { timeout: NaN }),
  ];
  for (const wrong of cases) await rejects("TypeError", wrong());
  // And none of them left an operation in progress.
  await connection.transmit(APDU);
});

Deno.test("guards: a released context refuses everything", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const waiting = d.context.getStatusChange([
    { readerName: NAME, currentState: { present: true, inuse: true } },
  ]);
  const refused = rejects("UnknownError", waiting);
  await settle();
  await d.context.release();
  await refused;
  await rejects("InvalidStateError", d.context.listReaders());
  await rejects("InvalidStateError", d.context.connect(NAME, "shared"));
  await rejects("InvalidStateError", connection.transmit(APDU));
  assert.throws(() => d.context.readerEvents(), { name: "InvalidStateError" });
});

Deno.test("permission: asked before each connect", async () => {
  await using d = await desk();
  const asked: string[] = [];
  const { SmartCardResourceManager } = await import(
    "../../src/smart_card/mod.ts"
  );
  const web = new SmartCardResourceManager(d.manager, {
    permission: (readerName) => asked.push(readerName) > 1,
  });
  const context = await web.establishContext();
  await rejects("NotAllowedError", context.connect(NAME, "shared"));
  await refuses("proto-mismatch", context.connect(NAME, "shared"));
  await refuses("unknown-reader", context.connect("nobody", "direct"));
  assert.deepEqual(asked, [NAME, NAME, "nobody"]);
});
