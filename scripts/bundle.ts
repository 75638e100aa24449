/**
 * What users of browsers and of npm get: writes `build/deno-smartcard-core.min.js`,
 * the core in one minified file, `build/deno-smartcard-core-portable.min.js`, the same
 * with the run that needs no WebAssembly, and `build/deno-smartcard-VERSION.tgz`, the
 * package.
 *
 * Exit code 1 if the core is over its budget.
 *
 * @module
 */

import { build, stop } from "esbuild";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { makePackage } from "./npm_package.ts";

const ROOT = new URL("../", import.meta.url);
/** The module, and what stands in for WebAssembly where that is forbidden. */
const PORTABLE =
  'import "./src/portable/mod.ts"; export * from "./src/core/mod.ts";';
const CORE = 'export * from "./src/core/mod.ts";';

/** Most bytes that the minified core may have. */
export const CORE_BUDGET_BYTES = 40_000;

/** File name of the minified core. */
export const CORE_FILE = "deno-smartcard-core.min.js";
/** File name of the same with its run as TypeScript. */
export const PORTABLE_FILE = "deno-smartcard-core-portable.min.js";

/** Bundles and minifies the core: one ES module for browsers, with the WASM inlined. */
export function bundleCore(): Promise<Uint8Array<ArrayBuffer>> {
  return bundle(CORE);
}

/** The same with its run as TypeScript, for pages that forbid WebAssembly. */
export function bundlePortable(): Promise<Uint8Array<ArrayBuffer>> {
  return bundle(PORTABLE);
}

async function bundle(contents: string): Promise<Uint8Array<ArrayBuffer>> {
  const { name, version, license } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  ) as Record<string, string>;
  try {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: fileURLToPath(ROOT), loader: "ts" },
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      banner: { js: `/*! ${name}/core ${version}, ${license} licence */` },
      write: false,
      logLevel: "silent",
    });
    return new Uint8Array(outputFiles[0].contents);
  } finally {
    // esbuild is a process of its own.
    await stop();
  }
}

/** How large the minified core is, against what it may be. */
export interface CoreSize {
  /** Bytes of the file. */
  bytes: number;
  /** Bytes of the file compressed with gzip. */
  gzipBytes: number;
  /** Whether `bytes` keeps to {@linkcode CORE_BUDGET_BYTES}. */
  isWithinBudget: boolean;
  /** All of it in a line. */
  text: string;
}

/** Measures `core`; where none is given, it is bundled for it. */
export async function coreSize(core?: Uint8Array): Promise<CoreSize> {
  core ??= await bundleCore();
  const bytes = core.length;
  const gzipBytes = gzipSync(core, { level: 9 }).length;
  return {
    bytes,
    gzipBytes,
    isWithinBudget: bytes <= CORE_BUDGET_BYTES,
    text:
      `core minified: ${bytes} bytes, ${gzipBytes} with gzip, budget ${CORE_BUDGET_BYTES}`,
  };
}

if (import.meta.main) {
  const folder = new URL("build/", ROOT);
  await Deno.mkdir(folder, { recursive: true });
  const core = await bundleCore();
  await Deno.writeFile(new URL(CORE_FILE, folder), core);
  const size = await coreSize(core);
  console.log(size.text);
  const portable = await bundlePortable();
  await Deno.writeFile(new URL(PORTABLE_FILE, folder), portable);
  console.log(`with its run as TypeScript: ${portable.length} bytes`);
  const packed = await makePackage(folder);
  const { size: packageBytes } = await Deno.stat(packed);
  console.log(`npm package, compressed: ${packageBytes} bytes`);
  if (!size.isWithinBudget) Deno.exit(1);
}
