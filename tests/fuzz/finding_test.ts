/**
 * Classes of findings: the duels of core and oracle against cores with a mistake each.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  APDU_W_NE,
  ATR_P_BAD_TCK,
  ATR_P_EXTRA_BYTES,
  ATR_P_TA2_RFU,
  ATR_W_FI,
  ATR_W_PROBLEMS,
  EMV_P_TA1,
  EMV_P_TA2,
  PPS_OK,
  RECEIVE,
  RESULT,
  SCRATCH,
  SEND,
} from "../../core-as/abi.ts";
import {
  Core,
  type CoreExports,
  instantiateCore,
  MACHINE_ERRORS,
} from "../../src/core/mod.ts";
import { duelAtr } from "../core/duel_atr.ts";
import { duelApdu, duelPps } from "../core/duel_stateless.ts";
import { T0Duel } from "../core/duel_t0.ts";
import { T1Duel } from "../core/duel_t1.ts";
import { differenceOf } from "./difference.ts";
import type { FuzzTarget } from "./target.ts";
import { TargetFuzzer } from "./target_fuzzer.ts";
import { APDU_TARGET } from "./targets/apdu.ts";
import { ATR_TARGET } from "./targets/atr.ts";
import { PPS_TARGET } from "./targets/pps.ts";
import { T0_TARGET } from "./targets/t0.ts";
import { T1_TARGET } from "./targets/t1.ts";

/** Puts something wrong in the place of some functions of `right`. */
type Mistake = (right: Core) => Partial<CoreExports>;

function mistaken(mistake: Mistake): Core {
  const right = instantiateCore();
  return new Core(
    { ...right.exports, ...mistake(right) },
    right.bytes.buffer,
  );
}

/** Flips a bit of the byte at `at` of what is built; counted from its end where `at` is negative. */
function flip(
  { exports, bytes }: Core,
  handle: number,
  length: number,
  at: number,
) {
  const send = exports.slot(handle) + SEND;
  if (length > 0) bytes[send + (at < 0 ? length + at : at)] ^= 1;
  return length;
}

/** Leaves a bit out of the problems of an ATR. */
function overlooks(problem: number): Mistake {
  return ({ exports, words }) => ({
    atr_parse(length) {
      const problems = exports.atr_parse(length) & ~problem;
      words[(RESULT >> 2) + ATR_W_PROBLEMS] = problems;
      return problems;
    },
  });
}

/** What a duel is fuzzed by, against one core, and mistakes that it is to tell apart. */
interface Trial {
  readonly target: FuzzTarget;
  run(core: Core): FuzzTarget["run"];
  readonly mistakes: Readonly<Record<string, Mistake>>;
}

const TRIALS: readonly Trial[] = [
  {
    target: T1_TARGET,
    run: (core) => {
      const duel = new T1Duel([core]);
      return (input, feature) => duel.run(input, feature);
    },
    mistakes: {
      "wrong NAD": (right) => ({
        t1_build: (handle, offset) =>
          flip(right, handle, right.exports.t1_build(handle, offset), 0),
      }),
      "wrong check byte": (right) => ({
        t1_step: (handle, length) =>
          flip(right, handle, right.exports.t1_step(handle, length), -1),
      }),
      "gives up on R(other error)": ({ exports, bytes }) => ({
        t1_digest(handle, offset, length) {
          const event = exports.t1_digest(handle, offset, length);
          const pcb = bytes[exports.slot(handle) + RECEIVE + offset + 1];
          return pcb === 0x82 ? MACHINE_ERRORS.RESET_CARD : event;
        },
      }),
    },
  },
  {
    target: T0_TARGET,
    run: (core) => {
      const duel = new T0Duel([core]);
      return (input, feature) => duel.runTpdus(input, feature);
    },
    mistakes: {
      "wrong P3": (right) => ({
        t0_build: (handle, offset) =>
          flip(right, handle, right.exports.t0_build(handle, offset), -1),
      }),
      "wrong error": ({ exports }) => ({
        t0_digest(handle, offset, length) {
          const event = exports.t0_digest(handle, offset, length);
          return event === MACHINE_ERRORS.OVERRUN
            ? MACHINE_ERRORS.TIMEOUT
            : event;
        },
      }),
    },
  },
  {
    target: APDU_TARGET,
    run: (core) => {
      const duel = new T0Duel([core]);
      return (input, feature) => {
        duelApdu(input, [core], feature);
        duel.runApdus(input, feature);
      };
    },
    mistakes: {
      "Ne cut to a byte": ({ exports, words }) => ({
        apdu_parse(length) {
          const kind = exports.apdu_parse(length);
          words[(RESULT >> 2) + APDU_W_NE] &= 0xff;
          return kind;
        },
      }),
      "wrong INS": (right) => ({
        t0_apdu_build: (handle, offset) =>
          flip(right, handle, right.exports.t0_apdu_build(handle, offset), 1),
      }),
    },
  },
  {
    target: PPS_TARGET,
    run: (core) => (input, feature) => duelPps(input, [core], feature),
    mistakes: {
      "accepts all": () => ({ pps_check: () => PPS_OK }),
      "wrong request": ({ exports, bytes }) => ({
        pps_build(...fields) {
          const length = exports.pps_build(...fields);
          bytes[SCRATCH + length - 1] ^= 1;
          return length;
        },
      }),
    },
  },
  {
    target: ATR_TARGET,
    run: (core) => (input, feature) => duelAtr(input, [core], feature),
    mistakes: {
      "overlooks a wrong TCK": overlooks(ATR_P_BAD_TCK),
      "overlooks the bits of TA2": overlooks(ATR_P_TA2_RFU),
      "overlooks what is behind": overlooks(ATR_P_EXTRA_BYTES),
      "wrong Fi": ({ exports, words }) => ({
        atr_parse(length) {
          const problems = exports.atr_parse(length);
          words[(RESULT >> 2) + ATR_W_FI]++;
          return problems;
        },
      }),
      "EMV, TA1 alone": ({ exports }) => ({
        atr_emv: (isWarm) => exports.atr_emv(isWarm) & ~EMV_P_TA1,
      }),
      "EMV, TA2 alone": ({ exports }) => ({
        atr_emv: (isWarm) => exports.atr_emv(isWarm) & ~EMV_P_TA2,
      }),
    },
  },
];

const EXECUTIONS = 2000;
/** One mistake shows at several places, and in several blocks. */
const MOST_CLASSES = 8;

for (const { target, run, mistakes } of TRIALS) {
  Deno.test(`${target.name}: two mistakes are two classes of findings`, () => {
    const owners = new Map<string, string>();
    for (const [name, mistake] of Object.entries(mistakes)) {
      const broken = run(mistaken(mistake));
      const fuzzer = new TargetFuzzer({ ...target, run: broken }, 78163);
      for (let i = 0; i < EXECUTIONS; i++) fuzzer.step();
      const { findings } = fuzzer;
      assert.ok(findings.length > 0, `${name} is not found`);
      const classes = findings.map(({ errorClass }) => errorClass);
      assert.ok(classes.length <= MOST_CLASSES, classes.join("\n"));
      for (const each of classes) {
        assert.match(each, / at duel_\w+\.ts:\d+/);
        assert.equal(owners.get(each), undefined, `${name}: ${each}`);
        owners.set(each, name);
      }
      assert.ok(findings.every(({ reproduces }) => reproduces), name);
    }
  });
}

Deno.test("differences in words", () => {
  const different: readonly [unknown, unknown, string][] = [
    // Lines of the duels.
    [
      "> 0000020102FF x1",
      "> 0000020102FE x1",
      "I > # x#: number 0 differs at its end",
    ],
    [
      "> 004001AAEB x1",
      "> 000001AAAB x1",
      "I > # x#: number 0 differs in byte 1",
    ],
    ["> 008200 x1", "> 000001AAAB x1", "R > # x#, expected I > # x#"],
    [
      "> 00C10120E0 x1",
      "> 00E30120E0 x1",
      "S request > # x#, expected S response > # x#",
    ],
    ["> 008292 x2", "> 008292 x1", "R > # x#: number 1 differs"],
    ["! RESET_CARD", "= 9000", "! RESET_CARD, expected = #"],
    ["! RESET_CARD\nlog", "! ABORTED\nlog", "! RESET_CARD, expected ! ABORTED"],
    ["= 01029000", "= 019000", "= #: number 0 is too long"],
    // Values of the parsers.
    [{ a: 1, b: true, c: 0 }, { a: 1, b: false, c: 2 }, "b true, c"],
    [{ a: 1, b: 2, c: 3, d: 4 }, {}, "a, b, c"],
    [{ codes: ["B"] }, { codes: ["A", "B"] }, "codes -A"],
    [["EMV_TA1", "x_2"], ["EMV_TA1"], "+x_#"],
    [[1, 2, 3], [1, 4, 3], "[1]"],
    [[1, 2], [1], "[too long]"],
    [null, { a: 1 }, "null, expected object"],
  ];
  for (const [actual, expected, words] of different) {
    assert.equal(differenceOf(actual, expected), words);
  }
});
