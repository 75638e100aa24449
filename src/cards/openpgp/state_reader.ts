/**
 * Reads the JSON of a card's state, and says where it is wrong.
 *
 * @module
 */

import { fromHex } from "../../bytes.ts";

/** An object or a list in the text, with the path to it. */
export class StateReader {
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;

  private constructor(path: string, value: unknown) {
    this.#path = path;
    if (typeof value !== "object" || value === null) {
      refuse(path === "" ? "the text" : path, value, "an object");
    }
    this.#values = { ...value };
  }

  /** Reads UTF-8 text. @throws {RangeError} when it is not an object in JSON */
  static parse(bytes: Uint8Array): StateReader {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder().decode(bytes));
    } catch (error) {
      const found = error instanceof Error ? error.message : error;
      return refuse("the text", found, "JSON");
    }
    return new StateReader("", value);
  }

  /** The names in the object. */
  names(): string[] {
    return Object.keys(this.#values);
  }

  /** An object in the object. */
  inner(name: string): StateReader {
    return new StateReader(this.#at(name), this.#values[name]);
  }

  /** A list of `length` objects. */
  list(name: string, length: number): StateReader[] {
    const list = this.inner(name);
    return Array.from({ length }, (_, index) => list.inner(String(index)));
  }

  /** A whole number in a range. */
  integer(name: string, low: number, high: number): number {
    const value = this.#values[name];
    if (
      typeof value === "number" && Number.isInteger(value) && value >= low &&
      value <= high
    ) return value;
    return this.refuse(name, value, `${low} to ${high}`);
  }

  /** True or false. */
  flag(name: string): boolean {
    const value = this.#values[name];
    if (typeof value === "boolean") return value;
    return this.refuse(name, value, "true or false");
  }

  /** Bytes in hexadecimal, so many if `length` is given. */
  bytes(name: string, length?: number): Uint8Array {
    const value = this.#values[name];
    const isText = typeof value === "string" && /^([0-9A-F]{2})*$/i.test(value);
    if (isText && (length ?? value.length / 2) === value.length / 2) {
      return fromHex(value);
    }
    return this.refuse(
      name,
      value,
      `${length ?? "any number of"} bytes in hex`,
    );
  }

  /** Throws for the value of this name. */
  refuse(name: string, found: unknown, expected: string): never {
    return refuse(this.#at(name), found, expected);
  }

  #at(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }
}

function refuse(place: string, found: unknown, expected: string): never {
  throw new RangeError(
    `Cannot load OpenPGP card: ${place} is ${
      String(found)
    }, expected ${expected}`,
  );
}
