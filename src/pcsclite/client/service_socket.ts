/**
 * The socket to the service: whole messages out, as many bytes in as are expected.
 *
 * Answers have no header, so that one byte too few or too many makes all that follow
 * meaningless. Whoever finds such a thing ends the socket.
 *
 * @module
 */

import type { Timers } from "../../resource_manager/mod.ts";
import { garbled, serviceGone } from "./errors.ts";

/** How long an answer is. */
export interface AnswerShape {
  /** Bytes of its struct. */
  readonly bytes: number;
  /**
   * Bytes that follow the struct.
   *
   * @throws {ResourceManagerError} when the struct makes no sense; this ends the socket
   */
  rest?(struct: Uint8Array): number;
}

interface Expectation {
  readonly shape: AnswerShape;
  /** Bytes in all, once the struct has told. */
  whole: number | null;
  readonly answer: PromiseWithResolvers<Uint8Array<ArrayBuffer>>;
}

/** Bytes that may come before somebody expects them: a signal, right behind an answer. */
const MAX_EARLY_BYTES = 8;
const CHUNK_BYTES = 16_384;

/** One connection to the service. One answer at a time is expected. */
export class ServiceSocket implements Disposable {
  readonly #connection: Deno.Conn;
  readonly #timers: Timers;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  #received = new Uint8Array(CHUNK_BYTES);
  #length = 0;
  #expected: Expectation | null = null;
  #ended = Promise.withResolvers<unknown>();
  #failure: unknown = null;

  /** Takes over a connection, and reads it from now on. */
  constructor(connection: Deno.Conn, timers: Timers) {
    this.#connection = connection;
    this.#timers = timers;
    this.#read();
  }

  /** Why nothing can be sent any more; null while it can. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Resolves with {@linkcode failure} when the socket has ended; never rejects. */
  get ended(): Promise<unknown> {
    return this.#ended.promise;
  }

  /**
   * Sends a request and receives its answer.
   *
   * @param timeoutMs milliseconds from now; then the socket ends
   * @returns struct and rest, in bytes of its own
   * @throws {ResourceManagerError} SCARD_E_NO_SERVICE when the other end has gone, SCARD_F_COMM_ERROR
   * when what came is no answer, or came late
   */
  async exchange(
    request: Uint8Array,
    shape: AnswerShape,
    timeoutMs: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#failure === null && this.#length > 0) {
      this.end(garbled(`${this.#length} bytes that nobody asked for`, "none"));
    }
    const answer = this.receive(shape);
    return await this.#within(timeoutMs, async () => {
      // What fails while it is sent fails the answer.
      await Promise.race([this.#write(request), answer]);
      return await answer;
    });
  }

  /** Sends a request that has no answer, or whose answer {@linkcode receive} awaits already. */
  async send(request: Uint8Array, timeoutMs: number): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    await this.#within(timeoutMs, () => this.#write(request));
    if (this.#failure !== null) throw this.#failure;
  }

  /** Receives bytes that the service sends when it pleases. */
  receive(shape: AnswerShape): Promise<Uint8Array<ArrayBuffer>> {
    const answer = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    if (this.#failure !== null) answer.reject(this.#failure);
    else {
      this.#expected = { shape, whole: null, answer };
      this.#deliver();
    }
    return answer.promise;
  }

  /** Settles like `answer`, which the service owes by then: else the socket ends. */
  awaits<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
    return this.#within(timeoutMs, () => answer);
  }

  /** Closes the socket; what is expected fails with `reason`. */
  end(reason: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = reason;
    this.#connection.close();
    this.#expected?.answer.reject(reason);
    this.#expected = null;
    this.#ended.resolve(reason);
  }

  /** Same as {@linkcode end}. */
  [Symbol.dispose](): void {
    this.end(serviceGone());
  }

  async #within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
    const timer = this.#timers.set(() => {
      this.end(garbled(`no answer after ${timeoutMs} ms`, "one before"));
    }, timeoutMs);
    try {
      return await work();
    } finally {
      this.#timers.clear(timer);
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      let sent = 0;
      while (sent < bytes.length) {
        sent += await this.#connection.write(bytes.subarray(sent));
      }
    } catch (error) {
      this.end(serviceGone(error));
    }
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const count = await this.#connection.read(this.#chunk);
        if (count === null) return this.end(serviceGone());
        this.#append(this.#chunk.subarray(0, count));
        this.#deliver();
      }
    } catch (error) {
      this.end(serviceGone(error));
    }
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#received.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.#received.subarray(0, this.#length));
      this.#received = larger;
    }
    this.#received.set(bytes, this.#length);
    this.#length = length;
  }

  #deliver(): void {
    const expected = this.#expected;
    if (expected === null) {
      if (this.#length <= MAX_EARLY_BYTES) return;
      return this.end(
        garbled(`${this.#length} bytes that nobody asked for`, "none"),
      );
    }
    const { shape, answer } = expected;
    if (this.#length < shape.bytes) return;
    try {
      const struct = this.#received.subarray(0, shape.bytes);
      expected.whole ??= shape.bytes + (shape.rest?.(struct) ?? 0);
    } catch (error) {
      return this.end(error);
    }
    const { whole } = expected;
    if (this.#length < whole) return;
    const bytes = this.#received.slice(0, whole);
    this.#received.copyWithin(0, whole, this.#length);
    this.#length -= whole;
    this.#expected = null;
    answer.resolve(bytes);
    if (this.#length > 0) this.#deliver();
  }
}
