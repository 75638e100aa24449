/**
 * Runs a script of commands on a connection.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import {
  type ConnectionBackend,
  SCARD_UNPOWER_CARD,
} from "../resource_manager/mod.ts";
import { describeCommand, describeResponse } from "../tracing/mod.ts";
import { sendCommand } from "./apdu_send.ts";
import { isExpected, type ScriptStep } from "./apdu_script.ts";
import type { Io } from "./io.ts";
import { paintFor } from "./paint.ts";

/** How a script is run. */
export interface RunOptions {
  /** Takes one line of what comes of it. */
  readonly print: (line: string) => void;
  /** One JSON object a line instead of words. */
  readonly json: boolean;
  /** Whether to go on behind an answer that was not expected. */
  readonly keepGoing: boolean;
  /** Whether nothing is sent that the script does not hold. */
  readonly raw: boolean;
  /** Share mode and protocols of a reconnect. */
  readonly reconnect: {
    readonly shareMode: "shared" | "exclusive";
    readonly protocols: number;
  };
}

/** A script shorter than this needs no progress line. */
const LONG_SCRIPT = 20;
/** Least time between two looks of the progress line, in milliseconds. */
const PROGRESS_MS = 100;
const CLEAR_LINE = "\r\x1b[K";

/** The progress line of a long script, on standard error if that is a terminal. */
class Progress {
  readonly #io: Io;
  readonly #total: number;
  readonly #isShown: boolean;
  #last = 0;

  constructor(io: Io, total: number) {
    this.#io = io;
    this.#total = total;
    this.#isShown = io.errorIsTerminal && total >= LONG_SCRIPT;
  }

  /** So many steps are done. */
  show(done: number): void {
    const now = performance.now();
    if (!this.#isShown || now - this.#last < PROGRESS_MS) return;
    this.#last = now;
    const percent = Math.floor(100 * done / this.#total);
    this.#io.writeError(
      `${CLEAR_LINE}${done} of ${this.#total} commands, ${percent} %`,
    );
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.#isShown) this.#io.writeError(CLEAR_LINE);
  }
}

/**
 * Runs a script, and prints what comes of it.
 *
 * @returns how many answers were not as expected
 * @throws {ResourceManagerError} when card or reader fail; the signal's reason
 */
export async function runScript(
  connection: ConnectionBackend,
  steps: readonly ScriptStep[],
  options: RunOptions,
  io: Io,
): Promise<number> {
  const progress = new Progress(io, steps.length);
  const signal = io.signal;
  let refused = 0;
  try {
    for (const [index, step] of steps.entries()) {
      signal.throwIfAborted();
      progress.show(index);
      const isRight = step.kind === "reset"
        ? await reset(connection, options, io)
        : await transmit(connection, step, options, progress, io);
      if (isRight) continue;
      refused++;
      if (!options.keepGoing) break;
    }
  } finally {
    progress.clear();
  }
  return refused;
}

async function reset(
  connection: ConnectionBackend,
  { json, reconnect, print }: RunOptions,
  io: Io,
): Promise<true> {
  await connection.reconnect({
    ...reconnect,
    initialization: SCARD_UNPOWER_CARD,
    signal: io.signal,
  });
  const { atr } = await connection.status({ signal: io.signal });
  const shown = toHex(atr ?? new Uint8Array(0), json ? "" : " ");
  print(
    json ? JSON.stringify({ reset: true, atr: shown }) : `reset ${shown}`,
  );
  return true;
}

async function transmit(
  connection: ConnectionBackend,
  { command, expected, place }: ScriptStep & { kind: "command" },
  { json, raw, print }: RunOptions,
  progress: Progress,
  io: Io,
): Promise<boolean> {
  const { dim, red } = paintFor(io);
  const start = performance.now();
  const { signal } = io;
  const response = raw
    ? await connection.transmit(command, { signal })
    : await sendCommand(connection, command, signal);
  const milliseconds = +(performance.now() - start).toFixed(3);
  const ok = isExpected(response, expected);
  progress.clear();
  if (json) {
    print(JSON.stringify({
      command: toHex(command),
      response: toHex(response),
      sw: toHex(response.slice(-2)),
      expected: expected?.text ?? null,
      ok,
      milliseconds,
    }));
    return ok;
  }
  print(`> ${toHex(command, " ")}   ${dim(describeCommand(command))}`);
  print(`< ${toHex(response, " ")}   ${dim(describeResponse(response))}`);
  if (!ok && expected !== null) {
    print(red(`! expected ${expected.text} (${place})`));
  }
  return ok;
}
