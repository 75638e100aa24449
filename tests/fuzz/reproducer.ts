/**
 * Reproducers: findings as JSON, and running their input once more.
 *
 * @module
 */

import { fromHex, toHex } from "../../src/bytes.ts";
import { Feedback } from "./feedback.ts";
import type { Finding } from "./finding.ts";
import type { FuzzTarget } from "./target.ts";

/** What a reproducer's file holds. */
export interface Reproducer {
  /** Name of the target. */
  readonly target: string;
  /** Seed of the run that found it. */
  readonly seed: number;
  /** The execution of the target in that run, counted from 1. */
  readonly exec: number;
  /** What was thrown, as text. */
  readonly error: string;
  /** The input in hexadecimal. */
  readonly input: string;
}

/** A finding as the text of a reproducer's file. */
export function formatReproducer(finding: Finding): string {
  const { target, seed, exec, error } = finding;
  const input = toHex(finding.input);
  const reproducer: Reproducer = { target, seed, exec, error, input };
  return `${JSON.stringify(reproducer, null, 2)}\n`;
}

/** Reads the text of a reproducer's file. @throws {SyntaxError} when it is none */
export function parseReproducer(text: string): Reproducer {
  const value: unknown = JSON.parse(text);
  if (!isReproducer(value)) {
    throw new SyntaxError(
      "Cannot read reproducer: expected an object with target, seed, exec, error and input",
    );
  }
  return value;
}

function isReproducer(value: unknown): value is Reproducer {
  return typeof value === "object" && value !== null &&
    "target" in value && typeof value.target === "string" &&
    "seed" in value && typeof value.seed === "number" &&
    "exec" in value && typeof value.exec === "number" &&
    "error" in value && typeof value.error === "string" &&
    "input" in value && typeof value.input === "string" &&
    /^([0-9A-Fa-f]{2})*$/.test(value.input);
}

/** How an input fared. */
export type Outcome = { failed: false } | { failed: true; thrown: unknown };

/** Runs the input of a reproducer. */
export function reproduce(
  target: FuzzTarget,
  reproducer: Reproducer,
): Outcome {
  try {
    target.run(fromHex(reproducer.input), new Feedback().feature);
  } catch (thrown) {
    return { failed: true, thrown };
  }
  return { failed: false };
}
