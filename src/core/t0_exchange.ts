/**
 * The reader's side of T=0 at character level (ISO/IEC 7816-3 10).
 *
 * @module
 */

import {
  COMMAND,
  MAX_BUILD,
  T0_STATE,
  T0_W_RESPONSE_LENGTH,
  T0_W_WANTED,
} from "../../core-as/abi.ts";
import { checkBuildOffset, isI32, Machine } from "./machine.ts";
import { MACHINE_ERRORS } from "./machine_errors.ts";

/** Options of an exchange. */
export interface T0Options {
  /** Bytes that the card is to send, 0 to 256. Default: P3 of a TPDU of five bytes, where 0 means 256. */
  le?: number;
  /** NULL procedure bytes tolerated; ISO sets no limit. Default 65 536, Infinity for any number. */
  maxNulls?: number;
  /**
   * Default "iso". "emv": a card that breaks the protocol or falls silent is
   * deactivated (EMV Contact Interface, level 1), so `digest` answers DEACTIVATE.
   */
  profile?: "iso" | "emv";
}

/** Errors that name what the card did; an EMV terminal has one answer to all of them. */
const CARD_ERRORS: readonly number[] = [
  MACHINE_ERRORS.TIMEOUT,
  MACHINE_ERRORS.PROCEDURE_BYTE,
  MACHINE_ERRORS.OVERRUN,
  MACHINE_ERRORS.TOO_MANY_NULLS,
];

/**
 * One TPDU after the other over characters.
 *
 * `start`; then, while the result is `MACHINE_TRANSFER`: `build`, send what it
 * wrote (possibly nothing), receive up to `wanted` characters, `digest`.
 */
export class T0Exchange implements Disposable {
  /** Where the exchange lives. */
  readonly machine: Machine;
  readonly #ownsMachine: boolean;
  #isEmv = false;

  /** Makes a machine at rest. @param machine a slot to share; left out: one of its own */
  constructor(machine?: Machine) {
    this.machine = machine ?? new Machine();
    this.#ownsMachine = machine === undefined;
    this.reset();
  }

  /** Drops an exchange that is under way. */
  reset(): void {
    const { core, handle } = this.machine;
    core.exports.t0_reset(handle);
  }

  /**
   * Begins a TPDU: CLA INS P1 P2 P3 and P3 bytes of data, or none. It is copied.
   * A header of four bytes is case 1: P3 = 0 is sent behind it. Whatever was under
   * way before is dropped, also when the TPDU is refused.
   *
   * @throws {RangeError} when `maxNulls` is negative or no number
   */
  start(tpdu: Uint8Array, options: T0Options = {}): number {
    const maxNulls = options.maxNulls ?? 65536;
    if (!(maxNulls >= 0)) {
      throw new RangeError(
        `Cannot start T=0: maxNulls is ${maxNulls}, expected 0 or more`,
      );
    }
    this.reset();
    this.#isEmv = options.profile === "emv";
    if (
      tpdu.length < 4 || tpdu.length > MAX_BUILD || !isI32(options.le ?? 0)
    ) return MACHINE_ERRORS.TPDU;
    const { core, handle, address } = this.machine;
    const command = address + COMMAND;
    core.bytes.set(tpdu, command);
    let le = options.le ?? 0;
    if (tpdu.length === 4) core.bytes[command + 4] = 0;
    else if (tpdu.length === 5) le = options.le ?? (tpdu[4] || 256);
    return core.exports.t0_start(
      handle,
      Math.max(tpdu.length, 5),
      le,
      Math.min(maxNulls, 0x7fffffff),
    );
  }

  /**
   * Writes what is to be sent now to `machine.send` from `offset` on.
   *
   * @returns how many characters, 0 if only reception goes on
   * @throws {RangeError} when there is no room behind `offset`
   */
  build(offset = 0): number {
    checkBuildOffset(offset);
    const { core, handle } = this.machine;
    return core.exports.t0_build(handle, offset);
  }

  /** Takes the `length` characters that lie in `machine.receive` from `offset` on; 0 is silence. */
  digest(length: number, offset = 0): number {
    if (!isI32(length) || !isI32(offset)) return MACHINE_ERRORS.RECEIVE_LENGTH;
    const { core, handle } = this.machine;
    const event = core.exports.t0_digest(handle, offset, length);
    return this.#isEmv && CARD_ERRORS.includes(event)
      ? MACHINE_ERRORS.DEACTIVATE
      : event;
  }

  /** Characters to receive now; the card sends at least so many before it can be the reader's turn. */
  get wanted(): number {
    return this.#get(T0_W_WANTED);
  }

  /** Length of the response, status included, in bytes. */
  get responseLength(): number {
    return this.#get(T0_W_RESPONSE_LENGTH);
  }

  #get(word: number): number {
    return this.machine.core.words[
      ((this.machine.address + T0_STATE) >> 2) + word
    ];
  }

  /** Data and SW1 SW2, as bytes of its own. */
  response(): Uint8Array<ArrayBuffer> {
    return this.machine.response(this.responseLength);
  }

  /** Copies the response into `target` from `offset` on; returns its length. */
  copyResponse(target: Uint8Array, offset: number): number {
    const length = this.responseLength;
    this.machine.copyResponse(length, target, offset);
    return length;
  }

  /** Gives the slot back if the exchange took it itself. */
  [Symbol.dispose](): void {
    if (this.#ownsMachine) this.machine[Symbol.dispose]();
  }
}
