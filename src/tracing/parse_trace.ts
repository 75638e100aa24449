/**
 * Reads JSON lines of a trace back.
 *
 * @module
 */

import type { LinkSettings } from "../contact_reader/mod.ts";
import { CheckedFields } from "./checked_fields.ts";
import type {
  TracedBytes,
  TraceDetail,
  TraceEvent,
  TraceFloor,
  TraceUnit,
} from "./events.ts";
import { TRACE_VERSION } from "./json_sink.ts";

const FLOORS: readonly TraceFloor[] = ["device", "callback", "link"];
const UNITS: readonly TraceUnit[] = ["atr", "pps", "t0", "t1", "unknown"];
const KINDS: readonly TraceDetail["kind"][] = [
  "request",
  "pending",
  "completion",
  "failure",
  "call",
  "return",
  "reset",
  "power-off",
  "configure",
  "sent",
  "received",
];

/**
 * The events of a trace, one for each line; empty lines are passed over. Lines are
 * read as they are asked for.
 *
 * @throws {TypeError} with the number of the line that is no event of this version
 */
export function* parseTrace(lines: Iterable<string>): Generator<TraceEvent> {
  let number = 0;
  for (const line of lines) {
    number++;
    if (line.trim() !== "") yield parseTraceLine(line, number);
  }
}

/**
 * The event of one line.
 *
 * @param lineNumber named in messages
 * @throws {TypeError} when it is no event of this version
 */
export function parseTraceLine(line: string, lineNumber: number): TraceEvent {
  const what = `trace line ${lineNumber}`;
  const fields = new CheckedFields(what, parseJson(line, what));
  if (fields.raw("v") !== TRACE_VERSION) fields.refuse("v", `${TRACE_VERSION}`);
  const isFirst = fields.raw("begin") === null;
  const hasNoTime = fields.raw("timeMicroseconds") === null;
  return {
    number: fields.whole("number"),
    begin: isFirst ? null : fields.whole("begin"),
    timeMicroseconds: hasNoTime ? null : fields.amount("timeMicroseconds"),
    reader: fields.text("reader"),
    floor: fields.choice("floor", FLOORS),
    detail: detailOf(fields),
  };
}

function parseJson(line: string, what: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new TypeError(
      `Cannot read ${what}: ${
        JSON.stringify(line.slice(0, 40))
      } found, expected a JSON object`,
      { cause: error },
    );
  }
}

function tracedBytes(fields: CheckedFields): TracedBytes {
  return {
    bytes: fields.bytes("bytes"),
    blanked: fields.flag("blanked"),
    words: fields.text("words"),
  };
}

function detailOf(fields: CheckedFields): TraceDetail {
  const kind = fields.choice("kind", KINDS);
  switch (kind) {
    case "request":
    case "pending":
    case "completion": {
      const name = fields.text("name");
      const code = fields.whole("code");
      if (kind === "pending") return { kind, name, code };
      const start = { name, code, ...tracedBytes(fields) };
      if (kind === "request") return { kind, ...start };
      const status = fields.whole("status");
      const statusName = fields.text("statusName");
      return { kind, ...start, status, statusName };
    }
    case "failure":
      return {
        kind,
        name: fields.text("name"),
        message: fields.text("message"),
      };
    case "call":
    case "return":
      return {
        kind,
        name: fields.choice("name", ["cleanup", "sleep", "wake"]),
      };
    case "reset":
      return { kind, reset: fields.choice("reset", ["cold", "warm"]) };
    case "power-off":
      return { kind };
    case "configure":
      return { kind, settings: settingsOf(fields) };
    case "sent":
    case "received": {
      const unit = fields.choice("unit", UNITS);
      return { kind, unit, ...tracedBytes(fields) };
    }
  }
}

function settingsOf(fields: CheckedFields): LinkSettings {
  const settings = new CheckedFields(
    `${fields.what}, settings`,
    fields.raw("settings"),
  );
  return {
    f: settings.amount("f"),
    d: settings.amount("d"),
    clockKhz: settings.amount("clockKhz"),
    bitsPerSecond: settings.amount("bitsPerSecond"),
    guardTimeMicroseconds: settings.amount("guardTimeMicroseconds"),
    stopBits: settings.amount("stopBits"),
  };
}
