/**
 * Answers to Reset: 300 real ones.
 *
 * @module
 */

import { SCRATCH } from "../core-as/abi.ts";
import { fromHex } from "../src/bytes.ts";
import { parseAtr, sharedCore } from "../src/core/mod.ts";
import sample from "../tests/data/atr-sample.json" with { type: "json" };
import { type Contender, synchronous } from "./harness.ts";
import { compile, compiler } from "./native.ts";
import { measureRows, type Report, type Work } from "./results.ts";

const GROUP = "ATR";
const ATRS: readonly Uint8Array[] = sample.atrs.map(({ atr }) => fromHex(atr));
/** Parses of one ATR in a row, where copying it in shall not count. */
const IN_A_ROW = 16;

/** What parsing left behind, so that no compiler can leave parsing out. */
let sink = 0;

/** Runs the bench. */
export async function benchAtr(report: Report): Promise<void> {
  const core = sharedCore();
  using rival = compiler.version === null ? null : new NativeParser();
  if (rival === null) {
    const reason = compiler.missing;
    report.skip({ group: GROUP, work: "ATR parser in C", reason });
  }
  const judge = (times: number) => () => {
    for (const atr of ATRS) {
      core.bytes.set(atr, SCRATCH);
      for (let i = 0; i < times; i++) {
        sink ^= core.exports.atr_parse(atr.length);
      }
    }
  };
  const parse = () => {
    for (const atr of ATRS) sink ^= parseAtr(atr).lengthUsed;
  };
  const work = (
    work: string,
    name: string,
    cycle: () => void,
    inARow: number,
  ): Work => ({
    group: GROUP,
    work,
    ours: synchronous(name, cycle),
    rivals: rival === null ? [] : [rival.contender(inARow)],
    operations: ATRS.length * inARow,
  });
  const all = `mean of ${ATRS.length} real ones`;
  const works = [
    work(`read an ATR, ${all}`, "parseAtr, a new object", parse, 1),
    work(`judge an ATR, ${all}`, "the core, copied in", judge(1), 1),
    work(
      `judge an ATR in memory, ${IN_A_ROW} times in a row`,
      "the core, where it lies",
      judge(IN_A_ROW),
      IN_A_ROW,
    ),
  ];
  for (const one of works) await measureRows(report, [one]);
  if (!Number.isInteger(sink)) throw new Error("Cannot measure: no sum");
  report.skip({
    group: GROUP,
    work: "ATR parser from npm",
    reason:
      "no package known that reads one: those for PC/SC hand it out as bytes",
  });
}

/** Bytes of a slot of the rival's input: a length, and the ATR. */
const SLOT_BYTES = 64;
/** Bytes kept for the rival's struct, which is smaller. */
const STRUCT_BYTES = 256;

const SYMBOLS = {
  atr_parse: { parameters: ["buffer", "i32", "buffer"], result: "i32" },
  atr_bench: {
    parameters: ["buffer", "i32", "i32", "i32", "buffer"],
    result: "f64",
  },
} as const;

/** The parser in C, which measures itself. */
class NativeParser implements Disposable {
  readonly #library = Deno.dlopen(compile("atr", "library"), SYMBOLS);
  readonly #slots = new Uint8Array(SLOT_BYTES * ATRS.length);
  readonly #valid = new Int32Array(1);

  constructor() {
    ATRS.forEach((atr, index) => {
      this.#slots[SLOT_BYTES * index] = atr.length;
      this.#slots.set(atr, SLOT_BYTES * index + 1);
      this.#check(atr);
    });
  }

  /** The rival has to come to the same findings. */
  #check(atr: Uint8Array): void {
    const words = new Int32Array(STRUCT_BYTES / 4);
    this.#library.symbols.atr_parse(
      atr as Uint8Array<ArrayBuffer>,
      atr.length,
      words,
    );
    const theirs = [...words.subarray(1, 13)];
    const found = parseAtr(atr);
    const mask = found.protocols.reduce((mask, t) => mask | 1 << t, 0);
    const isCut = found.problems.includes("truncated_in_interface_bytes");
    const ours = [
      found.valid ? 1 : 0,
      found.convention === null ? -1 : found.convention === "direct" ? 0 : 1,
      mask,
      found.firstOffered,
      found.fi,
      found.di,
      found.ifscBytes === 32 && words[7] === -1 ? -1 : found.ifscBytes,
      found.historical.length,
      found.tckRequired ? 1 : 0,
      found.tck ?? -1,
      found.lengthUsed,
      found.hasT15 ? 1 : 0,
    ];
    const problems = words[0].toString(2).replaceAll("0", "").length;
    if (
      problems !== found.problems.length ||
      (!isCut && ours.join() !== theirs.join())
    ) {
      throw new Error(
        `Cannot compare parsers: C finds ${theirs}, expected ${ours}`,
      );
    }
  }

  contender(inARow: number): Contender {
    const { atr_bench } = this.#library.symbols;
    return {
      name:
        "C -O2, the usual way: one pass into a struct, the same checks, no object",
      run: (cycles) =>
        atr_bench(this.#slots, ATRS.length, inARow, cycles, this.#valid),
    };
  }

  [Symbol.dispose](): void {
    this.#library.close();
  }
}
