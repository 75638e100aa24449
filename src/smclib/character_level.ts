/**
 * For readers whose hardware runs neither T=0's procedure bytes nor PPS: the helpers that do it character by character.
 *
 * @module
 */

import { copyBytes } from "../bytes.ts";
import {
  buildPpsRequest,
  checkPpsResponse,
  describeMachineError,
  MACHINE_BUFFER_BYTES,
  MACHINE_DONE,
  MACHINE_ERRORS,
  MACHINE_MAX_BUILD_BYTES,
  MACHINE_TRANSFER,
  ppsResponseLength,
} from "../core/mod.ts";
import { SmartcardDebug } from "./debug.ts";
import type { SmartcardExtension } from "./extension.ts";
import { applyDefaultPts } from "./pts.ts";
import { DEBUG_PROTOCOL } from "./smclib_constants.ts";
import {
  STATUS_BUFFER_OVERFLOW,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_IO_TIMEOUT,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_SUCCESS,
} from "./status.ts";

/** Bytes to receive before the length of a PPS response is known: PPSS and PPS0. */
const PPS_PREFIX_BYTES = 2;

/**
 * T0CharacterRequest: after SmartcardT0Request, puts the next characters to send behind the reserved bytes of
 * `smartcardRequest` (its `bufferLength`, which grows by their number, possibly 0) and sets `t0.wanted` to the
 * number of characters to receive then. The first call may find `bufferLength` as SmartcardT0Request left it.
 *
 * @returns STATUS_SUCCESS; STATUS_INVALID_PARAMETER for CLA FF and INS 6x or 9x, which ISO/IEC 7816-3 10.3.2
 * forbids; STATUS_BUFFER_OVERFLOW; STATUS_INVALID_DEVICE_STATE without SmartcardT0Request
 */
export function T0CharacterRequest(ext: SmartcardExtension): number {
  const { smartcardRequest, library, t0 } = ext;
  const exchange = library.t0Exchange;
  if (exchange === null || library.t0Phase === "idle") {
    return STATUS_INVALID_DEVICE_STATE;
  }
  let reserved = smartcardRequest.bufferLength;
  if (library.t0Phase === "loaded") {
    reserved = library.t0HeaderLength;
    const tpdu = smartcardRequest.buffer.subarray(
      reserved,
      reserved + library.t0CommandLength,
    );
    if (exchange.start(tpdu, { le: t0.le }) !== MACHINE_TRANSFER) {
      library.t0Phase = "idle";
      return STATUS_INVALID_PARAMETER;
    }
    library.t0Phase = "running";
  }
  if (reserved > MACHINE_BUFFER_BYTES - MACHINE_MAX_BUILD_BYTES) {
    return STATUS_BUFFER_OVERFLOW;
  }
  const length = reserved + exchange.build(reserved);
  if (length > smartcardRequest.bufferSize) return STATUS_BUFFER_OVERFLOW;
  smartcardRequest.bufferLength = length;
  t0.wanted = exchange.wanted;
  return STATUS_SUCCESS;
}

/**
 * T0CharacterReply: digests the characters in `smartcardReply`; `bufferLength` 0 says that none came in time.
 *
 * @returns STATUS_MORE_PROCESSING_REQUIRED to go round again with T0CharacterRequest; STATUS_SUCCESS when
 * `smartcardReply` holds data and SW1 SW2, ready for SmartcardT0Reply; STATUS_IO_TIMEOUT on silence;
 * STATUS_DEVICE_PROTOCOL_ERROR on an illegal procedure byte or a card that says too much;
 * STATUS_INVALID_DEVICE_STATE with nothing outstanding; STATUS_INVALID_PARAMETER for a length beyond `bufferSize`
 */
export function T0CharacterReply(ext: SmartcardExtension): number {
  const { smartcardReply, library } = ext;
  const exchange = library.t0Exchange;
  if (exchange === null || library.t0Phase !== "running") {
    return STATUS_INVALID_DEVICE_STATE;
  }
  if (smartcardReply.bufferLength > smartcardReply.bufferSize) {
    return STATUS_INVALID_PARAMETER;
  }
  const event = exchange.digest(smartcardReply.bufferLength);
  if (event === MACHINE_TRANSFER) return STATUS_MORE_PROCESSING_REQUIRED;
  library.t0Phase = "idle";
  if (event === MACHINE_DONE) {
    smartcardReply.bufferLength = exchange.copyResponse(
      smartcardReply.buffer,
      0,
    );
    return STATUS_SUCCESS;
  }
  SmartcardDebug(
    DEBUG_PROTOCOL,
    () => `T=0 gives up: ${describeMachineError(event)}`,
  );
  return event === MACHINE_ERRORS.TIMEOUT
    ? STATUS_IO_TIMEOUT
    : STATUS_DEVICE_PROTOCOL_ERROR;
}

/**
 * PtsRequest: puts the PPS request for `cardCapabilities.ptsData` behind the reserved bytes of `smartcardRequest`
 * (its `bufferLength`, which grows) and sets `ptsWanted`. PPS1 is always there.
 *
 * @param protocol T value to propose
 * @returns STATUS_SUCCESS or STATUS_BUFFER_OVERFLOW
 */
export function PtsRequest(ext: SmartcardExtension, protocol: 0 | 1): number {
  const { smartcardRequest, library } = ext;
  const { fl, dl } = ext.cardCapabilities.ptsData;
  const request = buildPpsRequest({ protocol, fiIndex: fl, diIndex: dl });
  const reserved = smartcardRequest.bufferLength;
  if (reserved + request.length > smartcardRequest.bufferSize) {
    return STATUS_BUFFER_OVERFLOW;
  }
  copyBytes(request, 0, request.length, smartcardRequest.buffer, reserved);
  smartcardRequest.bufferLength = reserved + request.length;
  library.ppsRequest = request;
  ext.ptsWanted = PPS_PREFIX_BYTES;
  return STATUS_SUCCESS;
}

/**
 * PtsReply: checks the PPS response in `smartcardReply`, where the driver collects it from the first byte on;
 * `bufferLength` 0 says that none came in time. When the card left PPS1 out, `ptsData` goes back to 372/1 at the
 * default clock and rate.
 *
 * @returns STATUS_SUCCESS; STATUS_MORE_PROCESSING_REQUIRED while `ptsWanted` bytes are missing; STATUS_IO_TIMEOUT
 * on silence; STATUS_DEVICE_PROTOCOL_ERROR for a response that refuses the request;
 * STATUS_INVALID_DEVICE_STATE without PtsRequest
 */
export function PtsReply(ext: SmartcardExtension): number {
  const { smartcardReply, library } = ext;
  const request = library.ppsRequest;
  if (request === null) return STATUS_INVALID_DEVICE_STATE;
  const length = smartcardReply.bufferLength;
  if (length > 0) {
    ext.ptsWanted = Math.max(
      0,
      ppsResponseLength(smartcardReply.buffer, length) - length,
    );
    if (ext.ptsWanted > 0) return STATUS_MORE_PROCESSING_REQUIRED;
  }
  library.ppsRequest = null;
  if (length === 0) return STATUS_IO_TIMEOUT;
  const outcome = checkPpsResponse(
    request,
    smartcardReply.buffer.subarray(0, length),
  );
  if (!outcome.accepted) {
    SmartcardDebug(DEBUG_PROTOCOL, () => `PTS fails: ${outcome.problem}`);
    return STATUS_DEVICE_PROTOCOL_ERROR;
  }
  if (outcome.pps1 === null) applyDefaultPts(ext);
  return STATUS_SUCCESS;
}
