/**
 * Exceptions of the Web Smart Card API.
 *
 * @module
 */

import {
  ResourceManagerError,
  SCARD_CODES,
  type ScardName,
} from "../resource_manager/mod.ts";
import { defineInterface } from "./interface_object.ts";
import { dictionary, domString, enumeration, required } from "./web_idl.ts";

/** The codes that have a name in the Web Smart Card API. */
const RESPONSE_CODES: Readonly<Record<SmartCardResponseCode, ScardName>> = {
  "no-service": "SCARD_E_NO_SERVICE",
  "no-smartcard": "SCARD_E_NO_SMARTCARD",
  "not-ready": "SCARD_E_NOT_READY",
  "not-transacted": "SCARD_E_NOT_TRANSACTED",
  "proto-mismatch": "SCARD_E_PROTO_MISMATCH",
  "reader-unavailable": "SCARD_E_READER_UNAVAILABLE",
  "removed-card": "SCARD_W_REMOVED_CARD",
  "reset-card": "SCARD_W_RESET_CARD",
  "server-too-busy": "SCARD_E_SERVER_TOO_BUSY",
  "sharing-violation": "SCARD_E_SHARING_VIOLATION",
  "system-cancelled": "SCARD_E_SYSTEM_CANCELLED",
  "unknown-reader": "SCARD_E_UNKNOWN_READER",
  "unpowered-card": "SCARD_W_UNPOWERED_CARD",
  "unresponsive-card": "SCARD_W_UNRESPONSIVE_CARD",
  "unsupported-card": "SCARD_W_UNSUPPORTED_CARD",
  "unsupported-feature": "SCARD_E_UNSUPPORTED_FEATURE",
};

/** What went wrong, in the words of the Web Smart Card API. */
export type SmartCardResponseCode =
  | "no-service"
  | "no-smartcard"
  | "not-ready"
  | "not-transacted"
  | "proto-mismatch"
  | "reader-unavailable"
  | "removed-card"
  | "reset-card"
  | "server-too-busy"
  | "sharing-violation"
  | "system-cancelled"
  | "unknown-reader"
  | "unpowered-card"
  | "unresponsive-card"
  | "unsupported-card"
  | "unsupported-feature";

/** A card, reader or resource manager failed. */
export class SmartCardError extends DOMException {
  #responseCode: SmartCardResponseCode;

  /**
   * An error by its response code.
   *
   * @param message what was attempted, found and expected
   * @param options `responseCode`; `cause`: the error underneath
   * @throws {TypeError} for an unknown response code
   */
  constructor(
    message: string | undefined,
    options: { responseCode: SmartCardResponseCode; cause?: unknown },
  ) {
    const text = message === undefined ? "" : domString(message);
    const what = "SmartCardErrorOptions";
    const members = dictionary(options, what);
    const { cause } = members;
    const wish = members.responseCode;
    required(wish, "responseCode", what);
    const word = domString(wish);
    enumeration(RESPONSE_CODES, word, "responseCode");
    super(text, "SmartCardError");
    this.#responseCode = word as SmartCardResponseCode;
    if (cause !== undefined) withCause(this, cause);
  }

  /** What went wrong. */
  get responseCode(): SmartCardResponseCode {
    return this.#responseCode;
  }

  /** The PC/SC name, for example `SCARD_W_REMOVED_CARD`; an extension of this library. */
  get scardName(): ScardName {
    return RESPONSE_CODES[this.#responseCode];
  }

  /** The PC/SC number, for example 0x80100069; an extension of this library. */
  get pcscCode(): number {
    return SCARD_CODES[this.scardName];
  }

  /** Same as {@linkcode pcscCode}. */
  get scardCode(): number {
    return this.pcscCode;
  }
}

// The options have a required member: without them nothing can be made.
defineInterface(SmartCardError, "SmartCardError", 2);

const RESPONSE_OF = new Map<ScardName, SmartCardResponseCode>(
  Object.entries(RESPONSE_CODES).map((
    [response, name],
  ) => [name, response as SmartCardResponseCode]),
);

/** Names of the plain DOMExceptions; whatever is missing is an UnknownError. */
const DOM_NAMES = new Map<ScardName, string>([
  ["SCARD_E_INVALID_HANDLE", "InvalidStateError"],
  ["SCARD_E_SERVICE_STOPPED", "InvalidStateError"],
  ["SCARD_P_SHUTDOWN", "AbortError"],
]);

/**
 * The exception for an error of the resource manager, which becomes its `cause`;
 * anything else (a TypeError) stays what it is.
 *
 * @param signal whose reason stays what it is, too, whatever it is
 */
export function toWebError(error: unknown, signal?: AbortSignal): unknown {
  if (!(error instanceof ResourceManagerError)) return error;
  if (signal?.aborted && error === signal.reason) return error;
  const { name, message } = error;
  const responseCode = RESPONSE_OF.get(name);
  if (responseCode !== undefined) {
    return new SmartCardError(message, { responseCode, cause: error });
  }
  if (name === "SCARD_E_INVALID_PARAMETER") {
    return new TypeError(message, { cause: error });
  }
  const domName = DOM_NAMES.get(name) ?? "UnknownError";
  return withCause(new DOMException(message, domName), error);
}

/** The exception of the guards. */
export function invalidState(
  attempt: string,
  found: string,
  expected: string,
): DOMException {
  return new DOMException(
    `Cannot ${attempt}: ${found}, expected ${expected}`,
    "InvalidStateError",
  );
}

function withCause<T extends Error>(error: T, cause: unknown): T {
  Object.defineProperty(error, "cause", {
    value: cause,
    configurable: true,
    writable: true,
  });
  return error;
}
