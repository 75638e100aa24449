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
