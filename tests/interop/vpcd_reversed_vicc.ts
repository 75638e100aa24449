/**
 * A vicc that listens (`vicc -R`), for a reader that connects.
 *
 * @module
 */

import type { ViccProgram } from "./vicc.ts";

const PYTHON = "/usr/bin/python3";
/** Deadline for vicc to obey SIGTERM. */
const STOP_MS = 5_000;

/** A running vicc that waits for its reader; one reader at a time. */
export class ReversedVicc implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  /** Starts the card, which listens on `port` a little later. */
  constructor(program: ViccProgram, port: number) {
    this.#child = new Deno.Command(PYTHON, {
      args: [program.script, "-t", "iso7816", "-R", "-P", `${port}`],
      env: { PYTHONPATH: program.pythonPath, PYTHONDONTWRITEBYTECODE: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Takes the card away: ends the process and waits for its end. */
  async stop(): Promise<void> {
    kill(this.#child, "SIGTERM");
    const forced = setTimeout(() => kill(this.#child, "SIGKILL"), STOP_MS);
    await this.#child.status;
    clearTimeout(forced);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof TypeError)) throw error;
  }
}
