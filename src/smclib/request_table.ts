/**
 * Who serves which control code. Rule for whoever edits the table: a code is a row; a missing row is
 * STATUS_INVALID_DEVICE_REQUEST. Meanings are those of the public IOCTL_SMARTCARD_* pages.
 *
 * @module
 */

import { getAttributeRow, setAttributeRow } from "./attributes.ts";
import * as ioctl from "./ioctl.ts";
import { powerRow } from "./power.ts";
import { getLastErrorRow, getStateRow } from "./reader_state.ts";
import { type RequestRow, requestRow } from "./request_row.ts";
import { setProtocolRow } from "./set_protocol.ts";
import {
  RDF_CARD_CONFISCATE,
  RDF_CARD_EJECT,
  RDF_IOCTL_VENDOR,
  RDF_READER_SWALLOW,
} from "./smclib_constants.ts";
import {
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_NOT_SUPPORTED,
} from "./status.ts";
import { transmitRow } from "./transmit.ts";

const notSupported = requestRow({ serve: () => STATUS_NOT_SUPPORTED });
const unknownRequest = requestRow({
  serve: () => STATUS_INVALID_DEVICE_REQUEST,
});
const vendorRow = requestRow({ slot: RDF_IOCTL_VENDOR });

const rows: ReadonlyMap<number, RequestRow> = new Map([
  [ioctl.IOCTL_SMARTCARD_POWER, powerRow],
  [ioctl.IOCTL_SMARTCARD_GET_ATTRIBUTE, getAttributeRow],
  [ioctl.IOCTL_SMARTCARD_SET_ATTRIBUTE, setAttributeRow],
  // The mechanics know best: no state is asked of the card for these three.
  [
    ioctl.IOCTL_SMARTCARD_CONFISCATE,
    requestRow({ slot: RDF_CARD_CONFISCATE }),
  ],
  [ioctl.IOCTL_SMARTCARD_TRANSMIT, transmitRow],
  [ioctl.IOCTL_SMARTCARD_EJECT, requestRow({ slot: RDF_CARD_EJECT })],
  [ioctl.IOCTL_SMARTCARD_SWALLOW, requestRow({ slot: RDF_READER_SWALLOW })],
  [ioctl.IOCTL_SMARTCARD_SET_PROTOCOL, setProtocolRow],
  [ioctl.IOCTL_SMARTCARD_GET_STATE, getStateRow],
  [ioctl.IOCTL_SMARTCARD_GET_LAST_ERROR, getLastErrorRow],
  // Codes whose buffers were never published.
  [ioctl.IOCTL_SMARTCARD_GET_PERF_CNTR, notSupported],
  [ioctl.IOCTL_SMCLIB_SEND_DEBUG_REQUEST, notSupported],
  [ioctl.IOCTL_SMCLIB_PROCESS_T1_REQUEST, notSupported],
  [ioctl.IOCTL_SMCLIB_GET_T1_REQUEST, notSupported],
  [ioctl.IOCTL_SMCLIB_GET_T1_REPLY, notSupported],
  [ioctl.IOCTL_SMCLIB_PROCESS_T1_REPLY, notSupported],
  [ioctl.IOCTL_SMCLIB_IGNORE_T1_REPLY, notSupported],
  [ioctl.IOCTL_SMCLIB_NOTIFY_DEVICE_REMOVAL, notSupported],
]);

/** The row of a control code; tracking requests have none, see {@linkcode isTracking}. */
export function rowOf(ioControlCode: number): RequestRow {
  // Every code of this interface is METHOD_BUFFERED: with other low bits it does not exist.
  if ((ioControlCode & 3) !== 0) return unknownRequest;
  return rows.get(ioControlCode) ??
    (ioControlCode >= ioctl.IOCTL_SMARTCARD_VENDOR_FIRST
      ? vendorRow
      : unknownRequest);
}

/** Whether a request waits for insertion or removal. */
export function isTracking(ioControlCode: number): boolean {
  return ioControlCode === ioctl.IOCTL_SMARTCARD_IS_PRESENT ||
    ioControlCode === ioctl.IOCTL_SMARTCARD_IS_ABSENT;
}
