// Counterexamples that the properties have found, shrunk and named.

import assert from "node:assert/strict";
import { CommandPacer } from "../../smclib/concurrency/pacer.ts";
import { Bench } from "./bench.ts";
import type { Operation } from "./operations.ts";
import { type Rules, WEB_RULES, WINDOWS_RULES } from "./rules.ts";
import { REAL_STACK } from "./stack.ts";

/**
 * A run: operations; "answer": the device answers, and everything settles; "turn": a
 * turn of the event loop; a number: the device answers, and as many turns of the
 * microtask queue pass.
 */
async function play(
  rules: Rules,
  steps: readonly (Operation | "answer" | "turn" | number)[],
): Promise<string[]> {
  const pacer = new CommandPacer();
  const bench = await Bench.create(rules, REAL_STACK, "sync");
  bench.perform({ kind: "establish" });
  bench.perform({ kind: "insert", mute: false });
  await bench.settle();
  bench.setPacer(pacer);
  for (const step of steps) {
    if (step === "answer") pacer.release(0);
    else if (typeof step === "number") {
      pacer.release(0);
      for (let turn = 0; turn < step; turn++) await null;
      continue;
    } else if (step !== "turn") {
      bench.perform(step);
      continue;
    }
    await bench.settle();
  }
  await pacer.finish();
  await bench.settle();
  const told = bench.witness.calls.map(({ outcome }) => outcome ?? "waits");
  await bench.finish(() => pacer.finish());
  return told.slice(2);
}

// The context is call 0, the card call 1: the first step is call 2.
const connect: Operation = {
  kind: "connect",
  context: 0,
  mode: "shared",
  protocols: 3,
};
const direct: Operation = { ...connect, mode: "direct", protocols: 0 };
const begin = (handle: number): Operation => ({ kind: "begin", handle });
const transmit = (handle: number): Operation => ({ kind: "transmit", handle });
const end = (handle: number, disposition = 0): Operation => ({
  kind: "end",
  handle,
  disposition,
});
const advance = (milliseconds: number): Operation => ({
  kind: "advance",
  milliseconds,
});

Deno.test("an APDU that waits behind its own begin does not wait for its own transaction", async () => {
  const told = await play(WEB_RULES, [
    connect,
    "answer",
    connect,
    "answer",
    begin(2),
    begin(3),
    transmit(3),
    end(2),
  ]);
  assert.deepEqual(told, ["ok 2", "ok 2", "ok", "ok", "ok", "ok"]);
});

Deno.test("a card exchanged while a protocol is agreed counts once", async () => {
  const told = await play(WEB_RULES, [
    connect,
    "turn",
    { kind: "remove" },
    "turn",
    { kind: "insert", mute: false },
    "turn",
  ]);
  assert.equal(told[0], "SCARD_E_NO_SMARTCARD");
});

Deno.test("a card that comes in while the reader is asked whether it has gone stays in", async () => {
  for (let turns = 0; turns < 8; turns++) {
    const told = await play(WEB_RULES, [
      connect,
      "turn",
      { kind: "remove" },
      "turn",
      "answer",
      turns,
      { kind: "insert", mute: false },
      "turn",
    ]);
    assert.equal(told[0], "SCARD_E_NO_SMARTCARD");
  }
});

Deno.test("a transaction begun while a reconnect waits for the reader outlasts it", async () => {
  const reconnect: Operation = {
    kind: "reconnect",
    handle: 3,
    mode: "shared",
    protocols: 3,
    initialization: 0,
  };
  const told = await play(WEB_RULES, [
    connect,
    "answer",
    connect,
    "answer",
    begin(2),
    reconnect,
    begin(3),
    { ...reconnect, handle: 2 },
  ]);
  assert.deepEqual(told.slice(2), ["ok", "ok 2", "ok", "ok 2"]);
});

Deno.test("the end of an inner transaction with a reset is a use of the card", async () => {
  const told = await play(WINDOWS_RULES, [
    connect,
    "answer",
    begin(2),
    begin(2),
    advance(3001),
    end(2, 1),
    "answer",
    "answer",
    advance(3001),
    end(2),
  ]);
  assert.equal(told.at(-1), "ok");
});

Deno.test("a transaction rests from the moment in which it has begun", async () => {
  const told = await play(WINDOWS_RULES, [
    connect,
    "answer",
    connect,
    "answer",
    transmit(3),
    begin(2),
    advance(3001),
    "answer",
    advance(3001),
    end(2),
  ]);
  assert.equal(told.at(-1), "ok");
});

Deno.test("the status of a direct connection whose reader goes tells that", async () => {
  const told = await play(WEB_RULES, [
    { kind: "remove" },
    "turn",
    direct,
    "turn",
    { kind: "status", handle: 3 },
    { kind: "unplug" },
    "turn",
  ]);
  assert.equal(told[2], "SCARD_E_READER_UNAVAILABLE");
});

Deno.test("a disconnect that is called off after its context has ended leaves no connection behind", async () => {
  const told = await play(WEB_RULES, [
    connect,
    "answer",
    connect,
    "answer",
    transmit(2),
    { kind: "disconnect", handle: 3, disposition: 1 },
    { kind: "abandon", context: 0 },
    { kind: "abort", call: 5 },
  ]);
  assert.equal(told[3], "AbortError");
});
