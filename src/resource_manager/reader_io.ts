/**
 * Requests to one reader device: one after the other, through one buffer.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import {
  Irp,
  type ReaderDevice,
  SCARD_IO_REQUEST_LENGTH,
  STATUS_DEVICE_REMOVED,
  STATUS_PENDING,
  STATUS_UNSUCCESSFUL,
} from "../smclib/mod.ts";
import { MAX_COMMAND_BYTES, MAX_RESPONSE_BYTES } from "./constants.ts";
import { Fifo } from "./fifo.ts";

/** Room for an SCARD_IO_REQUEST header and the longest command or answer. */
export const SYSTEM_BUFFER_BYTES = SCARD_IO_REQUEST_LENGTH +
  Math.max(MAX_COMMAND_BYTES, MAX_RESPONSE_BYTES);

/** Room for all requests but exchanges and long controls: most readers of a large installation never see those. */
const SMALL_BUFFER_BYTES = 512;

/** Serialises what is sent to a reader; every request reuses the same system buffer. */
export class ReaderIo {
  /** Bytes that the last request of this section delivered. */
  information = 0;
  /** What the device threw at the last request of this section, for the `cause` of an error. */
  failure: unknown = undefined;
  #device: ReaderDevice;
  #systemBuffer: Uint8Array<ArrayBuffer> = new Uint8Array(SMALL_BUFFER_BYTES);
  #busy = false;
  #draining = false;
  #gone = false;
  #sections = new Fifo<() => void>();
  #waiting = new Set<PromiseWithResolvers<number>>();

  /**
   * Requests for one device.
   *
   * @param device where requests go
   */
  constructor(device: ReaderDevice) {
    this.#device = device;
  }

  /** Input and output of requests; valid inside the section that made the request. */
  get systemBuffer(): Uint8Array<ArrayBuffer> {
    return this.#systemBuffer;
  }

  /**
   * The system buffer with room for a request; what was in it may be gone.
   *
   * @param bytes longest input or output, up to {@linkcode SYSTEM_BUFFER_BYTES}
   */
  roomFor(bytes: number): Uint8Array<ArrayBuffer> {
    if (bytes > this.#systemBuffer.length) {
      this.#systemBuffer = new Uint8Array(SYSTEM_BUFFER_BYTES);
    }
    return this.#systemBuffer;
  }

  /** Whether a section would start at once. */
  get idle(): boolean {
    return !this.#busy;
  }

  /**
   * Runs `section` when every section before it has ended; at once, and
   * synchronously, when there is none. A section must not run another one.
   *
   * @param signals abort of one withdraws a section that waits, with its reason; one that has begun goes on
   */
  run<T>(
    section: () => MaybePromise<T>,
    ...signals: readonly (AbortSignal | undefined)[]
  ): MaybePromise<T> {
    for (const signal of signals) signal?.throwIfAborted();
    if (!this.#busy) return this.#start(section);
    return new Promise<T>((resolve, reject) => {
      const forget = () => {
        for (const signal of signals) {
          signal?.removeEventListener("abort", onAbort);
        }
      };
      const begin = () => {
        forget();
        try {
          resolve(this.#start(section));
        } catch (error) {
          reject(error);
        }
      };
      const withdraw = this.#sections.push(begin);
      const onAbort = (event: Event) => {
        forget();
        withdraw();
        reject((event.target as AbortSignal).reason);
      };
      for (const signal of signals) signal?.addEventListener("abort", onAbort);
    });
  }

  #start<T>(section: () => MaybePromise<T>): MaybePromise<T> {
    this.#busy = true;
    let result: MaybePromise<T>;
    try {
      result = section();
    } catch (error) {
      this.#end();
      throw error;
    }
    if (!(result instanceof Promise)) {
      this.#end();
      return result;
    }
    return result.then((value) => {
      this.#end();
      return value;
    }, (error) => {
      this.#end();
      throw error;
    });
  }

  #end(): void {
    this.#busy = false;
    // Sections that end at once come back here: one loop serves them all.
    if (this.#draining) return;
    this.#draining = true;
    while (!this.#busy) {
      const begin = this.#sections.shift();
      if (begin === undefined) break;
      begin();
    }
    this.#draining = false;
  }

  /**
   * Sends one request of the running section: input is in {@linkcode systemBuffer}, which
   * {@linkcode roomFor} made large enough, output will be there, {@linkcode information} bytes of it.
   *
   * @param ioControlCode IOCTL code
   * @param inputLength bytes of input
   * @param outputLength capacity for output, in bytes
   * @param buffer another buffer for requests that do not fit
   * @returns the final NTSTATUS
   */
  request(
    ioControlCode: number,
    inputLength: number,
    outputLength: number,
    signal?: AbortSignal,
    buffer: Uint8Array = this.systemBuffer,
  ): MaybePromise<number> {
    this.failure = undefined;
    const irp = new Irp({
      ioControlCode,
      systemBuffer: buffer,
      inputLength,
      outputLength,
      signal,
    });
    const status = this.issue(irp);
    if (typeof status === "number") {
      this.information = irp.ioStatus.information;
      return status;
    }
    return status.then((final) => {
      this.information = irp.ioStatus.information;
      return final;
    });
  }

  /**
   * Hands a request to the device, outside of any section.
   *
   * @param onPending called when the device keeps the request for later
   * @returns the final NTSTATUS; STATUS_DEVICE_REMOVED as soon as the reader is gone
   */
  issue(irp: Irp, onPending?: () => void): MaybePromise<number> {
    if (this.#gone) return STATUS_DEVICE_REMOVED;
    let status: number | Promise<number>;
    try {
      status = this.#device.deviceControl(irp);
    } catch (error) {
      this.failure = error;
      return STATUS_UNSUCCESSFUL;
    }
    if (typeof status === "number" && status !== STATUS_PENDING) return status;
    const waiting = Promise.withResolvers<number>();
    this.#waiting.add(waiting);
    this.#follow(irp, status, onPending).then((final) => {
      this.#waiting.delete(waiting);
      waiting.resolve(final);
    });
    return waiting.promise;
  }

  async #follow(
    irp: Irp,
    answer: number | Promise<number>,
    onPending?: () => void,
  ): Promise<number> {
    try {
      const status = typeof answer === "number" ? answer : await answer;
      if (status !== STATUS_PENDING) return status;
      onPending?.();
      return await irp.completion;
    } catch (error) {
      this.failure = error;
      return STATUS_UNSUCCESSFUL;
    }
  }

  /** The reader left: whatever waits for the device ends now, and nothing reaches it any more. */
  shutDown(): void {
    this.#gone = true;
    for (const waiting of this.#waiting) waiting.resolve(STATUS_DEVICE_REMOVED);
    this.#waiting.clear();
  }
}
