/**
 * Where a request goes when it is alone at the gate: smclib.md 8.0 to 8.2, restated as one function.
 *
 * @module
 */

import {
  IOCTL_SMARTCARD_CONFISCATE,
  IOCTL_SMARTCARD_EJECT,
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_GET_LAST_ERROR,
  IOCTL_SMARTCARD_GET_PERF_CNTR,
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_SWALLOW,
  IOCTL_SMARTCARD_TRANSMIT,
  IOCTL_SMARTCARD_VENDOR_FIRST,
  IOCTL_SMCLIB_NOTIFY_DEVICE_REMOVAL,
  IOCTL_SMCLIB_SEND_DEBUG_REQUEST,
  RDF_ATR_PARSE,
  RDF_CARD_CONFISCATE,
  RDF_CARD_EJECT,
  RDF_CARD_POWER,
  RDF_CARD_TRACKING,
  RDF_IOCTL_VENDOR,
  RDF_SET_PROTOCOL,
  RDF_TRANSMIT,
  SCARD_ABSENT,
  SCARD_ATTR_CURRENT_PROTOCOL_TYPE,
  SCARD_ATTR_DEVICE_IN_USE,
  SCARD_ATTR_DEVICE_UNIT,
  SCARD_ATTR_ICC_PRESENCE,
  SCARD_ATTR_VENDOR_NAME,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_Tx,
  SCARD_SPECIFIC,
  SCARD_UNKNOWN,
  SCARD_WARM_RESET,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
  STATUS_SUCCESS,
} from "../../../src/smclib/mod.ts";
import type { RequestShape } from "./shapes.ts";

/** Bytes of the vendor name that the reader of these tests has. */
export const VENDOR_NAME = "Concurrency";

/** What decides about a request besides its own bytes. */
export interface View {
  /** SCARD_UNKNOWN to SCARD_SPECIFIC. */
  readonly state: number;
  /** The protocol in use. */
  readonly selected: number;
  /** What the card offers. */
  readonly supported: number;
  /** Whether RDF_ATR_PARSE has been called since the last reset. */
  readonly isAtrParsed: boolean;
  /** What GET_LAST_ERROR may deliver. */
  readonly lastErrors: readonly number[];
}

/** Either the callback that is called, or the answer that the library gives alone. */
export type Route =
  | { readonly slot: number }
  | {
    readonly status: number;
    /** The ULONGs that may be delivered, where the answer is one. */
    readonly ulongs?: readonly number[];
  };

/** Whether the code is one of the two that track the card. */
export function isTrackingCode(code: number): boolean {
  return code === IOCTL_SMARTCARD_IS_PRESENT ||
    code === IOCTL_SMARTCARD_IS_ABSENT;
}

const refuse = (status: number): Route => ({ status });

/** smclib.md 8.0, the card state rule; null when the card is as needed. */
function cardRefusal(state: number, needsReset: boolean): Route | null {
  if (state === SCARD_UNKNOWN) return refuse(STATUS_INVALID_DEVICE_STATE);
  if (state === SCARD_ABSENT) return refuse(STATUS_NO_MEDIA);
  return needsReset && state < SCARD_NEGOTIABLE
    ? refuse(STATUS_INVALID_DEVICE_STATE)
    : null;
}

function ulongReply(shape: RequestShape, ...ulongs: number[]): Route {
  return shape.capacityBytes < 4
    ? refuse(STATUS_BUFFER_TOO_SMALL)
    : { status: STATUS_SUCCESS, ulongs };
}

function routePower(shape: RequestShape, view: View): Route {
  if (shape.inputBytes < 4 || shape.words[0] > SCARD_WARM_RESET) {
    return refuse(STATUS_INVALID_PARAMETER);
  }
  if (shape.words[0] !== SCARD_POWER_DOWN && shape.capacityBytes < 33) {
    return refuse(STATUS_BUFFER_TOO_SMALL);
  }
  return cardRefusal(view.state, false) ?? { slot: RDF_CARD_POWER };
}

function routeSetProtocol(shape: RequestShape, view: View): Route {
  if (shape.inputBytes < 4) return refuse(STATUS_INVALID_PARAMETER);
  const mask = shape.words[0];
  if ((mask & (SCARD_PROTOCOL_Tx | SCARD_PROTOCOL_RAW)) === 0) {
    return refuse(STATUS_INVALID_DEVICE_REQUEST);
  }
  if (shape.capacityBytes < 4) return refuse(STATUS_BUFFER_TOO_SMALL);
  const refusal = cardRefusal(view.state, true);
  if (refusal !== null) return refusal;
  const isForeign = (view.supported & SCARD_PROTOCOL_Tx) === 0;
  if (isForeign && !view.isAtrParsed) return { slot: RDF_ATR_PARSE };
  if ((mask & view.supported) === 0) return refuse(STATUS_NOT_SUPPORTED);
  return view.state === SCARD_SPECIFIC && (mask & view.selected) === 0
    ? refuse(STATUS_INVALID_DEVICE_STATE)
    : { slot: RDF_SET_PROTOCOL };
}

function routeTransmit(shape: RequestShape, view: View): Route {
  const [protocol, headerBytes] = shape.words;
  if (
    shape.inputBytes < 8 || headerBytes < 8 || headerBytes > shape.inputBytes
  ) return refuse(STATUS_INVALID_PARAMETER);
  if (shape.capacityBytes < 8) return refuse(STATUS_BUFFER_TOO_SMALL);
  const refusal = cardRefusal(view.state, true);
  if (refusal !== null) return refusal;
  return view.state !== SCARD_SPECIFIC || protocol !== view.selected
    ? refuse(STATUS_INVALID_DEVICE_STATE)
    : { slot: RDF_TRANSMIT };
}

function routeGetAttribute(shape: RequestShape, view: View): Route {
  if (shape.inputBytes !== 4) return refuse(STATUS_INVALID_PARAMETER);
  const tooSmall = (bytes: number) => shape.capacityBytes < bytes;
  switch (shape.words[0]) {
    case SCARD_ATTR_DEVICE_UNIT:
      return ulongReply(shape, 0);
    case SCARD_ATTR_VENDOR_NAME:
      return refuse(
        tooSmall(VENDOR_NAME.length) ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS,
      );
    case SCARD_ATTR_ICC_PRESENCE:
      if (tooSmall(1)) return refuse(STATUS_BUFFER_TOO_SMALL);
      return refuse(
        view.state === SCARD_UNKNOWN
          ? STATUS_INVALID_DEVICE_STATE
          : STATUS_SUCCESS,
      );
    case SCARD_ATTR_CURRENT_PROTOCOL_TYPE:
      if (tooSmall(4)) return refuse(STATUS_BUFFER_TOO_SMALL);
      return cardRefusal(view.state, true) ?? ulongReply(shape, view.selected);
    default:
      return refuse(STATUS_NOT_SUPPORTED);
  }
}

function routeTracking(shape: RequestShape, view: View): Route {
  if (view.state === SCARD_UNKNOWN) return refuse(STATUS_INVALID_DEVICE_STATE);
  const isThere = view.state > SCARD_ABSENT;
  return isThere === (shape.code === IOCTL_SMARTCARD_IS_PRESENT)
    ? refuse(STATUS_SUCCESS)
    : { slot: RDF_CARD_TRACKING };
}

/** The route of a request that has the gate and finds nobody pending or parked before it. */
export function routeOf(shape: RequestShape, view: View): Route {
  const { code } = shape;
  if ((code & 3) !== 0) return refuse(STATUS_INVALID_DEVICE_REQUEST);
  if (isTrackingCode(code)) return routeTracking(shape, view);
  switch (code) {
    case IOCTL_SMARTCARD_POWER:
      return routePower(shape, view);
    case IOCTL_SMARTCARD_SET_PROTOCOL:
      return routeSetProtocol(shape, view);
    case IOCTL_SMARTCARD_TRANSMIT:
      return routeTransmit(shape, view);
    case IOCTL_SMARTCARD_GET_ATTRIBUTE:
      return routeGetAttribute(shape, view);
    case IOCTL_SMARTCARD_SET_ATTRIBUTE:
      if (shape.inputBytes < 4) return refuse(STATUS_INVALID_PARAMETER);
      return refuse(
        shape.words[0] === SCARD_ATTR_DEVICE_IN_USE
          ? STATUS_SUCCESS
          : STATUS_NOT_SUPPORTED,
      );
    case IOCTL_SMARTCARD_GET_STATE:
      return ulongReply(shape, view.state);
    case IOCTL_SMARTCARD_GET_LAST_ERROR:
      return ulongReply(shape, ...view.lastErrors);
    case IOCTL_SMARTCARD_EJECT:
      return { slot: RDF_CARD_EJECT };
    case IOCTL_SMARTCARD_CONFISCATE:
      return { slot: RDF_CARD_CONFISCATE };
    // The reader of these tests cannot swallow.
    case IOCTL_SMARTCARD_SWALLOW:
    case IOCTL_SMARTCARD_GET_PERF_CNTR:
      return refuse(STATUS_NOT_SUPPORTED);
  }
  if (code >= IOCTL_SMARTCARD_VENDOR_FIRST) return { slot: RDF_IOCTL_VENDOR };
  const isDebugger = code >= IOCTL_SMCLIB_SEND_DEBUG_REQUEST &&
    code <= IOCTL_SMCLIB_NOTIFY_DEVICE_REMOVAL;
  return refuse(
    isDebugger ? STATUS_NOT_SUPPORTED : STATUS_INVALID_DEVICE_REQUEST,
  );
}
