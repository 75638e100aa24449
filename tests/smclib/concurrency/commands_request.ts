/**
 * Moves of callers: requests, and handles that are closed.
 *
 * @module
 */

import fc from "fast-check";
import type { Bench } from "./bench.ts";
import { Move } from "./commands.ts";
import { anyScript, type Script, scriptText } from "./script.ts";
import { anyShape, type RequestShape, shapeText } from "./shapes.ts";

/** A request arrives. */
export class SubmitCommand extends Move {
  readonly #shape: RequestShape;
  readonly #script: Script;
  readonly #handle: number;
  readonly #isLate: boolean;

  /** Makes the move; `isLate` sends the request with a signal that has fired. */
  constructor(
    shape: RequestShape,
    script: Script,
    handle: number,
    isLate: boolean,
  ) {
    super();
    this.#shape = shape;
    this.#script = script;
    this.#handle = handle;
    this.#isLate = isLate;
  }

  act(bench: Bench): void {
    bench.submit(this.#shape, this.#script, this.#handle, this.#isLate);
  }

  toString(): string {
    const handle = this.#isLate ? "closed" : this.#handle;
    return `submit ${shapeText(this.#shape)} by handle ${handle} ${
      scriptText(this.#script)
    }`;
  }
}

/** A handle is closed: its requests are cancelled. */
export class AbortCommand extends Move {
  readonly #handle: number;

  /** Makes the move. */
  constructor(handle: number) {
    super();
    this.#handle = handle;
  }

  act(bench: Bench): void {
    bench.abort(this.#handle);
  }

  toString(): string {
    return `abort handle ${this.#handle}`;
  }
}

/** Any request. */
export const submits: fc.Arbitrary<Move> = fc.tuple(
  anyShape,
  anyScript,
  fc.nat(2),
  fc.nat(31),
).map(([shape, script, handle, late]) =>
  new SubmitCommand(shape, script, handle, late === 13)
);

/** Any handle. */
export const aborts: fc.Arbitrary<Move> = fc.nat(2).map((handle) =>
  new AbortCommand(handle)
);
