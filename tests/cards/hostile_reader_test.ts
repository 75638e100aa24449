/**
 * Invariant: whatever a reader sends, receive() neither throws nor hangs, and
 * after a reset the card answers properly.
 */
import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { equalBytes, fromHex, toHex } from "../../src/bytes.ts";
import {
  DEFAULT_CARD_AID,
  FileSystemApplication,
  FileSystemCard,
} from "../../src/cards/mod.ts";
import { PlainT1Reader, t0Transmit, Wire, withLrc } from "./test_reader.ts";

const random = (length: number) => new Uint8Array(length).fill(0x5a);
const SELECT_DATA = fromHex(DEFAULT_CARD_AID);
const SELECT = Uint8Array.from([0, 0xa4, 4, 12, 6, ...SELECT_DATA]);

const byte = fc.integer({ min: 0, max: 255 });
/** Blocks that are nearly right reach further than noise. */
const nearBlock = fc.tuple(
  fc.constantFrom(0, 0, 0, 0x21, 0xff),
  fc.oneof(fc.constantFrom(0, 0x20, 0x40, 0x60, 0x80, 0x90, 0x81), byte),
  fc.uint8Array({ maxLength: 40 }),
  fc.boolean(),
).map(([nad, pcb, inf, isIntact]) => {
  const bytes = withLrc(Uint8Array.from([nad, pcb, inf.length, ...inf]));
  if (!isIntact) bytes[bytes.length - 1] ^= 1;
  return bytes;
});
const supervisory = fc.tuple(
  fc.constantFrom(0xc0, 0xc1, 0xc2, 0xc3, 0xe0, 0xe1, 0xe2, 0xe3),
  byte,
).map(([pcb, value]) =>
  withLrc(Uint8Array.from((pcb & 1) === 0 ? [0, pcb, 0] : [0, pcb, 1, value]))
);
const anything = fc.array(
  fc.oneof(fc.uint8Array({ maxLength: 300 }), nearBlock, supervisory),
  { maxLength: 30 },
);

for (const protocol of ["t0", "t1"] as const) {
  Deno.test(`hostile reader: any bytes, then ${protocol} works after a reset`, async () => {
    await fc.assert(
      fc.asyncProperty(anything, fc.boolean(), async (chunks, byBytes) => {
        const card = new FileSystemCard({
          protocols: [protocol],
          t0: { procedure: ["null", "one", "all"] },
          t1: {
            wtx: { multiplier: 1, times: 1 },
            requests: [
              { turn: 1, request: "ifs", value: 20 },
              { turn: 3, request: "abort" },
            ],
          },
        });
        const wire = new Wire(card);
        wire.reset();
        for (const chunk of chunks) {
          if (byBytes) {
            for (const b of chunk) await wire.send(Uint8Array.of(b));
          } else await wire.send(chunk);
        }
        wire.reset("warm");
        const answer = protocol === "t0"
          ? await t0Transmit(wire, 0, SELECT, SELECT_DATA)
          : await new PlainT1Reader(wire, 20).transmit(SELECT);
        equal(toHex(answer), "9000");
      }),
      { seed: 7, numRuns: 300 },
    );
  });
}

Deno.test("hostile reader: RESYNCH brings T=1 back from anything, whole blocks or not", async () => {
  await fc.assert(
    fc.asyncProperty(anything, async (chunks) => {
      const wire = new Wire(new FileSystemCard({ protocols: ["t1"] }));
      wire.reset();
      for (const chunk of chunks) await wire.send(chunk);
      // What was begun may swallow one attempt; PPS may have begun, too.
      const answers = [];
      for (let i = 0; i < 3; i++) answers.push(await wire.hex("00C000C0"));
      ok(answers.includes("00E000E0"), answers.join());
    }),
    { seed: 8, numRuns: 300 },
  );
});

/** Commands with the instructions that exist, and arbitrary parameters. */
const command = fc.record({
  cla: fc.constantFrom(0, 0, 0, 0, 0x80, 0x0c),
  ins: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        ...[0x20, 0x24, 0x2c, 0x84, 0xa4, 0xb0, 0xb2, 0xd6, 0xdc, 0xe2],
      ),
    },
    {
      weight: 1,
      arbitrary: byte.filter((ins) => ins >> 4 !== 6 && ins >> 4 !== 9),
    },
  ),
  p1: fc.oneof(fc.integer({ min: 0, max: 9 }), byte),
  p2: fc.oneof(fc.integer({ min: 0, max: 40 }), byte),
  data: fc.oneof(
    fc.constantFrom(
      new Uint8Array(0),
      SELECT_DATA,
      fromHex("3F00"),
      fromHex("5003"),
      fromHex("31323334"),
    ),
    fc.uint8Array({ maxLength: 60 }),
  ),
  le: fc.option(fc.constantFrom<number[]>(0, 1, 8, 16, 255)),
});

type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

function encode({ cla, ins, p1, p2, data, le }: Command): Uint8Array {
  const body = data.length > 0 ? [data.length, ...data] : [];
  return Uint8Array.from([
    cla,
    ins,
    p1,
    p2,
    ...body,
    ...(le === null ? [] : [le]),
  ]);
}

Deno.test("every command is answered with a status, and T=1 carries it unchanged", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { maxLength: 20 }),
      fc.integer({ min: 1, max: 254 }),
      async (commands, ifscBytes) => {
        const direct = new FileSystemApplication(undefined, { random });
        const wire = new Wire(
          new FileSystemCard({
            protocols: ["t1"],
            random,
            t1: { ifscBytes, wtx: { multiplier: 2, times: 1 } },
          }),
        );
        wire.reset();
        const reader = new PlainT1Reader(wire, ifscBytes);
        for (const parts of commands) {
          const apdu = encode(parts);
          const expected = direct.process(apdu);
          ok(expected.length >= 2);
          ok(expected.length <= 258);
          ok(equalBytes(await reader.transmit(apdu), expected));
        }
      },
    ),
    { seed: 9, numRuns: 200 },
  );
});

Deno.test("T=0 carries commands of the right case unchanged, in every procedure", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { maxLength: 20 }),
      fc.constantFrom<("one" | "all" | "null")[]>(["all"], ["one"], [
        "null",
        "one",
        "all",
      ]),
      async (commands, procedure) => {
        const direct = new FileSystemApplication(undefined, { random });
        const wire = new Wire(
          new FileSystemCard({
            protocols: ["t0"],
            random,
            t0: { procedure, nullsBeforeStatus: 1 },
          }),
        );
        wire.reset();
        for (const parts of commands) {
          const isRead = [0x84, 0xb0, 0xb2].includes(parts.ins);
          const isSelect = parts.ins === 0xa4;
          // T=0 cannot say these: data out without Le, data both ways at once.
          const le = isRead || (isSelect && parts.data.length > 0) ? 0 : null;
          const data = isRead ? new Uint8Array(0) : parts.data;
          const fitting = { ...parts, data, le };
          if (fitting.ins === 0xc0 || fitting.ins === 0xc2) continue;
          if (!isRead && data.length === 0 && parts.ins !== 0x20) continue;
          const apdu = encode(fitting);
          const answer = await t0Transmit(wire, parts.cla, apdu, data);
          equal(toHex(answer), toHex(direct.process(apdu)));
        }
      },
    ),
    { seed: 10, numRuns: 200 },
  );
});

Deno.test("an application takes any bytes for a command", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), (commands) => {
      const application = new FileSystemApplication();
      for (const bytes of commands) {
        ok(application.process(bytes).length >= 2);
      }
    }),
    { seed: 11, numRuns: 500 },
  );
});
