/**
 * Command APDUs over T=0 (ISO/IEC 7816-3 12.2), as a layer above TPDUs.
 *
 * @module
 */

import {
  COMMAND,
  MAX_COMMAND,
  T0_APDU_STATE,
  T0A_F_UICC,
  T0A_W_LE,
  T0A_W_RESPONSE_LENGTH,
} from "../../core-as/abi.ts";
import { checkBuildOffset, isI32, Machine } from "./machine.ts";
import { MACHINE_ERRORS } from "./machine_errors.ts";

/** How an APDU goes over T=0. */
export interface T0ApduOptions {
  /**
   * GET RESPONSE also after the warnings 62xx and 63xx, as ETSI TS 102 221 asks of a
   * UICC's terminal; the warning is then the response's status. Default false.
   */
  uicc?: boolean;
}

/**
 * One APDU after the other, cut into TPDUs: corrects Le after 6Cxx, fetches by GET
 * RESPONSE after 61xx, wraps into ENVELOPE what is longer than a TPDU.
 *
 * `start`; then, while the result is `MACHINE_TRANSFER`: `build`, have the TPDU
 * exchanged for `le` bytes by a `T0Exchange` or by a reader that takes TPDUs, put
 * data and SW1 SW2 into `machine.receive`, `digest`. It needs a machine of its own.
 *
 * @example
 * ```ts
 * import { MACHINE_DONE, T0ApduExchange } from "deno-smartcard/core";
 * import assert from "node:assert/strict";
 *
 * using exchange = new T0ApduExchange();
 * const { send, receive } = exchange.machine;
 * // SELECT with Le: data go first, the answer is fetched.
 * exchange.start(Uint8Array.of(0x00, 0xA4, 0x04, 0x00, 2, 0x3F, 0x00, 0x00));
 * assert.deepEqual([...send.subarray(0, exchange.build())], [0, 0xA4, 4, 0, 2, 0x3F, 0]);
 * receive.set([0x61, 0x02]);
 * exchange.digest(2);
 * assert.deepEqual([...send.subarray(0, exchange.build())], [0, 0xC0, 0, 0, 2]);
 * assert.equal(exchange.le, 2);
 * receive.set([0x6F, 0x00, 0x90, 0x00]);
 * assert.equal(exchange.digest(4), MACHINE_DONE);
 * assert.deepEqual([...exchange.response()], [0x6F, 0x00, 0x90, 0x00]);
 * ```
 */
export class T0ApduExchange implements Disposable {
  /** Where the exchange lives; its buffers hold the TPDU and the answer to it. */
  readonly machine: Machine;
  readonly #ownsMachine: boolean;

  /** Makes a machine at rest. @param machine a slot that nothing else uses; left out: one of its own */
  constructor(machine?: Machine) {
    this.machine = machine ?? new Machine();
    this.#ownsMachine = machine === undefined;
    this.reset();
  }

  /** Drops an APDU that is under way. */
  reset(): void {
    // An empty command is refused, after all that was before it is dropped.
    this.machine.core.exports.t0_apdu_start(this.machine.handle, 0, 0);
  }

  /**
   * Begins an APDU, which is copied; what was under way before is dropped.
   *
   * @returns `MACHINE_TRANSFER`, or `APDU`, `CLA`, `INS` or `COMMAND_LENGTH` of `MACHINE_ERRORS`
   */
  start(apdu: Uint8Array, options: T0ApduOptions = {}): number {
    const { core, handle, address } = this.machine;
    if (apdu.length <= MAX_COMMAND) core.bytes.set(apdu, address + COMMAND);
    const flags = options.uicc === true ? T0A_F_UICC : 0;
    return core.exports.t0_apdu_start(handle, apdu.length, flags);
  }

  /**
   * Writes the TPDU to exchange to `machine.send` from `offset` on.
   *
   * @returns its length in bytes, 5 to 260; 0 if none is outstanding
   * @throws {RangeError} when there is no room behind `offset`
   */
  build(offset = 0): number {
    checkBuildOffset(offset);
    const { core, handle } = this.machine;
    return core.exports.t0_apdu_build(handle, offset);
  }

  /** Data bytes that the TPDU asks for, 0 to 256. */
  get le(): number {
    return this.#get(T0A_W_LE);
  }

  /** Takes the answer to the TPDU: data and SW1 SW2, `length` bytes in `machine.receive` from `offset` on. */
  digest(length: number, offset = 0): number {
    if (!isI32(length) || !isI32(offset)) return MACHINE_ERRORS.RECEIVE_LENGTH;
    const { core, handle } = this.machine;
    return core.exports.t0_apdu_digest(handle, offset, length);
  }

  /** Length of the response, status included, in bytes. */
  get responseLength(): number {
    return this.#get(T0A_W_RESPONSE_LENGTH);
  }

  /** Data, at most Ne bytes, and SW1 SW2, as bytes of its own. */
  response(): Uint8Array<ArrayBuffer> {
    return this.machine.response(this.responseLength);
  }

  #get(word: number): number {
    const at = (this.machine.address + T0_APDU_STATE) >> 2;
    return this.machine.core.words[at + word];
  }

  /** Gives the slot back if the exchange took it itself. */
  [Symbol.dispose](): void {
    if (this.#ownsMachine) this.machine[Symbol.dispose]();
  }
}
