/**
 * Callbacks of a driver that tell what passes through them.
 *
 * @module
 */

import { type MaybePromise, NO_BYTES } from "../bytes.ts";
import {
  RDF_CARD_TRACKING,
  type ReaderFunction,
  type SmartcardExtension,
} from "../smclib/mod.ts";
import { RequestObserver } from "./request_trace.ts";
import { callbackName } from "./request_words.ts";
import type { Tracer } from "./tracer.ts";

/**
 * Wraps every callback in `ext.readerFunction`; `tracer` hears of all their calls.
 *
 * @param reader name of the reader in the events
 */
export function traceCallbacks(
  ext: SmartcardExtension,
  tracer: Tracer,
  reader: string,
): void {
  const observer = new RequestObserver(tracer, reader, "callback");
  ext.readerFunction.forEach((callback, slot) => {
    if (callback === null) return;
    ext.readerFunction[slot] = (ext) =>
      tracer.isActive ? call(callback, slot, ext, observer) : callback(ext);
  });
}

function call(
  callback: ReaderFunction,
  slot: number,
  ext: SmartcardExtension,
  observer: RequestObserver,
): MaybePromise<number> {
  // Tracking runs beside other requests, whose buffers these are.
  const ownsBuffers = slot !== RDF_CARD_TRACKING;
  const { requestBuffer, requestBufferLength } = ext.ioRequest;
  const request = observer.begin(
    callbackName(slot),
    ownsBuffers ? ext.majorIoControlCode : 0,
    ownsBuffers ? requestBuffer.subarray(0, requestBufferLength) : NO_BYTES,
  );
  const ended = (status: number): number => {
    const { replyBuffer, information } = ext.ioRequest;
    const output = ownsBuffers
      ? replyBuffer.subarray(0, information)
      : NO_BYTES;
    observer.end(request, status, output);
    return status;
  };
  const failed = (error: unknown): never => {
    observer.failed(request, error);
    throw error;
  };
  let outcome: MaybePromise<number>;
  try {
    outcome = callback(ext);
  } catch (error) {
    return failed(error);
  }
  return outcome instanceof Promise
    ? outcome.then(ended, failed)
    : ended(outcome);
}
