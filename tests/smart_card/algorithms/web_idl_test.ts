/** Conversions of arguments: what Web IDL takes, and what it refuses. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { SmartCardConnection } from "../../../src/smart_card/mod.ts";
import * as idl from "../../../src/smart_card/web_idl.ts";
import { APDU, desk, NAME, rejects } from "../desk.ts";

Deno.test("[EnforceRange] unsigned long: integer part within 0 to 2^32-1, else TypeError", () => {
  const table: [unknown, number | null][] = [
    [0, 0],
    [-0, 0],
    [-0.9, 0],
    [1.9, 1],
    [4294967295, 4294967295],
    [4294967295.9, 4294967295],
    ["0x10", 16],
    ["", 0],
    [null, 0],
    [true, 1],
    [[7], 7],
    [4294967296, null],
    [-1, null],
    [NaN, null],
    [Infinity, null],
    [-Infinity, null],
    [undefined, null],
    ["x", null],
    [{}, null],
    [1n, null],
    [Symbol("x"), null],
  ];
  for (const [value, expected] of table) {
    const convert = () => idl.enforcedUnsignedLong(value, "tag");
    if (expected === null) assert.throws(convert, TypeError);
    else assert(Object.is(convert(), expected), String(value));
  }
});

Deno.test("[EnforceRange] unsigned long: every number, against the definition", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger()),
      (x) => {
        const whole = Math.trunc(x);
        const fits = whole >= 0 && whole <= 2 ** 32 - 1;
        if (fits) {
          assert.equal(
            idl.enforcedUnsignedLong(x, "tag"),
            Math.abs(whole),
          );
        } else {assert.throws(
            () => idl.enforcedUnsignedLong(x, "tag"),
            TypeError,
          );}
      },
    ),
    { seed: 78163 },
  );
});

Deno.test("unsigned long: modulo 2^32", () => {
  const table: [unknown, number][] = [
    [-1, 4294967295],
    [4294967296, 0],
    [NaN, 0],
    [Infinity, 0],
    ["7", 7],
    [null, 0],
  ];
  for (const [value, expected] of table) {
    assert.equal(idl.unsignedLong(value), expected);
  }
  for (const value of [1n, Symbol("x")]) {
    assert.throws(() => idl.unsignedLong(value), TypeError);
  }
});

Deno.test("double: finite, else TypeError", () => {
  assert.equal(idl.double("1.5", "timeout"), 1.5);
  assert.equal(idl.double(null, "timeout"), 0);
  for (const value of [NaN, Infinity, -Infinity, "x", {}, 1n, Symbol("x")]) {
    assert.throws(() => idl.double(value, "timeout"), TypeError);
  }
});

Deno.test("DOMString: whatever has a string, a symbol has none", async () => {
  await using d = await desk();
  const name = { toString: () => NAME } as unknown as string;
  await d.context.connect(name, "direct");
  await rejects(
    "TypeError",
    d.context.connect(Symbol(NAME) as unknown as string, "direct"),
  );
});

Deno.test("enumerations: their values, exactly", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const wrong = ["Leave", "leave ", "", null, 0, "toString", "__proto__"];
  for (const value of wrong) {
    const bad = value as never;
    await rejects("TypeError", connection.disconnect(bad));
    await rejects("TypeError", connection.transmit(APDU, { protocol: bad }));
    await rejects("TypeError", connection.reconnect(bad));
    await rejects("TypeError", d.context.connect(NAME, bad));
    await rejects(
      "TypeError",
      connection.reconnect("shared", { initialization: bad }),
    );
    await rejects(
      "TypeError",
      d.context.connect(NAME, "shared", { preferredProtocols: [bad] }),
    );
  }
  await connection.disconnect({ toString: () => "leave" } as never);
});

Deno.test("AbortSignal: nothing that only looks like one, null included", async () => {
  await using d = await desk();
  const wrong = [
    null,
    {},
    { aborted: false, addEventListener() {}, removeEventListener() {} },
    new EventTarget(),
    Object.create(AbortSignal.prototype),
    new AbortController(),
  ];
  for (const value of wrong) {
    const options = { signal: value as never };
    await rejects("TypeError", d.context.getStatusChange([], options));
    await rejects("TypeError", d.context.connect(NAME, "direct", options));
    assert.throws(() => d.context.readerEvents(options), TypeError);
  }
});

Deno.test("callback: what is no function is refused", async () => {
  await using d = await desk();
  const connection = await d.connect();
  for (const value of [undefined, null, {}, "leave", Promise.resolve()]) {
    await rejects("TypeError", connection.startTransaction(value as never));
  }
  await connection.startTransaction(() => Promise.resolve());
});

Deno.test("arguments that are missing reject, as does a foreign this; nothing is left in progress", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const missing: [object, string, unknown[]][] = [
    [d.context, "getStatusChange", []],
    [d.context, "connect", []],
    [d.context, "connect", [NAME]],
    [connection, "transmit", []],
    [connection, "startTransaction", []],
    [connection, "control", []],
    [connection, "control", [1]],
    [connection, "getAttribute", []],
    [connection, "setAttribute", []],
    [connection, "setAttribute", [1]],
    [connection, "reconnect", []],
  ];
  for (const [target, name, args] of missing) {
    const method = Reflect.get(target, name);
    await rejects("TypeError", Reflect.apply(method, target, args));
  }
  const whole: [object, string[], unknown[]][] = [
    [d.web, ["establishContext"], []],
    [d.context, ["listReaders"], []],
    [d.context, ["getStatusChange"], [[]]],
    [d.context, ["connect"], [NAME, "direct"]],
    [connection, ["transmit"], [APDU]],
    [connection, ["status", "disconnect"], []],
    [connection, ["control", "setAttribute"], [1, APDU]],
    [connection, ["getAttribute"], [1]],
    [connection, ["startTransaction"], [() => {}]],
  ];
  for (const [target, names, args] of whole) {
    for (const name of names) {
      const method = Reflect.get(target, name);
      for (const foreign of [undefined, {}, Object.create(target)]) {
        await rejects("TypeError", Reflect.apply(method, foreign, args));
      }
    }
  }
  await (connection as SmartCardConnection).transmit(APDU);
});
