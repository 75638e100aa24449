/**
 * Answers to Reset: 300 real ones.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SCRATCH } from "../core-as/abi.ts";
import { fromHex } from "../src/bytes.ts";
import {
  type Atr,
  ATR_ROW_WORDS,
  packAtrs,
  parseAtr,
  parseAtrs,
  sharedCore,
} from "../src/core/mod.ts";
import sample from "../tests/data/atr-sample.json" with { type: "json" };
import { NativeAtrParser } from "./atr_native.ts";
import { goalOf } from "./goals.ts";
import { type Contender, synchronous } from "./harness.ts";
import { compiler } from "./native.ts";
import { measureRows, type Report, type Rival, type Work } from "./results.ts";
import { parseAtrPlain } from "./rivals/atr_plain.ts";
import type { Goal } from "./targets.ts";

const GROUP = "ATR";
const ATRS: readonly Uint8Array[] = sample.atrs.map(({ atr }) => fromHex(atr));
/** Parses of one ATR in a row, where copying it in shall not count. */
const IN_A_ROW = 16;

/** What parsing left behind, so that no compiler can leave parsing out. */
let sink = 0;
let last: Atr;

/** Runs the bench. */
export async function benchAtr(report: Report): Promise<void> {
  for (const atr of ATRS) assert.deepEqual(parseAtrPlain(atr), parseAtr(atr));
  const packed = packAtrs(ATRS);
  using native = compiler.version === null ? null : new NativeAtrParser(packed);
  if (native === null) {
    const reason = compiler.missing;
    report.skip({ group: GROUP, work: "ATR parser in C", reason });
  }
  const work = (
    work: string,
    ours: Contender,
    rivals: readonly Rival[],
    inARow = 1,
  ): Work => ({
    group: GROUP,
    work,
    ours,
    rivals,
    operations: ATRS.length * inARow,
  });
  const inC = (contender?: Contender, goal?: Goal): Rival[] =>
    contender === undefined ? [] : [{ contender, goal }];
  const atOnce = `read ${ATRS.length} real ATRs at once, per ATR`;
  const each = `read an ATR, mean of ${ATRS.length} real ones`;
  const works = [
    work(
      atOnce,
      batchContender(packed),
      inC(native?.batch(), goalOf(GROUP, atOnce, "share")),
    ),
    work(
      each,
      objectContender("parseAtr, a new object", parseAtr),
      [
        {
          contender: objectContender(
            "TypeScript, the usual way, without WASM: an equal object",
            parseAtrPlain,
          ),
          goal: goalOf(GROUP, each, "share"),
        },
        ...inC(native?.single(1)),
      ],
    ),
    work(
      `judge an ATR in memory, ${IN_A_ROW} times in a row`,
      judgeContender(),
      inC(native?.single(IN_A_ROW)),
      IN_A_ROW,
    ),
  ];
  for (const one of works) await measureRows(report, [one]);
  assert.ok(Number.isInteger(sink) && last.raw.length > 0);
  report.skip({
    group: GROUP,
    work: "ATR parser from npm",
    reason:
      "no package known that reads one: those for PC/SC hand it out as bytes",
  });
}

/** Into a table that is there already; the copies into the core and out of it count. */
function batchContender(packed: Uint8Array): Contender {
  const table = new Int32Array(ATRS.length * ATR_ROW_WORDS);
  return synchronous("parseAtrs, a reused table", () => {
    parseAtrs(packed, table);
  });
}

function objectContender(
  name: string,
  parse: (bytes: Uint8Array) => Atr,
): Contender {
  return synchronous(name, () => {
    for (const atr of ATRS) last = parse(atr);
  });
}

function judgeContender(): Contender {
  const core = sharedCore();
  return synchronous("the core, where it lies", () => {
    for (const atr of ATRS) {
      core.bytes.set(atr, SCRATCH);
      for (let i = 0; i < IN_A_ROW; i++) {
        sink ^= core.exports.atr_parse(atr.length);
      }
    }
  });
}
