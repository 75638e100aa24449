/**
 * What device and callback floor tell of one request.
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_TRANSMIT,
  ntSuccess,
  SCARD_IO_REQUEST_LENGTH,
  STATUS_PENDING,
  statusName,
} from "../smclib/mod.ts";
import { type Blanked, blankWhere, CommandBlanker } from "./blanking.ts";
import type { TraceFloor } from "./events.ts";
import { apduOffset, describeInput, describeOutput } from "./request_words.ts";
import type { Tracer } from "./tracer.ts";

const STATUS_BYTES = 2;

/** A copy with all between SCARD_IO_REQUEST and `end` blanked. */
function blankBehindHeader(bytes: Uint8Array, end: number): Blanked {
  return blankWhere(
    bytes,
    (_, at) => at >= SCARD_IO_REQUEST_LENGTH && at < end,
  );
}

/** A request that has begun. */
export interface OpenRequest {
  /** Number of its event. */
  readonly begin: number;
  readonly name: string;
  readonly code: number;
  /** Whether its answer is blanked. */
  readonly hasPin: boolean;
}

/** Tells the tracer of the requests to one reader, on one floor. */
export class RequestObserver {
  readonly #tracer: Tracer;
  readonly #reader: string;
  readonly #floor: TraceFloor;
  readonly #blanker: CommandBlanker;

  /** @param reader name of the reader in the events */
  constructor(tracer: Tracer, reader: string, floor: TraceFloor) {
    this.#tracer = tracer;
    this.#reader = reader;
    this.#floor = floor;
    this.#blanker = new CommandBlanker(tracer.pins);
  }

  /** A request with this input begins. */
  begin(name: string, code: number, input: Uint8Array): OpenRequest {
    const { bytes, blanked, hasPin } = this.#input(code, input);
    const words = describeInput(code, bytes);
    const detail = { kind: "request" as const, name, code, bytes, blanked };
    return {
      begin: this.#emit(null, { ...detail, words }),
      name,
      code,
      hasPin,
    };
  }

  /** It ended with this status, or waits. */
  end(request: OpenRequest, status: number, output: Uint8Array): void {
    const { begin, name, code } = request;
    const delivered = ntSuccess(status) && status !== STATUS_PENDING
      ? output
      : NO_BYTES;
    this.#emit(begin, {
      kind: "completion",
      name,
      code,
      status: status >>> 0,
      statusName: statusName(status),
      ...this.#output(request, delivered),
      words: describeOutput(code, delivered),
    });
  }

  /** It waits. */
  pending({ begin, name, code }: OpenRequest): void {
    this.#emit(begin, { kind: "pending", name, code });
  }

  /** It threw or rejected. */
  failed({ begin, name }: OpenRequest, error: unknown): void {
    this.#emit(begin, { kind: "failure", name, message: String(error) });
  }

  #input(code: number, input: Uint8Array) {
    if (code !== IOCTL_SMARTCARD_TRANSMIT) {
      return { bytes: new Uint8Array(input), blanked: false, hasPin: false };
    }
    const at = apduOffset(input);
    if (at !== SCARD_IO_REQUEST_LENGTH && this.#tracer.pins === "blank") {
      // Where the command begins is not sure then, and so is where PIN data are.
      return { ...blankBehindHeader(input, input.length), hasPin: true };
    }
    const command = this.#blanker.command(input.subarray(at));
    const bytes = new Uint8Array(input);
    bytes.set(command.bytes, at);
    return { ...command, bytes };
  }

  #output({ code, hasPin }: OpenRequest, output: Uint8Array) {
    if (code !== IOCTL_SMARTCARD_TRANSMIT) {
      return { bytes: new Uint8Array(output), blanked: false };
    }
    const response = output.subarray(apduOffset(output));
    this.#blanker.response(response);
    return hasPin
      // A card may repeat what it got: the status stays.
      ? blankBehindHeader(output, output.length - STATUS_BYTES)
      : { bytes: new Uint8Array(output), blanked: false };
  }

  #emit(
    begin: number | null,
    detail: Parameters<Tracer["emit"]>[3],
  ): number {
    return this.#tracer.emit(this.#reader, this.#floor, begin, detail);
  }
}
