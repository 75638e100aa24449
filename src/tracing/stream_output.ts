/**
 * Where a trace's bytes go when they go to a stream.
 *
 * @module
 */

/** How much waits for a slow stream. */
export interface StreamOutputOptions {
  /** Most bytes that wait; what does not fit any more is dropped. Default 1 MiB. */
  readonly limitBytes?: number;
}

const DEFAULT_LIMIT_BYTES = 1 << 20;
const ENCODER = new TextEncoder();

/**
 * Feeds a stream from sinks, which know no waiting: they hand over a whole line or
 * block at a time, and one that does not fit any more is dropped whole, so that what
 * arrives can be read. Nothing is written after the stream failed.
 */
export class StreamOutput {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #limitBytes: number;
  #pendingBytes = 0;
  #dropped = 0;
  #problem: { readonly reason: unknown } | null = null;

  /** Takes a stream, which is locked until {@linkcode close}. */
  constructor(
    stream: WritableStream<Uint8Array>,
    options: StreamOutputOptions = {},
  ) {
    this.#writer = stream.getWriter();
    this.#limitBytes = options.limitBytes ?? DEFAULT_LIMIT_BYTES;
    // A failure is told by close().
    this.#writer.closed.catch((reason) => this.#failed(reason));
  }

  /** How many chunks were dropped because the stream was too slow or has failed. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes one chunk, which is not changed any more. For `pcapngSink`. */
  readonly write = (chunk: Uint8Array): void => {
    const isFull = this.#pendingBytes + chunk.length > this.#limitBytes;
    if (isFull || this.#problem !== null) {
      this.#dropped++;
      return;
    }
    this.#pendingBytes += chunk.length;
    this.#writer.write(chunk).then(
      () => {
        this.#pendingBytes -= chunk.length;
      },
      (reason) => this.#failed(reason),
    );
  };

  /** Takes one line, without its end. For `textSink` and `jsonSink`. */
  readonly print = (line: string): void => {
    this.write(ENCODER.encode(`${line}\n`));
  };

  /** Waits until all is written, and closes the stream. Rejects with the stream's reason when it failed. */
  async close(): Promise<void> {
    if (this.#problem !== null) throw this.#problem.reason;
    await this.#writer.close();
  }

  #failed(reason: unknown): void {
    this.#problem ??= { reason };
  }
}
