/**
 * The npm package, made and installed the way users do.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { makePackage } from "../../scripts/npm_package.ts";
import { PROGRAMS_REQUIRED, runIfThere } from "./programs.ts";

/** What a condition of `exports` in `package.json` names. */
export interface ExportTargets {
  types: string;
  default: string;
}

/** The package as installed. */
export interface InstalledPackage {
  /** Folder of the package, with a slash at its end. */
  folder: URL;
  /** Its name. */
  name: string;
  /** Its entry points. */
  exports: Record<string, ExportTargets>;
}

/** Makes the package and installs it in `project`, an existing folder with a slash at its end. */
export async function installPackage(project: URL): Promise<InstalledPackage> {
  const file = fileURLToPath(await makePackage(project));
  await Deno.writeTextFile(
    new URL("package.json", project),
    JSON.stringify({ private: true, type: "module" }),
  );
  const npm = await runIfThere("npm", [
    "install",
    "--offline",
    "--no-audit",
    "--no-fund",
    file,
  ], project);
  const { name } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  ) as { name: string };
  const folder = new URL(`node_modules/${name}/`, project);
  if (npm !== null) assert.ok(npm.success, npm.stderr);
  else {
    assert.ok(!PROGRAMS_REQUIRED, "npm: not installed");
    // A package without dependencies is installed by unpacking, but npm's say is missing.
    console.warn("npm: not installed; the package is unpacked instead");
    await unpack(file, folder);
  }
  const manifest = JSON.parse(
    await Deno.readTextFile(new URL("package.json", folder)),
  ) as InstalledPackage;
  return { folder, name: manifest.name, exports: manifest.exports };
}

async function unpack(file: string, folder: URL): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const args = ["-xzf", file, "--strip-components=1"];
  const tar = await runIfThere("tar", args, folder);
  assert.ok(tar?.success, tar?.stderr ?? "no program tar");
}
