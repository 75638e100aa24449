/**
 * Programs run to their end.
 *
 * @module
 */

import { DEADLINE_MS, withinDeadline } from "./deadline.ts";

/** How to run a program. */
export interface RunOptions {
  /** Where it runs; left out: where this process does. */
  readonly cwd?: URL;
  /** Variables besides those of this process. */
  readonly env?: Record<string, string>;
  /** What it reads; left out: nothing. */
  readonly input?: string;
  /** Milliseconds that it has. */
  readonly deadlineMs?: number;
}

/** What a program wrote, and whether it ended well. */
export interface ProgramRun {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longest command line that an error tells whole, in characters. */
const MAX_TOLD = 200;

function told(program: string, args: readonly string[]): string {
  const line = [program, ...args].join(" ");
  return line.length > MAX_TOLD ? `${line.slice(0, MAX_TOLD)}...` : line;
}

/**
 * Runs a program to its end; at the deadline it is killed.
 *
 * @throws {Deno.errors.NotFound} when there is no such program
 * @throws {Error} at the deadline, naming it and the command line
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ProgramRun> {
  const { cwd, env, input, deadlineMs = DEADLINE_MS } = options;
  const child = new Deno.Command(program, {
    args: [...args],
    cwd,
    env,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await withinDeadline(told(program, args), async (signal) => {
    const kill = () => child.kill("SIGKILL");
    signal.addEventListener("abort", kill);
    try {
      const [{ success, stdout, stderr }] = await Promise.all([
        child.output(),
        input === undefined ? undefined : write(child.stdin, input),
      ]);
      const decoder = new TextDecoder();
      return {
        success,
        stdout: decoder.decode(stdout),
        stderr: decoder.decode(stderr),
      };
    } finally {
      signal.removeEventListener("abort", kill);
    }
  }, deadlineMs);
}

async function write(
  stream: WritableStream<Uint8Array>,
  text: string,
): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}

/** The same of Deno itself. @throws {Error} at the deadline */
export function runDeno(
  args: readonly string[],
  options?: RunOptions,
): Promise<ProgramRun> {
  return runProgram(Deno.execPath(), args, options);
}
