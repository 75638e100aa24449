import assert from "node:assert/strict";
import { runDeno, runProgram } from "../../scripts/run_program.ts";
import type { Report } from "./collector.ts";
import { type InstalledPackage, installPackage } from "./installed_package.ts";
import { findNode, programTest } from "./programs.ts";
import {
  assertAllPassed,
  bundledName,
  bundleSuite,
  coreTestFiles,
  testsInDeno,
} from "./suite.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

/** A user's module. Without its declarations the package would be `any`, and its last line in order. */
const USER = `
  import { type Atr, parseAtr, T1Session, type T1Options } from "deno-smartcard/core";
  export const atr: Atr = parseAtr(Uint8Array.of(0x3b, 0));
  export const options: T1Options = { edc: "CRC" };
  export const session: T1Session = new T1Session(options);
  // @ts-expect-error: an ATR is bytes.
  parseAtr("3B00");
`;

let project: TemporaryFolder;
let installed: InstalledPackage;

Deno.test.beforeAll(async () => {
  project = new TemporaryFolder();
  installed = await installPackage(project.url);
});

Deno.test.afterAll(() => project[Symbol.asyncDispose]());

Deno.test("the npm package holds what users need, and no more", () => {
  const { folder } = installed;
  const names = (path: string) =>
    [...Deno.readDirSync(new URL(path, folder))].map(({ name }) => name).sort();
  assert.deepEqual(names("./"), [
    "LICENSE",
    "README.md",
    "core-as",
    "mod.d.ts",
    "mod.js",
    "package.json",
    "src",
  ]);
  // The sources as TypeScript, for where WebAssembly is forbidden.
  const sources = [
    ...Deno.readDirSync(new URL("../../core-as/", import.meta.url)),
  ]
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".as.ts"))
    .map((name) => name.replace(/ts$/, "js"));
  const scripts = names("core-as/").filter((name) => name.endsWith(".js"));
  assert.deepEqual(scripts, sources.sort());
  assert.ok(!names("src/").includes("cli"));
});

Deno.test("the types of each entry of the npm package are found", async () => {
  const { folder, exports } = installed;
  for (const targets of Object.values(exports)) {
    for (const path of [targets.types, targets.default]) {
      assert.ok(Deno.statSync(new URL(path, folder)).isFile, path);
    }
  }
  const entries = Object.keys(exports).map((entry, index) =>
    `export * as entry${index} from "deno-smartcard${entry.slice(1)}";\n`
  );
  await Deno.writeTextFile(
    new URL("user.ts", project.url),
    entries.join("") + USER,
  );
  const args = ["check", "--node-modules-dir=manual", "user.ts"];
  const { success, stderr } = await runDeno(args, { cwd: project.url });
  assert.ok(success, stderr);
});

programTest(
  "Node runs all tests of the core against the npm package",
  await findNode(),
  async (node) => {
    const suite = await project.folder("suite");
    await bundleSuite(suite, "node", `${installed.name}/core`);
    const modules = coreTestFiles().map((file) => [file, bundledName(file)]);
    await Deno.writeTextFile(
      new URL("main.mjs", suite),
      `if ("Deno" in globalThis) throw new Error("this is not Node");
       const reports = {};
       for (const [file, module] of ${JSON.stringify(modules)}) {
         const { runTests } = await import("./" + module);
         reports[file] = await runTests();
       }
       console.log(JSON.stringify(reports));`,
    );
    const { success, stdout, stderr } = await runProgram(
      node,
      ["suite/main.mjs"],
      { cwd: project.url },
    );
    assert.ok(success, stderr);
    assertAllPassed(
      JSON.parse(stdout) as Record<string, Report>,
      await testsInDeno(await project.folder("reference")),
    );
  },
);
