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
  RESPONSE,
  T1_F_IFS_REFUSAL_PROCEEDS,
  T1_F_REPORT_RESYNCH,
  T1_JOB_ABORT,
  T1_JOB_COMMAND,
  T1_JOB_IFS,
  T1_JOB_RESYNCH,
  T1_W_BYTES_RECEIVED,
  T1_W_BYTES_SENT,
  T1_W_BYTES_TO_SEND,
  T1_W_IFSC,
  T1_W_IFSD,
  T1_W_INF_SENT,
  T1_W_LAST_ERROR,
  T1_W_MORE_DATA,
  T1_W_NAD,
  T1_W_RESEND,
  T1_W_RESYNCH,
  T1_W_RSN,
  T1_W_SSN,
  T1_W_STATE,
  T1_W_WTX,
} from "../../core-as/abi.ts";
import { checkBuildOffset, isI32, Machine, MACHINE_ERRORS } from "./machine.ts";
import { CRC_VARIANT_CODES, type T1Options } from "./t1_options.ts";

/** Largest count that the core holds. */
const MAX_COUNT = 0x7fffffff;

function checkRange(name: string, value: number, low: number, high: number) {
  if (!(Number.isInteger(value) && value >= low && value <= high)) {
    throw new RangeError(
      `Cannot set up T=1: ${name} is ${value}, expected ${low} to ${high}`,
    );
  }
}

function checkOptions({ ifscBytes, ifsdBytes, maxWtx }: T1Options): void {
  checkRange("ifscBytes", ifscBytes ?? 32, 1, 254);
  checkRange("ifsdBytes", ifsdBytes ?? 32, 1, 254);
  if (maxWtx !== Infinity) checkRange("maxWtx", maxWtx ?? 0, 0, MAX_COUNT);
}

/**
 * A T=1 session, from one reset of the card to the next.
 *
 * `start*` begins; then, while the result is `MACHINE_TRANSFER`: `build`, send,
 * receive into `machine.receive`, `digest`. `MACHINE_DONE` ends the exchange; a
 * negative result is one of `MACHINE_ERRORS`.
 */
export class T1Session implements Disposable {
  /** Where the session lives. */
  readonly machine: Machine;
  readonly #ownsMachine: boolean;
  readonly #word: number;

  /** Begins a session after a reset. @throws {RangeError} when an option is out of range */
  constructor(options: T1Options = {}, machine?: Machine) {
    checkOptions(options);
    this.machine = machine ?? new Machine();
    this.#ownsMachine = machine === undefined;
    this.#word = this.machine.address >> 2;
    this.reset(options);
  }

  /** The card was reset: numbers begin at 0, NAD is 0, information field sizes are as `options` says. */
  reset(options: T1Options = {}): void {
    checkOptions(options);
    const variant = options.crcVariant ?? "auto";
    this.machine.core.exports.t1_reset(
      this.machine.handle,
      options.ifscBytes ?? 32,
      options.ifsdBytes ?? 0,
      options.edc === "CRC" ? EDC_CRC : EDC_LRC,
      variant === "auto" ? -1 : CRC_VARIANT_CODES[variant],
      (options.ifsRefusal === "proceed" ? T1_F_IFS_REFUSAL_PROCEEDS : 0) |
        (options.afterResynch === "report" ? T1_F_REPORT_RESYNCH : 0),
      Math.min(options.maxWtx ?? 1024, MAX_COUNT),
    );
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

  /** Announces an information field size for the reader. @throws {RangeError} when it is not 1 to 254 bytes */
  startIfs(ifsdBytes: number): number {
    checkRange("ifsdBytes", ifsdBytes, 1, 254);
    return this.#start(T1_JOB_IFS, ifsdBytes);
  }

  /** Resynchronises. */
  startResynch(): number {
    return this.#start(T1_JOB_RESYNCH, 0);
  }

  /** Sends S(ABORT request). */
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

  /** The response, as bytes of its own; empty after an error. */
  response(): Uint8Array<ArrayBuffer> {
    const from = this.machine.address + RESPONSE;
    return this.machine.core.bytes.slice(from, from + this.bytesReceived);
  }

  /** Copies the response into `target` from `offset` on; returns its length. */
  copyResponse(target: Uint8Array, offset: number): number {
    const from = this.machine.address + RESPONSE;
    const length = this.bytesReceived;
    target.set(
      this.machine.core.bytes.subarray(from, from + length),
      offset,
    );
    return length;
  }

  /** No S(IFS request) is sent any more; IFSD stays 32 (SCARD_ATTR_SUPRESS_T1_IFS_REQUEST). */
  suppressIfs(): void {
    const { core, handle } = this.machine;
    core.exports.t1_suppress_ifs(handle);
  }

  #get(word: number): number {
    return this.machine.core.words[this.#word + word];
  }

  /** Length of the response so far, in bytes. */
  get responseLength(): number {
    return this.bytesReceived;
  }
  /** T1_DATA.Wtx: factor for the next wait, 0 for none. */
  get wtx(): number {
    return this.#get(T1_W_WTX);
  }
  /** T1_DATA.IFSC: longest information field the card takes at present. */
  get ifsc(): number {
    return this.#get(T1_W_IFSC);
  }
  /** T1_DATA.IFSD: longest information field the card may send at present. */
  get ifsd(): number {
    return this.#get(T1_W_IFSD);
  }
  /** T1_DATA.SSN: number of our I-block. */
  get ssn(): number {
    return this.#get(T1_W_SSN);
  }
  /** T1_DATA.RSN: number expected in the card's next I-block. */
  get rsn(): number {
    return this.#get(T1_W_RSN);
  }
  /** T1_DATA.State. */
  get state(): number {
    return this.#get(T1_W_STATE);
  }
  /** T1_DATA.Resend: failures at this point of the exchange. */
  get resend(): number {
    return this.#get(T1_W_RESEND);
  }
  /** T1_DATA.Resynch: resynchronisations for this command. */
  get resynch(): number {
    return this.#get(T1_W_RESYNCH);
  }
  /** T1_DATA.LastError: 0, T1_ERROR_CHKSUM or T1_ERROR_OTHER. */
  get lastError(): number {
    return this.#get(T1_W_LAST_ERROR);
  }
  /** T1_DATA.MoreData: whether our last I-block had the M bit. */
  get moreData(): boolean {
    return this.#get(T1_W_MORE_DATA) !== 0;
  }
  /** T1_DATA.BytesToSend. */
  get bytesToSend(): number {
    return this.#get(T1_W_BYTES_TO_SEND);
  }
  /** T1_DATA.BytesSent. */
  get bytesSent(): number {
    return this.#get(T1_W_BYTES_SENT);
  }
  /** T1_DATA.BytesReceived. */
  get bytesReceived(): number {
    return this.#get(T1_W_BYTES_RECEIVED);
  }
  /** T1_DATA.InfBytesSent. */
  get infBytesSent(): number {
    return this.#get(T1_W_INF_SENT);
  }
  /** T1_DATA.NAD of the blocks sent. */
  get nad(): number {
    return this.#get(T1_W_NAD);
  }
  /** @throws {RangeError} when bits 4 or 8 are set, or source and destination are equal and not 0 */
  set nad(value: number) {
    const same = value !== 0 && (value >> 4) === (value & 15);
    if (!Number.isInteger(value) || (value & ~0x77) !== 0 || same) {
      throw new RangeError(
        `Cannot set NAD to ${value}: expected two different addresses of 3 bits, or 0`,
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
