/**
 * Finds and runs tshark, Wireshark without windows.
 *
 * @module
 */

/** Deadline of one run. */
const RUN_MS = 60_000;
const INSTALL = "apt-get install --no-install-recommends tshark";

/** Runs tshark. @throws {Error} with what it said when it fails */
export async function runTshark(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program(), {
    args: [...args],
    stdin: "null",
    signal: AbortSignal.timeout(RUN_MS),
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(
    `Cannot run tshark ${args.join(" ")}: ${decoder.decode(stderr)}`,
  );
}

function program(): string {
  return Deno.env.get("TSHARK") ?? "tshark";
}

/** Why there is no tshark, and how to get it; null when there is one. */
async function findProblem(): Promise<string | null> {
  try {
    await runTshark(["--version"]);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `tshark: ${reason}; try: ${INSTALL}`;
  }
}

const missing = await findProblem();
const isRequired = Deno.env.get("SMARTCARD_REQUIRE_PROGRAMS") === "1";
if (missing !== null && !isRequired) console.warn(`skipped: ${missing}`);

/** A test that needs tshark: without it, it is ignored, or fails where programs are required. */
export function tsharkTest(name: string, run: () => Promise<void>): void {
  Deno.test({
    name: `tshark: ${name}`,
    ignore: missing !== null && !isRequired,
    fn: async () => {
      if (missing !== null) throw new Error(missing);
      await run();
    },
  });
}
