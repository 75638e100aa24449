/**
 * Deno processes that have no permission at all.
 *
 * @module
 */

import assert from "node:assert/strict";
import { runDeno } from "../../scripts/run_program.ts";

/** Runs `code` as a module that may do nothing; returns what it printed. */
export async function withoutPermission(code: string): Promise<string> {
  const { success, stdout, stderr } = await runDeno(
    ["run", "--no-prompt", "--no-config", "--no-lock", "-"],
    { input: code },
  );
  assert.ok(success, stderr);
  return stdout.trim();
}
