/**
 * Fuzzing of one target: what it does depends on the seed and the number of executions,
 * never on time.
 *
 * @module
 */

import { NO_BYTES } from "../../src/bytes.ts";
import { Corpus } from "./corpus.ts";
import { Feedback } from "./feedback.ts";
import { errorClass, errorText, type Finding } from "./finding.ts";
import { minimise } from "./minimise.ts";
import { Mutator } from "./mutate.ts";
import { Random } from "./random.ts";
import type { FuzzTarget } from "./target.ts";

/** Most different findings of one target; failures of further classes are passed over. */
export const MAX_FINDINGS = 100;

/** How often an input grows from a seed rather than from the corpus. */
const SEED_CHANCE = 1 / 16;
/** How often the target's own mutation is used, where there is one. */
const STRUCTURED_CHANCE = 1 / 2;
/** How often generic mutations follow upon the target's own. */
const BOTH_CHANCE = 1 / 4;

/** A target with its corpus, its generator and what it found. */
export class TargetFuzzer {
  /** What is fuzzed. */
  readonly target: FuzzTarget;
  /** The inputs that showed something. */
  readonly corpus: Corpus = new Corpus();
  /** One of each class, in the order found. */
  readonly findings: Finding[] = [];
  readonly #seed: number;
  readonly #random: Random;
  readonly #mutator: Mutator;
  readonly #feedback = new Feedback();
  readonly #classes = new Set<string>();
  readonly #seeds: readonly Uint8Array[];
  #executions = 0;

  /** Starts anew; `seed` is an unsigned 32-bit number. @throws {RangeError} when `maxBytes` of the target is no positive integer */
  constructor(target: FuzzTarget, seed: number) {
    this.target = target;
    this.#seed = seed;
    this.#random = new Random(seed, target.name);
    this.#mutator = new Mutator(target.maxBytes, this.#random);
    const seeds = target.seeds();
    this.#seeds = seeds.length > 0 ? seeds : [NO_BYTES];
  }

  /** Inputs run so far, without those that served to minimise another. */
  get executions(): number {
    return this.#executions;
  }

  /** Runs the next input; returns what it found if that is new, else null. */
  step(): Finding | null {
    this.#prepare();
    this.#executions++;
    const input = this.#mutator.view;
    try {
      this.target.run(input, this.#feedback.feature);
    } catch (thrown) {
      this.#feedback.settle();
      return this.#fail(input.slice(), thrown);
    }
    const shown = this.#feedback.settle();
    this.corpus.consider(input, this.#feedback.keys, shown);
    return null;
  }

  /** Puts the next input into the mutator: every seed as it is, then changed ones. */
  #prepare(): void {
    const mutator = this.#mutator;
    if (this.#executions < this.#seeds.length) {
      mutator.load(this.#seeds[this.#executions]);
      return;
    }
    const random = this.#random;
    mutator.load(this.#pick());
    if (this.target.mutate !== undefined && random.chance(STRUCTURED_CHANCE)) {
      mutator.load(this.target.mutate(mutator.view, random));
      if (!random.chance(BOTH_CHANCE)) return;
    }
    mutator.mutate(this.#pick());
  }

  #pick(): Uint8Array {
    return this.corpus.size === 0 || this.#random.chance(SEED_CHANCE)
      ? this.#random.pick(this.#seeds)
      : this.corpus.pick(this.#random);
  }

  #fail(found: Uint8Array, thrown: unknown): Finding | null {
    const wanted = errorClass(thrown);
    if (this.#classes.has(wanted) || this.findings.length >= MAX_FINDINGS) {
      return null;
    }
    this.#classes.add(wanted);
    let error = errorText(thrown);
    const fails = (candidate: Uint8Array): boolean => {
      try {
        this.target.run(candidate, this.#feedback.feature);
      } catch (again) {
        if (errorClass(again) !== wanted) return false;
        error = errorText(again);
        return true;
      } finally {
        this.#feedback.settle();
      }
      return false;
    };
    const reproduces = fails(found.slice());
    const input = reproduces ? minimise(found, fails) : found;
    const finding: Finding = {
      target: this.target.name,
      seed: this.#seed,
      exec: this.#executions,
      error,
      errorClass: wanted,
      input,
      foundBytes: found.length,
      reproduces,
    };
    this.findings.push(finding);
    return finding;
  }
}
