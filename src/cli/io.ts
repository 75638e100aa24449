/**
 * What a verb has of the world: output, input, environment, and the wish to stop. Tests
 * put another one in its place.
 *
 * @module
 */

import { EXIT } from "./exit_codes.ts";
import { printLine } from "./output.ts";

/** Size of a terminal, in characters. */
export interface TerminalSize {
  /** Width. */
  readonly columns: number;
  /** Height. */
  readonly rows: number;
}

/** The world of a verb. */
export interface Io {
  /** Writes a line to standard output. @throws {Deno.errors.BrokenPipe} when nobody reads any more */
  print(line: string): void;
  /** Writes bytes to standard output. */
  write(bytes: Uint8Array): void;
  /** Writes a line to standard error. */
  printError(line: string): void;
  /** Writes text to standard error as it is: for a progress line. */
  writeError(text: string): void;
  /** Standard input. */
  input(): ReadableStream<Uint8Array>;
  /** A variable of the environment. */
  env(name: string): string | undefined;
  /** Whether standard output is a terminal. */
  readonly outputIsTerminal: boolean;
  /** Whether standard error is a terminal. */
  readonly errorIsTerminal: boolean;
  /** Size of the terminal; null when there is none. */
  size(): TerminalSize | null;
  /** Aborts when the user or the system wants the command to end. */
  readonly signal: AbortSignal;
}

const ENCODER = new TextEncoder();

/** Writes all of `bytes`. */
function writeAll(
  to: { writeSync(bytes: Uint8Array): number },
  bytes: Uint8Array,
): void {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(to.writeSync(rest));
}

/** The process itself. */
export class ProcessIo implements Io {
  #signal: AbortSignal | null = null;

  /** See {@linkcode Io.print}. */
  print(line: string): void {
    printLine(line);
  }

  /** See {@linkcode Io.write}. */
  write(bytes: Uint8Array): void {
    writeAll(Deno.stdout, bytes);
  }

  /** See {@linkcode Io.printError}. */
  printError(line: string): void {
    this.writeError(`${line}\n`);
  }

  /** See {@linkcode Io.writeError}. */
  writeError(text: string): void {
    try {
      writeAll(Deno.stderr, ENCODER.encode(text));
    } catch (error) {
      // Whoever closed standard error does not want to hear.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  }

  /** See {@linkcode Io.input}. */
  input(): ReadableStream<Uint8Array> {
    return Deno.stdin.readable;
  }

  /** See {@linkcode Io.env}. Without the permission to read it, the environment is empty. */
  env(name: string): string | undefined {
    const query = { name: "env", variable: name } as const;
    const { state } = Deno.permissions.querySync(query);
    return state === "granted" ? Deno.env.get(name) || undefined : undefined;
  }

  /** See {@linkcode Io.outputIsTerminal}. */
  get outputIsTerminal(): boolean {
    return Deno.stdout.isTerminal();
  }

  /** See {@linkcode Io.errorIsTerminal}. */
  get errorIsTerminal(): boolean {
    return Deno.stderr.isTerminal();
  }

  /** See {@linkcode Io.size}. */
  size(): TerminalSize | null {
    return this.outputIsTerminal ? Deno.consoleSize() : null;
  }

  /** See {@linkcode Io.signal}. Aborts by SIGINT and SIGTERM; a second one ends the process at once. */
  get signal(): AbortSignal {
    this.#signal ??= listenToSignals();
    return this.#signal;
  }
}

function listenToSignals(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) Deno.exit(EXIT.interrupted.code);
    controller.abort(new DOMException("Interrupted", "AbortError"));
  };
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
  return controller.signal;
}

/** A line longer than this is cut: no line that the command reads is so long. */
const MAX_LINE = 1 << 20;

/** Lines of a stream, those that are empty, too, without their ends. */
export async function* linesOf(
  stream: ReadableStream<Uint8Array>,
  maxLength: number = MAX_LINE,
): AsyncGenerator<string> {
  let line = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const pieces = decoder.decode(chunk, { stream: true }).split("\n");
    for (let i = 0; i < pieces.length; i++) {
      if (i > 0) {
        yield line.replace(/\r$/, "");
        line = "";
      }
      if (line.length < maxLength) line += pieces[i].slice(0, maxLength);
    }
  }
  if (line !== "") yield line.replace(/\r$/, "");
}
