/**
 * The rivals in C: compiled when the benches run, so that they meet the compiler
 * of this machine.
 *
 * @module
 */

const FLAGS = ["-O2", "-std=gnu11"];
const RIVALS = new URL("rivals/", import.meta.url);

/** The C compiler, if there is one. */
export const compiler: {
  /** First line of `cc --version`. */
  readonly version: string | null;
  /** Why there is none. */
  readonly missing: string;
} = findCompiler();

function findCompiler(): { version: string | null; missing: string } {
  try {
    const { success, stdout } = new Deno.Command("cc", {
      args: ["--version"],
      stderr: "null",
    }).outputSync();
    if (success) {
      const version = new TextDecoder().decode(stdout).split("\n")[0];
      return { version, missing: "" };
    }
    return { version: null, missing: "cc --version fails" };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { version: null, missing: "no C compiler (cc) on this machine" };
  }
}

let folder: string | null = null;

/**
 * Compiles `bench/rivals/NAME.c`.
 *
 * @returns path of the shared library or program
 * @throws {Error} when the compiler refuses it
 */
export function compile(name: string, kind: "library" | "program"): string {
  folder ??= Deno.makeTempDirSync({ prefix: "bench-" });
  const target = `${folder}/${name}${kind === "library" ? ".so" : ""}`;
  const source = decodeURIComponent(new URL(`${name}.c`, RIVALS).pathname);
  const shared = kind === "library" ? ["-shared", "-fPIC"] : [];
  const { success, stderr } = new Deno.Command("cc", {
    args: [...FLAGS, ...shared, "-o", target, source],
  }).outputSync();
  if (!success) {
    throw new Error(
      `Cannot compile ${name}.c: ${new TextDecoder().decode(stderr)}`,
    );
  }
  return target;
}

/** Takes the compiled files away. */
export function disposeNative(): void {
  if (folder !== null) Deno.removeSync(folder, { recursive: true });
  folder = null;
}
