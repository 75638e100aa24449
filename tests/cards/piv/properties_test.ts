// Invariant: every command is answered with a status of the specification, and the counters are those of a model.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { parseCardCommand } from "../../../src/cards/mod.ts";
import { MemoryStore } from "./memory_store.ts";
import { commandOf, Model, step } from "./pin_model.ts";
import { command, PivHost, verifyPin } from "./piv_host.ts";

const SEED = 78163;

/** SP 800-73-4 Part 2, table 6, and ISO/IEC 7816-4 for commands that are none of PIV's. */
const STATUS = new RegExp(
  "^(9000|61..|63C[0-3]|6581|6700|688[12]|698[235]|6A8[012468]|6D00|6E00)$",
);

const INSTRUCTIONS = [
  ...[0x20, 0x24, 0x2c, 0x47, 0x87, 0xa4, 0xcb, 0xdb, 0xc0, 0x84, 0xff],
];
const byte = fc.integer({ min: 0, max: 255 });
const data = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(
    ...["313233343536FFFF", "3132333435363738", "5C035FC102", "5C017E"],
    ...["7C028100", "7C028000", "7C04820081017F", "AC03800111", "7C00"],
    ...["5C035FC10553027000", "7E024F00", "3132333435363738313233343536FFFF"],
    ...[
      "A00000030800001000",
      "7C82",
      "53",
      "7C8201",
      `7C22822000${"00".repeat(31)}`,
    ],
  ).map((hex) => fromHex(hex)),
);

/** A command that is nearly one. */
const nearly = fc.record({
  cla: fc.oneof(fc.constantFrom(0, 0, 0, 0x10, 0x10, 0x0c, 0x80), byte),
  ins: fc.oneof(fc.constantFrom(...INSTRUCTIONS), byte),
  p1: fc.oneof(fc.constantFrom(0, 0x3f, 0x04, 0x0a, 0x11, 0x07, 0xff), byte),
  p2: fc.oneof(
    fc.constantFrom(0x80, 0x81, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0xff, 0),
    byte,
  ),
  data,
  le: fc.constantFrom("", "00", "01", "0000", "08"),
  spoil: fc.integer({ min: -3, max: 3 }),
}).map(({ cla, ins, p1, p2, data, le, spoil }) => {
  const head = [cla, ins, p1, p2];
  const lc = data.length === 0
    ? []
    : [Math.max(0, data.length + (spoil > 2 ? 1 : 0))];
  const whole = Uint8Array.from([...head, ...lc, ...data, ...fromHex(le)]);
  return spoil < -1 ? whole.slice(0, whole.length + spoil) : whole;
});
const anything = fc.oneof(nearly, fc.uint8Array({ maxLength: 300 }));

/** RSA keys take too long to make for every run. */
function makesRsaKey(bytes: Uint8Array): boolean {
  return bytes[1] === 0x47 && bytes.includes(0x07);
}

Deno.test("arbitrary commands, as a manager with keys and without", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(anything, { minLength: 1, maxLength: 30 }),
      async (isManager, commands) => {
        const host = new PivHost({ store: new MemoryStore() });
        if (isManager) {
          await host.authenticate();
          await host.generate("9E", "11");
          await host.authenticate();
        }
        for (const bytes of commands.filter((c) => !makesRsaKey(c))) {
          const answer = toHex(await host.card.process(bytes.slice()));
          assert.match(answer.slice(-4), STATUS, toHex(bytes));
          const most = parseCardCommand(bytes)?.ne ?? 0;
          assert.ok(answer.length / 2 - 2 <= most, toHex(bytes));
          const { pin, puk } = host.card.state;
          for (const { triesLeft } of [pin, puk]) {
            assert.ok(triesLeft >= 0 && triesLeft <= 3);
          }
        }
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});

Deno.test("commands cut anywhere, and resets in the middle of them", async () => {
  const whole = [
    verifyPin("313233343536FFFF"),
    "0024008010313233343536FFFF363534333231FFFF",
    "002C0080103132333435363738363534333231FFFF",
    "0047009E05AC0380011100",
    "00870A9B047C02810000",
    "00CB3FFF055C035FC10200",
    "00DB3FFF095C035FC10553027000",
    "00A4040009A0000003080000100000",
    "00DB3FFF00000A5C035FC1055303700000",
  ];
  const host = new PivHost();
  for (const hex of whole) {
    const bytes = fromHex(hex);
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.slice(0, length);
      const answer = toHex(await host.card.process(cut));
      assert.match(answer, STATUS, toHex(cut));
      assert.doesNotMatch(answer, /63C[012]/);
      const running = host.card.process(bytes.slice());
      host.card.reset();
      assert.match(toHex(await running).slice(-4), STATUS, hex);
      host.card.reset();
    }
    await host.run([
      command("002C0080", "3132333435363738313233343536FFFF")
        .slice(0, -2),
      "9000",
    ]);
  }
});

type Mode = MemoryStore["mode"];
const plan = fc.array(
  fc.record({
    step,
    mode: fc.constantFrom<Mode>("now", "now", "later", "throw", "reject"),
    isInterrupted: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
);

Deno.test("the counters of PIN and PUK are those of a model, whatever happens to the store", async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (steps) => {
      const store = new MemoryStore();
      const options = { store };
      let host = new PivHost(options);
      const model = new Model();
      for (const { step, mode, isInterrupted } of steps) {
        const fails = mode === "throw" || mode === "reject";
        store.mode = mode;
        const expected = model.expect(step, fails);
        if (step.kind === "reload") {
          model.reload();
          host = new PivHost(options);
        } else if (step.kind === "reset") {
          host.card.reset();
        } else if (step.kind === "broken") {
          // Half a wrong PIN counts for nothing.
          assert.equal(await host.send("102000800430303030"), "9000");
          assert.equal(await host.send(commandOf(step)), expected);
        } else {
          const running = host.send(commandOf(step));
          if (isInterrupted) {
            host.card.reset();
            model.isVerified = false;
          }
          assert.equal(await running, expected, step.kind);
        }
        store.mode = "now";
        assert.equal(await host.send("00200080"), model.status, step.kind);
        const { state } = host.card;
        assert.equal(state.pin.triesLeft, model.pin.left);
        assert.equal(state.puk.triesLeft, model.puk.left);
      }
    }),
    { seed: SEED, numRuns: 500 },
  );
});
