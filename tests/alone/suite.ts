/**
 * Bundles the tests of the core for another host, with another core in place of
 * `src/core/mod.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin, stop } from "esbuild";
import { runDeno } from "../../scripts/run_program.ts";
import type { Report } from "./collector.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

const ROOT = new URL("../../", import.meta.url);
const TESTS = new URL("../core/", import.meta.url);
const COLLECTOR = fileURLToPath(new URL("./collector.ts", import.meta.url));
const CORE_FOLDER = fileURLToPath(new URL("src/core/", ROOT));

/** Where a suite runs. */
export type Host = "deno" | "node" | "browser";

/** A test file as bundled: what its module exports. */
export interface SuiteModule {
  testNames(): string[];
  runTests(): Promise<Report>;
}

/** Names of the files with the core's tests, sorted. */
export function coreTestFiles(): string[] {
  return [...Deno.readDirSync(TESTS)].map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts")).sort();
}

/** The file of a bundled suite that holds the tests of `testFile`. */
export function bundledName(testFile: string): string {
  return testFile.replace(/\.ts$/, ".mjs");
}

/** Puts the packages of `deno.json` where esbuild looks for them, as `deno.lock` has them; returns the folder. */
async function installPackages(): Promise<string> {
  const folder = new TemporaryFolder();
  // The suites of a process share the packages; the folder goes when the process does.
  addEventListener("unload", () => folder.remove());
  const { imports, workspace } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  ) as { imports: Record<string, string>; workspace: string[] };
  // A frozen lock fits the whole workspace alone.
  for (const member of workspace) {
    const path = `${member}/deno.json`;
    await Deno.mkdir(new URL(`${member}/`, folder.url), { recursive: true });
    await Deno.copyFile(new URL(path, ROOT), new URL(path, folder.url));
  }
  await Deno.writeTextFile(
    new URL("deno.json", folder.url),
    JSON.stringify({ nodeModulesDir: "auto", imports, workspace }),
  );
  await Deno.copyFile(
    new URL("deno.lock", ROOT),
    new URL("deno.lock", folder.url),
  );
  const { success, stderr } = await runDeno(["install", "--frozen"], {
    cwd: folder.url,
  });
  assert.ok(success, stderr);
  return fileURLToPath(new URL("node_modules/", folder.url));
}

let packages: Promise<string> | null = null;

/** Each test file with the means to run it. */
const entries: Plugin = {
  name: "entries",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^suite:/ }, ({ path }) => ({
      path: path.slice("suite:".length),
      namespace: "suite",
    }));
    onLoad({ filter: /.*/, namespace: "suite" }, ({ path }) => ({
      contents: `import ${JSON.stringify(`./${path}`)};
        export { runTests, testNames } from ${JSON.stringify(COLLECTOR)};`,
      resolveDir: fileURLToPath(TESTS),
    }));
  },
};

/** Leaves the core out, and lets nobody reach behind its front door. */
function replacedCore(specifier: string): Plugin {
  return {
    name: "replaced core",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, importer, resolveDir }) => {
        const target = resolve(resolveDir, path);
        if (!target.startsWith(CORE_FOLDER)) return undefined;
        if (target === `${CORE_FOLDER}mod.ts`) {
          return { path: specifier, external: true };
        }
        const text =
          `${importer} imports ${path}, expected of src/core/ mod.ts alone`;
        return { errors: [{ text }] };
      });
    },
  };
}

/** The assertions of Node, where they are not built in. */
const browserAssert: Plugin = {
  name: "assert",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:assert\/strict$/ }, ({ path }) => ({
      path,
      namespace: "assert",
    }));
    onLoad({ filter: /.*/, namespace: "assert" }, () => ({
      contents: `import assert from "assert"; export default assert.strict;`,
      resolveDir: dirname(COLLECTOR),
    }));
  },
};

/**
 * Bundles each file of the suite.
 *
 * @param folder existing folder, with a slash at its end; the modules go there
 * @param host where they will run
 * @param core what they import in place of `src/core/mod.ts`
 * @throws {Error} when a test imports anything else of `src/core/`
 */
export async function bundleSuite(
  folder: URL,
  host: Host,
  core: string,
): Promise<void> {
  packages ??= installPackages();
  const isBrowser = host === "browser";
  try {
    await build({
      entryPoints: coreTestFiles().map((file) => ({
        in: `suite:${file}`,
        out: bundledName(file).replace(/\.mjs$/, ""),
      })),
      outdir: fileURLToPath(folder),
      outExtension: { ".js": ".mjs" },
      bundle: true,
      format: "esm",
      platform: isBrowser ? "browser" : "node",
      target: "es2022",
      nodePaths: [await packages],
      inject: [COLLECTOR],
      define: {
        "Deno.test": "suiteTest",
        ...(isBrowser ? { "process.env.NODE_DEBUG": '""' } : {}),
      },
      plugins: [
        entries,
        replacedCore(core),
        ...(isBrowser ? [browserAssert] : []),
      ],
      logLevel: "silent",
    });
  } finally {
    await stop();
  }
}

/** Names of the tests by file, as Deno collects them from the sources. */
export async function testsInDeno(
  folder: URL,
): Promise<Record<string, string[]>> {
  await bundleSuite(folder, "deno", new URL("src/core/mod.ts", ROOT).href);
  const names: Record<string, string[]> = {};
  for (const file of coreTestFiles()) {
    const module: SuiteModule = await import(
      new URL(bundledName(file), folder).href
    );
    names[file] = module.testNames();
  }
  return names;
}

/** Asserts that a suite ran whole on another host: the tests that passed are those of Deno. */
export function assertAllPassed(
  reports: Record<string, Report>,
  expected: Record<string, string[]>,
): void {
  const failed = Object.entries(reports).flatMap(([file, report]) =>
    report.failed.map(({ name, error }) => `${file}: ${name}\n${error}`)
  );
  assert.equal(failed.length, 0, failed.join("\n\n"));
  const passed = Object.entries(reports).map(([file, report]) =>
    [file, report.passed] as const
  );
  assert.deepEqual(Object.fromEntries(passed), expected);
  assert.ok(Object.values(expected).flat().length > 0, "no test ran");
}
