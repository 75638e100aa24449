import assert from "node:assert/strict";
import fc from "fast-check";
import { runScenario, type Scenario } from "../../src/cli/scenarios.ts";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type Core,
  type CrcVariant,
  lrc,
  MACHINE_DONE,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  type T1Options,
} from "../../src/core/mod.ts";
import moreData from "../data/t1-more-scenarios.json" with { type: "json" };
import rulesData from "../data/t1-rules-scenarios.json" with { type: "json" };
import data from "../data/t1-scenarios.json" with { type: "json" };
import { eachCore, SEED } from "./cores.ts";
import { blockCheck } from "../oracle/crc.ts";
import { block, play, session } from "./t1_script.ts";

/** The scripted exchanges: 35 by title, then those written independently, then rule by rule. */
const FILES: Readonly<Record<string, Scenario[]>> = {
  "t1-scenarios": data.scenarios,
  "t1-more-scenarios": moreData.scenarios,
  "t1-rules-scenarios": rulesData.scenarios as Scenario[],
};

/** What the core does otherwise than the scenarios say, one line each. */
function deviations(scenarios: Scenario[], core: Core): string[] {
  return scenarios.flatMap((scenario) => {
    const problem = runScenario(scenario, core);
    return problem === null ? [] : [`${scenario.id}: ${problem}`];
  });
}

for (const [file, scenarios] of Object.entries(FILES)) {
  eachCore(`the scripted exchanges of ${file}`, (core) => {
    assert.ok(scenarios.length >= 35);
    assert.deepEqual(deviations(scenarios, core), []);
  });
}

/**
 * The same block with a CRC; what was damaged or too long stays so, what was broken
 * off stays as it is.
 */
function withCrc(hex: string): string {
  const bytes = fromHex(hex);
  if (bytes.length < 4 || bytes.length < 4 + bytes[2]) return hex;
  if (bytes.length > 4 + bytes[2]) return hex + "00";
  const body = bytes.subarray(0, bytes.length - 1);
  const isRight = lrc(bytes) === 0;
  const [first, second] = blockCheck("no-complement", body);
  return toHex(body) + toHex(Uint8Array.of(first, second ^ (isRight ? 0 : 1)));
}

function sealedWithCrc(scenario: Scenario): Scenario {
  const commands = scenario.commands.map((command) => ({
    ...command,
    steps: command.steps.map((step) => ({
      ...step,
      host_hex: withCrc(step.host_hex),
      card_hex: step.card_hex === null ? null : withCrc(step.card_hex),
    })),
  }));
  return { ...scenario, edc: "CRC(8408,FFFF,hi)", commands };
}

eachCore("the scripted exchanges with a CRC in place of the LRC", (core) => {
  // An EMV terminal knows the LRC alone; what has a CRC already stays as it is.
  const sealed = Object.values(FILES).flat()
    .filter(({ edc, profile }) => edc === "LRC" && profile !== "emv")
    .map(sealedWithCrc);
  assert.ok(sealed.length > 500);
  assert.deepEqual(deviations(sealed, core), []);
});

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
  ["a command that was aborted is not run again after RESYNCH", {
    ifscBytes: 2,
  }, [
    C,
    "> I01 00A4 < ABORT? > ABORT! < - > R0e2 < - > R0e2 < - > RESYNCH? < RESYNCH!",
    "ABORTED",
  ], [C, "> I01 00A4 < R1 > I10 000C < I00 9000", "9000"]],
  ["an IFSD below 32 is announced again after RESYNCH", { ifsdBytes: 16 }, [
    C,
    `> IFS? 10 < IFS! 10 > I00 ${C} < - > R0e2 < - > R0e2 < - > RESYNCH? < RESYNCH! > IFS? 10 < IFS! 10 > I00 ${C} < I00 9000`,
    "9000",
  ]],
  ["IFSD is announced again after a RESYNCH that was reported", {
    ifsdBytes: 254,
    afterResynch: "report",
  }, [
    C,
    `> IFS? FE < IFS! FE > I00 ${C} < - > R0e2 < - > R0e2 < - > RESYNCH? < RESYNCH!`,
    "OUTCOME_UNKNOWN",
  ], [C, `> IFS? FE < IFS! FE > I00 ${C} < I00 9000`, "9000"]],
  ["a card that is used at IFSD 32 whatever its R-blocks say", {
    ifsdBytes: 254,
    ifsRefusal: "proceed",
  }, [
    C,
    `> IFS? FE < - > IFS? FE < R0e2 > IFS? FE < R0e1 > I00 ${C} < I00 9000`,
    "9000",
  ]],
  ["an I-block longer than IFSD is heard", {}, [
    C,
    `> I00 ${C} < I00 ${"AB".repeat(200)}9000`,
    `${"AB".repeat(200)}9000`,
  ]],
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

eachCore("the card answers with source and destination exchanged", (core) => {
  using s = session(core);
  s.nad = 0x21;
  s.start(fromHex(C));
  assert.equal(
    toHex(s.machine.send.slice(0, s.build())),
    `210004${C}${toHex(Uint8Array.of(0x21 ^ 4 ^ 0x00 ^ 0xa4 ^ 0x0c))}`,
  );
  s.machine.receive.set(fromHex("210002900033".replace("33", "B3")));
  assert.equal(s.digest(6), MACHINE_TRANSFER);
  s.machine.receive.set(fromHex("120002900080"));
  assert.equal(s.digest(6), MACHINE_DONE);
  s.reset();
  assert.equal(s.nad, 0);
  s.machine[Symbol.dispose]();
});

eachCore("a failed command leaves no partial response", (core) => {
  using s = session(core);
  const failed = `> I00 ${C} < I01 010203 > R1 < - > R1 < - > R1 < - ` +
    "> RESYNCH? < - > RESYNCH? < - > RESYNCH? < -";
  assert.equal(play(s, C, failed), "RESET_CARD");
  assert.equal(s.responseLength, 0);
  s.machine[Symbol.dispose]();
});

eachCore("after startResynch IFSD is announced again", (core) => {
  using s = session(core, { ifsdBytes: 254 });
  assert.equal(
    play(s, C, `> IFS? FE < IFS! FE > I00 ${C} < I00 9000`),
    "9000",
  );
  s.startResynch();
  const answer = block("RESYNCH!", null);
  s.machine.receive.set(answer);
  assert.equal(s.digest(answer.length), MACHINE_DONE);
  assert.equal(s.ifsd, 32);
  assert.equal(
    play(s, C, `> IFS? FE < IFS! FE > I00 ${C} < I00 9000`),
    "9000",
  );
  s.machine[Symbol.dispose]();
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

// Both ARC variants seal R(0) error 1, this I-block and this request alike; our response they do not.
eachCore(
  "CRC auto: a request repeated after our response means another variant",
  (core) => {
    using s = session(core, { edc: "CRC" });
    const { send, receive } = s.machine;
    const give = (notation: string) => {
      const answer = block(notation, "arc");
      receive.set(answer);
      return toHex(send.subarray(0, s.step(answer.length)));
    };
    const sealed = (notation: string, variant: CrcVariant) =>
      toHex(block(notation, variant));
    s.begin(fromHex("00A4"));
    assert.equal(give("R0e1"), sealed("I00 00A4", "arc"));
    const faulty = sealed("WTX! 70", "arc-faulty");
    assert.notEqual(faulty, sealed("WTX! 70", "arc"));
    assert.equal(give("WTX? 70"), faulty);
    assert.equal(give("WTX? 70"), sealed("WTX! 70", "arc"));
    const last = block("I00 9000", "arc");
    receive.set(last);
    assert.equal(s.step(last.length), MACHINE_DONE);
    s.machine[Symbol.dispose]();
  },
);

eachCore(
  "CRC auto: a refusal means another variant, whatever its error bits",
  (core) => {
    for (const refusal of ["R0", "R0e1", "R0e2"]) {
      using s = session(core, { edc: "CRC", ifsdBytes: 254, ifscBytes: 64 });
      const { send, receive } = s.machine;
      // A card that means true ARC, and refuses what has another check.
      let length = s.begin(new Uint8Array(40).fill(0xf3));
      for (let turn = 0; length > 0; turn++) {
        assert.ok(turn < 12, `${refusal}: no variant fits`);
        const body = send.subarray(0, length - 2);
        const [first, second] = blockCheck("arc", body);
        const isRight = send[length - 2] === first &&
          send[length - 1] === second;
        const answer = block(
          !isRight ? refusal : send[1] === 0xc1 ? "IFS! FE" : "I00 9000",
          "arc",
        );
        receive.set(answer);
        length = s.step(answer.length);
      }
      assert.equal(length, 0, refusal);
      s.machine[Symbol.dispose]();
    }
  },
);
