/**
 * Prints as JSON how many blocks of code V8 runs for each work at each of the sizes
 * given: work without a clock. Started by the test with V8's compilers off, since
 * compiled code does not count.
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

/** Counts the blocks of code that V8 runs in the core's sources: work without a clock. */
class WorkCounter implements Disposable {
  readonly #session = new Session();

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
    work();
    const { result } = await this.#post(
      "Profiler.takePreciseCoverage",
    ) as Coverage;
    let blocks = 0;
    for (const { url, functions } of result) {
      if (!/\/(core-as|src\/core)\//.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { count } of ranges) blocks += count;
      }
    }
    return blocks;
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
  const found: Record<string, number[]> = {};
  for (const [name, work] of Object.entries(WORK)) {
    found[name] = [];
    for (const size of Deno.args) {
      found[name].push(await counter.count(() => work(Number(size))));
    }
  }
  console.log(JSON.stringify(found));
}
