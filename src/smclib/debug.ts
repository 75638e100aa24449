/**
 * Debug output and its level: one value for the whole library, silent unless debug mode was switched on at start-up.
 *
 * @module
 */

import { DEBUG_BREAK, DEBUG_ERROR } from "./smclib_constants.ts";

/** Name in front of debug messages (DRIVER_NAME). */
export const DRIVER_NAME = "SMCLIB";

/** What debug mode needs from its surroundings. */
export interface DebugOptions {
  /** Takes a line of output; the standard error stream by default. */
  print?: (line: string) => void;
  /** Takes a failed or forced assertion; `console.assert` by default. */
  assert?: (condition: boolean, message: string) => void;
  /** Reads a clock for the performance counters; they stay 0 without one. */
  ticks?: () => number;
}

class DebugMode {
  enabled = false;
  level = 0;
  print: (line: string) => void = console.error;
  assert: (condition: boolean, message: string) => void = console.assert;
  ticks: () => number = () => 0;
}

/** The state of debug mode; the library's own. */
export const debugMode: DebugMode = new DebugMode();

/** Start-up function: makes this a "debug build". */
export function startDebugMode(options: DebugOptions = {}): void {
  Object.assign(debugMode, new DebugMode(), options, {
    enabled: true,
    level: debugMode.level,
  });
}

/** Ends debug mode: back to a silent library. */
export function stopDebugMode(): void {
  Object.assign(debugMode, new DebugMode());
}

/** SmartcardSetDebugLevel: the mask of DEBUG_* that are printed besides DEBUG_ERROR. */
export function SmartcardSetDebugLevel(level: number): void {
  debugMode.level = level >>> 0;
}

/** SmartcardGetDebugLevel: the mask last set. */
export function SmartcardGetDebugLevel(): number {
  return debugMode.level;
}

/**
 * SmartcardDebug: prints in debug mode when `level & (DEBUG_ERROR | current level)` is not 0.
 * With DEBUG_BREAK in the current level every call raises an assertion, printed or not.
 *
 * @param message the text, or a function that makes it when it is wanted
 */
export function SmartcardDebug(
  level: number,
  message: string | (() => string),
): void {
  if (!debugMode.enabled) return;
  const wanted = (level & (DEBUG_ERROR | debugMode.level)) !== 0;
  const breaks = (debugMode.level & DEBUG_BREAK) !== 0;
  if (!wanted && !breaks) return;
  const text = `${DRIVER_NAME}: ${
    typeof message === "string" ? message : message()
  }`;
  if (wanted) debugMode.print(text);
  if (breaks) debugMode.assert(false, text);
}
