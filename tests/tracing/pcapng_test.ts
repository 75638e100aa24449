import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes.ts";
import { createCard } from "../../src/cards/mod.ts";
import {
  IOCTL_SMARTCARD_TRANSMIT,
  SCARD_IO_REQUEST_LENGTH,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import {
  pcapngSink,
  type PcapngSinkOptions,
  type TraceEvent,
  Tracer,
  type TraceSink,
} from "../../src/tracing/mod.ts";
import { type PcapngPacket, readPcapng } from "./read_pcapng.ts";
import { connect, send, tracedReader } from "./traced_reader.ts";

const TIME = 1_700_000_000_123_456.75;

function capture(options: PcapngSinkOptions = {}) {
  const chunks: Uint8Array[] = [];
  const sink = pcapngSink((chunk) => chunks.push(chunk), options);
  const read = () => readPcapng(chunks);
  return { sink, read };
}

/** Tells `sink` of a command and its answer. */
function exchange(
  sink: TraceSink,
  command: Uint8Array,
  response: Uint8Array,
): void {
  const common = {
    name: "IOCTL_SMARTCARD_TRANSMIT",
    code: IOCTL_SMARTCARD_TRANSMIT,
    blanked: false,
    words: "",
  };
  const header = [2, 0, 0, 0, SCARD_IO_REQUEST_LENGTH, 0, 0, 0];
  const event = (number: number, begin: number | null) => ({
    number,
    begin,
    timeMicroseconds: TIME,
    reader: "R",
    floor: "device" as const,
  });
  const input = new Uint8Array(8 + command.length);
  input.set(header);
  input.set(command, 8);
  sink.write({
    ...event(1, null),
    detail: { kind: "request", ...common, bytes: input },
  });
  const output = new Uint8Array(response.length && 8 + response.length);
  if (output.length > 0) {
    output.set(header);
    output.set(response, 8);
  }
  sink.write({
    ...event(2, 1),
    detail: {
      kind: "completion",
      ...common,
      bytes: output,
      status: STATUS_SUCCESS,
      statusName: "STATUS_SUCCESS",
    },
  });
}

/** The payload of GSMTAP, its headers checked. */
function gsmtap({ linkType, data }: PcapngPacket): [number, string] {
  assert.equal(linkType, 228);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  assert.equal(data[0], 0x45);
  assert.equal(view.getUint16(2), data.length);
  assert.equal(onesSum(data.subarray(0, 20)), 0xffff, "IPv4 checksum");
  const udp = data.subarray(20);
  const pseudo = Uint8Array.of(
    ...data.subarray(12, 20),
    0,
    data[9],
    udp.length >> 8,
    udp.length & 255,
  );
  const odd = udp.length % 2 === 0 ? [] : [0];
  assert.equal(
    onesSum(Uint8Array.of(...pseudo, ...udp, ...odd)),
    0xffff,
    "UDP checksum",
  );
  assert.equal(view.getUint16(22), 4729);
  assert.equal(view.getUint16(24), udp.length);
  assert.equal(toHex(data.subarray(28, 32)), "02040400");
  return [data[40], toHex(data.subarray(44))];
}

function onesSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += bytes[at] << 8 | bytes[at + 1];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

/** Dissector and payload of an exported PDU. */
function exported({ linkType, data }: PcapngPacket): [string, string] {
  assert.equal(linkType, 252);
  assert.equal(toHex(data.subarray(0, 2)), "000C");
  const length = data[3];
  const name = new TextDecoder().decode(data.subarray(4, 4 + length));
  assert.equal(toHex(data.subarray(4 + length, 8 + length)), "00000000");
  return [name.replaceAll("\0", ""), toHex(data.subarray(8 + length))];
}

Deno.test("commands are in the form of T=0, their answers right behind them", () => {
  const rows: [command: string, answer: string, packet: string][] = [
    ["00A40000", "9000", "00A40000009000"],
    ["00B0810002", "01029000", "00B081000201029000"],
    ["00A4000C023F00", "9000", "00A4000C023F009000"],
    ["00A40000023F0000", "6F009000", "00A40000023F006F009000"],
    ["00B08100000000", "9000", "00B081000000009000"],
    ["00D60000000002AABB", "9000", "00D60000000002AABB9000"],
    ["00CB3FFF000002AABB0000", "9000", "00CB3FFF000002AABB00009000"],
  ];
  for (const [command, answer, packet] of rows) {
    const { sink, read } = capture();
    exchange(sink, fromHex(command), fromHex(answer));
    assert.deepEqual(read().map(gsmtap), [[0, packet]], command);
  }
});

Deno.test("what GSMTAP cannot carry goes to the dissector directly", () => {
  const apart = ["gsm_sim.command", "gsm_sim.response"];
  const raw = ["data", "gsm_sim.response"];
  const rows: [command: string, answer: Uint8Array, dissectors: string[]][] = [
    ["00A4000C023F00", new Uint8Array(0), ["gsm_sim.command"]],
    ["00A4", new Uint8Array(0), ["data"]],
    ["00A4", fromHex("6700"), raw],
    ["00B0000000 0000", new Uint8Array(65538), ["gsm_sim"]],
    // Fewer data than Le.
    ["00B0000010", fromHex("6982"), apart],
    ["00B0000010", fromHex("01026282"), apart],
    // The dissector knows other commands by these instructions.
    ["008800000411223344", fromHex("9000"), raw],
    ["0014000001FF", fromHex("9000"), raw],
    ["00C20000000001FF", fromHex("9000"), raw],
    ["8012000000", fromHex("6F00"), apart],
  ];
  for (const [command, answer, dissectors] of rows) {
    const { sink, read } = capture();
    exchange(sink, fromHex(command), answer);
    assert.deepEqual(
      read().map((packet) => exported(packet)[0]),
      dissectors,
      command,
    );
  }
  const { sink, read } = capture();
  const usim = `0088008122${`10${"AB".repeat(16)}`.repeat(2)}`;
  exchange(sink, fromHex(usim), fromHex("9862"));
  assert.deepEqual(read().map(gsmtap), [[0, `${usim}9862`]]);
});

Deno.test("checksums are right for any payload", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 255, minLength: 1 }),
      fc.uint8Array({ minLength: 2, maxLength: 300 }),
      (data, answer) => {
        const { sink, read } = capture();
        const header = [0, 0xd6, 0, 0, data.length];
        exchange(sink, Uint8Array.of(...header, ...data), answer);
        const [[subType, payload]] = read().map(gsmtap);
        assert.equal(subType, 0);
        assert.ok(payload.endsWith(toHex(answer)));
      },
    ),
    { seed: 78163 },
  );
});

Deno.test("names, times and comments", () => {
  for (const timeDigits of [6, 9] as const) {
    for (const comments of [true, false]) {
      const { sink, read } = capture({ timeDigits, comments });
      exchange(sink, fromHex("00A40000"), fromHex("9000"));
      const [packet] = read();
      assert.equal(packet.interfaceName, "R");
      assert.equal(packet.timeDigits, timeDigits);
      assert.equal(
        packet.time,
        timeDigits === 6 ? 1_700_000_000_123_456n : 1_700_000_000_123_456_750n,
      );
      assert.equal(
        packet.comment,
        comments ? "SELECT 00-00 = STATUS_SUCCESS" : null,
      );
    }
  }
});

async function session(options: PcapngSinkOptions): Promise<PcapngPacket[]> {
  const { sink, read } = capture(options);
  const tracer = new Tracer({ sinks: [sink] });
  const { reader, device } = tracedReader(tracer, createCard());
  using _ = reader;
  await connect(device, "t1");
  await send(device, "t1", "00A4000C023F00");
  return read();
}

Deno.test("ATR and PPS are exported PDUs, or sub-types of GSMTAP", async () => {
  const [atr, request, response, select] = await session({});
  assert.equal(exported(atr)[0], "iso7816.atr");
  assert.match(exported(atr)[1], /^3B.*8073F62140/);
  assert.equal(exported(request)[0], "data");
  assert.match(exported(request)[1], /^FF1/);
  assert.equal(exported(response)[1], exported(request)[1]);
  assert.deepEqual(gsmtap(select), [0, "00A4000C023F009000"]);
  assert.match(atr.comment ?? "", /^ATR: direct/);
  assert.match(request.comment ?? "", /^PPS: T=1/);
  const all = await session({ atrAndPps: "gsmtap" });
  assert.deepEqual(all.map((packet) => gsmtap(packet)[0]), [1, 2, 3, 0]);
});

Deno.test("requests without an end are forgotten, failures are packets", () => {
  const { sink, read } = capture();
  const request = (number: number): TraceEvent => ({
    number,
    begin: null,
    timeMicroseconds: null,
    reader: "R",
    floor: "device",
    detail: {
      kind: "request",
      name: "IOCTL_SMARTCARD_TRANSMIT",
      code: IOCTL_SMARTCARD_TRANSMIT,
      bytes: fromHex("02000000080000000084000008"),
      blanked: false,
      words: "",
    },
  });
  for (let number = 1; number <= 65; number++) sink.write(request(number));
  for (const begin of [1, 65]) {
    sink.write({
      ...request(100 + begin),
      begin,
      detail: { kind: "failure", name: "x", message: "gone" },
    });
  }
  assert.deepEqual(read().map(exported), [["gsm_sim.command", "0084000008"]]);
  assert.equal(read()[0].time, 0n);
});
