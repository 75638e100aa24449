// Invariant: whatever the faults, every request ends with the right answer or with an error of a short list; it is wrong only after a turn that was blind (see FaultWatch); without faults and after a reset the reader works.
import assert from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../../src/bytes.ts";
import { createCard } from "../../../src/cards/mod.ts";
import {
  type LinkFault,
  VirtualReader,
} from "../../../src/drivers/virtual/mod.ts";
import {
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  STATUS_SUCCESS,
  statusName,
} from "../../../src/smclib/mod.ts";
import { power, setProtocol, show, transmit } from "../requests.ts";
import { FakeClock } from "./fake_clock.ts";
import { anyFault } from "./fault_arbitrary.ts";
import { FaultWatch, type WatchedCard } from "./fault_watch.ts";

const SEED = 78163;
const CONTENT = Uint8Array.from({ length: 256 }, (_, i) => i * 7 & 0xff);
const DATA = {
  files: [{
    type: "transparent" as const,
    id: "5001",
    shortId: 1,
    content: toHex(CONTENT),
  }],
};

/** READ BINARY, or UPDATE BINARY with what is there already: both may run twice. */
interface Command {
  readonly writes: boolean;
  readonly offset: number;
  readonly length: number;
}

const command: fc.Arbitrary<Command> = fc.record({
  writes: fc.boolean(),
  offset: fc.nat(100),
  length: fc.integer({ min: 1, max: 150 }),
});

function commandBytes({ writes, offset, length }: Command): Uint8Array {
  return writes
    ? Uint8Array.of(
      0x00,
      0xd6,
      0x81,
      offset,
      length,
      ...CONTENT.subarray(offset, offset + length),
    )
    : Uint8Array.of(0x00, 0xb0, 0x81, offset, length);
}

function answerOf({ writes, offset, length }: Command): string {
  return (writes ? "" : toHex(CONTENT.subarray(offset, offset + length))) +
    "9000";
}

interface Setup extends WatchedCard {
  readonly ifscBytes: number;
  readonly procedure: "one" | "all";
  /** Whether the card answers a little later, so that the reader has to wait. */
  readonly isSlow: boolean;
}

function setup(protocol?: "t0" | "t1"): fc.Arbitrary<Setup> {
  return fc.record({
    protocol: protocol === undefined
      ? fc.constantFrom("t0" as const, "t1" as const)
      : fc.constant(protocol),
    isInverse: fc.boolean(),
    edc: fc.constantFrom("LRC" as const, "LRC" as const, "CRC" as const),
    ifscBytes: fc.constantFrom(3, 16, 32, 254),
    procedure: fc.constantFrom("one" as const, "all" as const),
    isSlow: fc.boolean(),
  });
}

/** What a reset or a choice of protocol may end with. */
const CONNECT_ENDS = [
  "STATUS_SUCCESS",
  "STATUS_IO_TIMEOUT",
  "STATUS_UNRECOGNIZED_MEDIA",
  "STATUS_DEVICE_PROTOCOL_ERROR",
  "STATUS_NO_MEDIA",
];
/** What an exchange may end with. */
const TRANSMIT_ENDS = [
  "STATUS_SUCCESS",
  "STATUS_IO_TIMEOUT",
  "STATUS_DEVICE_PROTOCOL_ERROR",
  "STATUS_NO_MEDIA",
];
/** What a damaged ATR may bring besides: no protocol of this reader is offered any more. */
const DAMAGED_ATR_ENDS = ["STATUS_NOT_SUPPORTED"];

/** What came out of the runs of a test. */
class Totals {
  exchanges = 0;
  right = 0;
  errors = 0;
  wrong = 0;
  strikes = 0;
  blindTurns = 0;
}

/** A reader with a card in it, and time under control. */
class Pair implements Disposable {
  readonly clock = new FakeClock();
  readonly watch: FaultWatch;
  readonly reader: VirtualReader;
  readonly #card;
  readonly #protocol: number;

  constructor(
    setup: Setup,
    faults: readonly LinkFault[],
    readonly totals: Totals,
  ) {
    this.watch = new FaultWatch(setup);
    this.#protocol = setup.protocol === "t0"
      ? SCARD_PROTOCOL_T0
      : SCARD_PROTOCOL_T1;
    const { isInverse, edc, ifscBytes } = setup;
    const convention = isInverse ? "inverse" as const : "direct" as const;
    this.#card = this.watch.wrapCard(
      createCard(DATA, {
        atr: setup.protocol === "t0"
          ? { convention, protocols: [0] }
          : { convention, protocols: [1], edc, ifscBytes },
        t0: { procedure: [setup.procedure] },
        t1: { incompleteBlocks: "answer" },
      }),
      setup.isSlow,
    );
    this.reader = new VirtualReader({
      timer: this.clock.timer,
      wrapLink: this.watch.wrapLink,
      faults,
      onFault: () => {
        totals.strikes++;
      },
    });
  }

  /** Puts the card in where it is out, and resets it. @returns whether it can be used */
  async connect(): Promise<boolean> {
    const { reader, clock, watch } = this;
    if (reader.card === null) reader.insert(this.#card);
    watch.sentPieces = 0;
    const reset = await clock.until(power(reader, SCARD_COLD_RESET));
    this.#expectOneOf(reset.status, CONNECT_ENDS);
    if (reset.status !== STATUS_SUCCESS) return false;
    const chosen = await clock.until(setProtocol(reader, this.#protocol));
    watch.endTurn();
    this.#expectOneOf(
      chosen.status,
      watch.isBlind ? [...CONNECT_ENDS, ...DAMAGED_ATR_ENDS] : CONNECT_ENDS,
    );
    watch.isConnected = chosen.status === STATUS_SUCCESS;
    return watch.isConnected;
  }

  /** Exchanges a command. @returns whether its answer was right */
  async exchange(command: Command): Promise<boolean> {
    const { reader, clock, watch } = this;
    watch.sentPieces = 0;
    const got = await clock.until(
      transmit(reader, this.#protocol, commandBytes(command)),
    );
    watch.endTurn();
    const { totals } = this;
    totals.exchanges++;
    this.#expectOneOf(got.status, TRANSMIT_ENDS);
    if (got.status !== STATUS_SUCCESS) {
      totals.errors++;
      return false;
    }
    const isRight = toHex(got.output) === answerOf(command);
    if (isRight) totals.right++;
    else totals.wrong++;
    assert.ok(isRight || watch.isBlind || watch.wasBlind, show(got));
    return isRight;
  }

  #expectOneOf(status: number, ends: readonly string[]): void {
    assert.ok(ends.includes(statusName(status)), statusName(status));
  }

  [Symbol.dispose](): void {
    this.totals.blindTurns += this.watch.blindTurns;
    this.reader[Symbol.dispose]();
    assert.equal(this.clock.pending, 0);
  }
}

/** T=0 gives an exchange up at the first error and wants a reset, T=1 recovers by itself. */
async function run(
  setup: Setup,
  faults: readonly LinkFault[],
  commands: readonly Command[],
  totals: Totals,
): Promise<void> {
  using pair = new Pair(setup, faults, totals);
  let isUsable = await pair.connect();
  for (const command of commands) {
    isUsable ||= await pair.connect();
    if (!isUsable) continue;
    const isRight = await pair.exchange(command);
    isUsable = pair.reader.card !== null &&
      (isRight || setup.protocol === "t1");
  }
  pair.reader.inject([]);
  assert.deepEqual(pair.reader.faults, []);
  assert.ok(await pair.connect(), "a reset does not help");
  const isRight = await pair.exchange({ writes: false, offset: 3, length: 90 });
  assert.ok(isRight || pair.watch.wasBlind, "nothing is right any more");
}

const commands = fc.array(command, { minLength: 1, maxLength: 5 });

/** Runs with what is drawn. */
async function check(
  numRuns: number,
  drawn: fc.Arbitrary<[Setup, LinkFault[]]>,
): Promise<Totals> {
  const totals = new Totals();
  await fc.assert(
    fc.asyncProperty(
      drawn,
      commands,
      ([setup, faults], commands) => run(setup, faults, commands, totals),
    ),
    { seed: SEED, numRuns },
  );
  return totals;
}

/** Of so many answers one may be wrong: T=0 has no check bytes. */
const WRONG_ONES = { t0: 10, t1: 500 };

for (const protocol of ["t0", "t1"] as const) {
  Deno.test(`any faults, ${protocol}: right answers or errors, and an end`, async () => {
    const totals = await check(
      800,
      fc.tuple(setup(protocol), fc.array(anyFault, { maxLength: 4 })),
    );
    // The faults do strike, and the exception stays one.
    const found = JSON.stringify(totals);
    assert.ok(totals.strikes > 1500, found);
    assert.ok(totals.right > 900, found);
    assert.ok(totals.errors > 300, found);
    assert.ok(totals.wrong * WRONG_ONES[protocol] < totals.exchanges, found);
  });
}

Deno.test("what check bytes or parity can see never gives a wrong answer", async () => {
  const totals = await check(
    600,
    fc.tuple(setup(), fc.array(anyFault, { maxLength: 4 }))
      .map((
        [setup, faults],
      ) => [setup, faults.filter((fault) => isSeen(fault, setup))]),
  );
  const found = JSON.stringify(totals);
  assert.equal(totals.blindTurns, 0, found);
  assert.equal(totals.wrong, 0, found);
  assert.ok(totals.strikes > 500, found);
});

/** Past ATR and PPS: under T=1 a CRC sees all damage that is no block of another kind, under T=0 silence is seen. */
function isSeen({ what }: LinkFault, { protocol, edc }: Setup): boolean {
  if ((what.at?.phase ?? "after-atr") !== "after-atr") return false;
  if (what.at?.exchange === 0) return false;
  switch (what.kind) {
    case "sequence":
      return false;
    case "late":
    case "mute":
    case "remove":
    case "truncate":
      return true;
    case "parity":
      return protocol === "t0" ? (what.arrivals ?? 1) <= 3 : edc === "CRC";
    default:
      return protocol === "t1" && edc === "CRC";
  }
}

Deno.test("one block with another number is noticed: the answer is right, or an error", async () => {
  const totals = await check(
    600,
    fc.tuple(
      setup("t1"),
      anyFault.filter(({ what: { kind, at } }) =>
        kind === "sequence" && at?.phase !== "atr" && at?.exchange === undefined
      )
        .map((
          { what },
        ) => [{ what, until: { kind: "times" as const, times: 1 } }]),
    ),
  );
  const found = JSON.stringify(totals);
  assert.equal(totals.wrong, 0, found);
  assert.ok(totals.blindTurns > 200, found);
});
