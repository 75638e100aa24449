// Invariant: a wait ends by the first change, cancel, timeout or signal, in every version of the protocol, and no answer is ever taken for another.

import assert from "node:assert/strict";
import {
  PNP_NOTIFICATION,
  SCARD_STATE_CHANGED,
  SCARD_STATE_EMPTY,
  SCARD_STATE_PRESENT,
  SCARD_STATE_UNAVAILABLE,
  SCARD_STATE_UNKNOWN,
} from "../../src/resource_manager/mod.ts";
import {
  COMMANDS,
  DIALECTS,
  READER_EVENTS,
} from "../../src/pcsclite/wire/mod.ts";
import { ENTRY, READER, ScriptedService, signal } from "./client_service.ts";

const {
  WAIT_READER_STATE_CHANGE: WAIT,
  STOP_WAITING_READER_STATE_CHANGE: STOP,
  GET_READERS_STATE: STATES,
} = COMMANDS;
const PRESENT = { readerName: READER, currentState: SCARD_STATE_PRESENT };
const REMOVED = { ...ENTRY, eventCounter: 2, readerState: 2, cardAtrLength: 0 };

for (const { minor } of DIALECTS) {
  Deno.test(`4:${minor}: a change ends a wait, and requests go on meanwhile`, async () => {
    await using service = new ScriptedService({}, minor);
    await using client = await service.connect();
    await using context = await client.establishContext();
    const registered = service.hears(WAIT);
    const changing = context.getStatusChange([PRESENT]);
    await registered;
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(await context.listReaders(), [READER]);
    }
    // Once is enough, also when the context is between STOP and WAIT.
    await service.change([REMOVED]);
    const [answer] = await changing;
    assert.equal(answer.eventState, SCARD_STATE_EMPTY | SCARD_STATE_CHANGED);
    assert.equal(answer.eventCount, 2);
    assert.equal(answer.atr, null);
    assert.deepEqual(await context.listReaders(), [READER]);
  });

  Deno.test(`4:${minor}: what the caller does not know is told at once`, async () => {
    await using service = new ScriptedService({}, minor);
    await using client = await service.connect();
    await using context = await client.establishContext();
    const [answer, list] = await context.getStatusChange([
      { readerName: READER, currentState: 0 },
      { readerName: PNP_NOTIFICATION, currentState: 0 },
    ]);
    assert.equal(answer.eventState, SCARD_STATE_PRESENT | SCARD_STATE_CHANGED);
    assert.deepEqual(answer.atr, Uint8Array.of(0x3B, 0));
    assert.equal(list.eventState, 0);
    assert.equal(list.eventCount, minor >= 5 ? 7 : 0);
  });
}

Deno.test("waits end by time, by signal, by cancel and by release", async () => {
  await using service = new ScriptedService();
  await using client = await service.connect();
  await using context = await client.establishContext();
  const timeout = { name: "SCARD_E_TIMEOUT" };
  for (const timeoutMs of [0, 1]) {
    await assert.rejects(
      context.getStatusChange([PRESENT], { timeoutMs }),
      timeout,
    );
  }
  const off = new AbortController();
  const aborted = context.getStatusChange([PRESENT], { signal: off.signal });
  off.abort("enough");
  await assert.rejects(aborted, (reason) => reason === "enough");
  const cancelled = { name: "SCARD_E_CANCELLED" };
  const both = [
    context.getStatusChange([PRESENT]),
    context.getStatusChange([PRESENT]),
  ];
  const ended = both.map((wait) => assert.rejects(wait, cancelled));
  context.cancel();
  await Promise.all(ended);
  // The next wait is not concerned.
  await assert.rejects(
    context.getStatusChange([PRESENT], { timeoutMs: 1 }),
    timeout,
  );
  const last = assert.rejects(context.getStatusChange([PRESENT]), cancelled);
  await context.release();
  await last;
  assert.equal(service.heard.at(-1), COMMANDS.RELEASE_CONTEXT);
});

Deno.test("a cancel that comes from elsewhere ends the waits", async () => {
  await using service = new ScriptedService();
  await using client = await service.connect();
  await using context = await client.establishContext();
  const registered = service.hears(WAIT);
  const wait = assert.rejects(context.getStatusChange([PRESENT]), {
    name: "SCARD_E_CANCELLED",
  });
  await registered;
  await service.signal(0x8010_0002);
  await wait;
  assert.deepEqual(await context.listReaders(), [READER]);
});

Deno.test("an event and STOP cross: one message comes, whichever it is", async () => {
  await using service = new ScriptedService();
  await using client = await service.connect();
  await using context = await client.establishContext();
  /** Waits until registered, and calls the wait off. */
  const callOff = async () => {
    const off = new AbortController();
    const registered = service.hears(WAIT);
    const wait = assert.rejects(
      context.getStatusChange([PRESENT], { signal: off.signal }),
      (reason) => reason === "enough",
    );
    await registered;
    off.abort("enough");
    await wait;
    assert.deepEqual(await context.listReaders(), [READER]);
  };
  // The event was first: STOP finds nobody registered, and is not answered.
  service.script = {
    [STOP]: async ({ peer }) => {
      await peer.send(signal());
      return null;
    },
  };
  await callOff();
  // Right behind the array, before anybody expects it.
  let isFirst = true;
  service.script = {
    [WAIT]: () => {
      const states = service.states();
      const crossed = isFirst ? signal() : new Uint8Array(0);
      isFirst = false;
      return Uint8Array.of(...states, ...crossed);
    },
    [STOP]: () => signal(),
  };
  await callOff();
  assert.equal(isFirst, false);
});

Deno.test("a signal and the count of events come in either order", async () => {
  for (const minor of [5, 6]) {
    await using service = new ScriptedService({}, minor);
    await using client = await service.connect();
    await using context = await client.establishContext();
    const count = READER_EVENTS.encode({ readerEvents: 9 });
    // Told once: later looks find nothing new.
    let isFirst = true;
    service.script = {
      [COMMANDS.GET_READER_EVENTS]: async ({ peer }) => {
        if (isFirst) {
          isFirst = false;
          service.readers = [REMOVED];
          await service.signal();
        }
        await peer.send(count);
        return null;
      },
    };
    const [answer, list] = await context.getStatusChange([
      PRESENT,
      { readerName: PNP_NOTIFICATION, currentState: 0 },
    ]);
    assert.equal(answer.eventState, SCARD_STATE_EMPTY | SCARD_STATE_CHANGED);
    assert.equal(list.eventCount, 9);
    assert.deepEqual(await context.listReaders(), [READER]);
  }
});

Deno.test("a service that sends events to nobody is not understood", async () => {
  await using service = new ScriptedService({
    [STATES]: ({ peer }) => {
      void peer.send(Uint8Array.of(...service.states(), ...new Uint8Array(9)));
      return null;
    },
  });
  await using client = await service.connect();
  await using context = await client.establishContext();
  await Promise.allSettled([context.listReaders()]);
  await assert.rejects(context.listReaders(), { name: "SCARD_F_COMM_ERROR" });
});

Deno.test("unknown readers are refused at first, and flagged later", async () => {
  await using service = new ScriptedService();
  await using client = await service.connect();
  await using context = await client.establishContext();
  const nobody = { readerName: "Nobody", currentState: 0 };
  await assert.rejects(context.getStatusChange([nobody]), {
    name: "SCARD_E_UNKNOWN_READER",
  });
  const [state] = await context.readerStates([nobody]);
  const gone = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE |
    SCARD_STATE_CHANGED;
  assert.equal(state.eventState, gone);
  const registered = service.hears(WAIT);
  const changing = context.getStatusChange([PRESENT]);
  await registered;
  await service.change([]);
  const [answer] = await changing;
  assert.equal(answer.eventState, gone);
});

Deno.test("nothing to wait for is no wait", async () => {
  await using service = new ScriptedService();
  await using client = await service.connect();
  await using context = await client.establishContext();
  const before = service.heard.length;
  assert.deepEqual(await context.getStatusChange([]), []);
  const [ignored] = await context.getStatusChange([
    { readerName: "Nobody", currentState: 1 },
  ]);
  assert.equal(ignored.eventState, 0);
  assert.equal(service.heard.length, before);
});

Deno.test("the readers are known, and so is what becomes of them", async () => {
  await using service = new ScriptedService();
  await using client = await service.connect();
  const changes: string[] = [];
  let told = () => {};
  const stop = client.subscribe(({ kind, reader }) => {
    changes.push(`${kind} ${reader.name} ${reader.state.eventCount}`);
    told();
  });
  const change = async (readers: typeof service.readers, count: number) => {
    const all = changes.length + count;
    const known = new Promise<void>((resolve) => {
      told = () => changes.length === all && resolve();
    });
    await service.change(readers);
    await known;
  };
  const [reader] = client.readers;
  assert.equal(reader.name, READER);
  assert.equal(reader.available, true);
  await change([REMOVED], 1);
  await change([{ ...REMOVED, readerState: 1 }], 1);
  assert.equal(reader.available, false);
  // The service's counter has 16 bits.
  await change([{ ...ENTRY, eventCounter: 1 }], 1);
  await change([ENTRY, { ...ENTRY, readerName: "Other 01 00" }], 1);
  await change([], 2);
  assert.deepEqual(client.readers, []);
  assert.deepEqual(changes, [
    `changed ${READER} 2`,
    `changed ${READER} 2`,
    `changed ${READER} 65537`,
    "added Other 01 00 1",
    `removed ${READER} 65537`,
    "removed Other 01 00 1",
  ]);
  stop();
});
