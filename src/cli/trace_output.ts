/**
 * Traces as text, JSON lines or a capture.
 *
 * @module
 */

import {
  jsonSink,
  pcapngSink,
  textSink,
  type TraceSink,
} from "../tracing/mod.ts";
import { CliError } from "./exit_codes.ts";
import type { Io } from "./io.ts";

const ENCODER = new TextEncoder();

/** Forms of a trace. */
export const TRACE_FORMATS = ["text", "json", "pcapng"] as const;
/** A form of a trace. */
export type TraceFormat = (typeof TRACE_FORMATS)[number];

/** The form of this name. @throws {CliError} when there is none */
export function traceFormat(text: string): TraceFormat {
  const format = TRACE_FORMATS.find((format) => format === text);
  if (format !== undefined) return format;
  throw new CliError(
    "usage",
    `Cannot use --format: ${JSON.stringify(text)} found, expected ${
      TRACE_FORMATS.join(", ")
    }`,
  );
}

/** The form that a file's name asks for: `.pcapng`, `.txt` and `.log`, else JSON lines. */
export function formatOfPath(path: string): TraceFormat {
  if (path.endsWith(".pcapng")) return "pcapng";
  return /\.(txt|log)$/.test(path) ? "text" : "json";
}

/** Makes events of one form. */
export function traceSink(
  format: TraceFormat,
  out: {
    readonly print: (line: string) => void;
    readonly write: (bytes: Uint8Array) => void;
  },
): TraceSink {
  if (format === "pcapng") return pcapngSink(out.write);
  return format === "json" ? jsonSink(out.print) : textSink(out.print);
}

/** Microseconds since 1970, for a tracer. */
export function clock(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}

/** A trace that goes somewhere. */
export interface TraceOutput extends Disposable {
  /** Takes the events. */
  readonly sink: TraceSink;
}

/** Writes to a file, which is made anew, for its owner alone. @throws {CliError} when it cannot be written */
export async function traceToFile(
  path: string,
  format: TraceFormat = formatOfPath(path),
): Promise<TraceOutput> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, {
      write: true,
      create: true,
      truncate: true,
      mode: 0o600,
    });
  } catch (error) {
    const isDenied = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotCapable;
    throw new CliError(
      isDenied ? "denied" : "usage",
      `Cannot write ${JSON.stringify(path)}: ${
        error instanceof Error ? error.message : error
      }, expected a file that can be written`,
      error,
    );
  }
  // At once, so that whoever looks at the file sees what has passed.
  const write = (bytes: Uint8Array) => {
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
  };
  const print = (line: string) => write(ENCODER.encode(`${line}\n`));
  return {
    sink: traceSink(format, { print, write }),
    [Symbol.dispose]: () => file.close(),
  };
}

/** Writes to standard output. @throws {CliError} for a capture on a terminal */
export function traceToOutput(format: TraceFormat, io: Io): TraceOutput {
  if (format === "pcapng" && io.outputIsTerminal) {
    throw new CliError(
      "usage",
      "Cannot write a capture: a terminal found, expected a file or a pipe",
    );
  }
  // Of a sink that throws the tracer only takes note: the end of the output is told later.
  return {
    sink: traceSink(format, {
      print: (line) => io.print(line),
      write: (bytes) => io.write(bytes),
    }),
    [Symbol.dispose]() {},
  };
}
