/**
 * What users of browsers and of npm get: writes `build/deno-smartcard-core.min.js`,
 * the core in one minified file, and `build/deno-smartcard-VERSION.tgz`, the package.
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
const CORE = new URL("src/core/mod.ts", ROOT);

/** Most bytes that the minified core may have. */
export const CORE_BUDGET_BYTES = 40_000;

/** File name of the minified core. */
export const CORE_FILE = "deno-smartcard-core.min.js";

/** Bundles and minifies the core: one ES module for browsers, with the WASM inlined. */
export async function bundleCore(): Promise<Uint8Array<ArrayBuffer>> {
  const { name, version, license } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  ) as Record<string, string>;
  try {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(CORE)],
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

/** Measures `bundle`; where none is given, the core is bundled for it. */
export async function coreSize(bundle?: Uint8Array): Promise<CoreSize> {
  bundle ??= await bundleCore();
  const bytes = bundle.length;
  const gzipBytes = gzipSync(bundle, { level: 9 }).length;
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
  const bundle = await bundleCore();
  await Deno.writeFile(new URL(CORE_FILE, folder), bundle);
  const size = await coreSize(bundle);
  console.log(size.text);
  const packed = await makePackage(folder);
  const { size: packageBytes } = await Deno.stat(packed);
  console.log(`npm package, compressed: ${packageBytes} bytes`);
  if (!size.isWithinBudget) Deno.exit(1);
}
