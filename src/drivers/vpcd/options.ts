/**
 * Options of a vpcd reader, and their defaults.
 *
 * @module
 */

/** The port of slot 0 in vsmartcard: 0x8C7B. */
export const VPCD_DEFAULT_PORT = 35963;

/** Options of a vpcd reader. */
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

/** Options after checking, every one with its value. */
export interface CheckedOptions {
  readonly port: number;
  readonly hostname: string;
  readonly name: string | null;
  readonly unitNo: number;
  readonly apduTimeoutMs: number;
  readonly atrTimeoutMs: number;
}

const DEFAULT_APDU_TIMEOUT_MS = 60_000;
const DEFAULT_ATR_TIMEOUT_MS = 10_000;
/** Longest delay that a timer can keep. */
const MAXIMUM_TIMEOUT_MS = 0x7FFFFFFF;

/** @throws {RangeError} when an option is out of its range, or the address not loopback */
export function checkOptions(options: VpcdReaderOptions): CheckedOptions {
  return {
    port: integer("port", options.port ?? VPCD_DEFAULT_PORT, 0, 0xFFFF),
    hostname: loopback(options.hostname ?? "127.0.0.1"),
    name: options.name ?? null,
    unitNo: integer("unitNo", options.unitNo ?? 0, 0, 0xFFFF),
    apduTimeoutMs: integer(
      "apduTimeoutMs",
      options.apduTimeoutMs ?? DEFAULT_APDU_TIMEOUT_MS,
      1,
      MAXIMUM_TIMEOUT_MS,
    ),
    atrTimeoutMs: integer(
      "atrTimeoutMs",
      options.atrTimeoutMs ?? DEFAULT_ATR_TIMEOUT_MS,
      1,
      MAXIMUM_TIMEOUT_MS,
    ),
  };
}

function integer(
  name: string,
  value: number,
  minimum: number,
  maximum: number,
): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) {
    return value;
  }
  throw new RangeError(
    `Cannot open vpcd reader: ${name} is ${value}, expected ${minimum} to ${maximum}`,
  );
}

/** A card is whatever connects, without any proof: so nobody from outside may. */
function loopback(hostname: string): string {
  if (hostname === "localhost") return "127.0.0.1";
  const isLoopback = hostname === "::1" ||
    /^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(hostname);
  if (isLoopback) return hostname;
  throw new RangeError(
    `Cannot open vpcd reader: hostname is ${
      JSON.stringify(hostname)
    }, expected a loopback address`,
  );
}
