/**
 * Options of the methods, as Web IDL reads dictionaries: each member once, in the order
 * of the names, converted as it is read.
 *
 * @module
 */

import type { CallLimits } from "./call_limits.ts";
import { initializationNumber, protocolBit } from "./convert.ts";
import {
  abortSignal,
  dictionary,
  double,
  type ReadonlyMembers,
  sequence,
} from "./web_idl.ts";

/** How a connection is made. */
export interface ConnectChoice extends CallLimits {
  /** SCARD_PROTOCOL_* bits that are welcome. */
  readonly protocols: number;
}

/** How a connection is made anew. */
export interface ReconnectChoice extends ConnectChoice {
  /** SCARD_LEAVE_CARD ... SCARD_UNPOWER_CARD. */
  readonly initialization: number;
}

/** How an APDU is sent. */
export interface TransmitChoice extends CallLimits {
  /** SCARD_PROTOCOL_* bit; undefined for the active one. */
  readonly protocol: number | undefined;
}

/**
 * `signal` and `timeout`.
 *
 * @throws {TypeError}
 */
export function takeLimits(value: unknown): CallLimits {
  return limitsOf(dictionary(value, "options"));
}

/**
 * `signal` alone; undefined when there is none.
 *
 * @throws {TypeError}
 */
export function takeSignal(value: unknown): AbortSignal | undefined {
  return signalOf(dictionary(value, "options"));
}

/**
 * Options of connect.
 *
 * @throws {TypeError}
 */
export function takeConnectOptions(value: unknown): ConnectChoice {
  const members = dictionary(value, "options");
  const protocols = protocolsOf(members);
  return { protocols, ...limitsOf(members) };
}

/**
 * Options of reconnect.
 *
 * @throws {TypeError}
 */
export function takeReconnectOptions(value: unknown): ReconnectChoice {
  const members = dictionary(value, "options");
  const { initialization: wish = "leave" } = members;
  const initialization = initializationNumber(wish);
  const protocols = protocolsOf(members);
  return { initialization, protocols, ...limitsOf(members) };
}

/**
 * Options of transmit.
 *
 * @throws {TypeError}
 */
export function takeTransmitOptions(value: unknown): TransmitChoice {
  const members = dictionary(value, "options");
  const wish = members.protocol;
  const protocol = wish === undefined ? undefined : protocolBit(wish);
  const { signal, timeoutMs } = limitsOf(members);
  return { protocol, signal, timeoutMs };
}

function protocolsOf(members: ReadonlyMembers): number {
  const wish = members.preferredProtocols;
  if (wish === undefined) return 0;
  const bits = sequence(wish, "preferredProtocols", protocolBit);
  return bits.reduce((mask, bit) => mask | bit, 0) >>> 0;
}

function limitsOf(members: ReadonlyMembers): CallLimits {
  const signal = signalOf(members);
  const { timeout } = members;
  // A wait cannot be shorter than none.
  const timeoutMs = timeout === undefined
    ? undefined
    : Math.max(0, double(timeout, "timeout"));
  return { signal, timeoutMs };
}

function signalOf(members: ReadonlyMembers): AbortSignal | undefined {
  const { signal } = members;
  return signal === undefined ? undefined : abortSignal(signal, "signal");
}
