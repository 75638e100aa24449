/**
 * Keeps what a card said in a session.
 *
 * @module
 */

import { readU32le } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_TRANSMIT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_WARM_RESET,
} from "../smclib/mod.ts";
import type { CompletionDetail, TraceEvent } from "./events.ts";
import type {
  RecordedExchange,
  RecordedProtocol,
  RecordedReset,
  Recording,
} from "./recording.ts";
import { apduOffset } from "./request_words.ts";
import type { Tracer, TraceSink } from "./tracer.ts";

/** What is recorded. */
export interface RecorderOptions {
  /** The reader; default: the first one that is heard of. */
  readonly reader?: string;
  /** Most bytes of ATRs, commands and answers that are kept; default 16 MiB. */
  readonly limitBytes?: number;
}

const DEFAULT_LIMIT_BYTES = 16 << 20;
/** Requests that were traced without their end are forgotten from here on. */
const MAX_OPEN_REQUESTS = 64;
/** An exchange counts so much besides its bytes, so that empty ones are bounded, too. */
const EXCHANGE_BYTES = 64;

/** A reset whose exchanges are still coming. */
interface OpenReset extends RecordedReset {
  readonly exchanges: RecordedExchange[];
}

/**
 * Records one reader from the events of its device: each ATR, and each command with
 * its answer. What happens before the first reset is not kept.
 */
export class SessionRecorder implements TraceSink, Disposable {
  readonly #limitBytes: number;
  #tracer: Tracer | null = null;
  #reader: string | null;
  #bytes = 0;
  #isTruncated = false;
  readonly #resets: OpenReset[] = [];
  /** Inputs of requests under way, by the number of their event. */
  readonly #open = new Map<number, Uint8Array>();

  /** Makes a recorder, which any {@linkcode Tracer} or saved events can feed. */
  constructor(options: RecorderOptions = {}) {
    this.#reader = options.reader ?? null;
    this.#limitBytes = options.limitBytes ?? DEFAULT_LIMIT_BYTES;
  }

  /** Whether the limit was reached: nothing is added any more. */
  get isTruncated(): boolean {
    return this.#isTruncated;
  }

  /** What was recorded so far. */
  get recording(): Recording {
    return {
      reader: this.#reader ?? "",
      isTruncated: this.#isTruncated,
      resets: this.#resets.map((reset) => ({
        ...reset,
        exchanges: [...reset.exchanges],
      })),
    };
  }

  /** Listens to `tracer` until {@linkcode stop}. */
  listen(tracer: Tracer): void {
    this.stop();
    this.#tracer = tracer;
    tracer.addSink(this);
  }

  /** Ends listening. @returns what was recorded */
  stop(): Recording {
    this.#tracer?.removeSink(this);
    this.#tracer = null;
    return this.recording;
  }

  /** Ends listening. */
  [Symbol.dispose](): void {
    this.stop();
  }

  /** Takes one event. */
  write(event: TraceEvent): void {
    const { floor, reader, detail, number, begin } = event;
    if (floor !== "device" || this.#isTruncated) return;
    this.#reader ??= reader;
    if (this.#reader !== reader) return;
    if (detail.kind === "request") this.#begin(number, detail);
    if (begin === null) return;
    const input = this.#open.get(begin);
    if (input === undefined) return;
    if (detail.kind === "completion") this.#end(input, detail);
    if (detail.kind !== "pending") this.#open.delete(begin);
  }

  #begin(number: number, detail: { code: number; bytes: Uint8Array }): void {
    const { code, bytes } = detail;
    if (
      code !== IOCTL_SMARTCARD_POWER && code !== IOCTL_SMARTCARD_TRANSMIT
    ) return;
    this.#open.set(number, bytes);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN_REQUESTS) break;
      this.#open.delete(oldest);
    }
  }

  #end(input: Uint8Array, detail: CompletionDetail): void {
    const { code, bytes, statusName } = detail;
    if (code === IOCTL_SMARTCARD_POWER) {
      if (bytes.length === 0 || !this.#hasRoom(bytes.length)) return;
      const reset = readU32le(input, 0) === SCARD_WARM_RESET ? "warm" : "cold";
      this.#resets.push({ reset, atr: new Uint8Array(bytes), exchanges: [] });
      return;
    }
    const session = this.#resets.at(-1);
    const at = apduOffset(input);
    // Without a header there was no command.
    if (session === undefined || at === input.length) return;
    const command = input.slice(at);
    const response = bytes.length === 0 ? null : bytes.slice(apduOffset(bytes));
    if (!this.#hasRoom(command.length + (response?.length ?? 0))) return;
    const protocol = protocolName(readU32le(input, 0));
    session.exchanges.push({ protocol, command, response, status: statusName });
  }

  #hasRoom(bytes: number): boolean {
    const next = this.#bytes + bytes + EXCHANGE_BYTES;
    if (next > this.#limitBytes) this.#isTruncated = true;
    else this.#bytes = next;
    return !this.#isTruncated;
  }
}

function protocolName(protocol: number): RecordedProtocol {
  if (protocol === SCARD_PROTOCOL_T0) return "t0";
  return protocol === SCARD_PROTOCOL_T1 ? "t1" : "raw";
}

/** Records what passes from now on through the device of a reader that `tracer` traces. */
export function recordSession(
  tracer: Tracer,
  options: RecorderOptions = {},
): SessionRecorder {
  const recorder = new SessionRecorder(options);
  recorder.listen(tracer);
  return recorder;
}

/** The recording that a saved trace holds, for example what `parseTrace` reads. */
export function recordingOf(
  events: Iterable<TraceEvent>,
  options: RecorderOptions = {},
): Recording {
  const recorder = new SessionRecorder(options);
  for (const event of events) recorder.write(event);
  return recorder.recording;
}
