/**
 * A machine slot: the place in linear memory where one card's exchange lives.
 *
 * @module
 */

import {
  BUFFER_BYTES,
  MAX_BUILD,
  RECEIVE,
  RESPONSE,
  SEND,
  SLOT_BYTES,
} from "../../core-as/abi.ts";
import {
  acquireSlot,
  type Core,
  NOBODYS_SLOT,
  releaseSlot,
} from "./instance.ts";

/** Length of `Machine.send` and of `Machine.receive`, in bytes. */
export const MACHINE_BUFFER_BYTES: number = BUFFER_BYTES;
/** Longest block or TPDU that `build` writes, in bytes. */
export const MACHINE_MAX_BUILD_BYTES: number = MAX_BUILD;

/**
 * One slot. A T=1 session and a T=0 exchange of the same card may share it; only
 * one of the two is used at a time.
 */
export class Machine implements Disposable {
  /** The instance in which the slot lies. */
  readonly core: Core;
  #handle: number;
  #address: number;
  /** Where blocks to send are built. A stable view of linear memory. */
  readonly send: Uint8Array;
  /** Where what came is put. A stable view of linear memory. */
  readonly receive: Uint8Array;
  readonly #pooled: boolean;
  /** The response as it was copied last. */
  #response: Uint8Array;
  #disposed = false;

  /**
   * Takes a free slot.
   *
   * @param core take it from this instance instead of the pool
   * @throws {RangeError} when `core` is given and full, or when there is no WebAssembly and no slot is left
   */
  constructor(core?: Core) {
    this.#pooled = core === undefined;
    const taken = core === undefined
      ? acquireSlot()
      : { core, handle: core.acquire() };
    if (taken.handle < 0) {
      throw new RangeError(
        "Cannot make a machine: no slot of the instance is free",
      );
    }
    this.core = taken.core;
    this.#handle = taken.handle;
    this.#address = this.core.exports.slot(taken.handle);
    const send = this.#address + SEND;
    const receive = this.#address + RECEIVE;
    this.send = this.core.bytes.subarray(send, send + BUFFER_BYTES);
    this.receive = this.core.bytes.subarray(receive, receive + BUFFER_BYTES);
    // No response is as long as that.
    this.#response = this.receive;
  }

  /** Number of the slot in that instance; after the end, of one that belongs to nobody. */
  get handle(): number {
    return this.#handle;
  }

  /** Address of the slot in linear memory. */
  get address(): number {
    return this.#address;
  }

  /** The first `length` bytes of the response, as bytes of their own. */
  response(length: number): Uint8Array<ArrayBuffer> {
    const from = this.address + RESPONSE;
    return this.core.bytes.slice(from, from + length);
  }

  /** Copies the first `length` bytes of the response into `target` from `offset` on. */
  copyResponse(length: number, target: Uint8Array, offset: number): void {
    // A view costs more than the copy, and responses of a length often follow each other.
    if (this.#response.length !== length) {
      const from = this.address + RESPONSE;
      this.#response = this.core.bytes.subarray(from, from + length);
    }
    target.set(this.#response, offset);
  }

  /** Gives the slot back. The views must not be used any more; calls do no harm, but no good either. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const handle = this.#handle;
    // PINs and data do not stay behind for whoever takes the slot next.
    this.core.bytes.fill(0, this.#address, this.#address + SLOT_BYTES);
    this.#handle = NOBODYS_SLOT;
    this.#address = this.core.exports.slot(NOBODYS_SLOT);
    if (this.#pooled) releaseSlot(this.core, handle);
    else this.core.release(handle);
  }
}

/** Whether the core takes `value` as it is. */
export function isI32(value: number): boolean {
  return (value | 0) === value;
}

/** @throws {RangeError} when `offset` leaves no room for the largest block */
export function checkBuildOffset(offset: number): void {
  if (!(isI32(offset) && offset >= 0 && offset <= BUFFER_BYTES - MAX_BUILD)) {
    throw new RangeError(
      `Cannot build at offset ${offset}: expected 0 to ${
        BUFFER_BYTES - MAX_BUILD
      }`,
    );
  }
}
