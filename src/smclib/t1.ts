/**
 * T=1: SmartcardT1Request and SmartcardT1Reply, the driver's loop around the protocol machine.
 *
 * @module
 */

import {
  describeMachineError,
  MACHINE_BUFFER_BYTES,
  MACHINE_DONE,
  MACHINE_MAX_BUILD_BYTES,
  MACHINE_TRANSFER,
  type T1Session,
} from "../core/mod.ts";
import { SmartcardDebug } from "./debug.ts";
import type { SmartcardExtension } from "./extension.ts";
import { finishReply, hasValidPci, pciLength } from "./scard_io_request.ts";
import { DEBUG_PROTOCOL, T1_I_BLOCK, T1_R_BLOCK } from "./smclib_constants.ts";
import {
  STATUS_BUFFER_OVERFLOW,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_SUCCESS,
} from "./status.ts";
import { SCARD_IO_REQUEST_LENGTH, SCARD_PROTOCOL_T1 } from "./winsmcrd.ts";

/**
 * SmartcardT1Request: puts the next block to send behind the reserved bytes of `smartcardRequest` (its
 * `bufferLength`, which grows). Called twice it gives the same block.
 *
 * @returns STATUS_SUCCESS; STATUS_INVALID_PARAMETER without a valid SCARD_IO_REQUEST, or for a command that
 * is empty or longer than an APDU can be; STATUS_BUFFER_OVERFLOW; STATUS_INVALID_DEVICE_STATE before SmartcardInitialize
 */
export function SmartcardT1Request(ext: SmartcardExtension): number {
  const { ioRequest, smartcardRequest, library } = ext;
  const session = library.t1Session;
  if (session === null) return STATUS_INVALID_DEVICE_STATE;
  if (!library.t1Active) {
    if (!hasValidPci(ext)) return STATUS_INVALID_PARAMETER;
    const command = ioRequest.requestBuffer.subarray(
      pciLength(ext),
      ioRequest.requestBufferLength,
    );
    if (session.start(command) !== MACHINE_TRANSFER) {
      return STATUS_INVALID_PARAMETER;
    }
    library.t1Active = true;
    ext.t1.originalState = T1_I_BLOCK;
  }
  const reserved = smartcardRequest.bufferLength;
  if (reserved > MACHINE_BUFFER_BYTES - MACHINE_MAX_BUILD_BYTES) {
    return STATUS_BUFFER_OVERFLOW;
  }
  const length = reserved + session.build(reserved);
  if (length > smartcardRequest.bufferSize) return STATUS_BUFFER_OVERFLOW;
  smartcardRequest.bufferLength = length;
  return STATUS_SUCCESS;
}

/**
 * SmartcardT1Reply: digests the block in `smartcardReply`; `bufferLength` 0 says that none came.
 *
 * @returns STATUS_SUCCESS with the answer delivered; STATUS_MORE_PROCESSING_REQUIRED to go round again with
 * SmartcardT1Request; STATUS_DEVICE_PROTOCOL_ERROR when the card could not be made to answer;
 * STATUS_BUFFER_TOO_SMALL when the answer does not fit, which copies nothing;
 * STATUS_INVALID_DEVICE_STATE with nothing outstanding; STATUS_INVALID_PARAMETER for a length beyond `bufferSize`
 */
export function SmartcardT1Reply(ext: SmartcardExtension): number {
  const { ioRequest, smartcardReply, library } = ext;
  const session = library.t1Session;
  if (session === null || !library.t1Active) return STATUS_INVALID_DEVICE_STATE;
  ioRequest.information = 0;
  if (smartcardReply.bufferLength > smartcardReply.bufferSize) {
    return STATUS_INVALID_PARAMETER;
  }
  const event = session.digest(smartcardReply.bufferLength);
  if (event === MACHINE_TRANSFER) {
    notePhase(ext, session);
    return STATUS_MORE_PROCESSING_REQUIRED;
  }
  library.t1Active = false;
  if (event !== MACHINE_DONE) {
    SmartcardDebug(
      DEBUG_PROTOCOL,
      () => `T=1 gives up: ${describeMachineError(event)}`,
    );
    return STATUS_DEVICE_PROTOCOL_ERROR;
  }
  const { responseLength } = session;
  if (ioRequest.replyBufferLength < SCARD_IO_REQUEST_LENGTH + responseLength) {
    return STATUS_BUFFER_TOO_SMALL;
  }
  session.copyResponse(ioRequest.replyBuffer, SCARD_IO_REQUEST_LENGTH);
  finishReply(ext, SCARD_PROTOCOL_T1, responseLength);
  return STATUS_SUCCESS;
}

/** An error R-block or an S-response keeps the phase that it interrupts. */
function notePhase(ext: SmartcardExtension, session: T1Session): void {
  const { state } = session;
  if (
    state === T1_I_BLOCK || (state === T1_R_BLOCK && session.lastError === 0)
  ) ext.t1.originalState = state;
}
