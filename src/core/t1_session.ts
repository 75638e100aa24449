/**
 * The reader's side of T=1 (ISO/IEC 7816-3 11).
 *
 * @module
 */

import {
  COMMAND,
  EDC_CRC,
  EDC_LRC,
  MAX_COMMAND,
  T1_F_EMV,
  T1_F_IFS_REFUSAL_PROCEEDS,
  T1_F_REPORT_RESYNCH,
  T1_JOB_ABORT,
  T1_JOB_COMMAND,
  T1_JOB_IFS,
  T1_JOB_RESYNCH,
  T1_W_NAD,
} from "../../core-as/abi.ts";
import { CRC_VARIANT_CODES } from "./edc.ts";
import type { CoreExports } from "./instance.ts";
import { checkBuildOffset, isI32, Machine } from "./machine.ts";
import { MACHINE_ERRORS } from "./machine_errors.ts";
import type { T1Options } from "./t1_options.ts";
import { T1Registers } from "./t1_registers.ts";

/** The size that an EMV terminal announces, in bytes. */
const EMV_IFSD = 254;
/** Largest count that the core holds. */
const MAX_COUNT = 0x7fffffff;

function checkRange(name: string, value: number, low: number, high: number) {
  if (!(Number.isInteger(value) && value >= low && value <= high)) {
    throw new RangeError(
      `Cannot set up T=1: ${name} is ${value}, expected ${low} to ${high}`,
    );
  }
}

function checkOptions(options: T1Options): void {
  const { ifscBytes, ifsdBytes, maxWtx, profile, edc, crcVariant } = options;
  if (
    crcVariant !== undefined && crcVariant !== "auto" &&
    !Object.hasOwn(CRC_VARIANT_CODES, crcVariant)
  ) {
    throw new RangeError(
      `Cannot set up T=1: crcVariant is ${crcVariant}, expected auto, ${
        Object.keys(CRC_VARIANT_CODES).join(", ")
      }`,
    );
  }
  checkRange("ifscBytes", ifscBytes ?? 32, 1, 254);
  checkRange("ifsdBytes", ifsdBytes ?? 32, 1, 254);
  if (profile === "emv" && edc === "CRC") {
    throw new RangeError(
      "Cannot set up T=1: edc is CRC, expected LRC in the EMV profile",
    );
  }
  if (maxWtx !== Infinity) checkRange("maxWtx", maxWtx ?? 0, 0, MAX_COUNT);
}

function flags({ profile, ifsRefusal, afterResynch }: T1Options): number {
  if (profile === "emv") return T1_F_EMV;
  return (ifsRefusal === "proceed" ? T1_F_IFS_REFUSAL_PROCEEDS : 0) |
    (afterResynch === "report" ? T1_F_REPORT_RESYNCH : 0);
}

/**
 * A T=1 session, from one reset of the card to the next.
 *
 * `start*` begins; then, while the result is `MACHINE_TRANSFER`: `build`, send,
 * receive into `machine.receive`, `digest`. `MACHINE_DONE` ends the exchange; a
 * negative result is one of `MACHINE_ERRORS`. `begin` and `step` do the same in half
 * the calls.
 *
 * @example
 * ```ts
 * import { T1Session } from "deno-smartcard/core";
 * import assert from "node:assert/strict";
 *
 * using session = new T1Session();
 * const { send, receive } = session.machine;
 * let length = session.begin(Uint8Array.of(0x00, 0xA4, 0x00, 0x00));
 * while (length > 0) {
 *   // A link would send these bytes and put what comes back into `receive`.
 *   assert.deepEqual([...send.subarray(0, length)], [0, 0, 4, 0, 0xA4, 0, 0, 0xA0]);
 *   const answer = [0x00, 0x00, 0x02, 0x90, 0x00, 0x92];
 *   receive.set(answer);
 *   length = session.step(answer.length);
 * }
 * assert.equal(length, 0);
 * assert.deepEqual([...session.response()], [0x90, 0x00]);
 * ```
 */
export class T1Session extends T1Registers implements Disposable {
  readonly #ownsMachine: boolean;
  /** At hand, since every block is a call. */
  readonly #exports: CoreExports;
  #options: T1Options = {};

  /** Begins a session after a reset. @throws {RangeError} when an option is out of range */
  constructor(options: T1Options = {}, machine?: Machine) {
    checkOptions(options);
    super(machine ?? new Machine());
    this.#ownsMachine = machine === undefined;
    this.#exports = this.machine.core.exports;
    this.reset(options);
  }

  /**
   * The card was reset: numbers begin at 0, NAD is 0, information field sizes are as
   * `options` says, or as before without them.
   *
   * @throws {RangeError} when an option is out of range
   */
  reset(options: T1Options = this.#options): void {
    checkOptions(options);
    this.#options = options;
    const variant = options.crcVariant ?? "auto";
    this.#exports.t1_reset(
      this.machine.handle,
      options.ifscBytes ?? 32,
      this.#isEmv ? EMV_IFSD : options.ifsdBytes ?? 0,
      options.edc === "CRC" ? EDC_CRC : EDC_LRC,
      variant === "auto" ? -1 : CRC_VARIANT_CODES[variant],
      flags(options),
      Math.min(options.maxWtx ?? 1024, MAX_COUNT),
    );
  }

  get #isEmv(): boolean {
    return this.#options.profile === "emv";
  }

  /** Begins a command of 1 to 65 544 bytes, which is copied; another length is refused without any effect. */
  start(command: Uint8Array): number {
    if (command.length < 1 || command.length > MAX_COMMAND) {
      return MACHINE_ERRORS.COMMAND_LENGTH;
    }
    const { core, handle, address } = this.machine;
    core.bytes.set(command, address + COMMAND);
    return core.exports.t1_start(handle, T1_JOB_COMMAND, command.length);
  }

  /** Announces an information field size for the reader; STATE in an EMV session, which announces its own. @throws {RangeError} when it is not 1 to 254 bytes */
  startIfs(ifsdBytes: number): number {
    checkRange("ifsdBytes", ifsdBytes, 1, 254);
    return this.#start(T1_JOB_IFS, ifsdBytes);
  }

  /** Resynchronises. */
  startResynch(): number {
    return this.#start(T1_JOB_RESYNCH, 0);
  }

  /** Sends S(ABORT request); STATE in an EMV session. */
  startAbort(): number {
    return this.#start(T1_JOB_ABORT, 0);
  }

  #start(job: number, value: number): number {
    const { core, handle } = this.machine;
    return core.exports.t1_start(handle, job, value);
  }

  /**
   * Writes the outstanding block to `machine.send` from `offset` on; called twice
   * it gives the same block.
   *
   * @returns its length in bytes, 0 if nothing is outstanding
   * @throws {RangeError} when there is no room behind `offset`
   */
  build(offset = 0): number {
    checkBuildOffset(offset);
    const { core, handle } = this.machine;
    return core.exports.t1_build(handle, offset);
  }

  /** Takes the `length` bytes that lie in `machine.receive` from `offset` on; 0 is silence or a parity error. */
  digest(length: number, offset = 0): number {
    if (!isI32(length) || !isI32(offset)) return MACHINE_ERRORS.RECEIVE_LENGTH;
    const { core, handle } = this.machine;
    return core.exports.t1_digest(handle, offset, length);
  }

  /**
   * `start` and `build` in one, for a link that works on `machine.send` from its
   * first byte on.
   *
   * @returns length of the first block in bytes, or a negative error
   */
  begin(command: Uint8Array): number {
    const event = this.start(command);
    return event < 0 ? event : this.build();
  }

  /**
   * `digest` and `build` in one, the fastest way through an exchange: takes the
   * `length` bytes at the beginning of `machine.receive`, 0 for silence or a parity
   * error, and writes the next block to the beginning of `machine.send`.
   *
   * @returns length of the next block in bytes, 0 when the response is there, or a negative error
   */
  step(length: number): number {
    if (!isI32(length)) return MACHINE_ERRORS.RECEIVE_LENGTH;
    return this.#exports.t1_step(this.machine.handle, length);
  }

  /** The response, as bytes of its own; empty after an error. */
  response(): Uint8Array<ArrayBuffer> {
    return this.machine.response(this.bytesReceived);
  }

  /** Copies the response into `target` from `offset` on; returns its length. */
  copyResponse(target: Uint8Array, offset: number): number {
    const length = this.bytesReceived;
    this.machine.copyResponse(length, target, offset);
    return length;
  }

  /** No S(IFS request) is sent any more; IFSD stays 32 (SCARD_ATTR_SUPRESS_T1_IFS_REQUEST). Without effect in an EMV session. */
  suppressIfs(): void {
    const { core, handle } = this.machine;
    core.exports.t1_suppress_ifs(handle);
  }

  /** T1_DATA.NAD of the blocks sent. */
  get nad(): number {
    return this.get(T1_W_NAD);
  }
  /** @throws {RangeError} when bits 4 or 8 are set, when source and destination are equal and not 0, or for any but 0 in an EMV session */
  set nad(value: number) {
    const same = value !== 0 && (value >> 4) === (value & 15);
    const isFixed = this.#isEmv && value !== 0;
    if (
      !Number.isInteger(value) || (value & ~0x77) !== 0 || same || isFixed
    ) {
      throw new RangeError(
        `Cannot set NAD to ${value}: expected two different addresses of 3 bits, or 0 (EMV: 0)`,
      );
    }
    const { core, handle } = this.machine;
    core.exports.t1_set_nad(handle, value);
  }

  /** Gives the slot back if the session took it itself. */
  [Symbol.dispose](): void {
    if (this.#ownsMachine) this.machine[Symbol.dispose]();
  }
}
