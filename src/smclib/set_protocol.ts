/**
 * IOCTL_SMARTCARD_SET_PROTOCOL: protocol and parameter selection.
 *
 * @module
 */

import { chain, type MaybePromise, readU32le, writeU32le } from "../bytes.ts";
import { callSlot } from "./callback.ts";
import { applyPtsTimes } from "./card_times.ts";
import type { SmartcardExtension } from "./extension.ts";
import { needsResetCard, type RequestRow, requestRow } from "./request_row.ts";
import {
  PTS_TYPE_DEFAULT,
  PTS_TYPE_OPTIMAL,
  RDF_ATR_PARSE,
  RDF_SET_PROTOCOL,
} from "./smclib_constants.ts";
import {
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_NOT_SUPPORTED,
  STATUS_SUCCESS,
} from "./status.ts";
import { SmartcardUpdateCardCapabilities } from "./update_card_capabilities.ts";
import {
  SCARD_NEGOTIABLE,
  SCARD_PROTOCOL_DEFAULT,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_PROTOCOL_UNDEFINED,
  SCARD_SPECIFIC,
} from "./winsmcrd.ts";

const ULONG_BYTES = 4;
const KNOWN_PROTOCOLS = SCARD_PROTOCOL_Tx | SCARD_PROTOCOL_RAW;

/** The row of IOCTL_SMARTCARD_SET_PROTOCOL. */
export const setProtocolRow: RequestRow = requestRow({
  inputBytes: ULONG_BYTES,
  values: (ext) =>
    (ext.minorIoControlCode & KNOWN_PROTOCOLS) === 0
      ? STATUS_INVALID_DEVICE_REQUEST
      : STATUS_SUCCESS,
  capacityBytes: ULONG_BYTES,
  slot: RDF_SET_PROTOCOL,
  card: needsResetCard,
  serve: (ext) => {
    const irp = ext.osData.currentIrp!;
    return chain(parseForeignAtr(ext), (status) => {
      // Also PENDING ends the selection here: the driver completes the request.
      if (status !== STATUS_SUCCESS) return status;
      // Whoever completed the request meanwhile wants nothing more of the driver.
      return irp.isCompleted ? irp.ioStatus.status : select(ext);
    });
  },
  finish: report,
});

/** RDF_ATR_PARSE, once per reset, when the ATR gave neither T=0 nor T=1. */
function parseForeignAtr(ext: SmartcardExtension): MaybePromise<number> {
  const { library } = ext;
  if (library.atrProtocols !== 0 || library.atrParseCalled) {
    return STATUS_SUCCESS;
  }
  if (!ext.readerFunction[RDF_ATR_PARSE]) return STATUS_SUCCESS;
  library.atrParseCalled = true;
  return callSlot(ext, RDF_ATR_PARSE);
}

function select(ext: SmartcardExtension): MaybePromise<number> {
  const { library, readerCapabilities, cardCapabilities } = ext;
  const { protocol, ptsData } = cardCapabilities;
  const mask = ext.minorIoControlCode;
  // RDF_ATR_PARSE may have waited, and the card may have gone meanwhile.
  const refusal = needsResetCard(ext);
  if (refusal !== STATUS_SUCCESS) return refusal;
  // A refused request leaves state and selection alone: a working session survives it.
  if ((mask & protocol.supported) === 0) return STATUS_NOT_SUPPORTED;
  const state = readerCapabilities.currentState;
  // Once a protocol is in force only a reset leads back to negotiation.
  if (state === SCARD_SPECIFIC && (mask & protocol.selected) === 0) {
    return STATUS_INVALID_DEVICE_STATE;
  }
  library.wasNegotiable = state === SCARD_NEGOTIABLE;
  // What RDF_ATR_PARSE found must not be lost to an ATR that says nothing.
  if (
    library.wasNegotiable && (mask & SCARD_PROTOCOL_Tx) !== 0 &&
    library.atrProtocols !== 0
  ) {
    ptsData.type = (mask & SCARD_PROTOCOL_DEFAULT) === 0
      ? PTS_TYPE_OPTIMAL
      : PTS_TYPE_DEFAULT;
    const status = SmartcardUpdateCardCapabilities(ext);
    if (status !== STATUS_SUCCESS) return status;
  }
  return callSlot(ext, RDF_SET_PROTOCOL);
}

function report(ext: SmartcardExtension, status: number): number {
  if (status !== STATUS_SUCCESS) return status;
  const { ioRequest, library } = ext;
  const { protocol } = ext.cardCapabilities;
  if (ioRequest.information !== ULONG_BYTES) {
    writeU32le(ioRequest.replyBuffer, 0, protocol.selected);
    ioRequest.information = ULONG_BYTES;
  } else if (protocol.selected === SCARD_PROTOCOL_UNDEFINED) {
    const named = readU32le(ioRequest.replyBuffer, 0);
    if (isProtocol(named)) protocol.selected = named;
  }
  if (
    library.wasNegotiable &&
    ext.readerCapabilities.currentState === SCARD_SPECIFIC
  ) {
    applyPtsTimes(ext);
  }
  library.wasNegotiable = false;
  return status;
}

function isProtocol(value: number): boolean {
  return value === SCARD_PROTOCOL_T0 || value === SCARD_PROTOCOL_T1 ||
    value === SCARD_PROTOCOL_RAW;
}
