/**
 * A request that tells the model of every attempt to complete it.
 *
 * @module
 */

import { Irp, STATUS_PENDING, statusName } from "../../../src/smclib/mod.ts";
import { isTrackingCode } from "./route.ts";
import type { Script } from "./script.ts";
import { type RequestShape, shapeBuffer, shapeText } from "./shapes.ts";

/** Where a request is; "parsed" is between RDF_ATR_PARSE and RDF_SET_PROTOCOL. */
export type Phase =
  | "queued"
  | "called"
  | "parsed"
  | "answered"
  | "pending"
  | "done";

/** What a callback's end means for its request: PENDING, one status, or any failure. */
export type Outcome = "pending" | "anyFailure" | number;

/** A request with its callback's script and its life so far. */
export class WatchedRequest extends Irp {
  /** Its number, in the order of submission. */
  readonly id: number;
  /** What it asks for. */
  readonly shape: RequestShape;
  /** What its callback does. */
  readonly script: Script;
  /** Whether it is IS_PRESENT or IS_ABSENT. */
  readonly isTracking: boolean;
  /** Its cancel signal, kept apart from `signal` which belongs to the library. */
  readonly cancelSignal: AbortSignal;
  /** Where it is. */
  phase: Phase = "queued";
  /** What its callback answered, once it has. */
  outcome: Outcome | null = null;
  /** Whether it was ended by an event, an abort or SmartcardExit. */
  wasTaken = false;
  /** The outcome at its end; nobody may change it later. */
  final: { status: number; information: number } | null = null;
  /** Whether the driver completed it and left it in `currentIrp`. */
  wasLeftBehind = false;
  /** Attempts to complete it after its end. */
  lateAttempts = 0;
  /** What SmartcardDeviceControl gave, once it has. */
  result: number | null = null;
  /** What `completion` gave. */
  readonly completions: number[] = [];
  readonly #onComplete: (request: WatchedRequest, isFirst: boolean) => void;

  /** Makes a request that reports to `onComplete`. */
  constructor(
    id: number,
    shape: RequestShape,
    script: Script,
    cancelSignal: AbortSignal,
    onComplete: (request: WatchedRequest, isFirst: boolean) => void,
  ) {
    super({
      ioControlCode: shape.code,
      systemBuffer: shapeBuffer(shape),
      inputLength: shape.inputBytes,
      outputLength: shape.capacityBytes,
      signal: cancelSignal,
    });
    this.id = id;
    this.shape = shape;
    this.script = script;
    this.isTracking = isTrackingCode(shape.code);
    this.cancelSignal = cancelSignal;
    this.#onComplete = onComplete;
    this.completion.then((status) => this.completions.push(status));
  }

  /** Ends the request and reports the attempt. */
  override complete(status: number, information = 0): boolean {
    const isFirst = super.complete(status, information);
    this.#onComplete(this, isFirst);
    return isFirst;
  }

  /** The request as a part of a message. */
  override toString(): string {
    const status = this.ioStatus.status === STATUS_PENDING
      ? ""
      : ` ${statusName(this.ioStatus.status)}`;
    return `#${this.id} ${shapeText(this.shape)} ${this.phase}${status}`;
  }
}
