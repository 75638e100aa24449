/**
 * Traces for people: one aligned line an event, long data wrapped below it.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import type { TraceDetail, TraceEvent } from "./events.ts";
import type { TraceSink } from "./tracer.ts";

/** How a trace is laid out. */
export interface TextSinkOptions {
  /** Most bytes shown of one event; of the rest only the number is. Default 256. */
  readonly limitBytes?: number;
  /** Bytes in a row; up to so many stand in the line of the event. Default 16. */
  readonly rowBytes?: number;
}

const NUMBER_WIDTH = 6;
const TIME_WIDTH = 17;
const FLOOR_WIDTH = "callback".length;
const MICROSECONDS = 1_000_000;

/** What happened, without its bytes: `IOCTL_SMARTCARD_POWER COLD_RESET`. */
export function describeEvent(detail: TraceDetail): string {
  switch (detail.kind) {
    case "request":
      return `${detail.name} ${detail.words}`.trimEnd();
    case "pending":
      return `${detail.name} = STATUS_PENDING`;
    case "completion":
      return `${detail.name} = ${detail.statusName}${
        detail.words === "" ? "" : `, ${detail.words}`
      }`;
    case "failure":
      return `${detail.name} threw ${detail.message}`;
    case "call":
      return detail.name;
    case "return":
      return `${detail.name} returned`;
    case "reset":
      return `${detail.reset} reset`;
    case "power-off":
      return "power off";
    case "configure": {
      const { f, d, clockKhz, bitsPerSecond, guardTimeMicroseconds } =
        detail.settings;
      return `F = ${f}, D = ${d}, ${clockKhz} kHz, ${bitsPerSecond} bit/s, ` +
        `guard time ${guardTimeMicroseconds} us, ${detail.settings.stopBits} stop bits`;
    }
    case "sent":
    case "received":
      return detail.words;
  }
}

/** Direction: into the floor, out of it, or neither. */
function arrow({ begin, detail }: TraceEvent): string {
  if (detail.kind === "sent" || detail.kind === "request") return "->";
  return begin === null ? "--" : "<-";
}

/** The bytes of an event, and none where it has none. */
function bytesOf(detail: TraceDetail): Uint8Array | null {
  return "bytes" in detail && detail.bytes.length > 0 ? detail.bytes : null;
}

/** Names and messages come from anywhere: none breaks the line. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ");
}

function seconds(timeMicroseconds: number | null): string {
  if (timeMicroseconds === null) return "-";
  return (timeMicroseconds / MICROSECONDS).toFixed(6);
}

/**
 * A sink that makes text.
 *
 * @param print takes one line, without its end
 * @throws {RangeError} when an option is no positive whole number
 */
export function textSink(
  print: (line: string) => void,
  options: TextSinkOptions = {},
): TraceSink {
  const { limitBytes = 256, rowBytes = 16 } = options;
  for (const [name, value] of Object.entries({ limitBytes, rowBytes })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new RangeError(
      `Cannot make a text sink: ${name} is ${value}, expected a positive whole number`,
    );
  }
  let readerWidth = 0;
  return {
    write(event: TraceEvent): void {
      const { number, begin, timeMicroseconds, floor, detail } = event;
      const reader = oneLine(event.reader);
      readerWidth = Math.max(readerWidth, reader.length);
      const pair = begin === null ? "" : `${begin}`;
      const start = [
        `${number}`.padStart(NUMBER_WIDTH),
        pair.padStart(NUMBER_WIDTH),
        seconds(timeMicroseconds).padStart(TIME_WIDTH),
        reader.padEnd(readerWidth),
        floor.padEnd(FLOOR_WIDTH),
        arrow(event),
      ].join(" ");
      const bytes = bytesOf(detail);
      const words = oneLine(describeEvent(detail));
      if (bytes !== null && bytes.length <= Math.min(rowBytes, limitBytes)) {
        print(`${start} ${words}: ${toHex(bytes, " ")}${marker(detail)}`);
        return;
      }
      print(`${start} ${words}${marker(detail)}`);
      if (bytes !== null) {
        rows(bytes, start.length, limitBytes, rowBytes, print);
      }
    },
  };
}

function marker(detail: TraceDetail): string {
  return "blanked" in detail && detail.blanked ? " (blanked)" : "";
}

function rows(
  bytes: Uint8Array,
  indent: number,
  limitBytes: number,
  rowBytes: number,
  print: (line: string) => void,
): void {
  const margin = " ".repeat(indent);
  const end = Math.min(bytes.length, limitBytes);
  for (let at = 0; at < end; at += rowBytes) {
    const row = bytes.subarray(at, Math.min(at + rowBytes, end));
    print(`${margin} ${`${at}`.padStart(5)}  ${toHex(row, " ")}`);
  }
  if (end < bytes.length) {
    print(`${margin}        ... ${bytes.length - end} more bytes`);
  }
}
