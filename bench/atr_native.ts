/**
 * The ATR parser in C.
 *
 * @module
 */

import { ATR_COLUMNS, ATR_ROW_WORDS, parseAtrs } from "../src/core/mod.ts";
import type { Contender } from "./harness.ts";
import { compile } from "./native.ts";

/** Words of the rival's struct, in the order of the core's row. */
const STRUCT_WORDS = Object.keys(ATR_COLUMNS).length;

const SYMBOLS = {
  atr_parse_all: { parameters: ["buffer", "i32", "buffer"], result: "void" },
  atr_bench_all: {
    parameters: ["buffer", "i32", "i32", "buffer"],
    result: "f64",
  },
  atr_bench: {
    parameters: ["buffer", "i32", "i32", "i32", "buffer"],
    result: "f64",
  },
} as const;

/** The parser in C, which measures itself. */
export class NativeAtrParser implements Disposable {
  readonly #library = Deno.dlopen(compile("atr", "library"), SYMBOLS);
  readonly #packed: Uint8Array<ArrayBuffer>;
  readonly #rows: Int32Array<ArrayBuffer>;
  readonly #problems = new Int32Array(1);

  /** Checks it: every value of every row has to be the core's. @throws {Error} when one differs */
  constructor(packed: Uint8Array<ArrayBuffer>) {
    this.#packed = packed;
    const table = parseAtrs(packed);
    const count = table.length / ATR_ROW_WORDS;
    const rows = new Int32Array(count * STRUCT_WORDS);
    this.#rows = rows;
    this.#library.symbols.atr_parse_all(packed, packed.length, rows);
    for (let atr = 0; atr < count; atr++) {
      for (const [name, column] of Object.entries(ATR_COLUMNS)) {
        const theirs = rows[atr * STRUCT_WORDS + column];
        const ours = table[atr * ATR_ROW_WORDS + column];
        if (ours === theirs) continue;
        throw new Error(
          `Cannot compare parsers: ${name} of ATR ${atr} is ${theirs} in C, expected ${ours}`,
        );
      }
    }
  }

  /** All of them into an array of structs. */
  batch(): Contender {
    const { atr_bench_all } = this.#library.symbols;
    return {
      name: "C -O2, the usual way: one pass each into an array of structs",
      run: (cycles) =>
        atr_bench_all(this.#packed, this.#packed.length, cycles, this.#rows),
    };
  }

  /** Each into the same struct, `inARow` times. */
  single(inARow: number): Contender {
    const { atr_bench } = this.#library.symbols;
    const packed = this.#packed;
    return {
      name:
        "C -O2, the usual way: one pass into a struct, the same checks, no object",
      run: (cycles) =>
        atr_bench(packed, packed.length, inARow, cycles, this.#problems),
    };
  }

  /** Closes the library. */
  [Symbol.dispose](): void {
    this.#library.close();
  }
}
