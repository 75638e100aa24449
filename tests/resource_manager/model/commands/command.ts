/**
 * What every command has.
 *
 * @module
 */

import type fc from "fast-check";
import type { Bench } from "../bench.ts";
import { describe, type Operation } from "../operations.ts";
import type { Trace } from "../trace.ts";

/** Something that a run does; what exactly depends on what is there then. */
export abstract class ManagerCommand
  implements fc.AsyncCommand<Bench, Bench, false> {
  #made: Operation | null = null;

  /** Whether it makes sense now. */
  check(bench: Readonly<Bench>): boolean {
    return this.operation(bench) !== null;
  }

  /** What it does now; null when it makes no sense. */
  abstract operation(bench: Readonly<Bench>): Operation | null;

  /** Does it, and checks what must hold then. */
  async run(_view: Bench, bench: Bench): Promise<void> {
    const call = this.act(bench);
    if (call !== null) await bench.observe(call);
  }

  /** Does it, in one synchronous step; null when it makes no sense any more. */
  act(bench: Bench): ReturnType<Bench["perform"]> | null {
    // fast-check awaits between check and run, and the manager runs meanwhile.
    const operation = this.operation(bench);
    if (operation === null) return null;
    this.#made = operation;
    return bench.perform(operation);
  }

  /** A line of a counterexample. */
  toString(): string {
    return this.#made === null ? this.constructor.name : describe(this.#made);
  }
}

/** A connection: mostly one that can be used, sometimes one that has ended. */
export function pickHandle(
  bench: Readonly<Bench>,
  index: number,
): Trace | null {
  const { ended } = bench;
  const live = bench.live.filter((handle) => bench.mayUse(handle));
  const wantsEnded = index % 8 === 7;
  const among = wantsEnded || live.length === 0 ? ended : live;
  return among.length === 0 ? null : among[index % among.length];
}

/** A context that is open. */
export function pickContext(
  { witness }: Readonly<Bench>,
  index: number,
): number | null {
  const open = [...witness.contexts];
  return open.length === 0 ? null : open[index % open.length];
}
