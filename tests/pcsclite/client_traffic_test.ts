// Invariant: many calls at once are answered each with its own answer, in order, and whatever bytes come instead, every call ends.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  PNP_NOTIFICATION,
  ResourceManagerError,
} from "../../src/resource_manager/mod.ts";
import {
  type Command,
  COMMANDS,
  CONTROL,
  STATE_SIZE,
  TRANSMIT,
} from "../../src/pcsclite/wire/mod.ts";
import {
  CARD,
  ENTRY,
  READER,
  type Request,
  ScriptedService,
} from "./client_service.ts";

/** Answers an APDU with itself. */
function echo({ body, payload }: Request): Uint8Array {
  const answer = TRANSMIT.encode({
    ...TRANSMIT.decode(body),
    pcbRecvLength: payload.length,
  });
  return Uint8Array.of(...answer, ...payload);
}

Deno.test("calls of one context take turns, those of others go on", async () => {
  const held = Promise.withResolvers<void>();
  await using service = new ScriptedService({ [COMMANDS.TRANSMIT]: echo });
  await using client = await service.connect();
  await using one = await client.establishContext();
  await using two = await client.establishContext();
  const first = await one.connect(READER);
  const second = await two.connect(READER);
  assert.ok(second.id > first.id);
  const waiting = one.getStatusChange([
    { readerName: READER, currentState: 0x20 },
  ]);
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      const apdu = Uint8Array.of(0, 0, i, i);
      const answer = first.transmit(apdu);
      // The bytes are the caller's again.
      apdu.fill(0xFF);
      return (await answer)[2];
    }),
  );
  assert.deepEqual(answers, answers.map((_, i) => i));
  service.script = {
    [COMMANDS.TRANSMIT]: async (request) => {
      if (request.payload[3] === 1) await held.promise;
      return echo(request);
    },
  };
  const late = first.transmit(Uint8Array.of(0, 0, 0, 1));
  assert.equal((await second.transmit(Uint8Array.of(0, 0, 0, 2)))[3], 2);
  held.resolve();
  assert.equal((await late)[3], 1);
  await service.change([{ ...ENTRY, readerState: 2 }]);
  await waiting;
});

Deno.test("control codes of Windows' vendors are translated, requests to its drivers are not", async () => {
  const sent: number[] = [];
  await using service = new ScriptedService({
    [COMMANDS.CONTROL]: ({ body }) => {
      const { dwControlCode, cbRecvLength } = CONTROL.decode(body);
      sent.push(dwControlCode, cbRecvLength);
      return CONTROL.encode({ hCard: CARD });
    },
  });
  await using client = await service.connect();
  await using context = await client.establishContext();
  const connection = await context.connect(READER);
  const input = new Uint8Array(0);
  const codes = [0x0031_3520, 0x0031_2000, 0x0031_0004, 0x4200_0D48];
  for (const code of codes) {
    await connection.control(code, input, { outputLength: 256 });
  }
  await connection.control(1, input, { outputLength: 100_000 });
  await connection.control(1, input);
  assert.deepEqual(sent, [
    ...[0x4200_0D48, 256],
    ...[0x4200_0800, 256],
    ...[0x0031_0004, 256],
    ...[0x4200_0D48, 256],
    ...[1, 65_548],
    ...[1, 65_548],
  ]);
});

Deno.test("more readers than the old array holds, in 4:6", async () => {
  await using service = new ScriptedService({}, 6);
  service.readers = Array.from({ length: 40 }, (_, i) => ({
    ...ENTRY,
    readerName: `Reader ${i} 00`,
  }));
  service.script = {
    [COMMANDS.GET_READERS_STATE_SIZE]: () => STATE_SIZE.encode({ readers: 48 }),
    [COMMANDS.GET_READERS_STATE_ARRAY]: () => service.states(48),
  };
  await using client = await service.connect();
  await using context = await client.establishContext();
  assert.equal((await context.listReaders()).length, 40);
  assert.equal(client.readers.length, 40);
  const [list, last] = await context.readerStates([
    { readerName: PNP_NOTIFICATION, currentState: 0 },
    { readerName: "Reader 39 00", currentState: 0x20 },
  ]);
  assert.equal(list.eventCount, 7);
  assert.equal(last.eventState, 0x20);
});

Deno.test("what a listener throws is its own business", async () => {
  await using service = new ScriptedService();
  await using client = await service.connect();
  const thrown = Promise.withResolvers<unknown>();
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    thrown.resolve(event.error);
  };
  addEventListener("error", onError);
  client.subscribe(() => {
    throw "mine";
  });
  const told = new Promise<void>((resolve) =>
    client.subscribe(() => resolve())
  );
  await service.change([]);
  await told;
  assert.equal(await thrown.promise, "mine");
  removeEventListener("error", onError);
});

Deno.test("property: whatever a service sends, every call ends", async () => {
  const commands = Object.values(COMMANDS);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(3, 4, 5, 6),
      fc.constantFrom(...commands),
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        // As it should begin, or all zeros.
        fc.uint8Array({ maxLength: 40 }).map((bytes) =>
          Uint8Array.of(0x78, 0x56, 0x34, 0x12, ...bytes)
        ),
        fc.integer({ max: 3000, min: 0 }).map((n) => new Uint8Array(n)),
      ),
      fc.boolean(),
      async (minor, command: Command, bytes, isCut) => {
        await using service = new ScriptedService({}, minor);
        const garbage = async ({ peer }: Request) => {
          await peer.send(bytes);
          return isCut ? "close" as const : null;
        };
        const times = { answerTimeoutMs: 20, cardTimeoutMs: 20, graceMs: 20 };
        const calls: Promise<unknown>[] = [];
        try {
          await using client = await service.connect(times);
          await using context = await client.establishContext();
          const connection = await context.connect(READER);
          service.script = { [command]: garbage };
          calls.push(
            connection.transmit(new Uint8Array(4)),
            connection.beginTransaction(),
            connection.endTransaction(),
            connection.status(),
            connection.control(1, bytes),
            connection.getAttribute(1),
            connection.setAttribute(1, new Uint8Array(1)),
            connection.reconnect({ shareMode: "shared", protocols: 3 }),
            context.getStatusChange(
              [{ readerName: READER, currentState: 0x20 }],
              { timeoutMs: 5 },
            ),
            context.listReaders(),
            context.connect(READER),
            client.cancelContext(1),
            client.establishContext(),
            connection.disconnect(),
          );
          await Promise.allSettled(calls);
        } catch (error) {
          assert.ok(error instanceof ResourceManagerError, String(error));
        }
        for (const outcome of await Promise.allSettled(calls)) {
          if (outcome.status === "fulfilled") continue;
          const { reason } = outcome;
          assert.ok(reason instanceof ResourceManagerError, String(reason));
        }
      },
    ),
    { seed: 78163, numRuns: 60 },
  );
});
