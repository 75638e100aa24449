/**
 * The laws of events: what must hold when a callback begins, when a request ends, and when the library answers.
 *
 * @module
 */

import { readU32le } from "../../../src/bytes.ts";
import {
  type SmartcardExtension,
  STATUS_CANCELLED,
  STATUS_DEVICE_REMOVED,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
  STATUS_PENDING,
  statusName,
} from "../../../src/smclib/mod.ts";
import type { Model } from "./model.ts";
import type { View } from "./route.ts";
import type { WatchedRequest } from "./watched_request.ts";

/** First status that is an error; an error delivers no bytes (smclib.md 8.3). */
const FIRST_ERROR = 0xC0000000;

/** How SET_PROTOCOL may end between RDF_ATR_PARSE and RDF_SET_PROTOCOL; the card may have changed meanwhile. */
const REFUSALS: readonly number[] = [
  STATUS_INVALID_DEVICE_STATE,
  STATUS_NOT_SUPPORTED,
  STATUS_NO_MEDIA,
];

/** What the driver's own members say, as the library reads them. */
export function viewOf(model: Model, ext: SmartcardExtension): View {
  return {
    state: ext.readerCapabilities.currentState,
    selected: ext.cardCapabilities.protocol.selected,
    supported: ext.cardCapabilities.protocol.supported,
    isAtrParsed: model.isAtrParsed,
    lastErrors: model.lastErrors,
  };
}

/** A callback begins for `request`. */
export function checkEntry(
  model: Model,
  ext: SmartcardExtension,
  request: WatchedRequest | null,
  slot: number,
): asserts request is WatchedRequest {
  if (request === null) model.violate(`callback ${slot} has no request`);
  const what = `callback ${slot} of ${request}`;
  if (model.inside !== null) model.violate(`${what} overlaps ${model.inside}`);
  if (!model.isInitialized) model.violate(`${what} begins after exit`);
  if (request.phase === "queued") {
    if (request.cancelSignal.aborted) {
      model.violate(`${what} was cancelled in the queue`);
    }
    checkFirst(model, request);
  } else if (request.phase !== "parsed") {
    model.violate(`${what} is called again`);
  }
  const route = model.route(request, viewOf(model, ext));
  if (!("slot" in route) || route.slot !== slot) {
    model.violate(`${what} begins, expected ${JSON.stringify(route)}`);
  }
  if (!request.isTracking) checkFilledIn(model, ext, request);
}

/** The gate is open, and `request` is the first there. */
function checkFirst(model: Model, request: WatchedRequest): void {
  if (!model.isGateOpen) model.violate(`${request} passes a closed gate`);
  if (model.queue[0] !== request) {
    model.violate(`${request} overtakes ${model.queue[0]}`);
  }
}

/** smclib.md 8.1.3: ioRequest and both codes are those of the request. */
export function checkFilledIn(
  model: Model,
  ext: SmartcardExtension,
  request: WatchedRequest,
): void {
  const { ioRequest } = ext;
  const isFilledIn = ioRequest.requestBuffer === request.systemBuffer &&
    ioRequest.replyBuffer === request.systemBuffer &&
    ioRequest.requestBufferLength === request.inputLength &&
    ioRequest.replyBufferLength === request.outputLength &&
    ext.majorIoControlCode === request.ioControlCode;
  if (!isFilledIn) model.violate(`ioRequest is not that of ${request}`);
}

/** Somebody has called `complete`; called before the model knows. */
export function checkCompletion(
  model: Model,
  ext: SmartcardExtension,
  request: WatchedRequest,
  isFirst: boolean,
): void {
  if (!isFirst) {
    request.lateAttempts++;
    // Harmless: what the library was about to say comes after somebody else ended the request.
    const isHarmless = request.wasTaken && request.lateAttempts === 1;
    if (isHarmless || request.wasLeftBehind) return;
    model.violate(`${request} is completed twice`);
  }
  checkBytes(model, request);
  const { status } = request.ioStatus;
  const wanted = expectedStatus(model, ext, request);
  if (wanted !== null && wanted !== status) {
    model.violate(`${request}, expected ${statusName(wanted)}`);
  }
}

/** Information fits into the capacity, and an error delivers none. */
export function checkBytes(model: Model, request: WatchedRequest): void {
  const { status, information } = request.ioStatus;
  if (
    !Number.isInteger(information) || information < 0 ||
    information > request.outputLength
  ) model.violate(`${request} delivers ${information} bytes`);
  if (status >= FIRST_ERROR && information !== 0) {
    model.violate(`${request} fails and delivers ${information} bytes`);
  }
}

/** The status that `request` has to end with now; null when any failure will do. */
function expectedStatus(
  model: Model,
  ext: SmartcardExtension,
  request: WatchedRequest,
): number | null {
  const { cause } = model;
  if (cause.kind === "exit") return STATUS_DEVICE_REMOVED;
  if (cause.kind === "event") {
    if (cause.target !== request) {
      model.violate(`${request} ends in place of ${cause.target}`);
    }
    return cause.status >>> 0;
  }
  if (!model.isInitialized) return STATUS_DEVICE_REMOVED;
  // A signal that fires between a tracking callback's answer and its delivery comes too late or not.
  const isAnswer = request.phase === "answered" &&
    request.outcome === request.ioStatus.status;
  const mayBeCancelled = request.phase === "queued" || request.isTracking;
  if (mayBeCancelled && request.cancelSignal.aborted && !isAnswer) {
    return request.outcome === "anyFailure" ? null : STATUS_CANCELLED;
  }
  if (cause.kind === "abort") model.violate(`${request} ends by an abort`);
  const { status } = request.ioStatus;
  if (request.phase === "queued") {
    return expectedWhenServed(model, ext, request);
  }
  if (request.phase === "parsed" && REFUSALS.includes(status)) return null;
  if (request.phase !== "answered") {
    model.violate(`${request} ends, but its driver still has it`);
  }
  if (typeof request.outcome === "number") return request.outcome;
  if (status < FIRST_ERROR || status === STATUS_MORE_PROCESSING_REQUIRED) {
    model.violate(`${request} ends after nonsense, expected a failure`);
  }
  return null;
}

/** The library answers alone, at the gate. */
function expectedWhenServed(
  model: Model,
  ext: SmartcardExtension,
  request: WatchedRequest,
): number {
  checkFirst(model, request);
  const route = model.route(request, viewOf(model, ext));
  if ("slot" in route) {
    model.violate(`${request} ends without its callback ${route.slot}`);
  }
  if (route.ulongs !== undefined) {
    const found = readU32le(request.systemBuffer, 0);
    if (request.ioStatus.information !== 4 || !route.ulongs.includes(found)) {
      model.violate(`${request} delivers ${found}, expected ${route.ulongs}`);
    }
  }
  return route.status;
}

/** SmartcardDeviceControl has given `result`. */
export function checkResult(
  model: Model,
  request: WatchedRequest,
  result: number,
): void {
  if (result === STATUS_PENDING) {
    if (request.outcome !== "pending") {
      model.violate(`${request} is called pending, its callback did not`);
    }
  } else if (!request.isCompleted || request.ioStatus.status !== result) {
    model.violate(`${request} gave ${statusName(result)}`);
  }
}
