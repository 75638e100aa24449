// Invariant: while others run a transaction, calls wait their turn without sleeping, in the service's line, and no longer than agreed.

import assert from "node:assert/strict";
import { SCARD_RESET_CARD } from "../../src/resource_manager/mod.ts";
import {
  BEGIN,
  COMMANDS,
  END,
  RECONNECT,
  STATUS,
  TRANSMIT,
} from "../../src/pcsclite/wire/mod.ts";
import {
  CARD,
  READER,
  type Request,
  ScriptedService,
} from "./client_service.ts";
import { HastyTimers } from "./client_timers.ts";

const LOCKED = 0x8010_000B;
const RESET = 0x8010_0068;
const APDU = Uint8Array.of(0, 0xA4, 0, 0);
const VIOLATION = { name: "SCARD_E_SHARING_VIOLATION" };
const {
  BEGIN_TRANSACTION,
  END_TRANSACTION,
  TRANSMIT: SEND,
  STATUS: ASK,
  RECONNECT: AGAIN,
} = COMMANDS;

/** A reader that others hold until they were asked `refusals` times. */
function held(refusals: number): ScriptedService {
  let left = refusals;
  let own = 0;
  const isOthers = () => own === 0 && left > 0;
  const service = new ScriptedService({
    [BEGIN_TRANSACTION]: () => {
      if (isOthers() && --left > 0) {
        return BEGIN.encode({ hCard: CARD, rv: LOCKED });
      }
      own++;
      return BEGIN.encode({ hCard: CARD });
    },
    [END_TRANSACTION]: ({ body }: Request) => {
      own--;
      return END.encode({ ...END.decode(body), rv: 0 });
    },
    [SEND]: () =>
      isOthers() ? TRANSMIT.encode({ hCard: CARD, rv: LOCKED }) : Uint8Array.of(
        ...TRANSMIT.encode({ hCard: CARD, pcbRecvLength: 2 }),
        0x90,
        0,
      ),
    [ASK]: () => STATUS.encode({ hCard: CARD, rv: isOthers() ? LOCKED : 0 }),
    [AGAIN]: ({ body }: Request) =>
      RECONNECT.encode({
        ...RECONNECT.decode(body),
        dwActiveProtocol: 1,
        rv: left-- > 0 ? LOCKED : 0,
      }),
  });
  return service;
}

function cardCommands(service: ScriptedService): number[] {
  const own: number[] = [BEGIN_TRANSACTION, END_TRANSACTION, SEND, ASK, AGAIN];
  return service.heard.filter((command) => own.includes(command));
}

Deno.test("begin is sent again until it is granted", async () => {
  await using service = held(3);
  await using client = await service.connect();
  await using context = await client.establishContext();
  const connection = await context.connect(READER);
  await connection.beginTransaction();
  assert.deepEqual(cardCommands(service), Array(3).fill(BEGIN_TRANSACTION));
});

Deno.test("what is refused is done in a transaction of its own", async () => {
  for (const command of [SEND, ASK]) {
    await using service = held(2);
    await using client = await service.connect();
    await using context = await client.establishContext();
    const connection = await context.connect(READER);
    if (command === SEND) {
      const answer = await connection.transmit(APDU);
      assert.deepEqual(answer, Uint8Array.of(0x90, 0));
    } else await connection.status();
    await context.listReaders();
    assert.deepEqual(cardCommands(service), [
      command,
      BEGIN_TRANSACTION,
      BEGIN_TRANSACTION,
      command,
      END_TRANSACTION,
    ]);
  }
});

Deno.test("a reconnect is tried again, for exclusive use it is not", async () => {
  await using service = held(2);
  await using client = await service.connect();
  await using context = await client.establishContext();
  const connection = await context.connect(READER);
  await assert.rejects(
    connection.reconnect({ shareMode: "exclusive", protocols: 3 }),
    VIOLATION,
  );
  assert.equal(connection.shareMode, "shared");
  const protocol = await connection.reconnect({
    shareMode: "direct",
    protocols: 0,
    initialization: SCARD_RESET_CARD,
  });
  assert.equal(protocol, 1);
  assert.equal(connection.activeProtocol, 1);
  assert.equal(connection.shareMode, "direct");
  assert.deepEqual(cardCommands(service), [AGAIN, AGAIN, AGAIN]);
});

Deno.test("nobody waits longer than agreed", async () => {
  await using service = held(Infinity);
  const timers = new HastyTimers(25);
  await using client = await service.connect({ cardTimeoutMs: 60, timers });
  await using context = await client.establishContext();
  const connection = await context.connect(READER);
  await assert.rejects(connection.beginTransaction(), VIOLATION);
  await assert.rejects(connection.transmit(APDU), VIOLATION);
  // A service that refuses at once is asked every 25 ms.
  const begun = Array(4).fill(BEGIN_TRANSACTION);
  assert.deepEqual(cardCommands(service), [...begun, SEND, ...begun]);
});

Deno.test("a signal leaves the line, and a lock that comes after it is given back", async () => {
  await using service = held(1);
  const { script } = service;
  const granted = Promise.withResolvers<void>();
  service.script = {
    ...script,
    [BEGIN_TRANSACTION]: async (request) => {
      await granted.promise;
      return await script[BEGIN_TRANSACTION]!(request);
    },
  };
  await using client = await service.connect();
  await using context = await client.establishContext();
  const connection = await context.connect(READER);
  const off = new AbortController();
  const begun = service.hears(END_TRANSACTION);
  const beginning = connection.beginTransaction({ signal: off.signal });
  const queued = connection.transmit(APDU, { signal: off.signal });
  off.abort("enough");
  await assert.rejects(beginning, (reason) => reason === "enough");
  await assert.rejects(queued, (reason) => reason === "enough");
  granted.resolve();
  await begun;
  // What had not begun when it was called off never does.
  assert.deepEqual(cardCommands(service), [BEGIN_TRANSACTION, END_TRANSACTION]);
});

Deno.test("a card that was reset meanwhile is told as such", async () => {
  await using service = held(2);
  service.script[BEGIN_TRANSACTION] = () =>
    BEGIN.encode({ hCard: CARD, rv: RESET });
  await using client = await service.connect();
  await using context = await client.establishContext();
  const connection = await context.connect(READER);
  await assert.rejects(connection.transmit(APDU), {
    name: "SCARD_W_RESET_CARD",
  });
  assert.deepEqual(cardCommands(service), [SEND, BEGIN_TRANSACTION]);
});
