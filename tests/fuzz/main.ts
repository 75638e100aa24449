/**
 * The fuzzer's command: `deno task fuzz`.
 *
 * @module
 */

import { OUTPUT_CLOSED } from "../../src/cli/output.ts";
import { type Host, runCommand } from "./command.ts";
import { TARGETS } from "./targets.ts";
import { standardOutput } from "./terminal.ts";

/** The process's own world; Ctrl-C ends the run after the turn that is on. */
function processHost(): Host {
  let interrupted = false;
  Deno.addSignalListener("SIGINT", () => interrupted = true);
  const now = () => performance.now();
  return {
    targets: TARGETS,
    output: standardOutput(now),
    warn: (text) => console.error(text),
    now,
    drawSeed: () => crypto.getRandomValues(new Uint32Array(1))[0],
    async isInterrupted() {
      await new Promise((resolve) => setTimeout(resolve, 0));
      return interrupted;
    },
    writeFile(path, text) {
      Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(path, text);
    },
    readFile: (path) => Deno.readTextFileSync(path),
  };
}

try {
  Deno.exit(await runCommand(Deno.args, processHost()));
} catch (error) {
  if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  Deno.exit(OUTPUT_CLOSED);
}
