/**
 * Everything that must hold of the sources, besides the tests: lock file, format, lint, types,
 * documentation of what is exported, the committed WASM, the layer rule, the size of
 * the core.
 *
 * @module
 */

import { coreSize } from "./bundle.ts";
import { runDeno } from "./run_program.ts";

const { exports } = JSON.parse(
  Deno.readTextFileSync(new URL("../deno.json", import.meta.url)),
) as { exports: Record<string, string> };

const STEPS: readonly (readonly [name: string, ...args: string[]])[] = [
  ["lock file", "install", "--frozen"],
  ["format", "fmt", "--check"],
  ["lint", "lint"],
  ["types", "check"],
  ["documentation", "doc", "--lint", ...Object.values(exports)],
  [
    "wasm",
    "run",
    "--allow-env",
    "--allow-read",
    "scripts/build_wasm.ts",
    "--check",
  ],
  ["layers", "run", "--allow-read", "scripts/layers.ts"],
  ...["t1", "manager"].map((name) =>
    [
      `drawing of ${name}`,
      "run",
      "--allow-read",
      "--allow-run",
      `scripts/${name}_diagram.ts`,
      "--check",
    ] as const
  ),
];

const failed: string[] = [];
for (const [name, ...args] of STEPS) {
  const { success, stdout, stderr } = await runDeno(args, {
    cwd: new URL("..", import.meta.url),
  });
  console.log(`${success ? "ok  " : "FAIL"} ${name}`);
  if (success) continue;
  failed.push(name);
  console.error(stdout + stderr);
}
const { isWithinBudget, text } = await coreSize();
console.log(`${isWithinBudget ? "ok  " : "FAIL"} size, ${text}`);
if (!isWithinBudget) failed.push("size");
if (failed.length > 0) {
  console.error(`check failed: ${failed.join(", ")}`);
  Deno.exit(1);
}
