/**
 * A PIN with its counters.
 *
 * @module
 */

import { equalBytes } from "../../bytes.ts";

/** What a PIN starts with. */
export interface PinSettings {
  readonly value: Uint8Array;
  readonly tries: number;
  readonly minLength: number;
  readonly maxLength: number;
  readonly puk: Uint8Array | null;
  readonly pukTries: number;
}

/** What became of a comparison. */
export type PinOutcome = "right" | "wrong" | "blocked";

/** A secret with its retry counter. */
class Secret {
  value: Uint8Array;
  readonly tries: number;
  left: number;

  constructor(value: Uint8Array, tries: number) {
    this.value = value;
    this.tries = tries;
    this.left = tries;
  }

  compare(given: Uint8Array): PinOutcome {
    if (this.left === 0) return "blocked";
    // The counter goes down first, as against tearing on a real card.
    this.left--;
    if (!equalBytes(given, this.value)) return "wrong";
    this.left = this.tries;
    return "right";
  }
}

/** A PIN: value, retry counter and resetting code. They outlive resets. */
export class Pin {
  readonly #settings: PinSettings;
  readonly #secret: Secret;
  readonly #puk: Secret | null;

  /** Starts with all tries left. */
  constructor(settings: PinSettings) {
    this.#settings = settings;
    this.#secret = new Secret(settings.value, settings.tries);
    this.#puk = settings.puk === null
      ? null
      : new Secret(settings.puk, settings.pukTries);
  }

  /** Tries left, 0 when blocked. */
  get triesLeft(): number {
    return this.#secret.left;
  }

  /** Tries left of the resetting code, 0 when it is blocked or there is none. */
  get pukTriesLeft(): number {
    return this.#puk?.left ?? 0;
  }

  /** Bytes of the present value. */
  get length(): number {
    return this.#secret.value.length;
  }

  /** Bytes of the resetting code, 0 when there is none. */
  get pukLength(): number {
    return this.#settings.puk?.length ?? 0;
  }

  /** Compares, and counts. */
  verify(given: Uint8Array): PinOutcome {
    return this.#secret.compare(given);
  }

  /** Compares the resetting code, and counts. */
  verifyPuk(given: Uint8Array): PinOutcome {
    return this.#puk?.compare(given) ?? "blocked";
  }

  /** Whether a new value has an allowed length. */
  accepts(value: Uint8Array): boolean {
    const { minLength, maxLength } = this.#settings;
    return value.length >= minLength && value.length <= maxLength;
  }

  /** Sets all tries again, with a new value if there is one. */
  renew(value: Uint8Array | null): void {
    if (value !== null) this.#secret.value = value.slice();
    this.#secret.left = this.#secret.tries;
  }
}
