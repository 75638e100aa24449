/**
 * Prints as JSON how much each work does at each of the sizes given, without a clock:
 * the blocks of code that V8 runs in the core's sources, and the bytes that are filled
 * or copied by the methods of `Uint8Array`, which are no code of the core. Those of
 * the cards that the work has to do with count as well; they do as much for each block
 * of an exchange.
 *
 * Started by the test with V8's compilers off, since compiled code does not count.
 *
 * @module
 */

import { Session } from "node:inspector";
import { WORK } from "./complexity_work.ts";

interface Coverage {
  result: {
    url: string;
    functions: { ranges: { count: number }[] }[];
  }[];
}

/** Counts the bytes that are filled or copied from now on; returns what tells their number. */
function watchCopies(): () => number {
  let bytes = 0;
  const { copyWithin, fill, set, slice } = Uint8Array.prototype;
  Object.assign(Uint8Array.prototype, {
    copyWithin(
      this: Uint8Array,
      target: number,
      start: number,
      end = this.length,
    ) {
      bytes += end - start;
      return copyWithin.call(this, target, start, end);
    },
    fill(this: Uint8Array, value: number, start = 0, end = this.length) {
      bytes += end - start;
      return fill.call(this, value, start, end);
    },
    set(this: Uint8Array, source: ArrayLike<number>, offset?: number) {
      bytes += source.length;
      set.call(this, source, offset);
    },
    slice(this: Uint8Array, start?: number, end?: number) {
      const copy = slice.call(this, start, end);
      bytes += copy.length;
      return copy;
    },
  });
  return () => bytes;
}

/** Counts the blocks of code that V8 runs, and the bytes copied. */
class WorkCounter implements Disposable {
  readonly #session = new Session();
  readonly #copied = watchCopies();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#post("Profiler.enable");
    await this.#post("Profiler.startPreciseCoverage", {
      callCount: true,
      detailed: true,
    });
  }

  async count(work: () => void): Promise<number> {
    await this.#post("Profiler.takePreciseCoverage");
    const before = this.#copied();
    work();
    let sum = this.#copied() - before;
    const { result } = await this.#post(
      "Profiler.takePreciseCoverage",
    ) as Coverage;
    for (const { url, functions } of result) {
      if (!/\/(core-as|src\/core)\//.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { count } of ranges) sum += count;
      }
    }
    return sum;
  }

  #post(method: string, parameters?: object): Promise<unknown> {
    return new Promise((resolve, reject) =>
      this.#session.post(
        method,
        parameters,
        (error, result) => error ? reject(error) : resolve(result),
      )
    );
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }
}

if (import.meta.main) {
  using counter = new WorkCounter();
  await counter.start();
  const sizes = Deno.args.map(Number);
  const found: Record<string, number[]> = {};
  for (const [name, { prepare }] of Object.entries(WORK)) {
    // What is done once, tables for example, is no part of the growth.
    prepare(sizes[0])();
    found[name] = [];
    for (const size of sizes) {
      found[name].push(await counter.count(prepare(size)));
    }
  }
  console.log(JSON.stringify(found));
}
