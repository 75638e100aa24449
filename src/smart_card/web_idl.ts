/**
 * Conversions of arguments as Web IDL makes them: what a caller may pass, and what he gets a
 * TypeError for. None of them calls anything of the caller's twice.
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";

/** Members of a dictionary, unconverted. */
export type ReadonlyMembers = Readonly<Record<string, unknown>>;

const NO_MEMBERS: ReadonlyMembers = Object.freeze({});

const MAX_U32 = 0xFFFFFFFF;

/**
 * `DOMString`.
 *
 * @throws {TypeError} for a symbol
 */
export function domString(value: unknown): string {
  return `${value as string}`;
}

/**
 * An enumeration: the entry of `table` whose key is the value's string.
 *
 * @param what is converted, for the message
 * @throws {TypeError} for another word
 */
export function enumeration<T>(
  table: Readonly<Record<string, T>>,
  value: unknown,
  what: string,
): T {
  const key = domString(value);
  if (Object.hasOwn(table, key)) return table[key];
  throw new TypeError(
    `Cannot take ${JSON.stringify(key)} as ${what}: expected one of ${
      Object.keys(table).join(", ")
    }`,
  );
}

/**
 * A dictionary; undefined and null have no members. Its members are to be read once each,
 * in the order of their names.
 *
 * @throws {TypeError} for what is no object
 */
export function dictionary(
  value: unknown,
  what: string,
): ReadonlyMembers {
  if (value === undefined || value === null) return NO_MEMBERS;
  if (typeof value === "object" || typeof value === "function") {
    return value as ReadonlyMembers;
  }
  throw new TypeError(
    `Cannot take a ${typeof value} as ${what}: expected an object`,
  );
}

/**
 * A member that a dictionary must have.
 *
 * @throws {TypeError} when it is undefined
 */
export function required(value: unknown, member: string, what: string): void {
  if (value !== undefined) return;
  throw new TypeError(
    `Cannot take ${what}: ${member} is missing, expected it to be there`,
  );
}

/**
 * `sequence<T>`: anything that can be iterated, strings excepted.
 *
 * @param convert converts each item as it comes
 * @throws {TypeError}
 */
export function sequence<T>(
  value: unknown,
  what: string,
  convert: (item: unknown) => T,
): T[] {
  const isObject = (typeof value === "object" && value !== null) ||
    typeof value === "function";
  if (!isObject) {
    throw new TypeError(
      `Cannot take a ${typeof value} as ${what}: expected a sequence`,
    );
  }
  const items: T[] = [];
  for (const item of value as Iterable<unknown>) items.push(convert(item));
  return items;
}

/**
 * `unsigned long`, modulo 2^32.
 *
 * @throws {TypeError} for a bigint or symbol
 */
export function unsignedLong(value: unknown): number {
  return (value as number) >>> 0;
}

/**
 * `[EnforceRange] unsigned long`.
 *
 * @throws {TypeError} outside 0 to 2^32-1, and for a bigint or symbol
 */
export function enforcedUnsignedLong(value: unknown, what: string): number {
  const number = Math.trunc(+(value as number));
  // 0 for -0.
  if (number >= 0 && number <= MAX_U32) return number + 0;
  throw new TypeError(
    `Cannot take ${number} as ${what}: expected 0 to ${MAX_U32}`,
  );
}

/**
 * `double`.
 *
 * @throws {TypeError} when not finite, and for a bigint or symbol
 */
export function double(value: unknown, what: string): number {
  const number = +(value as number);
  if (Number.isFinite(number)) return number;
  throw new TypeError(
    `Cannot take ${number} as ${what}: expected a finite number`,
  );
}

const isAborted = getter(AbortSignal.prototype, "aborted");

/**
 * `AbortSignal`, of this realm or another.
 *
 * @throws {TypeError} for anything else
 */
export function abortSignal(value: unknown, what: string): AbortSignal {
  try {
    isAborted.call(value);
    return value as AbortSignal;
  } catch {
    throw new TypeError(
      `Cannot take a ${typeof value} as ${what}: expected an AbortSignal`,
    );
  }
}

const lengthOf = getter(ArrayBuffer.prototype, "byteLength");

/**
 * `BufferSource`, seen in place, not copied; a detached buffer has no bytes.
 *
 * @throws {TypeError} for anything else, for shared memory, and for a buffer whose size may change
 */
export function bufferSource(value: unknown, what: string): Uint8Array {
  const isView = ArrayBuffer.isView(value);
  const buffer: unknown = isView ? value.buffer : value;
  let bytes: number;
  try {
    // Throws for shared memory, too.
    bytes = lengthOf.call(buffer) as number;
  } catch {
    throw new TypeError(
      `Cannot take a ${typeof value} as ${what}: expected an ArrayBuffer or a view of one`,
    );
  }
  if ((buffer as { resizable?: boolean }).resizable === true) {
    throw new TypeError(
      `Cannot take a resizable buffer as ${what}: expected one of fixed size`,
    );
  }
  // A DataView of a detached buffer throws when asked for its length.
  if (bytes === 0) return NO_BYTES;
  if (!isView) return new Uint8Array(buffer as ArrayBuffer);
  // A subclass may do without a copy where the engine counts on one.
  return Object.getPrototypeOf(value) === Uint8Array.prototype
    ? value as Uint8Array
    : new Uint8Array(
      buffer as ArrayBuffer,
      value.byteOffset,
      value.byteLength,
    );
}

/** A buffer that holds these bytes and no others. */
export function ownBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const { buffer, length } = bytes;
  return buffer.byteLength === length ? buffer : bytes.slice().buffer;
}

/** The getter of an attribute, which throws for what is no such object. */
function getter(prototype: object, attribute: string): () => unknown {
  return Object.getOwnPropertyDescriptor(prototype, attribute)!.get!;
}
