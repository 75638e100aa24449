/**
 * Options of a card that speaks vpcd, and their defaults.
 *
 * @module
 */

import type { VpcdApduCard, VpcdCardEnd } from "./card_session.ts";
import { checkHostname, checkInteger, MAXIMUM_TIMEOUT_MS } from "./checks.ts";
import { DEFAULT_LONGEST_PAUSE_MS, VPCD_DEFAULT_PORT } from "./options.ts";

/** Options of a card that listens for readers. */
export interface VpcdCardOptions {
  /** The card that answers. */
  card: VpcdApduCard;
  /** TCP port to listen on, 0 for any free one. Default 35963. */
  port?: number;
  /** Loopback address to listen on: `127.0.0.1` (default), another of 127/8, `::1` or `localhost`. */
  hostname?: string;
  /** Takes the card out. */
  signal?: AbortSignal;
  /** Deadline for the reader to take an answer, and for the card to lose its power, in milliseconds. Default 10 000. */
  settleTimeoutMs?: number;
  /** Told why a connection ended, each time; what it throws is the caller's own to handle. */
  onDisconnect?: (end: VpcdCardEnd) => void;
}

/** Options of a card that connects to a reader which listens. */
export interface VpcdCardConnectOptions
  extends Omit<VpcdCardOptions, "port" | "hostname"> {
  /** TCP port of the reader's slot, 1 to 65535. Default 35963. */
  port?: number;
  /** Address of the reader, loopback unless `allowRemote`. Default `127.0.0.1`. */
  hostname?: string;
  /**
   * Lets `hostname` name another machine. Default false: everything goes in the clear, and whoever listens
   * there may use the card. A tunnel that begins on the loopback is the better way.
   */
  allowRemote?: boolean;
  /** Whether to try again, until closed, while no reader is there or after it has gone. Default false. */
  reconnect?: boolean;
  /** Deadline for one attempt to connect, in milliseconds. Default 10 000. */
  connectTimeoutMs?: number;
  /** Longest pause between two attempts, in milliseconds; the first is 50. Default 1000. */
  longestPauseMs?: number;
}

/** Options after checking, every one with its value. */
export interface CheckedCardOptions {
  readonly card: VpcdApduCard;
  readonly port: number;
  readonly hostname: string;
  readonly settleTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly longestPauseMs: number;
  readonly onDisconnect: (end: VpcdCardEnd) => void;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const TASK = "open vpcd card";

/** @throws {RangeError} when an option is out of its range, or the address not loopback */
export function checkCardOptions(options: VpcdCardOptions): CheckedCardOptions {
  return check(options, 0);
}

/** @throws {RangeError} when an option is out of its range, or the address not loopback and `allowRemote` not set */
export function checkCardConnectOptions(
  options: VpcdCardConnectOptions,
): CheckedCardOptions {
  return check(options, 1);
}

function check(
  options: VpcdCardConnectOptions,
  lowestPort: number,
): CheckedCardOptions {
  const milliseconds = (name: string, value: number) =>
    checkInteger(TASK, name, value, 1, MAXIMUM_TIMEOUT_MS);
  const port = options.port ?? VPCD_DEFAULT_PORT;
  return {
    card: options.card,
    port: checkInteger(TASK, "port", port, lowestPort, 0xFFFF),
    hostname: checkHostname(
      TASK,
      options.hostname ?? "127.0.0.1",
      options.allowRemote ?? false,
    ),
    settleTimeoutMs: milliseconds(
      "settleTimeoutMs",
      options.settleTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    ),
    connectTimeoutMs: milliseconds(
      "connectTimeoutMs",
      options.connectTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    ),
    longestPauseMs: milliseconds(
      "longestPauseMs",
      options.longestPauseMs ?? DEFAULT_LONGEST_PAUSE_MS,
    ),
    onDisconnect: options.onDisconnect ?? (() => {}),
  };
}
