/**
 * The fuzzing engine: several targets share the time in turns.
 *
 * @module
 */

import type { Finding } from "./finding.ts";
import { progressLine, type Report } from "./report.ts";
import type { FuzzTarget } from "./target.ts";
import { TargetFuzzer } from "./target_fuzzer.ts";

/** How long to fuzz, and whom to tell. */
export interface FuzzOptions {
  /** Time for all targets together, in seconds. */
  readonly seconds: number;
  /** Unsigned 32-bit number; each target draws from a generator of its own, made of it and the target's name. */
  readonly seed: number;
  /** A clock that never goes back, in milliseconds. */
  now(): number;
  /** Told about once a second how far every target is. */
  progress(line: string): void;
  /** Told of every distinct finding once. */
  onFinding(finding: Finding): void;
}

/** Longest turn of a target, in milliseconds. */
const TURN_MS = 200;
/** Between two lines of progress, in milliseconds. */
const PROGRESS_MS = 1000;
/** Executions between two looks at the clock, which costs as much as a small execution. */
const STEPS_PER_LOOK = 8;

/** A run that its caller drives turn by turn, and may leave between two turns. */
export class Fuzzer {
  readonly #options: FuzzOptions;
  readonly #fuzzers: readonly TargetFuzzer[];
  /** Milliseconds that each target had. */
  readonly #spent: number[];
  readonly #turnMs: number;
  readonly #start: number;
  readonly #deadline: number;
  #progressAt: number;
  #turns = 0;

  /** Takes the targets' seeds; the time runs from here. @throws {RangeError} when a target's `maxBytes` is no positive integer */
  constructor(targets: readonly FuzzTarget[], options: FuzzOptions) {
    this.#options = options;
    this.#fuzzers = targets.map((target) =>
      new TargetFuzzer(target, options.seed)
    );
    this.#spent = targets.map(() => 0);
    const totalMs = options.seconds * 1000;
    this.#turnMs = Math.min(TURN_MS, totalMs / targets.length);
    this.#start = options.now();
    this.#deadline = this.#start + totalMs;
    this.#progressAt = this.#start + PROGRESS_MS;
  }

  /** Gives the next target its turn; returns false, and does nothing, when the time is up or there is no target. */
  turn(): boolean {
    const { now, onFinding, progress } = this.#options;
    const start = now();
    if (this.#fuzzers.length === 0 || start >= this.#deadline) return false;
    const index = this.#turns++ % this.#fuzzers.length;
    const fuzzer = this.#fuzzers[index];
    const end = Math.min(start + this.#turnMs, this.#deadline);
    let time = start;
    while (time < end) {
      for (let i = 0; i < STEPS_PER_LOOK; i++) {
        const finding = fuzzer.step();
        if (finding !== null) onFinding(finding);
      }
      time = now();
    }
    this.#spent[index] += time - start;
    if (time >= this.#progressAt) {
      this.#progressAt = time + PROGRESS_MS;
      progress(progressLine(this.report()));
    }
    return true;
  }

  /** How far every target is. */
  report(): Report {
    return {
      seed: this.#options.seed,
      seconds: (this.#options.now() - this.#start) / 1000,
      targets: this.#fuzzers.map((fuzzer, i) => ({
        name: fuzzer.target.name,
        executions: fuzzer.executions,
        seconds: this.#spent[i] / 1000,
        corpus: fuzzer.corpus.size,
        features: fuzzer.corpus.features,
        findings: fuzzer.findings,
      })),
    };
  }
}

/** Fuzzes until the time is up. @throws {RangeError} when a target's `maxBytes` is no positive integer */
export function fuzz(
  targets: readonly FuzzTarget[],
  options: FuzzOptions,
): Report {
  const fuzzer = new Fuzzer(targets, options);
  while (fuzzer.turn());
  return fuzzer.report();
}
