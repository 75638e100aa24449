/**
 * Programs that run beside the bench: each is ended by its id, and has a deadline.
 *
 * @module
 */

/** How long a program has to end after SIGTERM, in milliseconds. */
const STOP_MS = 5000;

/** A program that runs until it is disposed of. */
export class Child implements AsyncDisposable {
  /** Of the process. */
  readonly pid: number;
  readonly #process: Deno.ChildProcess;

  /** Runs `command` without input or output; what it says of errors is seen. */
  constructor(
    [program, ...args]: readonly [string, ...string[]],
    stderr: "inherit" | "null" = "inherit",
  ) {
    this.#process = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr,
    }).spawn();
    this.pid = this.#process.pid;
  }

  /** Bytes of memory that are its own at this moment (VmRSS). */
  residentBytes(): number {
    const kib = this.#status().match(/^VmRSS:\s*(\d+) kB$/m);
    if (kib === null) {
      throw new Error(`Cannot measure process ${this.pid}: it has ended`);
    }
    return Number(kib[1]) * 1024;
  }

  /** Processors it may use, as Linux lists them: `0-1`, for example. */
  processors(): string {
    return this.#status().match(/^Cpus_allowed_list:\s*(.+)$/m)?.[1] ?? "";
  }

  #status(): string {
    return Deno.readTextFileSync(`/proc/${this.pid}/status`);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    kill(this.#process, "SIGTERM");
    const forced = setTimeout(() => kill(this.#process, "SIGKILL"), STOP_MS);
    await this.#process.status;
    clearTimeout(forced);
  }
}

/**
 * Runs a program to its end.
 *
 * @param deadlineMs after which it is ended, in milliseconds
 * @returns what it printed
 * @throws {Error} when it fails, or has to be ended
 */
export async function output(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  deadlineMs: number,
): Promise<string> {
  const child = new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill(child, "SIGKILL");
  }, deadlineMs);
  const { success, code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  const end = isLate ? `no end after ${deadlineMs} ms` : `exit code ${code}`;
  throw new Error(
    `Cannot run ${program} ${args.join(" ")}: ${end}: ${text.decode(stderr)}`,
  );
}

/** Sends a signal; a process that has ended by itself does not mind. */
export function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
