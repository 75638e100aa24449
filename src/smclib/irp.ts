/**
 * One I/O request on its way to a reader.
 *
 * @module
 */

import { STATUS_PENDING } from "./status.ts";

/** What an {@linkcode Irp} is made of. */
export interface IrpInit {
  /** The IOCTL code, for example `IOCTL_SMARTCARD_TRANSMIT`. */
  ioControlCode: number;
  /** Input and output share these bytes (METHOD_BUFFERED). */
  systemBuffer: Uint8Array;
  /** Bytes of input at the start of `systemBuffer`. */
  inputLength: number;
  /** Capacity for output, in bytes. */
  outputLength: number;
  /** Cancels the request (CancelIo, handle cleanup). */
  signal?: AbortSignal;
}

/**
 * An I/O request packet with METHOD_BUFFERED semantics: input and output are the
 * same memory, and it completes exactly once.
 */
export class Irp {
  /** The IOCTL code. */
  readonly ioControlCode: number;
  /** Input, and output once completed. */
  readonly systemBuffer: Uint8Array;
  /** Bytes of input. */
  readonly inputLength: number;
  /** Capacity for output, in bytes. */
  readonly outputLength: number;
  /** Fires when the caller no longer wants the answer. */
  readonly signal?: AbortSignal;
  /** The outcome: an NTSTATUS, and the number of bytes delivered. */
  readonly ioStatus: { status: number; information: number } = {
    status: STATUS_PENDING,
    information: 0,
  };
  #completed = false;
  #completion: PromiseWithResolvers<number> | null = null;

  /**
   * Makes a request that waits to be served.
   *
   * @throws {RangeError} when `systemBuffer` is shorter than input or output.
   */
  constructor(init: IrpInit) {
    const needed = Math.max(init.inputLength, init.outputLength);
    if (init.systemBuffer.length < needed) {
      throw new RangeError(
        `Cannot make a request: systemBuffer has ${init.systemBuffer.length} bytes, expected at least ${needed}`,
      );
    }
    this.ioControlCode = init.ioControlCode >>> 0;
    this.systemBuffer = init.systemBuffer;
    this.inputLength = init.inputLength;
    this.outputLength = init.outputLength;
    this.signal = init.signal;
  }

  /** Whether the request has ended. */
  get isCompleted(): boolean {
    return this.#completed;
  }

  /**
   * Ends the request.
   *
   * @param status the final NTSTATUS
   * @param information bytes delivered; a request that ends with an error delivers none
   * @returns false when the request had ended before: nothing changes then
   */
  complete(status: number, information = 0): boolean {
    if (this.#completed) return false;
    this.#completed = true;
    this.ioStatus.status = status >>> 0;
    this.ioStatus.information = status >>> 0 >= 0xC0000000 ? 0 : information;
    this.#completion?.resolve(this.ioStatus.status);
    return true;
  }

  /** Settles with the final status. */
  get completion(): Promise<number> {
    if (this.#completion === null) {
      this.#completion = Promise.withResolvers<number>();
      if (this.#completed) this.#completion.resolve(this.ioStatus.status);
    }
    return this.#completion.promise;
  }
}
