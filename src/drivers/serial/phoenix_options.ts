/**
 * What there is to know of a Phoenix or Smartmouse adaptor.
 *
 * @module
 */

import { systemTimer, type Timer } from "../../contact_reader/mod.ts";
import type { PortRates } from "./phoenix_rates.ts";

/** An output line and what it does. */
export interface LineUse {
  /** Which line. */
  readonly line: "rts" | "dtr";
  /** Whether it acts while it is not asserted; default false. */
  readonly inverted?: boolean;
}

/** Adaptor and port of a {@linkcode PhoenixLink}. */
export interface PhoenixLinkOptions {
  /** Clock that the adaptor's crystal gives the card, in kHz: 3579.545 (default), 3686.4, 4000, 6000; 1000 to 20 000. */
  readonly clockKhz?: number;
  /** The line that holds the card in reset while it acts; default RTS, not inverted. */
  readonly reset?: LineUse;
  /** The line that gives the card its power while it acts; default: none, the card has power always. */
  readonly power?: LineUse;
  /** How long a reset and a power cut last, in milliseconds; default 20; 1 to 10 000. */
  readonly resetHoldMs?: number;
  /** What driver, adaptor and computer add to the card's times, in milliseconds; default 50; 0 to 10 000. */
  readonly hostLatencyMs?: number;
  /**
   * Whether the parity of the card's characters is checked; default true. False is for
   * ports whose driver tells of errors at the wrong character.
   */
  readonly checkParity?: boolean;
  /** Highest speed of port and adaptor, in bits per second; default 115 200. */
  readonly maxBaudRate?: number;
  /** The speeds that the port makes, in bits per second; default: any up to `maxBaudRate`. */
  readonly baudRates?: readonly number[];
  /** How to wait; default: the runtime's timer. */
  readonly timer?: Timer;
}

/** The same with every default filled in. */
export interface PhoenixSettings {
  /** Clock of the card, in kHz. */
  readonly clockKhz: number;
  /** The reset line. */
  readonly reset: Required<LineUse>;
  /** The power line, if there is one. */
  readonly power: Required<LineUse> | null;
  /** Length of a reset, in milliseconds. */
  readonly resetHoldMs: number;
  /** Added to the card's times, in milliseconds. */
  readonly hostLatencyMs: number;
  /** Whether parity is checked. */
  readonly checkParity: boolean;
  /** The speeds of the port. */
  readonly rates: PortRates;
  /** How to wait. */
  readonly timer: Timer;
}

/** Fills in the defaults. @throws {RangeError} naming the option that is out of range */
export function phoenixSettings(options: PhoenixLinkOptions): PhoenixSettings {
  const reset = lineUse(options.reset ?? { line: "rts" });
  const power = options.power === undefined ? null : lineUse(options.power);
  if (power?.line === reset.line) {
    throw new RangeError(
      `Cannot set up a Phoenix reader: reset and power both on ${reset.line}, expected two lines`,
    );
  }
  const { baudRates } = options;
  for (const rate of baudRates ?? []) within("baudRates", rate, 1, 4_000_000);
  return {
    clockKhz: within("clockKhz", options.clockKhz ?? 3579.545, 1000, 20_000),
    reset,
    power,
    resetHoldMs: within("resetHoldMs", options.resetHoldMs ?? 20, 1, 10_000),
    hostLatencyMs: within(
      "hostLatencyMs",
      options.hostLatencyMs ?? 50,
      0,
      10_000,
    ),
    checkParity: options.checkParity ?? true,
    rates: {
      maxBaudRate: within(
        "maxBaudRate",
        options.maxBaudRate ?? 115_200,
        1,
        4_000_000,
      ),
      baudRates: baudRates === undefined ? null : [...baudRates],
    },
    timer: options.timer ?? systemTimer,
  };
}

function lineUse({ line, inverted = false }: LineUse): Required<LineUse> {
  return { line, inverted };
}

function within(
  name: string,
  value: number,
  low: number,
  high: number,
): number {
  if (value >= low && value <= high) return value;
  throw new RangeError(
    `Cannot set up a Phoenix reader: ${name} is ${value}, expected ${low} to ${high}`,
  );
}
