/**
 * Options of a vpcd reader, and their defaults.
 *
 * @module
 */

import { checkHostname, checkInteger, MAXIMUM_TIMEOUT_MS } from "./checks.ts";

/** The port of slot 0 in vsmartcard: 0x8C7B. */
export const VPCD_DEFAULT_PORT = 35963;

/** Longest pause between two attempts to connect, in milliseconds, when the caller names none. */
export const DEFAULT_LONGEST_PAUSE_MS = 1000;

/** Options of a vpcd reader that listens. */
export interface VpcdReaderOptions {
  /** TCP port to listen on, 0 for any free one. Default 35963. */
  port?: number;
  /** Loopback address to listen on: `127.0.0.1` (default), another of 127/8, `::1` or `localhost`. */
  hostname?: string;
  /** Name for people. Default `Virtual PCD` and the port. */
  name?: string;
  /** Number of this reader among its kind, from 0 (default). */
  unitNo?: number;
  /** Deadline for one APDU, in milliseconds. Default 60 000: a card may make an RSA key in it. */
  apduTimeoutMs?: number;
  /** Deadline for an ATR or a control code, in milliseconds. Default 10 000: jCardSim needs 3 000. */
  atrTimeoutMs?: number;
  /** Closes the reader. */
  signal?: AbortSignal;
}

/** Options of a vpcd reader that connects to a card which listens. */
export interface VpcdReaderConnectOptions
  extends Omit<VpcdReaderOptions, "port" | "hostname" | "name"> {
  /** TCP port that the card listens on, 1 to 65535. Default 35963. */
  port?: number;
  /** Address of the card, loopback unless `allowRemote`. Default `127.0.0.1`. */
  hostname?: string;
  /** Name for people. Default `Virtual PCD`, `to`, and the address. */
  name?: string;
  /**
   * Lets `hostname` name another machine. Default false: commands, PINs among them, go in the clear,
   * and the card is believed without proof. A tunnel that ends on the loopback is the better way.
   */
  allowRemote?: boolean;
  /** Longest pause between two attempts to find a card, in milliseconds; the first is 50. Default 1000. */
  longestPauseMs?: number;
}

/** Options after checking, every one with its value. */
export interface CheckedOptions {
  readonly port: number;
  readonly hostname: string;
  readonly name: string | null;
  readonly unitNo: number;
  readonly apduTimeoutMs: number;
  readonly atrTimeoutMs: number;
  readonly longestPauseMs: number;
}

const DEFAULT_APDU_TIMEOUT_MS = 60_000;
const DEFAULT_ATR_TIMEOUT_MS = 10_000;
const TASK = "open vpcd reader";

/** @throws {RangeError} when an option is out of its range, or the address not loopback */
export function checkOptions(options: VpcdReaderOptions): CheckedOptions {
  return check(options, 0);
}

/** @throws {RangeError} when an option is out of its range, or the address not loopback and `allowRemote` not set */
export function checkConnectOptions(
  options: VpcdReaderConnectOptions,
): CheckedOptions {
  return check(options, 1);
}

function check(
  options: VpcdReaderConnectOptions,
  lowestPort: number,
): CheckedOptions {
  const integer = (
    name: string,
    value: number,
    minimum: number,
    maximum: number,
  ) => checkInteger(TASK, name, value, minimum, maximum);
  const milliseconds = (name: string, value: number) =>
    integer(name, value, 1, MAXIMUM_TIMEOUT_MS);
  return {
    port: integer(
      "port",
      options.port ?? VPCD_DEFAULT_PORT,
      lowestPort,
      0xFFFF,
    ),
    hostname: checkHostname(
      TASK,
      options.hostname ?? "127.0.0.1",
      options.allowRemote ?? false,
    ),
    name: options.name ?? null,
    unitNo: integer("unitNo", options.unitNo ?? 0, 0, 0xFFFF),
    apduTimeoutMs: milliseconds(
      "apduTimeoutMs",
      options.apduTimeoutMs ?? DEFAULT_APDU_TIMEOUT_MS,
    ),
    atrTimeoutMs: milliseconds(
      "atrTimeoutMs",
      options.atrTimeoutMs ?? DEFAULT_ATR_TIMEOUT_MS,
    ),
    longestPauseMs: milliseconds(
      "longestPauseMs",
      options.longestPauseMs ?? DEFAULT_LONGEST_PAUSE_MS,
    ),
  };
}
