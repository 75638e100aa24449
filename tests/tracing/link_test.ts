// Invariant: a traced link is the same link, and its characters are told in whole units.

import assert from "node:assert/strict";
import { chain, fromHex, toHex } from "../../src/bytes.ts";
import { createCard } from "../../src/cards/mod.ts";
import type { CardLink, LinkSettings } from "../../src/contact_reader/mod.ts";
import {
  type TraceEvent,
  traceLink,
  Tracer,
  type TracerOptions,
} from "../../src/tracing/mod.ts";
import { connect, eventList, send, tracedReader } from "./traced_reader.ts";

/** A link on which the given characters come. */
class ScriptedLink implements CardLink {
  readonly calls: string[] = [];
  #incoming: number[] = [];
  get available(): number {
    return this.#incoming.length;
  }
  comes(hex: string): void {
    this.#incoming.push(...fromHex(hex));
  }
  reset(kind: "cold" | "warm"): void {
    this.calls.push(kind);
  }
  powerOff(): Promise<void> {
    this.calls.push("off");
    return Promise.resolve();
  }
  send(bytes: Uint8Array): void {
    this.calls.push(toHex(bytes));
  }
  receive(
    target: Uint8Array,
    offset: number,
    wanted: number,
    wait: number,
    gap?: number,
  ): number {
    this.calls.push(`receive ${wanted} ${wait} ${gap}`);
    const came = this.#incoming.splice(0, wanted);
    target.set(came, offset);
    return came.length;
  }
}

function traced(options: TracerOptions = {}) {
  const link = new ScriptedLink();
  const { events, write } = eventList();
  const sink = { write };
  const tracer = new Tracer({ sinks: [sink], ...options });
  const wrapped = traceLink(link, tracer, "r");
  const buffer = new Uint8Array(600);
  const take = (wanted: number) => wrapped.receive(buffer, 0, wanted, 5, 2);
  return { link, wrapped, events, tracer, sink, take };
}

function lines(events: readonly TraceEvent[]): string[] {
  return events.map(({ detail }) =>
    "unit" in detail
      ? `${detail.kind} ${detail.unit} ${toHex(detail.bytes)}: ${detail.words}`
      : detail.kind
  );
}

Deno.test("calls, results and promises pass as they are", async () => {
  const { link, wrapped, take } = traced();
  link.comes("3B0011");
  assert.equal(wrapped.available, 3);
  assert.equal(wrapped.reset("warm"), undefined);
  assert.ok(wrapped.powerOff() instanceof Promise);
  await wrapped.powerOff();
  assert.equal(take(4), 3);
  assert.equal(wrapped.configure, undefined);
  assert.deepEqual(link.calls, ["warm", "off", "off", "receive 4 5 2"]);
  const settings: LinkSettings = {
    f: 372,
    d: 1,
    clockKhz: 4000,
    bitsPerSecond: 0,
    guardTimeMicroseconds: 12,
    stopBits: 2,
  };
  const { events, write } = eventList();
  const configured = traceLink(
    Object.assign(link, {
      configure: (got: LinkSettings) => assert.equal(got, settings),
    }),
    new Tracer({ sinks: [{ write }] }),
    "r",
  );
  assert.equal(configured.configure?.(settings), undefined);
  assert.deepEqual(events[0].detail, { kind: "configure", settings });
});

Deno.test("pieces of a unit are one event, cut ones and silence are told", () => {
  const { link, wrapped, events, take } = traced();
  wrapped.reset("cold");
  for (const piece of ["3B95", "95", "8131FE45", "8073F621406F"]) {
    link.comes(piece);
    take(piece.length / 2);
  }
  wrapped.send(fromHex("0000050084000008 89"));
  for (const piece of ["00", "0002", "6F00", "6D"]) {
    link.comes(piece);
    take(piece.length / 2);
  }
  wrapped.send(fromHex("120000"));
  link.comes("0082");
  take(1);
  take(2);
  take(1);
  wrapped.send(fromHex("12810093"));
  link.comes("000005");
  take(3);
  wrapped.powerOff();
  assert.deepEqual(lines(events), [
    "reset",
    "received atr 3B95958131FE458073F621406F: ATR: direct, T=1, F = 512, D = 16, historical 8073F62140",
    "sent t1 000005008400000889: I(0,0): 5 bytes",
    "received t1 0000026F006D: I(0,0): 2 bytes",
    "sent t1 120000: NAD 12 I(0,0): 0 bytes, incomplete",
    "received t1 0082: incomplete block",
    "received t1 : silence",
    "sent t1 12810093: NAD 12 R(0): check error",
    "received t1 000005: I(0,0): 0 bytes, incomplete",
    "power-off",
  ]);
});

Deno.test("inverse convention is shown in logical values", async () => {
  for (const protocol of [0, 1]) {
    const { events, write } = eventList();
    const tracer = new Tracer({ sinks: [{ write }] });
    const card = createCard(undefined, {
      atr: { convention: "inverse", protocols: [protocol] },
    });
    const { reader, device } = tracedReader(tracer, card);
    using _ = reader;
    const name = protocol === 0 ? "t0" as const : "t1" as const;
    await connect(device, name);
    assert.equal(await send(device, name, "00A4000C023F00"), "9000");
    const link = lines(events.filter(({ floor }) => floor === "link"));
    assert.match(link.join("\n"), /received atr 3F.*ATR: inverse, T=/);
    assert.match(link.join("\n"), /sent t. (00000700A4000C|00A4000C02)/);
    assert.match(link.at(-1) ?? "", /9000/);
  }
});

Deno.test("a tracer that came too late shows nothing that is sent, until the next reset", () => {
  const { link, wrapped, events, tracer, sink, take } = traced();
  tracer.removeSink(sink);
  wrapped.reset("cold");
  link.comes("3B00");
  take(2);
  tracer.addSink(sink);
  wrapped.send(fromHex("0020000104"));
  link.comes("20");
  take(1);
  wrapped.send(fromHex("31323334"));
  assert.deepEqual(lines(events), [
    "sent unknown 2A2A2A2A2A: 5 bytes, protocol not known",
    "received unknown 20: 1 bytes",
    "sent unknown 2A2A2A2A: 4 bytes, protocol not known",
  ]);
  wrapped.reset("warm");
  link.comes("3B00");
  take(2);
  wrapped.send(fromHex("00A40000023F00".slice(0, 10)));
  assert.match(lines(events).at(-1) ?? "", /^sent t0 00A4000002: T=0 header/);
});

Deno.test("a card that breaks the protocol does not confuse the tracer", () => {
  const { link, wrapped, events, take } = traced();
  wrapped.reset("cold");
  // Characters behind the ATR are not another one.
  link.comes("3B00" + "3B81");
  take(2);
  take(2);
  wrapped.send(fromHex("00B0000005"));
  link.comes("99");
  take(1);
  // Time runs out in the middle of a status.
  take(1);
  wrapped.send(fromHex("00B0000005"));
  link.comes("B00102");
  // Fewer than wanted: the command is over, and what comes next is a header.
  take(7);
  wrapped.send(fromHex("0020000104"));
  link.comes("24");
  take(1);
  wrapped.send(fromHex("00A4000000"));
  assert.deepEqual(lines(events).slice(1), [
    "received atr 3B00: ATR: direct, T=0",
    "received unknown 3B81: 2 bytes",
    "sent t0 00B0000005: T=0 header: READ BINARY 00-00, P3 5",
    "received t0 99: SW1 without SW2",
    "sent t0 00B0000005: T=0 header: READ BINARY 00-00, P3 5",
    "received t0 B00102: ACK, 2 bytes",
    "sent t0 0020000104: T=0 header: VERIFY 00-01, P3 4",
    "received t0 2A: no procedure byte",
    "sent t0 00A4000000: T=0 header: SELECT 00-00, P3 0",
  ]);
});

Deno.test("a link whose answers come later is traced in order", async () => {
  const { link, events } = traced();
  const late: CardLink = {
    reset: (kind) => link.reset(kind),
    powerOff: () => link.powerOff(),
    send: (bytes) => link.send(bytes),
    receive: (...all) => Promise.resolve().then(() => link.receive(...all)),
    get available() {
      return link.available;
    },
  };
  const { write } = { write: (event: TraceEvent) => void events.push(event) };
  const wrapped = traceLink(late, new Tracer({ sinks: [{ write }] }), "r");
  wrapped.reset("cold");
  link.comes("3B00");
  const target = new Uint8Array(2);
  const count = await chain(wrapped.receive(target, 0, 2, 1), (n) => n);
  assert.equal(count, 2);
  assert.deepEqual(lines(events), [
    "reset",
    "received atr 3B00: ATR: direct, T=0",
  ]);
});
