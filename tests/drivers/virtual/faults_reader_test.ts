// Invariant: what a fault does to the link, the reader's T=0 and T=1 make good or report.
import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  createCard,
  type FileSystemCardOptions,
} from "../../../src/cards/mod.ts";
import {
  type FaultStrike,
  type LinkFault,
  VirtualReader,
  type VirtualReaderOptions,
} from "../../../src/drivers/virtual/mod.ts";
import {
  IOCTL_SMARTCARD_TRANSMIT,
  Irp,
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  STATUS_SUCCESS,
  statusName,
} from "../../../src/smclib/mod.ts";
import {
  type Outcome,
  power,
  setProtocol,
  show,
  state,
  transmit,
  untilAbsent,
} from "../requests.ts";
import { FakeClock } from "./fake_clock.ts";

const READ = fromHex("00B0810008");
const RIGHT = "00000000 48656C6C6F2066729000";
const never = { kind: "never" } as const;
const once = { kind: "times", times: 1 } as const;

/** A reader with a card that has been reset, and time under control. */
class Desk implements Disposable {
  readonly clock = new FakeClock();
  readonly strikes: FaultStrike[] = [];
  readonly reader: VirtualReader;
  readonly protocol: number;

  constructor(
    cardOptions: FileSystemCardOptions = {},
    protocol: number = SCARD_PROTOCOL_T1,
    options: VirtualReaderOptions = {},
  ) {
    this.protocol = protocol;
    this.reader = new VirtualReader({
      timer: this.clock.timer,
      onFault: (strike) => this.strikes.push(strike),
      ...options,
    });
    this.reader.insert(createCard(undefined, cardOptions));
  }

  async connect(): Promise<void> {
    const reset = await this.clock.until(power(this.reader, SCARD_COLD_RESET));
    assert.equal(statusName(reset.status), "STATUS_SUCCESS");
    const chosen = await this.clock.until(
      setProtocol(this.reader, this.protocol),
    );
    assert.equal(statusName(chosen.status), "STATUS_SUCCESS");
    await this.send("00A4040C06F044454E4F01");
    this.strikes.length = 0;
  }

  outcome(command: Uint8Array): Promise<Outcome> {
    return this.clock.until(transmit(this.reader, this.protocol, command));
  }

  async send(hex: string): Promise<string> {
    return show(await this.outcome(fromHex(hex)));
  }

  async read(): Promise<string> {
    return show(await this.outcome(READ));
  }

  [Symbol.dispose](): void {
    this.reader[Symbol.dispose]();
    assert.equal(this.clock.pending, 0);
  }
}

const PROTOCOLS: [string, number][] = [
  ["t0", SCARD_PROTOCOL_T0],
  ["t1", SCARD_PROTOCOL_T1],
];

Deno.test("a character with wrong parity: T=0 has it again, T=1 the block", async () => {
  for (const [name, protocol] of PROTOCOLS) {
    for (const direction of ["to-card", "from-card"] as const) {
      for (const convention of ["direct", "inverse"] as const) {
        using desk = new Desk({
          atr: { convention, protocols: [name === "t0" ? 0 : 1] },
        }, protocol);
        await desk.connect();
        desk.reader.inject([{
          what: { kind: "parity", bit: 6, at: { direction, byte: 1 } },
          until: once,
        }]);
        assert.equal(await desk.read(), RIGHT);
        assert.deepEqual(
          desk.strikes.map(({ repetitions }) => repetitions),
          [name === "t0" ? 1 : 0],
        );
        assert.deepEqual(desk.reader.faults, []);
      }
    }
  }
});

Deno.test("a parity error that stays: T=0 delivers what came", async () => {
  using desk = new Desk({}, SCARD_PROTOCOL_T0);
  await desk.connect();
  desk.reader.inject([{
    what: { kind: "parity", bit: 0, arrivals: 4, at: { byte: 1 } },
    until: once,
  }]);
  // Byte 0 is the procedure byte.
  assert.equal(await desk.read(), RIGHT.replace(" 48", " 49"));
  assert.equal(desk.strikes[0].repetitions, 3);
  assert.equal(await desk.read(), RIGHT);
});

Deno.test("an answer late within the wait is waited for", async () => {
  for (const [, protocol] of PROTOCOLS) {
    using desk = new Desk({}, protocol);
    await desk.connect();
    desk.reader.inject([{ what: { kind: "late", waits: 0.9 }, until: once }]);
    const start = desk.clock.now;
    assert.equal(await desk.read(), RIGHT);
    assert.ok(desk.clock.now > start + 100, `${desk.clock.now - start} ms`);
    const end = desk.clock.now;
    assert.equal(await desk.read(), RIGHT);
    assert.equal(desk.clock.now, end);
  }
});

Deno.test("an answer late beyond the wait: T=1 asks again, T=0 times out", async () => {
  for (const [name, protocol] of PROTOCOLS) {
    for (const waits of [1.2, 5]) {
      using desk = new Desk({}, protocol);
      await desk.connect();
      desk.reader.inject([{ what: { kind: "late", waits }, until: once }]);
      const got = await desk.read();
      if (name === "t1") assert.equal(got, RIGHT);
      else assert.equal(got, "C00000B5");
      await desk.connect();
      assert.equal(await desk.read(), RIGHT);
    }
  }
});

Deno.test("another N(S) or N(R), check bytes right: T=1 alone can tell, and does", async () => {
  const cards: FileSystemCardOptions[] = [
    { atr: { protocols: [1], ifscBytes: 8 } },
    { atr: { protocols: [1], ifscBytes: 8, convention: "inverse" } },
    ...(["A", "B", "C", "D", "ARC"] as const).map((crcVariant) => ({
      atr: { protocols: [1], ifscBytes: 8, edc: "CRC" as const },
      t1: { crcVariant },
    })),
  ];
  const data = "A5".repeat(30);
  for (const options of cards) {
    for (const direction of ["to-card", "from-card"] as const) {
      for (const number of ["N(S)", "N(R)"] as const) {
        for (let block = 0; block < 12; block++) {
          using desk = new Desk(options);
          await desk.connect();
          desk.reader.inject([{
            what: {
              kind: "sequence",
              number,
              at: { direction, block, since: "exchange" },
            },
            until: once,
          }]);
          const name = JSON.stringify({ options, direction, number, block });
          assert.equal(
            await desk.send(`00D681001E${data}`),
            "00000000 9000",
            name,
          );
          assert.equal(
            await desk.send("00B081001E"),
            `00000000 ${data}9000`,
            name,
          );
        }
      }
    }
  }
});

Deno.test("a sequence fault does strike, also where the check is a CRC", async () => {
  for (const crcVariant of ["A", "B", "C", "D", "ARC"] as const) {
    using desk = new Desk({
      atr: { protocols: [1], edc: "CRC" },
      t1: { crcVariant },
    });
    await desk.connect();
    desk.reader.inject([{ what: { kind: "sequence" }, until: once }]);
    assert.equal(await desk.read(), RIGHT);
    assert.equal(desk.strikes.length, 1, crcVariant);
  }
});

Deno.test("the card goes at a character: NO_MEDIA, and the next one works", async () => {
  for (const [, protocol] of PROTOCOLS) {
    for (const direction of ["to-card", "from-card"] as const) {
      for (let byte = 0; byte < 5; byte++) {
        using desk = new Desk({}, protocol);
        await desk.connect();
        desk.reader.inject([{
          what: { kind: "remove", at: { direction, byte } },
          until: once,
        }]);
        const removed = untilAbsent(desk.reader);
        const { status } = await desk.outcome(READ);
        const where = `${direction} ${byte}`;
        assert.equal(statusName(status), "STATUS_NO_MEDIA", where);
        await removed;
        assert.equal(await state(desk.reader), SCARD_ABSENT);
        assert.equal(desk.reader.card, null);
        desk.reader.insert(createCard());
        await desk.connect();
        assert.equal(await desk.read(), RIGHT, where);
      }
    }
  }
});

Deno.test("the card goes in its ATR, at any character", async () => {
  for (let byte = 0; byte < 12; byte++) {
    using desk = new Desk({}, SCARD_PROTOCOL_T1, {
      faults: [{
        what: { kind: "remove", at: { phase: "atr", byte } },
        until: once,
      }],
    });
    const reset = await power(desk.reader, SCARD_COLD_RESET);
    assert.equal(statusName(reset.status), "STATUS_NO_MEDIA");
    desk.reader.insert(createCard());
    await desk.connect();
    assert.equal(await desk.read(), RIGHT);
  }
});

Deno.test("faults of the ATR and of PPS: an error or a second try", async () => {
  const cases: [LinkFault["what"], string][] = [
    [{ kind: "mute", at: { phase: "atr" } }, "STATUS_IO_TIMEOUT"],
    [{ kind: "late", waits: 0.5, at: { phase: "atr" } }, "STATUS_SUCCESS"],
    [{ kind: "late", waits: 3, at: { phase: "atr" } }, "STATUS_IO_TIMEOUT"],
    [
      { kind: "flip", bit: 3, at: { phase: "atr", byte: 0 } },
      "STATUS_UNRECOGNIZED_MEDIA",
    ],
    [
      { kind: "truncate", keep: 4, at: { phase: "atr" } },
      "STATUS_UNRECOGNIZED_MEDIA",
    ],
    // PPS, answered with another PCK: tried once more after a reset.
    [{ kind: "flip", bit: 0, at: { exchange: 0, byte: 3 } }, "STATUS_SUCCESS"],
    [{ kind: "mute", at: { exchange: 0 } }, "STATUS_SUCCESS"],
  ];
  for (const [what, expected] of cases) {
    using desk = new Desk();
    desk.reader.inject([{ what, until: once }]);
    const reset = await desk.clock.until(power(desk.reader, SCARD_COLD_RESET));
    const name = JSON.stringify(what);
    if (what.at?.phase === "atr") assert.equal(desk.strikes.length, 1, name);
    assert.equal(statusName(reset.status), expected, name);
    await desk.clock.until(setProtocol(desk.reader, SCARD_PROTOCOL_T1));
    if (what.at?.exchange === 0) assert.equal(desk.strikes.length, 1, name);
    await desk.connect();
    assert.equal(await desk.read(), RIGHT, name);
  }
});

Deno.test("each TRANSMIT is an exchange; ATR and PPS are exchange 0", async () => {
  using desk = new Desk({}, SCARD_PROTOCOL_T1, {
    faults: [
      // The first exchange of connect() and the two reads after it.
      {
        what: {
          kind: "mute",
          at: { exchange: 2, block: 0, since: "exchange" },
        },
        until: never,
      },
      {
        what: { kind: "flip", bit: 0, at: { exchange: 3, byte: 0 } },
        until: never,
      },
    ],
  });
  await desk.connect();
  assert.equal(await desk.read(), RIGHT);
  assert.deepEqual(
    desk.strikes.map(({ exchange, index }) => [exchange, index]),
    [[2, 0]],
  );
  // Every block of the third is damaged: T=1 gives up.
  assert.equal(await desk.read(), "C0000186");
  assert.equal(await desk.read(), RIGHT);
});

Deno.test("inject takes effect while the reader runs, and an empty list ends all faults", async () => {
  using desk = new Desk();
  await desk.connect();
  desk.reader.inject([{ what: { kind: "mute" }, until: never }]);
  assert.equal(await desk.read(), "C00000B5");
  assert.equal(desk.reader.faults.length, 1);
  desk.reader.inject([]);
  assert.deepEqual(desk.reader.faults, []);
  assert.equal(await desk.read(), RIGHT);
});

Deno.test("faults that do not fit leave the reader synchronous", async () => {
  using desk = new Desk();
  await desk.connect();
  desk.reader.inject([
    { what: { kind: "mute", at: { exchange: 1000 } }, until: never },
    { what: { kind: "flip", bit: 0, at: { phase: "atr" } }, until: never },
    {
      what: { kind: "duplicate", at: { direction: "to-card", block: 9999 } },
      until: never,
    },
  ]);
  const systemBuffer = new Uint8Array(64);
  systemBuffer.set(fromHex("02000000 08000000"));
  systemBuffer.set(READ, 8);
  const irp = new Irp({
    ioControlCode: IOCTL_SMARTCARD_TRANSMIT,
    systemBuffer,
    inputLength: 8 + READ.length,
    outputLength: 64,
  });
  assert.equal(desk.reader.deviceControl(irp), STATUS_SUCCESS);
  assert.equal(
    toHex(systemBuffer.subarray(8, irp.ioStatus.information)),
    RIGHT.slice(9),
  );
});

Deno.test("unplugging ends the wait for a late answer", async () => {
  const desk = new Desk();
  await desk.connect();
  desk.reader.inject([{ what: { kind: "late", waits: 0.5 }, until: never }]);
  const answer = transmit(desk.reader, SCARD_PROTOCOL_T1, READ);
  desk[Symbol.dispose]();
  const name = statusName((await answer).status);
  assert.ok(["STATUS_NO_MEDIA", "STATUS_DEVICE_REMOVED"].includes(name), name);
});
