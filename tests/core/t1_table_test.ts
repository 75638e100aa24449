// Invariant: in each situation each kind of block has the one reaction that ISO/IEC 7816-3 11.6 prescribes.
import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import {
  MACHINE_DONE,
  MACHINE_TRANSFER,
  machineErrorName,
  type T1Options,
} from "../../src/core/mod.ts";
import { eachCore } from "./cores.ts";
import { block, play, session } from "./t1_script.ts";

/** Six bytes: one block at IFSC 32, three at IFSC 2. */
const C = "00A4000C0102";
const SHORT: T1Options = { ifscBytes: 2 };

/** How a situation is reached, what may come in it, and what follows: a block, or `=` and a result. */
interface Situation {
  name: string;
  options?: T1Options;
  /** A command that is exchanged before. */
  before?: string;
  /** The exchange up to the block that is outstanding. */
  reach: string;
  reactions: Record<string, string>;
}

const IFS = { "IFS? 10": "IFS! 10" };
const WTX = { "WTX? 02": "WTX! 02" };
const ABORT = { "ABORT?": "ABORT!" };

/** All that a card can send, answered alike. */
function always(answer: string, except: Record<string, string>) {
  const all = [
    "-",
    "I00 9000",
    "I01 AA",
    "I10 9000",
    "R0",
    "R1",
    "R0e1",
    "R1e2",
    "IFS? 10",
    "IFS! FE",
    "IFS! 20",
    "WTX? 02",
    "WTX! 02",
    "ABORT?",
    "ABORT!",
    "RESYNCH?",
    "RESYNCH!",
  ];
  return {
    ...Object.fromEntries(all.map((came) => [came, answer])),
    ...except,
  };
}

const DAMAGED = "raw 000002900000";

const SITUATIONS: Situation[] = [
  {
    name: "the command's only I-block: 2.1, 7.1",
    reach: `> I00 ${C}`,
    reactions: {
      "-": "R0e2",
      [DAMAGED]: "R0e1",
      "I00 9000": "=9000",
      "I01 AA": "R1",
      "I10 9000": "R0e2",
      "R0": `I00 ${C}`,
      "R0e1": `I00 ${C}`,
      "R1": "R0e2",
      ...IFS,
      ...WTX,
      ...ABORT,
      "WTX! 02": "R0e2",
      "RESYNCH!": "R0e2",
    },
  },
  {
    name: "an I-block of the command's chain: 2.2, 5, 7.1",
    options: SHORT,
    reach: "> I01 00A4",
    reactions: {
      "-": "R0e2",
      [DAMAGED]: "R0e1",
      "I00 9000": "R0e2",
      "I01 AA": "R0e2",
      "I10 9000": "R0e2",
      "R0": "I01 00A4",
      "R0e2": "I01 00A4",
      "R1": "I11 000C",
      ...IFS,
      ...WTX,
      ...ABORT,
      "IFS! 20": "R0e2",
    },
  },
  {
    name: "an R-block after the command's only I-block: 7.2",
    reach: `> I00 ${C} < ${DAMAGED} > R0e1`,
    reactions: {
      "-": "R0e1",
      "I00 9000": "=9000",
      "I01 AA": "R1",
      "I10 9000": "R0e1",
      "R0": `I00 ${C}`,
      "R1": "R0e1",
      "R1e2": "R0e1",
      ...IFS,
      ...WTX,
      ...ABORT,
      "WTX! 02": "R0e1",
    },
  },
  {
    name: "an R-block in the command's chain: 7.2",
    options: SHORT,
    reach: `> I01 00A4 < ${DAMAGED} > R0e1`,
    reactions: {
      "-": "R0e1",
      "I00 9000": "R0e1",
      "I10 9000": "R0e1",
      "R0": "I01 00A4",
      "R1": "I11 000C",
      ...IFS,
      ...WTX,
      ...ABORT,
      "RESYNCH!": "R0e1",
    },
  },
  {
    name: "an R-block in the card's chain: 5, 7.2",
    reach: `> I00 ${C} < I01 AA > R1`,
    reactions: {
      "-": "R1",
      [DAMAGED]: "R1",
      "I10 BB9000": "=AABB9000",
      "I11 BB": "R0",
      "I00 9000": "R1",
      "I01 AA": "R1",
      "R0": "R1",
      "R1": "R1",
      "R1e1": "R1",
      ...IFS,
      ...WTX,
      ...ABORT,
      "ABORT!": "R1",
    },
  },
  {
    name: "an S-response to the card in place of its answer: 3, 7.3",
    reach: `> I00 ${C} < WTX? 05 > WTX! 05`,
    reactions: {
      "-": "R0e2",
      [DAMAGED]: "R0e1",
      "I00 9000": "=9000",
      "I10 9000": "R0e2",
      "R0": `I00 ${C}`,
      "R1": "R0e2",
      ...IFS,
      ...WTX,
      ...ABORT,
      "WTX! 05": "R0e2",
    },
  },
  {
    name: "an S-response in the command's chain: 4, 7.3",
    options: SHORT,
    reach: "> I01 00A4 < WTX? 05 > WTX! 05",
    reactions: {
      "-": "R0e2",
      "I00 9000": "R0e2",
      "I10 9000": "R0e2",
      "R0": "I01 00A4",
      "R1": "I11 000C",
      ...IFS,
      ...WTX,
      ...ABORT,
      "IFS! 20": "R0e2",
    },
  },
  {
    name: "an S-response in the card's chain: 3, 7.3",
    reach: `> I00 ${C} < I01 AA > R1 < WTX? 05 > WTX! 05`,
    reactions: {
      "-": "R1e2",
      "I10 BB9000": "=AABB9000",
      "I11 BB": "R0",
      "I00 9000": "R1e2",
      "I01 AA": "R1e2",
      "R0": "R1e2",
      "R1": "R1e2",
      ...IFS,
      ...WTX,
      ...ABORT,
      "RESYNCH!": "R1e2",
    },
  },
  {
    name: "S(IFS request): 4, 7.3",
    options: { ifsdBytes: 254 },
    reach: "> IFS? FE",
    reactions: always("IFS? FE", { "IFS! FE": `I00 ${C}` }),
  },
  {
    name: "S(RESYNCH request): 6.1 to 6.3",
    before: `> I00 ${C} < I00 9000`,
    reach: `> I10 ${C} < - > R1e2 < - > R1e2 < - > RESYNCH?`,
    reactions: always("RESYNCH?", { "RESYNCH!": `I00 ${C}` }),
  },
  {
    name: "S(ABORT request): 9",
    reach: `> I00 ${C} ${"< I01 > R1 < I11 > R0 ".repeat(128)}< I01 > ABORT?`,
    reactions: always("ABORT?", { "ABORT!": "=RESPONSE_LENGTH" }),
  },
  {
    name: "S(ABORT response): 9, 7.3",
    options: SHORT,
    reach: "> I01 00A4 < ABORT? > ABORT!",
    reactions: {
      "-": "R0e2",
      [DAMAGED]: "R0e1",
      "I00 6700": "=6700",
      "I01 67": "R1",
      "I10 6700": "R0e2",
      "R0": "=ABORTED",
      "R1": "=ABORTED",
      ...IFS,
      ...WTX,
      ...ABORT,
      "WTX! 02": "R0e2",
    },
  },
  {
    name: "an R-block after S(ABORT response): 9, 7.2",
    options: SHORT,
    reach: `> I01 00A4 < ABORT? > ABORT! < ${DAMAGED} > R0e1`,
    reactions: {
      "-": "R0e1",
      "I00 6700": "=6700",
      "I10 6700": "R0e1",
      "R0": "=ABORTED",
      "R1": "=ABORTED",
      ...IFS,
      ...WTX,
      ...ABORT,
      "WTX! 02": "R0e1",
    },
  },
];

eachCore("each block in each situation", (core) => {
  for (const { name, options, before, reach, reactions } of SITUATIONS) {
    for (const [came, expected] of Object.entries(reactions)) {
      using s = session(core, options);
      if (before !== undefined) assert.equal(play(s, C, before), "9000");
      assert.equal(play(s, C, reach), "TRANSFER", name);
      const bytes = block(came, null);
      s.machine.receive.set(bytes);
      const event = s.digest(bytes.length);
      const found = event === MACHINE_TRANSFER
        ? toHex(s.machine.send.slice(0, s.build()))
        : event === MACHINE_DONE
        ? `=${toHex(s.response())}`
        : `=${machineErrorName(event)}`;
      const wanted = expected[0] === "="
        ? expected
        : toHex(block(expected, null));
      assert.equal(found, wanted, `${name}: ${came}`);
      s.machine[Symbol.dispose]();
    }
  }
});
