/**
 * What a law demands, and how long it waits.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import * as lib from "../smclib/mod.ts";
import { LawBroken, type LawSettings } from "./law.ts";
import { shown } from "./law_bytes.ts";

/** How a request ended. */
export interface LawOutcome {
  /** Final NTSTATUS. */
  readonly status: number;
  /** The bytes delivered, a copy. */
  readonly output: Uint8Array;
}

/** Between two looks at something that no event tells of, in milliseconds. */
const LOOK_MS = 2;

/** Expectations and deadline of one run of a law. */
export class LawJudge {
  /** Name of the law. */
  readonly law: string;
  /** What the reader is. */
  readonly settings: LawSettings;
  readonly #timers: Set<ReturnType<typeof setTimeout>> = new Set();

  /** Judges a run of `law`. */
  constructor(law: string, settings: LawSettings) {
    this.law = law;
    this.settings = settings;
  }

  /** Breaks the law. @throws {LawBroken} always */
  fail(finding: string, cause?: unknown): never {
    throw new LawBroken(this.law, finding, { cause });
  }

  /** Demands `condition`. @throws {LawBroken} when it does not hold */
  expect(condition: boolean, finding: string): void {
    if (!condition) this.fail(finding);
  }

  /** Demands that two values are the same. @throws {LawBroken} when they are not */
  expectEqual<T extends number | string | boolean>(
    found: T,
    expected: T,
    what: string,
  ): void {
    this.expect(
      found === expected,
      `${what} is ${found}, expected ${expected}`,
    );
  }

  /** Demands the same bytes. @throws {LawBroken} when they differ */
  expectBytes(found: Uint8Array, expected: Uint8Array, what: string): void {
    this.expect(
      toHex(found) === toHex(expected),
      `${what} is ${shown(found)}, expected ${shown(expected)}`,
    );
  }

  /** Demands one of `statuses`, and no bytes with an error. @throws {LawBroken} otherwise */
  expectStatus(
    outcome: LawOutcome,
    what: string,
    ...statuses: number[]
  ): void {
    const { status, output } = outcome;
    this.expect(
      statuses.includes(status),
      `${what} ended with ${lib.statusName(status)}, expected ${
        statuses.map(lib.statusName).join(" or ")
      }`,
    );
    this.expect(
      lib.ntSuccess(status) || output.length === 0,
      `${what} ended with ${
        lib.statusName(status)
      } and ${output.length} bytes, expected none`,
    );
  }

  /** Waits at most the deadline. @throws {LawBroken} when `value` does not come in time */
  async within<T>(value: T | PromiseLike<T>, what: string): Promise<T> {
    const { deadlineMs } = this.settings;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () =>
        reject(
          new LawBroken(
            this.law,
            `${what} has not ended after ${deadlineMs} ms, expected an end`,
          ),
        ),
      deadlineMs,
    );
    this.#timers.add(timer);
    try {
      return await Promise.race([value, late]);
    } finally {
      clearTimeout(timer);
      this.#timers.delete(timer);
    }
  }

  /** The run is over: deadlines that nobody waits for any more are called off. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /**
   * Looks again and again until `holds`, for what no event tells of.
   *
   * @throws {LawBroken} when it does not in time
   */
  async until(
    holds: () => boolean | Promise<boolean>,
    finding: string,
  ): Promise<void> {
    const { deadlineMs } = this.settings;
    const end = performance.now() + deadlineMs;
    while (!await holds()) {
      if (performance.now() >= end) {
        this.fail(`${finding} after ${deadlineMs} ms, expected that it does`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
