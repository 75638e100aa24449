import assert from "node:assert/strict";
import fc from "fast-check";
import { runScenario, type Scenario } from "../../src/cli/scenarios.ts";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type Core,
  crc,
  type CrcVariant,
  lrc,
  Machine,
  MACHINE_DONE,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  machineErrorName,
  type T1Options,
  T1Session,
} from "../../src/core/mod.ts";
import { eachCore, SEED } from "./cores.ts";

const { scenarios } = JSON.parse(
  Deno.readTextFileSync(new URL("../data/t1-scenarios.json", import.meta.url)),
) as { scenarios: Scenario[] };

Deno.test("the 35 scripted exchanges", async (t) => {
  assert.equal(scenarios.length, 35);
  for (const scenario of scenarios) {
    await t.step(scenario.id, () => assert.equal(runScenario(scenario), null));
  }
});

const PCB: Record<string, number> = {
  "RESYNCH?": 0xc0,
  "RESYNCH!": 0xe0,
  "IFS?": 0xc1,
  "IFS!": 0xe1,
  "ABORT?": 0xc2,
  "ABORT!": 0xe2,
  "WTX?": 0xc3,
  "WTX!": 0xe3,
};

/**
 * A block in the notation of these tests: `I00 9000` is I(N(S)=0, M=0) with that
 * INF, `R1` is R(1), `R1e2` the same with error 2, `IFS? FE` an S-request and
 * `IFS! FE` its response, `raw HEX` bytes as they are, `-` silence.
 */
function block(notation: string, variant: CrcVariant | null): Uint8Array {
  if (notation === "-") return new Uint8Array(0);
  const [name, hex = ""] = notation.split(" ");
  if (name === "raw") return fromHex(hex);
  const inf = fromHex(hex);
  let pcb = PCB[name];
  if (name[0] === "I" && pcb === undefined) {
    pcb = Number(name[1]) << 6 | Number(name[2]) << 5;
  } else if (name[0] === "R" && pcb === undefined) {
    pcb = 0x80 | Number(name[1]) << 4 | Number(name[3] ?? 0);
  }
  const body = Uint8Array.of(0, pcb, inf.length, ...inf);
  if (variant === null) return Uint8Array.of(...body, lrc(body));
  const check = crc(body, variant);
  return Uint8Array.of(...body, check >> 8, check & 0xff);
}

/** Plays `> block < block ...` for one command; returns the response in hex, or the error's name. */
function play(
  session: T1Session,
  command: string,
  script: string,
  variant: CrcVariant | null = null,
): string {
  const { send, receive } = session.machine;
  let event = session.start(fromHex(command));
  for (const part of script.match(/[<>][^<>]*/g) ?? []) {
    assert.equal(
      event,
      MACHINE_TRANSFER,
      `${script}: ${machineErrorName(event)} before ${part}`,
    );
    const expected = block(part.slice(1).trim(), variant);
    if (part[0] === ">") {
      const sent = send.slice(0, session.build());
      assert.equal(toHex(sent), toHex(expected), `${script}: at ${part}`);
    } else {
      receive.set(expected);
      event = session.digest(expected.length);
    }
  }
  if (event === MACHINE_DONE) return toHex(session.response());
  return machineErrorName(event);
}

function session(core: Core, options?: T1Options): T1Session {
  return new T1Session(options, new Machine(core));
}

const C = "00A4000C";
const OK = `> I00 ${C} < I00 9000`;

/** Name, options, then command and exchange and result for each command of a session. */
const EXCHANGES: [string, T1Options, ...[string, string, string][]][] = [
  ["RESYNCH in a command, which runs again from its first byte", {}, [
    C,
    OK,
    "9000",
  ], [
    C,
    `> I10 ${C} < - > R1e2 < - > R1e2 < - > RESYNCH? < RESYNCH! > I00 ${C} < I00 6A82`,
    "6A82",
  ]],
  ["RESYNCH in a command's chain", { ifscBytes: 2 }, [
    C,
    "> I01 00A4 < R1 > I10 000C < - > R0e2 < - > R0e2 < - > RESYNCH? < RESYNCH! > I01 00A4 < R1 > I10 000C < I00 9000",
    "9000",
  ]],
  ["RESYNCH in the card's chain drops what had come", {}, [
    C,
    `> I00 ${C} < I01 AABB > R1 < - > R1 < - > R1 < - > RESYNCH? < RESYNCH! > I00 ${C} < I00 CC9000`,
    "CC9000",
  ]],
  [
    "RESYNCH unanswered three times: reset; the next command begins with RESYNCH",
    {},
    [
      C,
      OK,
      "9000",
    ],
    [
      C,
      `> I10 ${C} < - > R1e2 < - > R1e2 < - > RESYNCH? < - > RESYNCH? < R0 > RESYNCH? < -`,
      "RESET_CARD",
    ],
    [C, `> RESYNCH? < RESYNCH! > I00 ${C} < I00 9000`, "9000"],
  ],
  ["RESYNCH brings IFSC and IFSD back, and a larger IFSD is announced again", {
    ifscBytes: 4,
    ifsdBytes: 254,
  }, [
    C,
    `> IFS? FE < IFS! FE > I00 ${C} < IFS? 02 > IFS! 02 < - > R0e2 < - > R0e2 < - > RESYNCH? < RESYNCH! > IFS? FE < IFS! FE > I00 ${C} < I00 9000`,
    "9000",
  ]],
  ["the option to report a RESYNCH", { afterResynch: "report" }, [
    C,
    OK,
    "9000",
  ], [
    C,
    `> I10 ${C} < - > R1e2 < - > R1e2 < - > RESYNCH? < RESYNCH!`,
    "OUTCOME_UNKNOWN",
  ], [C, OK, "9000"]],
  ["more RESYNCHs than a command is worth", {}, [
    C,
    `> I00 ${C} < R0e1 > I00 ${C} ` +
    `< - > R0e2 < - > RESYNCH? < RESYNCH! > I00 ${C} < - > R0e2 < - > R0e2 < -`
      .concat(
        " > RESYNCH? < RESYNCH! > I00 ".concat(C, " < - > R0e2 < - > R0e2 < -"),
      )
      .concat(
        " > RESYNCH? < RESYNCH! > I00 ".concat(C, " < - > R0e2 < - > R0e2 < -"),
      )
      .concat(" > RESYNCH? < RESYNCH!"),
    "RESET_CARD",
  ]],
  ["7.4.1: the first I-block unanswered three times, and another try", {}, [
    C,
    `> I00 ${C} < - > R0e2 < - > R0e2 < -`,
    "RESET_CARD",
  ], [C, OK, "9000"]],
  ["a card that only ever wants the block again", {}, [
    C,
    `> I00 ${C} < R0e1 > I00 ${C} < R0e1 > I00 ${C} < R0e1 > RESYNCH? < -`,
    "TRANSFER",
  ]],
  ["the card aborts the command's chain", { ifscBytes: 2 }, [
    C,
    "> I01 00A4 < ABORT? > ABORT! < R1",
    "ABORTED",
  ], [C, "> I11 00A4 < R0 > I00 000C < I00 9000", "9000"]],
  ["the card aborts its own chain", {}, [
    C,
    `> I00 ${C} < I01 AA > R1 < ABORT? > ABORT! < R1`,
    "ABORTED",
  ], [C, `> I10 ${C} < I10 9000`, "9000"]],
  ["the card aborts its own chain and begins another answer", {}, [
    C,
    `> I00 ${C} < I01 AA > R1 < ABORT? > ABORT! < I10 6F00`,
    "6F00",
  ], [C, `> I10 ${C} < I00 9000`, "9000"]],
  ["an S(ABORT request) that is repeated", { ifscBytes: 2 }, [
    C,
    "> I01 00A4 < ABORT? > ABORT! < ABORT? > ABORT! < R1",
    "ABORTED",
  ], [C, "> I11 00A4 < R0 > I00 000C < I00 9000", "9000"]],
  ["silence after S(ABORT response)", { ifscBytes: 2 }, [
    C,
    "> I01 00A4 < ABORT? > ABORT! < - > R0e2 < - > R0e2 < R1",
    "ABORTED",
  ]],
  ["an aborting card that answers after all", { ifscBytes: 2 }, [
    C,
    "> I01 00A4 < ABORT? > ABORT! < I00 6700",
    "6700",
  ], [C, "> I11 00A4 < R0 > I00 000C < I10 9000", "9000"]],
  ["WTX inside a RESYNCHed command stretches one wait only", {}, [
    C,
    `> I00 ${C} < WTX? 05 > WTX! 05 < I00 9000`,
    "9000",
  ]],
  ["too many WTX", { maxWtx: 2 }, [
    C,
    `> I00 ${C} < WTX? 01 > WTX! 01 < WTX? 01 > WTX! 01 < WTX? 01`,
    "TOO_MANY_REQUESTS",
  ], [C, `> RESYNCH? < RESYNCH! > I00 ${C} < I00 9000`, "9000"]],
  ["7.3: another S-request in place of our S-response", {}, [
    C,
    `> I00 ${C} < WTX? 02 > WTX! 02 < IFS? 10 > IFS! 10 < I00 9000`,
    "9000",
  ]],
  ["an IFS change does not change the cut of a block sent again", {
    ifscBytes: 4,
  }, [
    "00112233445566",
    "> I01 00112233 < IFS? 02 > IFS! 02 < R0e1 > I01 00112233 < R1 > I11 4455 < R0 > I00 66 < I00 9000",
    "9000",
  ]],
  ["a card that refuses S(IFS request) is reset", { ifsdBytes: 254 }, [
    C,
    "> IFS? FE < R0e2 > IFS? FE < R0e2 > IFS? FE < R0e2",
    "RESET_CARD",
  ]],
  ["or used at IFSD 32, by option", {
    ifsdBytes: 254,
    ifsRefusal: "proceed",
  }, [
    C,
    `> IFS? FE < R0e2 > IFS? FE < R0e2 > IFS? FE < R0e2 > I00 ${C} < I00 9000`,
    "9000",
  ], [C, `> I10 ${C} < I10 9000`, "9000"]],
];

eachCore("exchanges beyond the scripted ones", (core) => {
  for (const [name, options, ...commands] of EXCHANGES) {
    using s = session(core, options);
    for (const [command, script, result] of commands) {
      assert.equal(play(s, command, script), result, name);
    }
    s.machine[Symbol.dispose]();
  }
});

/** Blocks that are invalid by ISO/IEC 7816-3 11.6.3.1, and the error an R-block reports. */
const INVALID: [string, string, number][] = [
  ["wrong LRC", "00000290009F", 1],
  ["LEN longer than the block", "000003900091", 2],
  ["block longer than LEN", "00000290009200", 2],
  ["NAD not expected", "210002900" + "0B3", 2],
  ["LEN 255", "0000FF9000", 2],
  ["RFU bits of an I-block", "000102900093", 2],
  ["RFU bit of an R-block", "00A000A0", 2],
  ["R-block with INF", "0080010081", 2],
  ["R-block error 3", "00830083", 2],
  ["S(IFS request 0)", "00C10100C0", 2],
  ["S(IFS request 255)", "00C101FF3F", 2],
  ["S(WTX request) without INF", "00C300C3", 2],
  ["unknown S-block", "00C500C5", 2],
  ["S(RESYNCH request) of the card", "00C000C0", 2],
  ["S-response nobody asked for", "00E10120C0", 2],
  ["S(VPP error)", "00E400E4", 2],
  ["R that acknowledges nothing", "00900090", 2],
  ["I-block with the other number", "0040029000D2", 2],
  ["two bytes", "0000", 2],
];

eachCore("every class of invalid block is answered by R(0)", (core) => {
  for (const [name, hex, error] of INVALID) {
    using s = session(core);
    const result = play(
      s,
      C,
      `> I00 ${C} < raw ${hex} > R0e${error} < I00 9000`,
    );
    assert.equal(result, "9000", name);
    s.machine[Symbol.dispose]();
  }
});

eachCore("CRC blocks in each variant, found by the first answer", (core) => {
  const variants: CrcVariant[] = [
    "13239",
    "no-complement",
    "arc-faulty",
    "arc",
    "zero-start",
  ];
  for (const variant of variants) {
    using fixed = session(core, { edc: "CRC", crcVariant: variant });
    assert.equal(play(fixed, C, OK, variant), "9000", variant);
    fixed.machine[Symbol.dispose]();

    using auto = session(core, { edc: "CRC" });
    auto.start(fromHex(C));
    const first = auto.machine.send.slice(0, auto.build());
    assert.equal(toHex(first), toHex(block(`I00 ${C}`, "13239")));
    // The card could not read it and says so in its own way; from then on its way is ours.
    const complaint = block("R0e1", variant);
    auto.machine.receive.set(complaint);
    assert.equal(auto.digest(complaint.length), MACHINE_TRANSFER);
    const second = auto.machine.send.slice(0, auto.build());
    assert.equal(toHex(second), toHex(block(`I00 ${C}`, variant)), variant);
    auto.machine[Symbol.dispose]();
  }
});

eachCore("the card's chain may not be longer than a response APDU", (core) => {
  using s = session(core);
  s.start(fromHex(C));
  const inf = "AA".repeat(254);
  let number = 0;
  let event = MACHINE_TRANSFER;
  let blocks = 0;
  while (event === MACHINE_TRANSFER && blocks < 300) {
    const chained = block(`I${number}1 ${inf}`, null);
    s.machine.receive.set(chained);
    event = s.digest(chained.length);
    number ^= 1;
    blocks++;
    if (toHex(s.machine.send.slice(0, s.build())) === "00C200C2") break;
  }
  assert.equal(blocks, Math.floor(65538 / 254) + 1);
  const answer = block("ABORT!", null);
  s.machine.receive.set(answer);
  assert.equal(s.digest(answer.length), MACHINE_ERRORS.RESPONSE_LENGTH);
  s.machine[Symbol.dispose]();
});

eachCore("a chain of empty blocks ends", (core) => {
  using s = session(core);
  s.start(fromHex(C));
  let number = 0;
  let blocks = 0;
  while (toHex(s.machine.send.slice(0, s.build())) !== "00C200C2") {
    const chained = block(`I${number}1`, null);
    s.machine.receive.set(chained);
    s.digest(chained.length);
    number ^= 1;
    assert.ok(++blocks < 1000);
  }
  s.machine[Symbol.dispose]();
});

eachCore(
  "a command left in the middle: the next begins with RESYNCH",
  (core) => {
    using s = session(core, { ifscBytes: 2 });
    assert.equal(play(s, C, "> I01 00A4 < R1"), "TRANSFER");
    assert.equal(
      play(s, C, "> RESYNCH? < RESYNCH! > I01 00A4 < R1 > I10 000C < I00 9000"),
      "9000",
    );
    s.machine[Symbol.dispose]();
  },
);

// Invariant: whatever comes, the machine ends within a bounded number of blocks.
eachCore("a card that answers anything ends the command", (core) => {
  using s = session(core);
  const anyBlock = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom(
      "I00 9000",
      "I01 AA",
      "I10 9000",
      "I11",
      "R0",
      "R1",
      "R0e1",
      "R1e2",
      "IFS? 05",
      "IFS! FE",
      "WTX? 02",
      "ABORT?",
      "ABORT!",
      "RESYNCH!",
      "RESYNCH?",
      "-",
    ).map((notation) => block(notation, null)),
  );
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.option(fc.constantFrom(16, 254), { nil: undefined }),
      fc.infiniteStream(anyBlock),
      (command, ifsdBytes, answers) => {
        s.reset({ ifscBytes: 8, ifsdBytes, maxWtx: 20 });
        let event = s.start(command);
        let steps = 0;
        for (const answer of answers) {
          if (event !== MACHINE_TRANSFER) break;
          const length = s.build();
          assert.ok(length >= 4 && length <= 12);
          assert.equal(lrc(s.machine.send.subarray(0, length)), 0);
          s.machine.receive.set(answer);
          event = s.digest(answer.length);
          assert.ok(++steps < 20000);
        }
        assert.ok(event <= MACHINE_DONE);
        assert.equal(s.build(), 0);
      },
    ),
    { seed: SEED, numRuns: 2000 },
  );
  s.machine[Symbol.dispose]();
});
