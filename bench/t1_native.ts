/**
 * The T=1 reader in C.
 *
 * @module
 */

import { equalBytes } from "../src/bytes.ts";
import type { Contender } from "./harness.ts";
import { compile } from "./native.ts";
import {
  type Check,
  EXCHANGE_BYTES,
  EXCHANGES,
  type Recording,
} from "./t1_recording.ts";

const SYMBOLS = {
  t1_check: {
    // deno-fmt-ignore
    parameters: ["i32", "i32", "buffer", "i32", "buffer", "buffer", "i32", "buffer"],
    result: "i32",
  },
  t1_bench: {
    parameters: ["buffer", "i32", "buffer", "i32", "i32", "buffer"],
    result: "f64",
  },
} as const;

/** Bytes of a block in the form that the rival reads: a length of 16 bits, and the block. */
const SLOT_BYTES = 272;

function slots(blocks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SLOT_BYTES * blocks.length);
  blocks.forEach((block, index) => {
    bytes[SLOT_BYTES * index] = block.length;
    bytes[SLOT_BYTES * index + 1] = block.length >> 8;
    bytes.set(block, SLOT_BYTES * index + 2);
  });
  return bytes;
}

/** The reader in C, which measures itself. It has one session: the contender made last. */
export class NativeT1Readers implements Disposable {
  readonly #library = Deno.dlopen(compile("t1", "library"), SYMBOLS);

  /** Checks it against the recording. @throws {Error} when a block or the response differs */
  contender(
    ifsBytes: number,
    edc: Check,
    { command, response, reader, card }: Recording,
  ): Contender {
    const { t1_check, t1_bench } = this.#library.symbols;
    const answers = slots(card);
    const out = new Uint8Array(65538);
    const length = t1_check(
      ifsBytes,
      edc === "CRC" ? 1 : 0,
      command,
      command.length,
      answers,
      slots(reader),
      EXCHANGES,
      out,
    );
    if (
      length !== EXCHANGE_BYTES ||
      !equalBytes(out.subarray(0, length), response)
    ) {
      throw new Error("Cannot compare readers: the one in C differs");
    }
    return {
      name:
        "C -O2, the usual way: byte loops, memcpy; the same machine and checks",
      run(cycles) {
        const ns = t1_bench(
          command,
          command.length,
          answers,
          EXCHANGES,
          cycles,
          out,
        );
        if (ns < 0) throw new Error("Cannot measure: the reader in C failed");
        return ns;
      },
    };
  }

  /** Closes the library. */
  [Symbol.dispose](): void {
    this.#library.close();
  }
}
