/**
 * Compiles `core-as/` to WASM and writes it, inlined, to `src/core/core_wasm.ts`.
 *
 * With `--check` nothing is written: exit code 1 if the committed module differs
 * from what the sources give.
 *
 * @module
 */

// @ts-types="./asc.d.ts"
import asc from "assemblyscript/asc";
import { MEMORY_PAGES } from "../core-as/abi.ts";

const ROOT = new URL("../", import.meta.url);
const SOURCES = "core-as/";
const TARGET = new URL("src/core/core_wasm.ts", ROOT);

const sources = new Map<string, string>();

/** Modules with a twin for the compiled side. */
const TWINS = ["mem", "kernels"];

/** AssemblyScript asks for `x.ts.ts`. */
function readSource(name: string): string | null {
  const path = name.replace(/\.ts\.ts$/, ".ts");
  const twin = TWINS.find((module) => path === `${SOURCES}${module}.ts`);
  const real = twin === undefined ? path : `${SOURCES}${twin}.as.ts`;
  try {
    const text = Deno.readTextFileSync(new URL(real, ROOT));
    if (real.startsWith(SOURCES)) sources.set(real, text);
    return text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const outputs = new Map<string, Uint8Array | string>();
const { error, stderr } = await asc.main([
  `${SOURCES}index.ts`,
  "--outFile",
  "core.wasm",
  "--runtime",
  "stub",
  "-O2",
  "--noAssert",
  "--enable",
  "simd",
  "--use",
  "abort=",
  "--initialMemory",
  String(MEMORY_PAGES),
  "--maximumMemory",
  String(MEMORY_PAGES),
], {
  readFile: readSource,
  writeFile: (name, contents) => {
    outputs.set(name, contents);
  },
  listFiles: () => [],
});
const binary = outputs.get("core.wasm");
if (error !== null || !(binary instanceof Uint8Array)) {
  console.error(stderr.toString());
  throw new Error("Cannot build the core", { cause: error });
}

const module = new WebAssembly.Module(new Uint8Array(binary));
const imports = WebAssembly.Module.imports(module);
if (imports.length > 0) {
  throw new Error(
    `Cannot use the core: it imports ${
      imports.map((entry) => `${entry.module}.${entry.name}`).join(", ")
    }, expected nothing`,
  );
}
const runtime = WebAssembly.Module.exports(module)
  .filter((entry) => entry.name.startsWith("__"));
if (runtime.length > 0) {
  throw new Error(
    `Cannot use the core: it exports ${
      runtime.map((entry) => entry.name).join(", ")
    }, expected no run-time support`,
  );
}

const text = [...sources.keys()].sort().map((name) =>
  `${name}\n${sources.get(name)}`
).join("\n");
const digest = new Uint8Array(
  await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)),
);
const generated = `/**
 * The core, compiled. Made by \`deno task build\`: do not edit.
 *
 * @module
 */

/** SHA-256 of the sources of \`core-as/\`, in hexadecimal. */
export const SOURCE_HASH: string =
  "${digest.toHex()}";

/** The module, in base64. */
export const CORE_WASM: string =
  "${new Uint8Array(binary).toBase64()}";
`;

if (Deno.args.includes("--check")) {
  const committed = await Deno.readTextFile(TARGET);
  if (committed !== generated) {
    console.error(
      "src/core/core_wasm.ts is not what core-as/ gives: run `deno task build`",
    );
    Deno.exit(1);
  }
  console.log(`core: ${binary.length} bytes, as committed`);
} else {
  await Deno.writeTextFile(TARGET, generated);
  console.log(`core: ${binary.length} bytes`);
}
