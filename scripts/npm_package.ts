/**
 * Makes the npm package: JavaScript and declarations of what `publish` in `deno.json` names.
 *
 * @module
 */

import { build, stop } from "esbuild";
import { fileURLToPath } from "node:url";
import { runProgram } from "./run_program.ts";

const ROOT = new URL("../", import.meta.url);

/** The part of `deno.json` that makes the package. */
interface Config {
  name: string;
  version: string;
  license: string;
  exports: Record<string, string>;
  compilerOptions: Record<string, unknown>;
  publish: { include: string[]; exclude: string[] };
}

function readConfig(): Config {
  return JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
}

async function run(program: string, args: string[], cwd: URL): Promise<void> {
  const { success, stderr } = await runProgram(program, args, {
    cwd,
    env: { NO_COLOR: "1" },
  });
  if (success) return;
  throw new Error(`Cannot run ${program} ${args.join(" ")}: ${stderr}`);
}

/** Copies a file, or all of a folder when the path ends in a slash. */
async function copy(from: URL, to: URL): Promise<void> {
  await Deno.mkdir(new URL(".", to), { recursive: true });
  if (!from.pathname.endsWith("/")) return await Deno.copyFile(from, to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const entry = isDirectory ? `${name}/` : name;
    await copy(new URL(entry, from), new URL(entry, to));
  }
}

/** `deno pack` takes scoped names alone: the package gets its own name back afterwards. */
async function pack(config: Config, work: URL): Promise<URL> {
  const { name, publish } = config;
  const stage = new URL("stage/", work);
  for (const entry of publish.include) {
    await copy(new URL(entry, ROOT), new URL(entry, stage));
  }
  const { version, license, exports, compilerOptions } = config;
  const stageConfig = {
    name: `@${name}/${name}`,
    version,
    license,
    exports,
    publish,
    compilerOptions,
  };
  await Deno.writeTextFile(
    new URL("deno.json", stage),
    JSON.stringify(stageConfig),
  );
  const packed = new URL("packed.tgz", work);
  // Embedded source maps would triple the size.
  const args = ["pack", "--allow-dirty", "--no-source-maps", "--output"];
  await run(Deno.execPath(), [...args, fileURLToPath(packed)], stage);
  await run("tar", ["-xzf", fileURLToPath(packed)], work);
  const manifest = new URL("package/package.json", work);
  const fields = JSON.parse(await Deno.readTextFile(manifest));
  const text = JSON.stringify({ ...fields, name }, null, 2);
  await Deno.writeTextFile(manifest, `${text}\n`);
  const made = new URL("package/", work);
  await linkCore(made);
  return made;
}

/**
 * Makes one module of the core's, from which all entry points take it: a process
 * loads one file faster than twenty. Names stay, for those who read a stack trace.
 */
async function linkCore(made: URL): Promise<void> {
  const folder = new URL("src/core/", made);
  const entry = new URL("mod.js", folder);
  try {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(entry)],
      bundle: true,
      minifySyntax: true,
      minifyWhitespace: true,
      format: "esm",
      platform: "neutral",
      target: "es2022",
      write: false,
      logLevel: "silent",
    });
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(".js")) await Deno.remove(new URL(name, folder));
    }
    await Deno.writeFile(entry, outputFiles[0].contents);
  } finally {
    // esbuild is a process of its own.
    await stop();
  }
}

/**
 * Writes `NAME-VERSION.tgz`. Needs the program `tar`.
 *
 * @param folder existing folder, with a slash at its end
 * @returns the package's file
 */
export async function makePackage(folder: URL): Promise<URL> {
  const config = readConfig();
  const file = new URL(`${config.name}-${config.version}.tgz`, folder);
  const work = new URL("packing/", folder);
  // What an interrupted run left.
  await Deno.mkdir(work, { recursive: true });
  await Deno.remove(work, { recursive: true });
  await Deno.mkdir(work);
  try {
    await pack(config, work);
    await run("tar", ["-czf", fileURLToPath(file), "package"], work);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  return file;
}
