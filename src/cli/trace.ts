/**
 * `scard trace`: what passes between resource manager, driver and card.
 *
 * @module
 */

import { parseTraceLine, Tracer, type TraceSink } from "../tracing/mod.ts";
import { runScript } from "./apdu_run.ts";
import { parseStep } from "./apdu_script.ts";
import { inFile, unreadable } from "./card_source.ts";
import { CliError, EXIT } from "./exit_codes.ts";
import { type Io, linesOf } from "./io.ts";
import { askMonitor } from "./monitor_client.ts";
import type { OptionRow, Options } from "./options.ts";
import { chooseReader, READER_OPTION } from "./reader_choice.ts";
import { openService, SERVICE_OPTIONS, wantsOwnReaders } from "./service.ts";
import { chooseSocket } from "./socket_path.ts";
import {
  clock,
  formatOfPath,
  TRACE_FORMATS,
  traceFormat,
  type TraceOutput,
  traceToFile,
  traceToOutput,
} from "./trace_output.ts";
import type { Verb } from "./verb.ts";

const MOST_EVENTS = 1_000_000_000;

const TRACE_OPTIONS: readonly OptionRow[] = [
  {
    name: "decode",
    short: "d",
    kind: "value",
    value: "FILE",
    words: "read a trace of JSON lines instead; - is standard input",
    completes: "file",
  },
  {
    name: "format",
    short: "f",
    kind: "value",
    value: "FORMAT",
    words: "text (default), json, pcapng",
    completes: TRACE_FORMATS,
  },
  {
    name: "output",
    short: "o",
    kind: "value",
    value: "FILE",
    words: "write there; the form is that of the name's end",
    completes: "file",
  },
  {
    name: "count",
    kind: "value",
    value: "N",
    words: "end after N events",
  },
];

async function openOutput(options: Options, io: Io): Promise<TraceOutput> {
  const path = options.value("output");
  const given = options.value("format");
  if (path === undefined) {
    return traceToOutput(traceFormat(given ?? "text"), io);
  }
  return await traceToFile(
    path,
    given === undefined ? formatOfPath(path) : traceFormat(given),
  );
}

/** Which events are wanted. */
function filter(options: Options): (reader: string) => boolean {
  const wanted = options.value("reader")?.toLowerCase();
  return (reader) =>
    wanted === undefined || reader.toLowerCase().includes(wanted);
}

/** Hands the lines of a trace to a sink, until they end or `--count` is reached. */
async function relay(
  lines: AsyncIterable<string>,
  sink: TraceSink,
  options: Options,
): Promise<void> {
  const isWanted = filter(options);
  let left = options.integer("count", 1, MOST_EVENTS) ?? Infinity;
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === "") continue;
    const event = parseTraceLine(line, number);
    if (!isWanted(event.reader)) continue;
    sink.write(event);
    if (--left <= 0) return;
  }
}

async function decode(
  path: string,
  output: TraceOutput,
  options: Options,
  io: Io,
): Promise<number> {
  options.noOperands();
  let stream: ReadableStream<Uint8Array>;
  try {
    stream = path === "-" ? io.input() : (await Deno.open(path)).readable;
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    await relay(linesOf(stream, 16 << 20), output.sink, options);
  } catch (error) {
    if (error instanceof TypeError) throw inFile(path, error);
    throw error;
  }
  return EXIT.done.code;
}

/** Follows the readers of a daemon, until it ends or the user has seen enough. */
async function follow(
  output: TraceOutput,
  options: Options,
  io: Io,
): Promise<number> {
  options.noOperands();
  const { path } = await chooseSocket(options.value("socket"), io);
  using client = await askMonitor(path, "trace");
  if (client === null) {
    throw new CliError(
      "noService",
      `Cannot follow the readers of ${path}: no daemon of this package found there, expected one; the readers of pcscd can be followed by scard serve --system`,
    );
  }
  const { signal } = io;
  const stop = () => client[Symbol.dispose]();
  signal.addEventListener("abort", stop);
  io.printError(`scard trace: following ${path}`);
  try {
    await relay(client.lines, output.sink, options);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return EXIT.done.code;
}

/** Runs commands on a reader of this process, and shows what passes below them. */
async function traceCommands(
  output: TraceOutput,
  options: Options,
  io: Io,
): Promise<number> {
  const steps = options.operands.map((word) => parseStep(word, "command line"))
    .filter((step) => step !== null);
  let left = options.integer("count", 1, MOST_EVENTS) ?? Infinity;
  const sink: TraceSink = {
    write: (event) => left-- > 0 && output.sink.write(event),
  };
  const tracer = new Tracer({ clock, sinks: [sink] });
  await using service = await openService(options, io, tracer);
  const { context, manager } = service;
  const name = chooseReader(manager.readers, options.value("reader"), io);
  const { signal } = io;
  const reconnect = { shareMode: "shared", protocols: 3 } as const;
  const connection = await context.connect(name, { ...reconnect, signal });
  try {
    // The trace tells all of it.
    const how = {
      print() {},
      json: false,
      raw: true,
      keepGoing: true,
      reconnect,
    };
    await runScript(connection, steps, how, io);
    await connection.disconnect();
  } finally {
    connection.close();
  }
  return EXIT.done.code;
}

async function run(options: Options, io: Io): Promise<number> {
  using output = await openOutput(options, io);
  const file = options.value("decode");
  if (file !== undefined) return await decode(file, output, options, io);
  return wantsOwnReaders(options)
    ? await traceCommands(output, options, io)
    : await follow(output, options, io);
}

/** `scard trace`. */
export const TRACE_VERB: Verb = {
  name: "trace",
  usage: [
    "[OPTIONS]",
    "[OPTIONS] --virtual [COMMAND...]",
    "[OPTIONS] --decode FILE",
  ],
  about:
    `Shows what passes at the readers of a running scard serve, until it is interrupted;
or below the commands given, with readers of its own; or what a recorded trace
holds. PIN data are blanked.`,
  options: [READER_OPTION, ...TRACE_OPTIONS, ...SERVICE_OPTIONS],
  exits: ["refused", "noService", "noReader", "denied", "outputClosed"],
  example: "scard trace --virtual 00A4040C06F044454E4F01",
  run,
};
