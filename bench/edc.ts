/**
 * Check bytes of T=1 over a block's 254 bytes, which lie in memory on every side.
 *
 * @module
 */

import { CRC_13239, SCRATCH } from "../core-as/abi.ts";
import { sharedCore } from "../src/core/mod.ts";
import { goalOf } from "./goals.ts";
import { type Contender, synchronous } from "./harness.ts";
import { compile, compiler } from "./native.ts";
import { measureRows, type Report } from "./results.ts";
import { crc, lrc } from "./rivals/edc_plain.ts";
import { type Check, noise } from "./t1_recording.ts";

const GROUP = "EDC";
const BYTES = noise(254, 3);
/** Check bytes in a cycle. */
const TIMES = 1000;

/** What the last cycle gave, so that no compiler can leave it out. */
let sink = 0;

/** Runs the bench. */
export async function benchEdc(report: Report): Promise<void> {
  if (compiler.version === null) {
    const reason = compiler.missing;
    report.skip({ group: GROUP, work: "LRC and CRC in C", reason });
  }
  using native = compiler.version === null ? null : new NativeEdc();
  for (const check of ["LRC", "CRC"] as const) {
    const plain = { contender: plainContender(check) };
    const inC = native?.contender(check);
    const work = `${check} of ${BYTES.length} bytes in memory`;
    await measureRows(report, [{
      group: GROUP,
      work,
      ours: ourContender(check),
      rivals: inC === undefined ? [plain] : [
        { contender: inC, goal: goalOf(GROUP, work, "share") },
        plain,
      ],
      operations: TIMES,
    }]);
  }
  if (!Number.isInteger(sink)) throw new Error("Cannot measure: no sum");
}

/** @throws {Error} when `value` is not what the plain loop over the bytes gives */
function checkValue(check: Check, value: number, who: string): void {
  const expected = check === "LRC"
    ? lrc(BYTES, BYTES.length)
    : crc(BYTES, BYTES.length);
  if (value !== expected) {
    throw new Error(
      `Cannot compare check bytes: ${who} gives ${value}, expected ${expected}`,
    );
  }
}

function ourContender(check: Check): Contender {
  const { bytes, exports } = sharedCore();
  const { length } = BYTES;
  bytes.set(BYTES, SCRATCH);
  if (check === "LRC") {
    checkValue(check, exports.edc_lrc(length), "the core");
    return synchronous("the core, called for each", () => {
      for (let i = 0; i < TIMES; i++) sink ^= exports.edc_lrc(length);
    });
  }
  const value = exports.edc_crc(CRC_13239, length);
  // The core gives the byte that is sent first as the high one.
  checkValue(check, value >> 8 | (value & 0xff) << 8, "the core");
  return synchronous("the core, called for each", () => {
    for (let i = 0; i < TIMES; i++) sink ^= exports.edc_crc(CRC_13239, length);
  });
}

function plainContender(check: Check): Contender {
  const { length } = BYTES;
  const name = check === "LRC"
    ? "TypeScript, a loop over the bytes"
    : "TypeScript, a loop over the bytes with one table";
  return synchronous(
    name,
    check === "LRC"
      ? () => {
        for (let i = 0; i < TIMES; i++) sink ^= lrc(BYTES, length);
      }
      : () => {
        for (let i = 0; i < TIMES; i++) sink ^= crc(BYTES, length);
      },
  );
}

const ONE = { parameters: ["buffer", "i32"], result: "i32" } as const;
const MANY = {
  parameters: ["buffer", "i32", "i32", "buffer"],
  result: "f64",
} as const;
const SYMBOLS = {
  edc_lrc: ONE,
  edc_crc: ONE,
  lrc_bench: MANY,
  crc_bench: MANY,
} as const;

/** The loops in C, which measure themselves. */
class NativeEdc implements Disposable {
  readonly #library = Deno.dlopen(compile("edc", "library"), SYMBOLS);
  readonly #sink = new Int32Array(1);

  contender(check: Check): Contender {
    const { edc_lrc, edc_crc, lrc_bench, crc_bench } = this.#library.symbols;
    const isLrc = check === "LRC";
    const { length } = BYTES;
    checkValue(check, (isLrc ? edc_lrc : edc_crc)(BYTES, length), "C");
    const bench = isLrc ? lrc_bench : crc_bench;
    return {
      name: isLrc
        ? "C -O2, a loop over the bytes"
        : "C -O2, a loop over the bytes with one table",
      run: (cycles) => bench(BYTES, length, cycles * TIMES, this.#sink),
    };
  }

  [Symbol.dispose](): void {
    this.#library.close();
  }
}
