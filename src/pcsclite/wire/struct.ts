/**
 * Layouts of messages: where each field lies is said once, and read and written by it.
 * Numbers are little-endian, as every host of pcsc-lite in use is.
 *
 * @module
 */

import { copyBytes, readU32le, writeU32le } from "../../bytes.ts";

/** How one field lies in a message. */
export interface Field<Value> {
  /** Bytes that it takes. */
  readonly bytes: number;
  /** What it holds when nothing was written. */
  readonly zero: Value;
  /** Reads the field at `offset`. */
  read(message: Uint8Array, offset: number): Value;
  /** Writes the field at `offset`. */
  write(message: Uint8Array, offset: number, value: Value): void;
}

/** The fields of a message, in the order in which they lie. */
export type Fields<Message extends object> = {
  readonly [Name in keyof Message]: Field<Message[Name]>;
};

/** An unsigned 32-bit number. */
export const U32: Field<number> = {
  bytes: 4,
  zero: 0,
  read: readU32le,
  write: writeU32le,
};

/** A signed 32-bit number. */
export const I32: Field<number> = {
  bytes: 4,
  zero: 0,
  read: (message, offset) => readU32le(message, offset) | 0,
  write: writeU32le,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Text in UTF-8 that ends with a NUL or with its field; what lies behind the NUL is
 * not looked at. Longer text is cut, at a character, so that the NUL fits.
 *
 * @param bytes length of the field
 */
export function text(bytes: number): Field<string> {
  return {
    bytes,
    zero: "",
    read(message, offset) {
      const all = message.subarray(offset, offset + bytes);
      const end = all.indexOf(0);
      return decoder.decode(end < 0 ? all : all.subarray(0, end));
    },
    write(message, offset, value) {
      const end = offset + bytes;
      const { written } = encoder.encodeInto(
        value,
        message.subarray(offset, end - 1),
      );
      message.fill(0, offset + written, end);
    },
  };
}

/**
 * Bytes whose number another field tells: read as a copy of the whole field; shorter
 * values are filled up with zeros.
 *
 * @param bytes length of the field
 * @param padding bytes behind it that mean nothing
 */
export function block(
  bytes: number,
  padding = 0,
): Field<Uint8Array<ArrayBuffer>> {
  return {
    bytes: bytes + padding,
    zero: new Uint8Array(bytes),
    read: (message, offset) =>
      Uint8Array.from(message.subarray(offset, offset + bytes)),
    write(message, offset, value) {
      if (value.length > bytes) {
        throw new RangeError(
          `Cannot write a field: ${value.length} bytes, expected ${bytes} at most`,
        );
      }
      copyBytes(value, 0, value.length, message, offset);
      message.fill(0, offset + value.length, offset + bytes + padding);
    },
  };
}

/** One kind of message: as a view, field by field in its bytes, and as a value. */
export class Struct<Message extends object> {
  /** Name for messages of errors. */
  readonly name: string;
  /** Length of the message in bytes. */
  readonly bytes: number;
  #offsets: Readonly<Record<keyof Message, number>>;
  #fields: Fields<Message>;

  /**
   * A layout.
   *
   * @param name for messages of errors
   * @param fields in the order in which they lie, without gaps
   */
  constructor(name: string, fields: Fields<Message>) {
    this.name = name;
    this.#fields = fields;
    const offsets = {} as Record<keyof Message, number>;
    let bytes = 0;
    for (const key of Object.keys(fields) as (keyof Message)[]) {
      offsets[key] = bytes;
      bytes += fields[key].bytes;
    }
    this.#offsets = offsets;
    this.bytes = bytes;
  }

  /** Where a field begins. */
  offsetOf(field: keyof Message): number {
    return this.#offsets[field];
  }

  /**
   * One field of the message that begins at `at`.
   *
   * @param message {@linkcode check}ed before
   */
  get<Name extends keyof Message>(
    message: Uint8Array,
    field: Name,
    at = 0,
  ): Message[Name] {
    return this.#fields[field].read(message, at + this.#offsets[field]);
  }

  /** Writes one field of the message that begins at `at`. */
  set<Name extends keyof Message>(
    message: Uint8Array,
    field: Name,
    value: Message[Name],
    at = 0,
  ): void {
    this.#fields[field].write(message, at + this.#offsets[field], value);
  }

  /**
   * A message has room for every field.
   *
   * @throws {RangeError} when it is shorter
   */
  check(message: Uint8Array, at = 0): void {
    if (message.length - at >= this.bytes) return;
    throw new RangeError(
      `Cannot read a message ${this.name}: ${
        message.length - at
      } bytes, expected ${this.bytes}`,
    );
  }

  /**
   * The message that begins at `at`, as a value.
   *
   * @throws {RangeError} when it is cut short
   */
  decode(message: Uint8Array, at = 0): Message {
    this.check(message, at);
    const value = {} as Message;
    for (const field of Object.keys(this.#fields) as (keyof Message)[]) {
      value[field] = this.get(message, field, at);
    }
    return value;
  }

  /**
   * A message; fields that are left out are zero.
   *
   * @throws {RangeError} when a value does not fit its field
   */
  encode(value: Partial<Message> = {}): Uint8Array<ArrayBuffer> {
    const message = new Uint8Array(this.bytes);
    this.write(message, 0, value);
    return message;
  }

  /** Writes a message to where it begins; fields that are left out become zero. */
  write(message: Uint8Array, at: number, value: Partial<Message>): void {
    for (const field of Object.keys(this.#fields) as (keyof Message)[]) {
      this.set(message, field, value[field] ?? this.#fields[field].zero, at);
    }
  }
}
