/**
 * The event log of reader drivers: one structured record per event.
 *
 * @module
 */

import { hex32 } from "../bytes.ts";
import { debugMode, SmartcardDebug } from "./debug.ts";
import { DEBUG_ERROR } from "./smclib_constants.ts";

/** One event (SmartcardLogError). */
export interface LogRecord {
  /** The device, or the driver if no device exists yet. */
  readonly object: unknown;
  /** Message id: severity 2 bits, customer 1, reserved 1, facility 12, code 16. */
  readonly errorCode: number;
  /** Text of the event, or null. */
  readonly insertion: string | null;
  /** One number shown with the event. */
  readonly dumpWord: number;
}

/** Takes log records. */
export type LogSink = (record: LogRecord) => void;

let sink: LogSink | null = null;

/** Sets who takes the log records; null drops them, except for a line of output in debug mode. */
export function setLogSink(next: LogSink | null): void {
  sink = next;
}

/** SmartcardLogError: writes one record; never fails. */
export function SmartcardLogError(
  object: unknown,
  errorCode: number,
  insertion: string | null = null,
  dumpWord = 0,
): void {
  const record: LogRecord = {
    object,
    errorCode: errorCode >>> 0,
    insertion,
    dumpWord: dumpWord >>> 0,
  };
  if (debugMode.enabled) SmartcardDebug(DEBUG_ERROR, () => describe(record));
  try {
    sink?.(record);
  } catch (error) {
    // A failing log must not fail the driver; debug mode shows it.
    SmartcardDebug(DEBUG_ERROR, `log sink failed: ${error}`);
  }
}

function describe(record: LogRecord): string {
  return `event ${hex32(record.errorCode)} ${
    record.insertion ?? ""
  } (${record.dumpWord})`;
}
