/** Conversions of sequences and dictionaries: what is refused, and what is read in which order. */

import assert from "node:assert/strict";
import { APDU, desk, NAME, rejects } from "../desk.ts";

/** An object that notes which members are read, in order. */
function spied(
  members: Record<string, unknown>,
  log: string[],
): Record<string, unknown> {
  return new Proxy(members, {
    get(target, key) {
      log.push(String(key));
      return Reflect.get(target, key);
    },
  });
}

/** A value that notes when it is converted to a string. */
function word(text: string, log: string[]): unknown {
  return {
    toString() {
      log.push(`=${text}`);
      return text;
    },
  };
}

Deno.test("sequence: anything iterable, strings and array-likes excepted", async () => {
  await using d = await desk();
  const state = { readerName: NAME, currentState: {} };
  function* states() {
    yield state;
    yield state;
  }
  assert.equal((await d.context.getStatusChange(states())).length, 2);
  assert.equal((await d.context.getStatusChange(new Set([state]))).length, 1);
  const wrong = [undefined, null, 5, "", { length: 0 }, state, [5], [null]];
  for (const value of wrong) {
    await rejects("TypeError", d.context.getStatusChange(value as never));
  }
  for (const value of [null, "t1", 1, {}]) {
    await rejects(
      "TypeError",
      d.context.connect(NAME, "shared", { preferredProtocols: value as never }),
    );
  }
});

Deno.test("dictionaries: undefined and null have no members, what is no object is refused", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const calls: ((options: never) => Promise<unknown>)[] = [
    (options) => d.web.establishContext(options),
    (options) => d.context.listReaders(options),
    (options) => d.context.getStatusChange([], options),
    (options) => d.context.connect(NAME, "direct", options),
    (options) => connection.transmit(APDU, options),
    (options) => connection.startTransaction(async () => {}, options),
    (options) => connection.status(options),
    (options) => connection.getAttribute(0x10100, options),
    (options) => connection.setAttribute(0x10100, APDU, options),
    (options) => connection.disconnect("leave", options),
  ];
  for (const call of calls) {
    for (const wrong of [5, "x", true, Symbol("x")]) {
      await rejects("TypeError", call(wrong as never));
    }
  }
  for (const call of calls.slice(0, -1)) {
    for (const right of [undefined, null, {}, () => {}]) {
      await call(right as never);
    }
  }
});

Deno.test("dictionaries: required members", async () => {
  await using d = await desk();
  for (
    const state of [
      {},
      { readerName: NAME },
      { currentState: {} },
      { readerName: NAME, currentState: 5 },
      { readerName: undefined, currentState: {} },
      { readerName: NAME, currentState: undefined },
    ]
  ) {
    await rejects("TypeError", d.context.getStatusChange([state as never]));
  }
  // null is a dictionary without members: all flags are false.
  const [out] = await d.context.getStatusChange([
    { readerName: NAME, currentState: null as never },
  ]);
  assert.equal(out.eventState.changed, true);
});

Deno.test("dictionaries: members are read once, in the order of their names, each converted before the next", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const log: string[] = [];
  const taken = async (
    expected: string[],
    work: () => Promise<unknown>,
  ) => {
    log.length = 0;
    await work();
    assert.deepEqual(log, expected);
  };
  await taken(
    ["currentCount", "currentState", "empty", "exclusive", "ignore", "inuse"]
      .concat("mute", "present", "unavailable", "unaware", "unpowered")
      .concat("readerName", `=${NAME}`, "signal", "timeout"),
    () =>
      d.context.getStatusChange(
        [spied({
          readerName: word(NAME, log),
          currentState: spied({}, log),
        }, log) as never],
        spied({}, log),
      ),
  );
  await taken(
    [`=${NAME}`, "=direct", "preferredProtocols", "signal", "timeout"],
    () =>
      d.context.connect(
        word(NAME, log) as string,
        word("direct", log) as "direct",
        spied({}, log),
      ),
  );
  await taken(
    ["protocol", "=t1", "signal", "timeout"],
    () => connection.transmit(APDU, spied({ protocol: word("t1", log) }, log)),
  );
  await taken(
    ["=shared", "initialization", "=leave", "preferredProtocols", "=t1"]
      .concat("signal", "timeout"),
    () =>
      connection.reconnect(
        word("shared", log) as "shared",
        spied({
          preferredProtocols: [word("t1", log)],
          initialization: word("leave", log),
        }, log),
      ),
  );
});

Deno.test("boolean: queue and flags by truth", async () => {
  await using d = await desk();
  const context = await d.web.establishContext({ queue: 1 as never });
  await Promise.all([context.listReaders(), context.listReaders()]);
  const currentState = { present: "yes" } as never;
  await rejects(
    "UnknownError",
    context.getStatusChange([{ readerName: NAME, currentState }], {
      timeout: 0,
    }),
  );
});
