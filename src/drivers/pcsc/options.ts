/**
 * Options of the driver, and their defaults.
 *
 * @module
 */

import type { PcscLibrary } from "./library.ts";

/** How the driver's readers are opened. */
export interface PcscServiceOptions {
  /** Library to open. Default `libpcsclite.so.1`, on macOS the PCSC framework. */
  libraryPath?: string;
  /** The library itself, already open; it stays open when the service closes. */
  library?: PcscLibrary;
  /**
   * Whether other programs may use a card at the same time. Default "shared".
   *
   * - "shared": other programs go on. A card that they use already is joined as it is at
   *   its first reset, with whatever they have selected and verified, instead of being
   *   reset under them; every later reset is one. Their commands may come between ours,
   *   and their resets end our session.
   * - "exclusive": others are refused while the card has power from us, and a card that
   *   they use is refused to us (`STATUS_DEVICE_BUSY`).
   */
  sharing?: "shared" | "exclusive";
  /** Deadline for one APDU or control code, in milliseconds. Default 60 000. */
  apduTimeoutMs?: number;
  /** Deadline for power, reset, protocol selection, in milliseconds, each. Default 10 000. */
  powerTimeoutMs?: number;
  /** How long closing waits for a call that the service does not answer, in milliseconds. Default 2 000. */
  closeTimeoutMs?: number;
  /** Closes the service. */
  signal?: AbortSignal;
}

/** Options after checking, every one with its value. */
export interface CheckedOptions {
  readonly sharing: "shared" | "exclusive";
  readonly apduTimeoutMs: number;
  readonly powerTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

const DEFAULT_APDU_TIMEOUT_MS = 60_000;
const DEFAULT_POWER_TIMEOUT_MS = 10_000;
const DEFAULT_CLOSE_TIMEOUT_MS = 2_000;
/** Longest delay that a timer can keep. */
const MAXIMUM_TIMEOUT_MS = 0x7FFFFFFF;

/** @throws {RangeError} when an option is out of its range */
export function checkOptions(options: PcscServiceOptions): CheckedOptions {
  const sharing = options.sharing ?? "shared";
  if (sharing !== "shared" && sharing !== "exclusive") {
    throw new RangeError(
      `Cannot open the PC/SC service: sharing is ${
        JSON.stringify(sharing)
      }, expected "shared" or "exclusive"`,
    );
  }
  const { apduTimeoutMs, powerTimeoutMs, closeTimeoutMs } = options;
  return {
    sharing,
    apduTimeoutMs: timeout(
      "apduTimeoutMs",
      apduTimeoutMs ?? DEFAULT_APDU_TIMEOUT_MS,
    ),
    powerTimeoutMs: timeout(
      "powerTimeoutMs",
      powerTimeoutMs ?? DEFAULT_POWER_TIMEOUT_MS,
    ),
    closeTimeoutMs: timeout(
      "closeTimeoutMs",
      closeTimeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS,
    ),
  };
}

function timeout(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAXIMUM_TIMEOUT_MS) {
    return value;
  }
  throw new RangeError(
    `Cannot open the PC/SC service: ${name} is ${value}, expected 1 to ${MAXIMUM_TIMEOUT_MS}`,
  );
}
