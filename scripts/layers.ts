/**
 * The layer rule: a floor imports only from floors below it.
 *
 * @module
 */

const ROOT = new URL("../", import.meta.url);

/** Floors by folder: who may import whom. The first prefix that fits decides; they do not overlap. */
const FLOORS: readonly { folder: string; mayImport: readonly string[] }[] = [
  { folder: "core-as/", mayImport: [] },
  // Of floor 0 the typed face takes the layout alone; the rest reaches it as binary.
  { folder: "src/core/", mayImport: ["core-as/abi.ts"] },
  // The same sources run as they are, beside their binary.
  { folder: "src/portable/", mayImport: ["core-as/", "src/core/mod.ts"] },
  { folder: "src/bytes.ts", mayImport: [] },
  { folder: "src/smclib/", mayImport: ["src/core/mod.ts", "src/bytes.ts"] },
  {
    folder: "src/contact_reader/",
    mayImport: ["src/smclib/mod.ts", "src/bytes.ts"],
  },
  {
    folder: "src/drivers/",
    mayImport: [
      "src/smclib/mod.ts",
      "src/contact_reader/mod.ts",
      "src/bytes.ts",
    ],
  },
  { folder: "src/cards/", mayImport: ["src/bytes.ts"] },
  // A reader under test is a driver, and the cards that it is tested with.
  {
    folder: "src/testing/",
    mayImport: ["src/smclib/mod.ts", "src/cards/mod.ts", "src/bytes.ts"],
  },
  {
    folder: "src/tracing/",
    mayImport: [
      "src/smclib/mod.ts",
      "src/contact_reader/mod.ts",
      "src/bytes.ts",
    ],
  },
  {
    folder: "src/resource_manager/",
    mayImport: ["src/smclib/mod.ts", "src/bytes.ts"],
  },
  {
    folder: "src/card_database/",
    mayImport: ["src/resource_manager/mod.ts", "src/bytes.ts", "node:sqlite"],
  },
  {
    folder: "src/smart_card/",
    mayImport: ["src/resource_manager/mod.ts", "src/bytes.ts"],
  },
  {
    folder: "src/winscard/",
    mayImport: [
      "src/resource_manager/mod.ts",
      "src/card_database/mod.ts",
      "src/bytes.ts",
    ],
  },
  {
    folder: "src/pcsclite/",
    mayImport: ["src/resource_manager/mod.ts", "src/bytes.ts"],
  },
  // Above the faces: what an application would otherwise write itself.
  {
    folder: "src/service_providers/",
    mayImport: [
      "src/smart_card/mod.ts",
      "src/resource_manager/mod.ts",
      "src/card_database/mod.ts",
      "src/bytes.ts",
    ],
  },
  { folder: "src/cli/", mayImport: ["src/", "core-as/", "mod.ts", "@std/"] },
  { folder: "mod.ts", mayImport: ["src/"] },
];

/** Folders whose parts stand beside each other and know nothing of each other. */
const SEPARATE = ["src/drivers/"];

/** The floor of a file, to the depth at which it is closed. */
function home(path: string): string | null {
  const floor = FLOORS.find(({ folder }) => path.startsWith(folder));
  if (floor === undefined) return null;
  if (!SEPARATE.includes(floor.folder)) return floor.folder;
  const part = path.slice(floor.folder.length).split("/")[0];
  return `${floor.folder}${part}/`;
}

function specifiers(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(
    /^\s*\/\/.*$/gm,
    "",
  );
  const found = code.matchAll(
    /^\s*(?:import|export)\s(?:[^;"'`]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm,
  );
  return [...found].map((match) => match[1] ?? match[2]);
}

/** Where `specifier` in `path` leads, relative to the root of the project. */
function resolve(path: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const base = new URL(path, "file:///");
  return new URL(specifier, base).pathname.slice(1);
}

/** Breaches of the layer rule in the file `path` whose text is `text`. */
export function breaches(path: string, text: string): string[] {
  const own = home(path);
  if (own === null) return [`${path}: belongs to no floor`];
  const floor = FLOORS.find(({ folder }) => path.startsWith(folder))!;
  const problems: string[] = [];
  for (const specifier of specifiers(text)) {
    const target = resolve(path, specifier);
    const inside = target.startsWith(own);
    const allowed = floor.mayImport.some((prefix) => target.startsWith(prefix));
    if (!inside && !allowed) {
      problems.push(
        `${path}: imports ${target}, expected ${
          ["its own folder", ...floor.mayImport].join(", ")
        }`,
      );
    }
  }
  return problems;
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* sourceFiles(`${path}/`);
    else if (path.endsWith(".ts") && !path.endsWith(".d.ts")) yield path;
  }
}

/** All files under the rule. */
export function allSources(): string[] {
  return [...sourceFiles("core-as/"), ...sourceFiles("src/"), "mod.ts"];
}

/** All breaches of the project. */
export function allBreaches(): string[] {
  return allSources().flatMap((path) =>
    breaches(path, Deno.readTextFileSync(new URL(path, ROOT)))
  );
}

if (import.meta.main) {
  const found = allBreaches();
  for (const breach of found) console.error(breach);
  console.log(`layers: ${allSources().length} files, ${found.length} breaches`);
  if (found.length > 0) Deno.exit(1);
}
