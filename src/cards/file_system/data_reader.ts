/**
 * Reads values out of card data and names the place of what is wrong.
 *
 * @module
 */
import { fromHex } from "../../bytes.ts";

/** A value inside card data together with the way to it. */
export class DataReader {
  readonly #value: unknown;
  /** The way to the value, such as `files[1].records[0]`. */
  readonly path: string;

  /** `path` names `value` in messages. */
  constructor(value: unknown, path: string) {
    this.#value = value;
    this.path = path;
  }

  /** Whether nothing stands here. */
  get isAbsent(): boolean {
    return this.#value === undefined;
  }

  /** The value of a property, absent ones included. @throws {TypeError} when this is no object */
  property(name: string): DataReader {
    const path = this.path === "" ? name : `${this.path}.${name}`;
    return new DataReader(this.#object()[name], path);
  }

  /** Refuses properties that nobody knows: they are misspelt ones. @throws {RangeError} naming the first */
  allowOnly(names: readonly string[]): void {
    for (const name of Object.keys(this.#object())) {
      if (!names.includes(name)) {
        this.property(name).refuse("unknown property", names.join(", "));
      }
    }
  }

  /** The elements of an array; none when absent. @throws {TypeError} */
  elements(): DataReader[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.#value)) this.wrongType("an array");
    return (this.#value as unknown[]).map((value, index) =>
      new DataReader(value, `${this.path}[${index}]`)
    );
  }

  /** A whole number in the range; `absent` when nothing stands here. @throws {TypeError | RangeError} */
  number(low: number, high: number, absent?: number): number {
    if (this.isAbsent && absent !== undefined) return absent;
    const value = this.#value;
    if (typeof value !== "number") this.wrongType("a number");
    if (!Number.isInteger(value) || value < low || value > high) {
      this.refuse(value, `a whole number, ${low} to ${high}`);
    }
    return value;
  }

  /** Text. @throws {TypeError} */
  text(): string {
    if (typeof this.#value !== "string") this.wrongType("text");
    return this.#value as string;
  }

  /** One of the words. @throws {TypeError | RangeError} */
  oneOf<Word extends string>(words: readonly Word[]): Word {
    const found = this.text();
    return words.find((word) => word === found) ??
      this.refuse(JSON.stringify(found), words.join(", "));
  }

  /** Bytes within the lengths. @throws {TypeError | RangeError} */
  bytes(low: number, high: number): Uint8Array {
    const bytes = this.#rawBytes();
    if (bytes.length < low || bytes.length > high) {
      this.refuse(`${bytes.length} bytes`, `${low} to ${high} bytes`);
    }
    return bytes;
  }

  /** A file identifier of four hexadecimal digits. @throws {TypeError | RangeError} */
  fileId(): number {
    const text = this.text();
    if (!/^[0-9A-Fa-f]{4}$/.test(text)) {
      this.refuse(JSON.stringify(text), "four hexadecimal digits");
    }
    return parseInt(text, 16);
  }

  /** Whether an object stands here. */
  get isObject(): boolean {
    return typeof this.#value === "object" && this.#value !== null &&
      !Array.isArray(this.#value);
  }

  /** Refuses the value found here. */
  refuse(found: unknown, expected: string): never {
    throw new RangeError(this.#message(String(found), expected));
  }

  /** Refuses the type found here. */
  wrongType(expected: string): never {
    const value = this.#value;
    const found = value === undefined
      ? "nothing"
      : value === null
      ? "null"
      : Array.isArray(value)
      ? "an array"
      : typeof value;
    throw new TypeError(this.#message(found, expected));
  }

  #rawBytes(): Uint8Array {
    if (this.isObject) {
      this.allowOnly(["text"]);
      return new TextEncoder().encode(this.property("text").text());
    }
    try {
      return fromHex(this.text());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return this.refuse(JSON.stringify(this.#value), "hexadecimal digits");
    }
  }

  #object(): Record<string, unknown> {
    if (!this.isObject) this.wrongType("an object");
    return this.#value as Record<string, unknown>;
  }

  #message(found: string, expected: string): string {
    const where = this.path === "" ? "" : ` at ${this.path}`;
    return `Cannot read card data${where}: ${found} found, expected ${expected}`;
  }
}
