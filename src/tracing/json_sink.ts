/**
 * Traces for programs: JSON lines.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import type { TraceEvent } from "./events.ts";
import type { TraceSink } from "./tracer.ts";

/** Version of the schema, the member `v` of each line. It changes when a member goes or changes its meaning; new ones may come without. */
export const TRACE_VERSION = 1;

/**
 * One event as a line of JSON. Members: `v` (the version), those of
 * {@linkcode TraceEvent} but `detail`, then those of the detail; bytes are
 * hexadecimal text. Lines can be read back with `parseTrace`.
 */
export function traceLine(event: TraceEvent): string {
  const { detail, ...rest } = event;
  const line: Record<string, unknown> = { v: TRACE_VERSION, ...rest };
  for (const [name, value] of Object.entries(detail)) {
    line[name] = value instanceof Uint8Array ? toHex(value) : value;
  }
  return JSON.stringify(line);
}

/** A sink that makes JSON lines. @param print takes one line, without its end */
export function jsonSink(print: (line: string) => void): TraceSink {
  return { write: (event) => print(traceLine(event)) };
}
