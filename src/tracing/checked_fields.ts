/**
 * Reads members of a JSON object, or says what is wrong with them.
 *
 * @module
 */

import { fromHex } from "../bytes.ts";

/** What JSON shows of a value, short enough for a message. */
function show(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

/** Members of one object. */
export class CheckedFields {
  readonly #what: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  /**
   * @param what what is read, for messages: `trace line 3`
   * @throws {TypeError} when `value` is no object
   */
  constructor(what: string, value: unknown) {
    this.#what = what;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new TypeError(
        `Cannot read ${what}: ${show(value)} found, expected an object`,
      );
    }
    this.#fields = value as Record<string, unknown>;
  }

  /** What is read, for messages. */
  get what(): string {
    return this.#what;
  }

  /** The member as it is. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  /** @throws {TypeError} always */
  refuse(name: string, expected: string): never {
    throw new TypeError(
      `Cannot read ${this.#what}: ${JSON.stringify(name)} is ${
        show(this.raw(name))
      }, expected ${expected}`,
    );
  }

  /** A text. */
  text(name: string): string {
    const value = this.raw(name);
    return typeof value === "string" ? value : this.refuse(name, "a text");
  }

  /** true or false. */
  flag(name: string): boolean {
    const value = this.raw(name);
    if (typeof value === "boolean") return value;
    return this.refuse(name, "true or false");
  }

  /** A finite number that is not negative. */
  amount(name: string): number {
    const value = this.raw(name);
    if (typeof value === "number" && value >= 0 && Number.isFinite(value)) {
      return value;
    }
    return this.refuse(name, "a number from 0 on");
  }

  /** A whole number from 0 to 2^53 - 1. */
  whole(name: string): number {
    const value = this.raw(name);
    return typeof value === "number" && Number.isSafeInteger(value) &&
        value >= 0
      ? value
      : this.refuse(name, "a whole number from 0 on");
  }

  /** One of some texts. */
  choice<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.raw(name);
    const found = choices.find((choice) => choice === value);
    return found ?? this.refuse(name, choices.join(", "));
  }

  /** Bytes as hexadecimal text. */
  bytes(name: string): Uint8Array<ArrayBuffer> {
    try {
      return fromHex(this.text(name));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return this.refuse(name, "bytes in hexadecimal");
    }
  }

  /** A list. */
  list(name: string): readonly unknown[] {
    const value = this.raw(name);
    return Array.isArray(value) ? value : this.refuse(name, "a list");
  }
}
