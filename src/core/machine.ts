/**
 * A machine slot: the place in linear memory where one card's exchange lives.
 *
 * @module
 */

import {
  BUFFER_BYTES,
  MACHINE_DONE as DONE,
  MACHINE_E_ABORTED,
  MACHINE_E_CLA,
  MACHINE_E_COMMAND_LENGTH,
  MACHINE_E_INS,
  MACHINE_E_OUTCOME_UNKNOWN,
  MACHINE_E_OVERRUN,
  MACHINE_E_PROCEDURE_BYTE,
  MACHINE_E_RECEIVE_LENGTH,
  MACHINE_E_RESET_CARD,
  MACHINE_E_RESPONSE_LENGTH,
  MACHINE_E_STATE,
  MACHINE_E_TIMEOUT,
  MACHINE_E_TOO_MANY_NULLS,
  MACHINE_E_TOO_MANY_REQUESTS,
  MACHINE_E_TPDU,
  MACHINE_TRANSFER as TRANSFER,
  RECEIVE,
  SEND,
  SLOT_BYTES,
} from "../../core-as/abi.ts";
import { acquireSlot, type Core, releaseSlot } from "./instance.ts";

/** The exchange is over, its response is there. */
export const MACHINE_DONE: number = DONE;
/** Send what `build` writes, receive, call `digest`. */
export const MACHINE_TRANSFER: number = TRANSFER;
/** Length of `Machine.send` and of `Machine.receive`, in bytes. */
export const MACHINE_BUFFER_BYTES: number = BUFFER_BYTES;

/** The errors of the machines by name; all are negative. */
export const MACHINE_ERRORS = {
  /** Nothing is outstanding, or the call does not fit the state. */
  STATE: MACHINE_E_STATE,
  /** The command is empty or longer than an APDU can be. */
  COMMAND_LENGTH: MACHINE_E_COMMAND_LENGTH,
  /** No valid answer after all repetitions: reset the card (rules 6.4, 7.4.1). */
  RESET_CARD: MACHINE_E_RESET_CARD,
  /** The card aborted (rule 9); the session goes on. */
  ABORTED: MACHINE_E_ABORTED,
  /** The answer is longer than a response APDU can be. */
  RESPONSE_LENGTH: MACHINE_E_RESPONSE_LENGTH,
  /** The card sent too many S-requests. */
  TOO_MANY_REQUESTS: MACHINE_E_TOO_MANY_REQUESTS,
  /** RESYNCH succeeded; whether the command was carried out is unknown. */
  OUTCOME_UNKNOWN: MACHINE_E_OUTCOME_UNKNOWN,
  /** T=0: silence. */
  TIMEOUT: MACHINE_E_TIMEOUT,
  /** T=0: an illegal procedure byte. */
  PROCEDURE_BYTE: MACHINE_E_PROCEDURE_BYTE,
  /** T=0: the card sent or asked for more than there is. */
  OVERRUN: MACHINE_E_OVERRUN,
  /** T=0: INS 6x or 9x. */
  INS: MACHINE_E_INS,
  /** T=0: CLA FF. */
  CLA: MACHINE_E_CLA,
  /** T=0: P3 and the length of the TPDU disagree. */
  TPDU: MACHINE_E_TPDU,
  /** T=0: too many NULL procedure bytes. */
  TOO_MANY_NULLS: MACHINE_E_TOO_MANY_NULLS,
  /** More bytes are said to have come than the buffer holds. */
  RECEIVE_LENGTH: MACHINE_E_RECEIVE_LENGTH,
} as const;

/** The name of a negative machine result, or "DONE" and "TRANSFER". */
export function machineErrorName(code: number): string {
  if (code === MACHINE_DONE) return "DONE";
  if (code === MACHINE_TRANSFER) return "TRANSFER";
  const found = Object.entries(MACHINE_ERRORS).find(([, value]) =>
    value === code
  );
  return found === undefined ? `code ${code}` : found[0];
}

/**
 * One slot. A T=1 session and a T=0 exchange of the same card may share it; only
 * one of the two is used at a time.
 */
export class Machine implements Disposable {
  /** The instance in which the slot lies. */
  readonly core: Core;
  /** Number of the slot in that instance. */
  readonly handle: number;
  /** Address of the slot in linear memory. */
  readonly address: number;
  /** Where blocks to send are built. A stable view of linear memory. */
  readonly send: Uint8Array;
  /** Where what came is put. A stable view of linear memory. */
  readonly receive: Uint8Array;
  readonly #pooled: boolean;
  #disposed = false;

  /**
   * Takes a free slot.
   *
   * @param core take it from this instance instead of the pool
   * @throws {RangeError} when `core` is given and full
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
    this.handle = taken.handle;
    this.address = this.core.exports.slot(this.handle);
    const send = this.address + SEND;
    const receive = this.address + RECEIVE;
    this.send = this.core.bytes.subarray(send, send + BUFFER_BYTES);
    this.receive = this.core.bytes.subarray(receive, receive + BUFFER_BYTES);
  }

  /** Gives the slot back. The views must not be used any more. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    // PINs and data do not stay behind for whoever takes the slot next.
    this.core.bytes.fill(0, this.address, this.address + SLOT_BYTES);
    if (this.#pooled) releaseSlot(this.core, this.handle);
    else this.core.release(this.handle);
  }
}

/** Whether the core takes `value` as it is. */
export function isI32(value: number): boolean {
  return (value | 0) === value;
}

/** @throws {RangeError} when `offset` leaves no room for the largest block */
export function checkBuildOffset(offset: number): void {
  // A block of T=1 has at most 259 bytes, a TPDU of T=0 at most 260.
  if (!(isI32(offset) && offset >= 0 && offset <= BUFFER_BYTES - 260)) {
    throw new RangeError(
      `Cannot build at offset ${offset}: expected 0 to ${BUFFER_BYTES - 260}`,
    );
  }
}
