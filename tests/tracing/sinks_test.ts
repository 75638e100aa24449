import assert from "node:assert/strict";
import fc from "fast-check";
import { createCard } from "../../src/cards/mod.ts";
import {
  jsonSink,
  parseTrace,
  parseTraceLine,
  StreamOutput,
  textSink,
  type TraceDetail,
  type TraceEvent,
  traceLine,
  Tracer,
} from "../../src/tracing/mod.ts";
import { connect, eventList, send, tracedReader } from "./traced_reader.ts";

function event(detail: TraceDetail, more: Partial<TraceEvent> = {}) {
  return {
    number: 7,
    begin: null,
    timeMicroseconds: 1_234_567.25,
    reader: "R",
    floor: "link",
    detail,
    ...more,
  } satisfies TraceEvent as TraceEvent;
}

function sent(length: number): TraceEvent {
  const bytes = Uint8Array.from({ length }, (_, at) => at);
  return event({
    kind: "sent",
    unit: "t1",
    bytes,
    blanked: length === 3,
    words: "words",
  });
}

Deno.test("text: a line an event, long data below it, up to a limit", () => {
  const lines: string[] = [];
  const sink = textSink((line) => lines.push(line), {
    rowBytes: 4,
    limitBytes: 10,
  });
  sink.write(sent(3));
  sink.write(sent(12));
  sink.write(event({ kind: "power-off" }, {
    begin: 3,
    timeMicroseconds: null,
    reader: "Longer",
    floor: "device",
  }));
  sink.write(event({ kind: "reset", reset: "cold" }));
  sink.write(event({ kind: "failure", name: "a\nb", message: "c\r\td" }));
  assert.deepEqual(lines, [
    "     7                 1.234567 R link     -> words: 00 01 02 (blanked)",
    "     7                 1.234567 R link     -> words",
    "                                                  0  00 01 02 03",
    "                                                  4  04 05 06 07",
    "                                                  8  08 09",
    "                                                     ... 2 more bytes",
    "     7      3                 - Longer device   <- power off",
    "     7                 1.234567 R      link     -- cold reset",
    "     7                 1.234567 R      link     -- a b threw c  d",
  ]);
  for (const options of [{ rowBytes: 0 }, { limitBytes: 1.5 }]) {
    assert.throws(() => textSink(() => {}, options), RangeError);
  }
});

Deno.test("JSON lines hold all that happened: they are read back, and make the same text", async () => {
  const { events, write } = eventList();
  const json: string[] = [];
  const text: string[] = [];
  let now = 0;
  const tracer = new Tracer({
    sinks: [
      { write },
      jsonSink((line) => json.push(line)),
      textSink((line) => text.push(line)),
    ],
    clock: () => now += 0.5,
  });
  for (const protocol of ["t0", "t1"] as const) {
    const { reader, device } = tracedReader(tracer, createCard());
    using _ = reader;
    await connect(device, protocol);
    await send(device, protocol, "00A4040006F044454E4F01");
    await send(device, protocol, "002000010431323334");
    device.cleanup?.();
  }
  const read = [...parseTrace(json)];
  assert.deepEqual(read, events);
  const again: string[] = [];
  const sink = textSink((line) => again.push(line));
  for (const event of read) sink.write(event);
  assert.deepEqual(again, text);
});

const bytes = {
  bytes: fc.uint8Array({ maxLength: 20 }).map((all) => Uint8Array.from(all)),
  blanked: fc.boolean(),
  words: fc.string(),
};
const request = { name: fc.string(), code: fc.nat() };
const amount = fc.nat();
const details: fc.Arbitrary<TraceDetail> = fc.oneof(
  fc.record({ kind: fc.constant("request" as const), ...request, ...bytes }),
  fc.record({ kind: fc.constant("pending" as const), ...request }),
  fc.record({
    kind: fc.constant("completion" as const),
    ...request,
    status: fc.nat(),
    statusName: fc.string(),
    ...bytes,
  }),
  fc.record({
    kind: fc.constant("failure" as const),
    name: fc.string(),
    message: fc.string(),
  }),
  fc.record({
    kind: fc.constantFrom("call" as const, "return" as const),
    name: fc.constantFrom(
      "cleanup" as const,
      "sleep" as const,
      "wake" as const,
    ),
  }),
  fc.record({
    kind: fc.constant("reset" as const),
    reset: fc.constantFrom("cold" as const, "warm" as const),
  }),
  fc.record({ kind: fc.constant("power-off" as const) }),
  fc.record({
    kind: fc.constant("configure" as const),
    settings: fc.record({
      f: amount,
      d: amount,
      clockKhz: amount,
      bitsPerSecond: amount,
      guardTimeMicroseconds: amount,
      stopBits: amount,
    }),
  }),
  fc.record({
    kind: fc.constantFrom("sent" as const, "received" as const),
    unit: fc.constantFrom("atr" as const, "pps" as const, "t0" as const),
    ...bytes,
  }),
);

Deno.test("any event is read back from its line, in one line", () => {
  fc.assert(
    fc.property(
      fc.record({
        number: fc.nat(),
        begin: fc.option(fc.nat()),
        timeMicroseconds: fc.option(
          fc.double({ min: 0, max: 2e15, noNaN: true }).map((x) => x + 0),
        ),
        reader: fc.string(),
        floor: fc.constantFrom(
          "device" as const,
          "callback" as const,
          "link" as const,
        ),
        detail: details,
      }),
      (event) => {
        const line = traceLine(event);
        assert.doesNotMatch(line, /\n/);
        const again = traceLine(parseTraceLine(line, 1));
        assert.deepEqual(JSON.parse(again), JSON.parse(line));
      },
    ),
    { seed: 78163 },
  );
});

Deno.test("a line that is no event says what is wrong with it", () => {
  const good = JSON.parse(traceLine(sent(2)));
  const rows: [unknown, RegExp][] = [
    [{ ...good, v: 2 }, /trace line 1: "v" is 2, expected 1$/],
    [
      { ...good, floor: "x" },
      /"floor" is "x", expected device, callback, link$/,
    ],
    [{ ...good, kind: "y" }, /"kind" is "y", expected request, pending/],
    [{ ...good, number: -1 }, /"number" is -1, expected a whole number/],
    [{ ...good, begin: "1" }, /"begin" is "1", expected a whole number/],
    [{ ...good, begin: undefined }, /"begin" is missing, expected/],
    [{ ...good, timeMicroseconds: true }, /is true, expected a number from 0/],
    [{ ...good, reader: null }, /"reader" is null, expected a text$/],
    [{ ...good, bytes: "0" }, /"bytes" is "0", expected bytes in hexadecimal/],
    [{ ...good, bytes: 7 }, /"bytes" is 7, expected a text/],
    [{ ...good, blanked: 1 }, /"blanked" is 1, expected true or false/],
    [{ ...good, unit: "t2" }, /"unit" is "t2", expected atr, pps, t0, t1/],
    [
      { ...good, kind: "configure" },
      /settings: missing found, expected an object/,
    ],
    [[], /\[\] found, expected an object/],
    [{ ...good, words: undefined }, /"words" is missing/],
  ];
  for (const [value, message] of rows) {
    assert.throws(() => parseTraceLine(JSON.stringify(value), 1), {
      name: "TypeError",
      message,
    });
  }
  const lines = [traceLine(sent(1)), "", "{not JSON"];
  assert.throws(
    () => [...parseTrace(lines)],
    /^TypeError: Cannot read trace line 3: "\{not JSON" found, expected a JSON object$/,
  );
  // What is read before is not lost.
  assert.equal(parseTrace(lines).next().value?.number, 7);
});

Deno.test("a stream gets whole chunks, and what a slow one does not take is dropped and counted", async () => {
  const got: string[] = [];
  const gate = Promise.withResolvers<void>();
  const stream = new WritableStream<Uint8Array>({
    async write(chunk) {
      await gate.promise;
      got.push(new TextDecoder().decode(chunk));
    },
  });
  const output = new StreamOutput(stream, { limitBytes: 10 });
  output.print("1234");
  output.print("12345678");
  output.write(new TextEncoder().encode("abcde"));
  assert.equal(output.dropped, 1);
  gate.resolve();
  await output.close();
  assert.deepEqual(got, ["1234\n", "abcde"]);
});

Deno.test("a stream that fails stops nobody, and close() says why", async () => {
  const tried = Promise.withResolvers<void>();
  const stream = new WritableStream<Uint8Array>({
    write() {
      tried.resolve();
      throw new Error("disk full");
    },
  });
  const output = new StreamOutput(stream);
  output.print("1");
  await tried.promise;
  await assert.rejects(output.close(), /disk full/);
  output.print("2");
  assert.equal(output.dropped, 1);
  await assert.rejects(output.close(), /disk full/);
});
