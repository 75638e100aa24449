/**
 * Runs a script of `src/cli/` as a process of its own.
 *
 * @module
 */

/** What a process left. */
export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `src/cli/<script>` with `args` and `stdin`, and waits for its end. */
export async function runCli(
  script: string,
  args: string[],
  stdin = "",
): Promise<Finished> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-net=127.0.0.1", script, ...args],
    cwd: new URL("../../src/cli/", import.meta.url),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A process that ends without reading its input is no failure of the test.
  await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

const MAIN = new URL("../../src/cli/main.ts", import.meta.url).pathname;

/** How {@linkcode spawnScard} runs the command. */
export interface ScardOptions {
  /** Program and arguments in front. */
  prefix?: readonly string[];
  /** Folder in which it runs. */
  cwd?: string;
  /** Variables besides those of this process. */
  env?: Record<string, string>;
}

/** Starts `scard` as a process of its own. */
export function spawnScard(
  args: readonly string[],
  { prefix = [], cwd, env }: ScardOptions = {},
): Deno.ChildProcess {
  const [program, ...rest] = [...prefix, Deno.execPath()];
  return new Deno.Command(program, {
    args: [...rest, "run", "-A", MAIN, ...args],
    cwd,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `scard` as a process of its own, and waits for its end. */
export async function runScard(
  args: readonly string[],
  options?: ScardOptions,
): Promise<Finished> {
  const { code, stdout, stderr } = await spawnScard(args, options).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Leaves a socket behind, as a process does that was killed. */
export async function leaveSocket(path: string): Promise<void> {
  const script =
    'Deno.listen({ transport: "unix", path: Deno.args[0] }); Deno.exit()';
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script, path],
  }).output();
  if (!success) throw new Error(`Cannot leave a socket at ${path}`);
}
