// Invariant: what one side builds from values, the other reads back to the same values. The two sides share no code.
import assert from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/bytes.ts";
import {
  buildAtr,
  type CardAtrOptions,
  type CardCrcVariant,
  T0Endpoint,
  T1Endpoint,
} from "../../src/cards/mod.ts";
import {
  type CrcVariant,
  DI_TABLE,
  FI_TABLE,
  MACHINE_DONE,
  MACHINE_TRANSFER,
  parseApdu,
  parseAtr,
  T0Exchange,
  T1Session,
} from "../../src/core/mod.ts";

const SEED = 78163;

/** Values that an ATR can carry, each there or not. */
const atrOptions: fc.Arbitrary<CardAtrOptions> = fc.record({
  convention: fc.constantFrom("direct" as const, "inverse" as const),
  protocols: fc.constantFrom([0], [1], [0, 1]),
  fiIndex: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13),
  diIndex: fc.integer({ min: 1, max: 9 }),
  n: fc.nat(255),
  specific: fc.record({
    protocol: fc.constantFrom(0, 1),
    implicitParameters: fc.boolean(),
    canChange: fc.boolean(),
  }),
  wi: fc.integer({ min: 1, max: 255 }),
  ifscBytes: fc.integer({ min: 1, max: 254 }),
  bwi: fc.nat(9),
  cwi: fc.nat(15),
  edc: fc.constantFrom("LRC" as const, "CRC" as const),
  clockStop: fc.nat(3),
  voltageClass: fc.constantFrom(1, 2, 3, 4, 6, 7),
  spu: fc.nat(255),
  historical: fc.uint8Array({ maxLength: 15 }),
}, { requiredKeys: [] });

Deno.test("an ATR built from values is valid and read back", () => {
  let built = 0;
  fc.assert(
    fc.property(atrOptions, (options) => {
      let bytes: Uint8Array;
      try {
        bytes = buildAtr(options);
      } catch (error) {
        // Values that contradict each other, or do not fit into 33 bytes.
        assert.ok(error instanceof RangeError);
        return;
      }
      built++;
      const atr = parseAtr(bytes);
      const text = toHex(bytes);
      assert.equal(atr.valid, true, text);
      assert.equal(atr.convention, options.convention ?? "direct", text);
      assert.deepEqual(atr.protocols, options.protocols ?? [0], text);
      const hasTa1 = options.fiIndex !== undefined ||
        options.diIndex !== undefined;
      assert.equal(atr.fi, FI_TABLE[options.fiIndex ?? 1].f, text);
      assert.equal(atr.di, DI_TABLE[options.diIndex ?? 1], text);
      assert.ok(!hasTa1 || atr.hasTa1, text);
      assert.equal(atr.n, options.n ?? 0, text);
      assert.equal(atr.wi, options.wi ?? 10, text);
      assert.equal(atr.ifscBytes, options.ifscBytes ?? 32, text);
      assert.equal(atr.bwi, options.bwi ?? 4, text);
      assert.equal(atr.cwi, options.cwi ?? 13, text);
      assert.equal(atr.edc, options.edc ?? "LRC", text);
      assert.equal(atr.spu, options.spu ?? null, text);
      const hasSupply = options.clockStop !== undefined ||
        options.voltageClass !== undefined;
      assert.equal(
        atr.clockStop,
        hasSupply ? options.clockStop ?? 0 : null,
        text,
      );
      assert.equal(
        atr.voltageClass,
        hasSupply ? options.voltageClass ?? 1 : null,
        text,
      );
      assert.deepEqual(
        atr.specific,
        options.specific === undefined ? null : {
          implicitParameters: false,
          canChange: false,
          ...options.specific,
        },
        text,
      );
      assert.deepEqual(
        [...atr.historical],
        [...options.historical ?? []],
        text,
      );
      assert.equal(atr.lengthUsed, bytes.length, text);
    }),
    { seed: SEED, numRuns: 5000 },
  );
  assert.ok(built > 1000, `only ${built} of the options could be built`);
});

const CRC_NAMES: Record<CrcVariant, CardCrcVariant> = {
  "13239": "A",
  "no-complement": "B",
  "arc-faulty": "C",
  "arc": "ARC",
  "zero-start": "D",
};

/** An application that notes what it gets and answers what it is told. */
function echo(answer: Uint8Array) {
  const got: Uint8Array[] = [];
  return {
    got,
    process(command: Uint8Array): Uint8Array {
      got.push(command.slice());
      return answer;
    },
    reset(): void {},
  };
}

Deno.test("commands and responses cross T=1 unchanged, with every check and size", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<CrcVariant | null>(
        null,
        "13239",
        "no-complement",
        "arc-faulty",
        "arc",
        "zero-start",
      ),
      fc.boolean(),
      fc.integer({ min: 1, max: 254 }),
      fc.option(fc.integer({ min: 1, max: 254 }), { nil: undefined }),
      fc.uint8Array({ minLength: 1, maxLength: 700 }),
      fc.uint8Array({ minLength: 2, maxLength: 700 }),
      (variant, auto, ifscBytes, ifsdBytes, command, response) => {
        const application = echo(response);
        const received: number[] = [];
        const card = new T1Endpoint(
          application,
          (bytes) => received.push(...bytes),
          {
            ifscBytes,
            edc: variant === null ? "LRC" : "CRC",
            crcVariant: variant === null ? "A" : CRC_NAMES[variant],
          },
        );
        using session = new T1Session({
          ifscBytes,
          ifsdBytes,
          edc: variant === null ? "LRC" : "CRC",
          crcVariant: auto ? "auto" : variant ?? "auto",
        });
        for (let i = 0; i < 2; i++) {
          let event = session.start(command);
          while (event === MACHINE_TRANSFER) {
            const block = session.machine.send.slice(0, session.build());
            received.length = 0;
            void card.receive(block);
            session.machine.receive.set(received);
            event = session.digest(received.length);
          }
          assert.equal(event, MACHINE_DONE);
          assert.deepEqual(session.response(), response);
        }
        assert.deepEqual(application.got, [command, command]);
      },
    ),
    { seed: SEED, numRuns: 600 },
  );
});

Deno.test("TPDUs cross T=0 unchanged, whatever the procedure bytes", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom("null" as const, "one" as const, "all" as const),
        {
          minLength: 1,
          maxLength: 5,
        },
      ).filter((pattern) => pattern.some((kind) => kind !== "null")),
      fc.nat(3),
      fc.uint8Array({ minLength: 1, maxLength: 255 }),
      fc.integer({ min: 1, max: 256 }),
      (procedure, nullsBeforeStatus, data, le) => {
        const answer = Uint8Array.from(
          { length: le + 2 },
          (_, i) => i < le ? i * 5 & 0xff : i === le ? 0x90 : 0,
        );
        const received: number[] = [];
        const application = echo(answer);
        const card = new T0Endpoint(
          application,
          (bytes) => received.push(...bytes),
          { procedure, nullsBeforeStatus },
        );
        using exchange = new T0Exchange();
        const run = (tpdu: Uint8Array): Uint8Array => {
          let event = exchange.start(tpdu);
          received.length = 0;
          while (event === MACHINE_TRANSFER) {
            const sent = exchange.machine.send.slice(0, exchange.build());
            if (sent.length > 0) void card.receive(sent);
            const take = received.splice(0, exchange.wanted);
            exchange.machine.receive.set(take);
            event = exchange.digest(take.length);
          }
          assert.equal(event, MACHINE_DONE);
          return exchange.response();
        };
        const read = Uint8Array.of(0x00, 0xb0, 0x00, 0x00, le & 0xff);
        assert.deepEqual(run(read), answer);
        const update = Uint8Array.of(0x00, 0xd6, 0, 0, data.length, ...data);
        const reply = run(update);
        assert.ok(reply.length === 2);
        assert.deepEqual(application.got.at(-1), update);
        assert.equal(parseApdu(update).nc, data.length);
      },
    ),
    { seed: SEED, numRuns: 500 },
  );
});
