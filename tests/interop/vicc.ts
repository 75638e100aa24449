/**
 * Finds, starts and stops vicc, vsmartcard's emulator of smart cards.
 *
 * @module
 */

const PYTHON = "/usr/bin/python3";
const KNOWN_PATHS = ["/usr/bin/vicc", "/usr/local/bin/vicc"];
/** Debian 12 puts the package `virtualsmartcard` one folder too deep for Python to find. */
const PACKAGE_FOLDERS = [
  "/usr/lib/python3/site-packages/virtualsmartcard",
  "/usr/lib/python3/site-packages",
];
const SHIM_FOLDER = new URL("./vicc_python", import.meta.url).pathname;
/** Deadlines: Python loading vicc's modules, vicc obeying SIGTERM, one test. */
const IMPORT_MS = 30_000;
const STOP_MS = 5_000;
const TEST_MS = 30_000;
const INSTALL =
  "apt-get install vsmartcard-vpicc python3-virtualsmartcard python3-pycryptodome";

/** A vicc that can be started. */
export interface ViccProgram {
  readonly script: string;
  readonly pythonPath: string;
}

/** Either the program, or why there is none and how to get it. */
export type ViccSearch =
  | { readonly program: ViccProgram; readonly missing: null }
  | { readonly program: null; readonly missing: string };

/** Looks for vicc (`VICC` in the environment, then the usual places) and proves that its modules load. */
export async function findVicc(): Promise<ViccSearch> {
  const wished = Deno.env.get("VICC");
  const script = (wished === undefined ? KNOWN_PATHS : [wished]).find(isFile);
  if (script === undefined) {
    return absent(wished === undefined ? "not installed" : `no ${wished}`);
  }
  const inherited = Deno.env.get("PYTHONPATH") ?? "";
  const folders = [new URL(".", `file://${script}`).pathname, inherited];
  const plain = [...folders, ...PACKAGE_FOLDERS].filter((path) => path !== "");
  let problem = "";
  // The shim comes second: where Python has a real "Crypto", that one is right.
  for (const paths of [plain, [SHIM_FOLDER, ...plain]]) {
    const pythonPath = paths.join(":");
    problem = await importProblem(pythonPath);
    if (problem === "") {
      return { program: { script, pythonPath }, missing: null };
    }
  }
  return absent(`${script} does not start (${problem})`);
}

function absent(reason: string): ViccSearch {
  return { program: null, missing: `vicc: ${reason}; try: ${INSTALL}` };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function environment(pythonPath: string): Record<string, string> {
  return { PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: "1" };
}

/** The last line that Python says when it cannot load vicc's modules, empty when it can. */
async function importProblem(pythonPath: string): Promise<string> {
  try {
    const { success, stderr } = await new Deno.Command(PYTHON, {
      args: ["-c", "import virtualsmartcard.VirtualSmartcard"],
      env: environment(pythonPath),
      stdin: "null",
      signal: AbortSignal.timeout(IMPORT_MS),
    }).output();
    if (success) return "";
    return new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "?";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `no ${PYTHON}`;
    throw error;
  }
}

/** The cards that have not ended. */
const running = new Set<Vicc>();

/** A running vicc: one card that connects to a reader. */
export class Vicc implements AsyncDisposable {
  /** Settles with what it wrote to its error stream, once it has ended. */
  readonly ended: Promise<string>;
  /** What it has written to its error stream so far. */
  heard = "";
  readonly #child: Deno.ChildProcess;

  /**
   * Starts the card.
   *
   * @param program what {@linkcode findVicc} found
   * @param port port of the reader on the loopback
   * @param type kind of card: `iso7816`, `cryptoflex`, ...
   */
  constructor(program: ViccProgram, port: number, type = "iso7816") {
    this.#child = new Deno.Command(PYTHON, {
      args: [program.script, "-t", type, "-H", "127.0.0.1", "-P", `${port}`],
      env: environment(program.pythonPath),
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.ended = this.#wait();
  }

  /** Takes the card away: ends the process and waits for its end. */
  async stop(): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
    const forced = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
    await this.ended;
    clearTimeout(forced);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #wait(): Promise<string> {
    running.add(this);
    const errors = this.#child.stderr.pipeThrough(new TextDecoderStream());
    for await (const text of errors) this.heard += text;
    await this.#child.status;
    running.delete(this);
    return this.heard;
  }
}

const { program, missing } = await findVicc();
const isRequired = Deno.env.get("SMARTCARD_REQUIRE_PROGRAMS") === "1";
if (missing !== null && !isRequired) console.warn(`skipped: ${missing}`);

/** A test that needs vicc: without it, it is ignored, or fails where programs are required. */
export function viccTest(
  name: string,
  run: (program: ViccProgram) => Promise<void>,
): void {
  Deno.test({
    name: `vicc: ${name}`,
    ignore: missing !== null && !isRequired,
    fn: async () => {
      if (program === null) throw new Error(missing);
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        const heard = [...running].map((card) => card.heard).join("\n");
        late.reject(
          new Error(`no end after ${TEST_MS} ms; vicc said: ${heard}`),
        );
      }, TEST_MS);
      try {
        await Promise.race([run(program), late.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  });
}
