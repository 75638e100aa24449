/**
 * `scard serve`: the daemon that PC/SC programs take for pcscd.
 *
 * @module
 */

import {
  PCSC_LITE_SERVER_PROFILE,
  PcscLiteServer,
  type ServerEvent,
} from "../pcsclite/server/mod.ts";
import { ResourceManager } from "../resource_manager/mod.ts";
import { Tracer } from "../tracing/mod.ts";
import { CliError, EXIT, exitOf } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import { monitorPath, MonitorSocket } from "./monitor_socket.ts";
import { JSON_OPTION, type OptionRow, type Options } from "./options.ts";
import {
  OwnReaders,
  planReaders,
  portTaken,
  READER_OPTIONS,
  type ReaderPlan,
} from "./own_readers.ts";
import { ServeLog } from "./serve_log.ts";
import { defaultSocket, prepareDefaultSocket } from "./socket_path.ts";
import { clock, traceToFile } from "./trace_output.ts";
import type { Verb } from "./verb.ts";

/** Options of a daemon, besides its readers. */
export const DAEMON_OPTIONS: readonly OptionRow[] = [
  {
    name: "socket",
    kind: "value",
    value: "PATH",
    words: "where to listen; default $XDG_RUNTIME_DIR/scard.comm",
    completes: "file",
  },
  {
    name: "mode",
    kind: "value",
    value: "OCTAL",
    words: "permissions of the socket; default 0600, yours alone",
  },
  { ...JSON_OPTION, words: "the log as one JSON object a line" },
  {
    name: "metrics",
    kind: "value",
    value: "PORT",
    words: "metrics for Prometheus on http://127.0.0.1:PORT/metrics",
  },
  {
    name: "trace",
    kind: "value",
    value: "FILE",
    words: "write what passes, PIN data blanked: JSON lines, or\n" +
      "text where it is *.txt, a capture where *.pcapng",
    completes: "file",
  },
];

/** Permissions in octal. @throws {CliError} when it is none */
function socketMode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return parseInt(text, 8);
  throw new CliError(
    "usage",
    `Cannot use --mode: ${
      JSON.stringify(text)
    } found, expected three octal digits, such as 0600`,
  );
}

/** Where to listen; makes the folder of the default socket where it has to. */
async function daemonSocket(options: Options, io: Io): Promise<string> {
  const socket = options.value("socket");
  if (socket === undefined) await prepareDefaultSocket(io);
  return socket ?? defaultSocket(io);
}

/** The system's service must be another one: libpcsclite would find this daemon, and wait for itself. */
function assertNoLoop(plan: ReaderPlan, socketPath: string, io: Io): void {
  if (!plan.system || io.env("PCSCLITE_CSOCK_NAME") !== socketPath) return;
  throw new CliError(
    "usage",
    `Cannot use --system: PCSCLITE_CSOCK_NAME is ${socketPath}, the socket of this daemon, expected another or none`,
  );
}

async function serveMetrics(
  manager: ResourceManager,
  port: number,
  log: ServeLog,
): Promise<Deno.HttpServer> {
  const { metricsHandler } = await import("../resource_manager/mod.ts");
  const onListen = ({ port }: { port: number }) => {
    const url = `http://127.0.0.1:${port}/metrics`;
    log.tell("metrics", `metrics on ${url}`, { url });
  };
  try {
    return Deno.serve(
      { hostname: "127.0.0.1", port, onListen },
      metricsHandler(manager),
    );
  } catch (error) {
    throw portTaken(`127.0.0.1:${port}`, error);
  }
}

/** Listens beside the socket. @throws {CliError} when something else is there */
function openMonitor(
  manager: ResourceManager,
  tracer: Tracer,
  socketPath: string,
): MonitorSocket | null {
  try {
    return MonitorSocket.listen(manager, tracer, socketPath);
  } catch (error) {
    throw portTaken(monitorPath(socketPath), error);
  }
}

/** Listens. @throws {CliError} when another daemon does, or there can be no socket */
async function listen(
  manager: ResourceManager,
  socketPath: string,
  mode: number,
  log: ServeLog,
): Promise<PcscLiteServer> {
  const onEvent = (event: ServerEvent) => log.server(event);
  try {
    return await PcscLiteServer.listen({ manager, socketPath, mode, onEvent });
  } catch (error) {
    if (exitOf(error) === "denied" || !(error instanceof Error)) throw error;
    const isLive = error.message.includes("another server");
    throw new CliError(isLive ? "busy" : "usage", error.message, error);
  }
}

/**
 * Serves readers until the command is told to end.
 *
 * @param options {@linkcode DAEMON_OPTIONS}
 * @returns the exit code
 */
export async function serveReaders(
  plan: ReaderPlan,
  options: Options,
  io: Io,
): Promise<number> {
  const { signal } = io;
  const log = new ServeLog(io, options.has("json"));
  const mode = socketMode(options.value("mode") ?? "0600");
  const port = options.integer("metrics", 0, 65_535);
  const socketPath = await daemonSocket(options, io);
  assertNoLoop(plan, socketPath, io);
  const tracer = new Tracer({ clock });
  // What comes last ends first.
  await using stack = new AsyncDisposableStack();
  const traceFile = options.value("trace");
  if (traceFile !== undefined) {
    tracer.addSink(stack.use(await traceToFile(traceFile)).sink);
  }
  const manager = new ResourceManager({ profile: PCSC_LITE_SERVER_PROFILE });
  // A socket that another daemon listens on is found before any reader is opened.
  const server = await listen(manager, socketPath, mode, log);
  let readers: OwnReaders | null = null;
  stack.defer(async () => await readers?.[Symbol.asyncDispose]());
  stack.defer(() => manager.close());
  stack.use(server);
  readers = await OwnReaders.open(manager, plan, tracer, log);
  const monitor = openMonitor(manager, tracer, socketPath);
  if (monitor !== null) stack.use(monitor);
  if (port !== undefined) stack.use(await serveMetrics(manager, port, log));
  log.tell("listening", "listening; PC/SC programs find it after this line:", {
    socket: socketPath,
  });
  if (!options.has("json")) {
    io.print(`export PCSCLITE_CSOCK_NAME=${shellWord(absolute(socketPath))}`);
  }
  if (!signal.aborted) {
    await new Promise((end) => signal.addEventListener("abort", end));
  }
  log.tell("ending", "ending");
  return EXIT.done.code;
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
}

/** A word as a shell reads it back. */
function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text)
    ? text
    : `'${text.replaceAll("'", "'\\''")}'`;
}

async function run(options: Options, io: Io): Promise<number> {
  const files = options.operands;
  if (files.length > 0 && options.list("virtual").length === 0) {
    options.noOperands();
  }
  const plan = await planReaders(options, files);
  const isEmpty = plan.cards.length + plan.vpcd.length + plan.serial.length ===
      0 && !plan.system;
  // So that a newcomer sees something.
  const { cardSource } = await import("./card_source.ts");
  const full = isEmpty ? { ...plan, cards: [await cardSource("")] } : plan;
  return await serveReaders(full, options, io);
}

/** `scard serve`. */
export const SERVE_VERB: Verb = {
  name: "serve",
  usage: ["[OPTIONS]", "[OPTIONS] --virtual FILE..."],
  about:
    `Runs a service that PC/SC programs take for pcscd, and prints the line by which
they find it. Without readers it has a virtual one, with a card in it. Whoever may
open the socket may use the cards. SIGINT and SIGTERM end it. Beside the socket is
another, .monitor, for monitor, trace and doctor; it is always yours alone.`,
  options: [...DAEMON_OPTIONS, ...READER_OPTIONS],
  operands: "file",
  exits: ["busy", "denied"],
  example: "scard serve --virtual --socket ./scard.comm",
  run,
};
