/**
 * T=0 on a reader that takes a whole TPDU: SmartcardT0Request and SmartcardT0Reply.
 *
 * @module
 */

import { copyBytes } from "../bytes.ts";
import type { SmartcardExtension } from "./extension.ts";
import { finishReply, hasValidPci, pciLength } from "./scard_io_request.ts";
import { SCARD_T0_CMD_LENGTH } from "./smclib_constants.ts";
import {
  STATUS_BUFFER_OVERFLOW,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_INVALID_PARAMETER,
  STATUS_SUCCESS,
} from "./status.ts";
import { SCARD_IO_REQUEST_LENGTH, SCARD_PROTOCOL_T0 } from "./winsmcrd.ts";

const CASE_1_LENGTH = 4;
const STATUS_BYTES = 2;

/**
 * SmartcardT0Request: puts CLA INS P1 P2 P3 and the data of the user's command behind the reserved bytes of
 * `smartcardRequest` (its `bufferLength`, which grows), and sets `t0.lc` and `t0.le`.
 *
 * @returns STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a command that is no TPDU of case 1, 2 or 3;
 * STATUS_BUFFER_TOO_SMALL when not even a status word fits into the reply; STATUS_BUFFER_OVERFLOW
 */
export function SmartcardT0Request(ext: SmartcardExtension): number {
  const { ioRequest, smartcardRequest, t0, library } = ext;
  if (!hasValidPci(ext)) return STATUS_INVALID_PARAMETER;
  const from = pciLength(ext);
  const length = ioRequest.requestBufferLength - from;
  const p3 = length < SCARD_T0_CMD_LENGTH
    ? 0
    : ioRequest.requestBuffer[from + SCARD_T0_CMD_LENGTH - 1];
  if (
    length < CASE_1_LENGTH ||
    (length > SCARD_T0_CMD_LENGTH && length !== SCARD_T0_CMD_LENGTH + p3)
  ) return STATUS_INVALID_PARAMETER;
  if (ioRequest.replyBufferLength < SCARD_IO_REQUEST_LENGTH + STATUS_BYTES) {
    return STATUS_BUFFER_TOO_SMALL;
  }
  const reserved = smartcardRequest.bufferLength;
  const commandLength = Math.max(length, SCARD_T0_CMD_LENGTH);
  if (reserved + commandLength > smartcardRequest.bufferSize) {
    return STATUS_BUFFER_OVERFLOW;
  }
  const { buffer } = smartcardRequest;
  copyBytes(ioRequest.requestBuffer, from, from + length, buffer, reserved);
  if (length === CASE_1_LENGTH) buffer[reserved + length] = 0;
  smartcardRequest.bufferLength = reserved + commandLength;
  t0.lc = commandLength - SCARD_T0_CMD_LENGTH;
  t0.le = length === SCARD_T0_CMD_LENGTH ? p3 || 256 : 0;
  library.t0Phase = "loaded";
  library.t0HeaderLength = reserved;
  library.t0CommandLength = commandLength;
  return STATUS_SUCCESS;
}

/**
 * SmartcardT0Reply: hands data and SW1 SW2 in `smartcardReply` to the user.
 *
 * @returns STATUS_SUCCESS; STATUS_DEVICE_PROTOCOL_ERROR without SW1 SW2; STATUS_BUFFER_TOO_SMALL, which copies nothing
 */
export function SmartcardT0Reply(ext: SmartcardExtension): number {
  const { ioRequest, smartcardReply } = ext;
  const length = smartcardReply.bufferLength;
  ioRequest.information = 0;
  if (length < STATUS_BYTES) return STATUS_DEVICE_PROTOCOL_ERROR;
  if (ioRequest.replyBufferLength < SCARD_IO_REQUEST_LENGTH + length) {
    return STATUS_BUFFER_TOO_SMALL;
  }
  copyBytes(
    smartcardReply.buffer,
    0,
    length,
    ioRequest.replyBuffer,
    SCARD_IO_REQUEST_LENGTH,
  );
  finishReply(ext, SCARD_PROTOCOL_T0, length);
  return STATUS_SUCCESS;
}
