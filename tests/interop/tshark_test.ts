// Invariant: Wireshark opens what the pcapng sink writes, and finds in it what passed.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { createCard } from "../../src/cards/mod.ts";
import {
  pcapngSink,
  type PcapngSinkOptions,
  Tracer,
} from "../../src/tracing/mod.ts";
import { apduDevice } from "../tracing/apdu_device.ts";
import { connect, send, tracedReader } from "../tracing/traced_reader.ts";
import { runTshark, tsharkTest } from "./tshark_program.ts";

const TIME_MICROSECONDS = 1_700_000_000_250_000;

/** What is asked of each packet. */
const FIELDS = [
  "frame.time_epoch",
  "frame.protocols",
  "frame.comment",
  "frame.interface_name",
  "udp.payload",
  "ip.checksum.status",
  "udp.checksum.status",
  "gsm_sim.apdu.ins",
  "gsm_sim.aid",
  "gsm_sim.apdu.sw",
  "gsm_sim.apdu.data",
  "iso7816.atr.init_char",
  "iso7816.atr.historical_bytes",
  "data.data",
  "_ws.malformed",
  "_ws.col.Info",
] as const;

type Packet = Record<(typeof FIELDS)[number], string>;

const COMMANDS: readonly string[] = [
  "00A4040C06F044454E4F01",
  "00B0810005",
  "00A40000",
  "00D6810002AABB",
  "0020000104FFFFFFFF",
  "0084000008",
  "00B2011C10",
];

function assertWellFormed(packets: readonly Packet[]): void {
  const malformed = packets.filter((packet) => packet["_ws.malformed"] !== "");
  assert.deepEqual(malformed, []);
}

/** A session with a card, written to a file and read by tshark. */
function dissected(
  protocol: "t0" | "t1",
  options: PcapngSinkOptions = {},
): Promise<Packet[]> {
  return dissect(options, async (tracer) => {
    const card = createCard(undefined, { protocols: [protocol] });
    const { reader, device } = tracedReader(tracer, card);
    using _ = reader;
    await connect(device, protocol);
    for (const command of COMMANDS) await send(device, protocol, command);
  });
}

/** What tshark finds in the capture of what `run` does. */
async function dissect(
  options: PcapngSinkOptions,
  run: (tracer: Tracer) => Promise<void>,
): Promise<Packet[]> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/session.pcapng`;
    await capture(path, options, run);
    const output = await runTshark([
      "-r",
      path,
      ...["ip", "udp"].flatMap((name) => ["-o", `${name}.check_checksum:TRUE`]),
      "-T",
      "fields",
      "-E",
      "separator=|",
      ...FIELDS.flatMap((field) => ["-e", field]),
    ]);
    return output.trimEnd().split("\n").map((line) => {
      const values = line.split("|");
      return Object.fromEntries(
        FIELDS.map((field, at) => [field, values[at] ?? ""]),
      ) as Packet;
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function capture(
  path: string,
  options: PcapngSinkOptions,
  run: (tracer: Tracer) => Promise<void>,
): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const write = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) {
      at += file.writeSync(bytes.subarray(at));
    }
  };
  await run(
    new Tracer({
      sinks: [pcapngSink(write, options)],
      clock: () => TIME_MICROSECONDS,
    }),
  );
}

/** The commands' packets: instruction, status, and GSMTAP's payload in hexadecimal. */
function apdus(packets: readonly Packet[]): string[] {
  return packets.filter((packet) => packet["udp.payload"] !== "").map(
    (packet) =>
      [
        packet["gsm_sim.apdu.ins"],
        packet["gsm_sim.apdu.sw"],
        packet["udp.payload"].slice(32),
      ].join(" "),
  );
}

for (const protocol of ["t0", "t1"] as const) {
  tsharkTest(`a session over ${protocol} is dissected`, async () => {
    const packets = await dissected(protocol);
    assertWellFormed(packets);
    const [atr, request, response, select] = packets;
    assert.match(atr["iso7816.atr.init_char"], /^(0x)?0*3b$|^59$/i);
    assert.equal(atr["iso7816.atr.historical_bytes"], "8073f62140");
    assert.match(atr["frame.comment"], /^ATR: direct, T=/);
    assert.equal(atr["frame.interface_name"], "Reader 0 (exported)");
    for (const pps of [request, response]) {
      assert.match(pps["frame.comment"], /^PPS: T=/);
      assert.match(pps["data.data"], /^ff1/);
    }
    assert.match(select["frame.protocols"], /gsmtap:gsm_sim$/);
    assert.equal(select["gsm_sim.aid"], "f044454e4f01");
    assert.match(select["_ws.col.Info"], /SELECT Application f044454e4f01/);
    assert.equal(
      select["frame.comment"],
      "SELECT 04-0C, Lc 6 = SW 9000: done",
    );
    for (const packet of packets.slice(3, -2)) {
      assert.equal(packet["ip.checksum.status"], "1");
      assert.equal(packet["udp.checksum.status"], "1");
      assert.equal(Number(packet["frame.time_epoch"]), 1_700_000_000.25);
      assert.equal(packet["frame.interface_name"], "Reader 0");
    }
    assert.deepEqual(
      apdus(packets).map((apdu) =>
        apdu.replace(/^(\S+ \S+ 0084000008).*/, "$1")
      ),
      [
        "0xa4 0x9000 00a4040c06f044454e4f019000",
        "0xb0 0x9000 00b081000548656c6c6f9000",
        "0xa4 0x9000 00a40000009000",
        "0xd6 0x6a82 00d6810002aabb6a82",
        "0x20 0x63c2 00200001042a2a2a2a63c2",
        "0x84 0x9000 0084000008",
      ],
    );
    // A refused command with Le is taken apart.
    const [command, answer] = packets.slice(-2);
    assert.match(command["_ws.col.Info"], /READ RECORD RecordNr=1/);
    assert.equal(answer["gsm_sim.apdu.sw"], "0x6a82");
  });
}

tsharkTest("JSON has the bytes of READ BINARY's answer", async () => {
  const packets = await dissected("t1", { timeDigits: 9 });
  const read = packets.find((packet) => packet["gsm_sim.apdu.ins"] === "0xb0");
  assert.equal(read?.["gsm_sim.apdu.data"], "48656c6c6f");
  assert.equal(Number(read?.["frame.time_epoch"]), 1_700_000_000.25);
});

tsharkTest(
  "GSMTAP's other sub-types carry ATR and PPS, which Wireshark takes for APDUs",
  async () => {
    const packets = await dissected("t1", { atrAndPps: "gsmtap" });
    const payloads = packets.slice(0, 3).map((packet) => packet["udp.payload"]);
    assert.match(payloads[0], /^02040400000000000000000001000000(3b.*)$/);
    assert.match(payloads[1], /^02040400000000000000000002000000ff11/);
    assert.match(payloads[2], /^02040400000000000000000003000000ff11/);
  },
);

tsharkTest("no command of any instruction and form is malformed", async () => {
  const forms: [body: string, answer: string][] = [
    ["", "9000"],
    ["", "6D00"],
    ["00", "9000"],
    ["00", "6982"],
    ["00", "0101029000"],
    ["10", "6982"],
    ["02", "01016282"],
    ["0401020304", "9000"],
    ["0401020304", "6A80"],
    ["040102030400", "01029000"],
    ["0000000A", "6700"],
    ["000100", "01029000"],
    ["0000020102", "9000"],
    ["00000201020000", "01019000"],
    ["0011", "6700"],
  ];
  let answer = "";
  const packets = await dissect({}, async (tracer) => {
    const device = apduDevice({
      atr: fromHex("3B00"),
      powerOn: () => {},
      reset: () => {},
      powerOff: () => {},
      transmit: () => fromHex(answer),
    }, tracer);
    for (let ins = 0; ins < 256; ins++) {
      for (const [body, response] of forms) {
        answer = response;
        const header = `00${toHex(Uint8Array.of(ins))}0000`;
        await send(device, "t1", header + body);
      }
    }
  });
  assert.ok(packets.length >= 256 * forms.length);
  assertWellFormed(packets);
});
