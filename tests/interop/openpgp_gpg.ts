/**
 * GnuPG with scdaemon, unmodified, in a home of its own, before a virtual card in a real pcscd.
 *
 * @module
 */

import {
  apduFace,
  createOpenPgpCard,
  type OpenPgpCardOptions,
} from "../../src/cards/mod.ts";
import { VpcdCard } from "../../src/drivers/vpcd/mod.ts";
import { isLongInteropWanted, LONG_INTEROP_SKIPPED } from "./long_interop.ts";
import { pcscdTest } from "./pcscd.ts";
import { PcscLite, PRESENT } from "./vpcd_pcsclite.ts";

/** Deadline of one run of gpg. */
const RUN_MS = 40_000;
const INSTALL =
  "apt-get install --no-install-recommends gnupg scdaemon openssh-client";
const PROGRAMS = [
  "/usr/bin/gpg",
  "/usr/lib/gnupg/scdaemon",
  "/usr/bin/ssh-keygen",
];

/** PINs of a new card, and those that a test may change them to. */
const PIN = "123456";
const ADMIN_PIN = "12345678";
/** What GnuPG is told when it asks for a new PIN. */
export const NEW_PIN = "654321";

/** Answers by what the question says; asks again for a repetition. */
const PINENTRY = `#!/bin/sh
here=$(dirname "$0")
echo OK
while read -r line; do
  case "$line" in
    SETDESC*) description=$line; echo OK;;
    SETPROMPT*) prompt=$line; echo OK;;
    SETREPEAT*) echo "ERR 83886360 not here";;
    GETPIN)
      case "$description $prompt" in
        *New*|*Repeat*|*again*) echo "D ${NEW_PIN}";;
        *Admin*) echo "D ${ADMIN_PIN}";;
        *) echo "D $(cat "$here/pin")";;
      esac
      echo OK;;
    BYE) echo OK; exit 0;;
    *) echo OK;;
  esac
done
`;

/** What a run of gpg ended with. */
export interface GpgRun {
  readonly isSuccess: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home folder of GnuPG, its agents with it. */
export class GpgHome implements AsyncDisposable {
  /** The folder; files of a test may lie in it. */
  readonly folder: string = Deno.makeTempDirSync({ prefix: "gpg-" });

  /** Writes the configuration for the reader with this name. */
  constructor(reader: string) {
    const agent = [
      `pinentry-program ${this.folder}/pinentry`,
      "default-cache-ttl 0",
      "enable-ssh-support",
    ];
    const scdaemon = [
      "disable-ccid",
      "debug-level guru",
      "log-file /tmp/j_scd.log",
      "debug-all",
      `reader-port ${reader}`,
    ];
    this.#write("gpg-agent.conf", agent);
    this.#write("scdaemon.conf", scdaemon);
    this.setPin(PIN);
    Deno.writeTextFileSync(`${this.folder}/pinentry`, PINENTRY, {
      mode: 0o700,
    });
  }

  /** What the user types for the PIN from now on. */
  setPin(pin: string): void {
    Deno.writeTextFileSync(`${this.folder}/pin`, pin);
  }

  /** Runs gpg with `lines` as answers to its questions or as input. @throws {Error} with what it said when it fails */
  async run(args: readonly string[], lines: string[] = []): Promise<GpgRun> {
    const run = await this.tryRun(args, lines);
    if (run.isSuccess) return run;
    throw new Error(
      `Cannot run gpg ${args.join(" ")}: ${run.stderr} ${run.stdout}`,
    );
  }

  /** The same, for runs that may fail. */
  async tryRun(
    args: readonly string[],
    lines: readonly string[] = [],
  ): Promise<GpgRun> {
    return await this.#spawn("gpg", ["--no-tty", "--yes", ...args], lines);
  }

  /** Runs another program that talks to the agent, as SSH's do. @throws {Error} with what it said when it fails */
  async program(
    name: string,
    args: readonly string[],
    lines: readonly string[] = [],
  ): Promise<GpgRun> {
    const run = await this.#spawn(name, args, lines);
    if (run.isSuccess) return run;
    throw new Error(`Cannot run ${name} ${args.join(" ")}: ${run.stderr}`);
  }

  async #spawn(
    name: string,
    args: readonly string[],
    lines: readonly string[],
  ): Promise<GpgRun> {
    const child = new Deno.Command(name, {
      args: [...args],
      env: {
        LC_ALL: "C.UTF-8",
        GNUPGHOME: this.folder,
        SSH_AUTH_SOCK: `${this.folder}/S.gpg-agent.ssh`,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(RUN_MS),
    }).spawn();
    const input = lines.map((line) => `${line}\n`).join("");
    const [output] = await Promise.all([
      child.output(),
      feed(child.stdin, input),
    ]);
    const decoder = new TextDecoder();
    return {
      isSuccess: output.success,
      stdout: decoder.decode(output.stdout),
      stderr: decoder.decode(output.stderr),
    };
  }

  /** Answers the prompts of `--card-edit` with these lines, after `admin`. @throws {Error} when gpg says that something went wrong */
  async edit(...lines: string[]): Promise<GpgRun> {
    const run = await this.tryEdit(...lines);
    if (run.isSuccess && !/SC_OP_FAILURE|error/i.test(run.stderr)) return run;
    throw new Error(`Cannot edit card: ${run.stderr}`);
  }

  /** The same, for edits that may fail. */
  tryEdit(...lines: string[]): Promise<GpgRun> {
    const args = ["--command-fd", "0", "--status-fd", "2", "--card-edit"];
    return this.tryRun(args, ["admin", ...lines, "quit"]);
  }

  /** Ends the agents and deletes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await new Deno.Command("gpgconf", {
      args: ["--homedir", this.folder, "--kill", "all"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(RUN_MS),
    }).output();
    Deno.removeSync(this.folder, { recursive: true });
  }

  #write(name: string, lines: readonly string[]): void {
    Deno.writeTextFileSync(`${this.folder}/${name}`, `${lines.join("\n")}\n`);
  }
}

/** gpg may end before it has read everything. */
async function feed(
  stdin: WritableStream<Uint8Array>,
  text: string,
): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

const isRequired = Deno.env.get("SMARTCARD_REQUIRE_PROGRAMS") === "1";
const missing = isLongInteropWanted
  ? findProblem()
  : `gpg: ${LONG_INTEROP_SKIPPED}`;
if (missing !== null && !isRequired) console.warn(`skipped: ${missing}`);

function findProblem(): string | null {
  for (const path of PROGRAMS) {
    try {
      Deno.statSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return `gpg: no ${path}; try: ${INSTALL}`;
    }
  }
  return null;
}

/**
 * A test with a pcscd, an OpenPGP card in its first reader, and a home of GnuPG. Without the
 * programs it is ignored, or fails where they are required.
 */
export function gpgTest(
  name: string,
  options: OpenPgpCardOptions,
  run: (gpg: GpgHome) => Promise<void>,
): void {
  if (missing !== null) {
    Deno.test({
      name: `gpg: ${name}`,
      ignore: !isRequired,
      fn: () => {
        throw new Error(missing);
      },
    });
    return;
  }
  pcscdTest(`gpg: ${name}`, async ({ ports, readers }) => {
    const { application, atr } = createOpenPgpCard(options);
    const card = apduFace(application, { atr });
    await using _plug = await VpcdCard.connect({ card, port: ports[0] });
    await using context = await PcscLite.open();
    await context.until(readers[0], PRESENT);
    await using gpg = new GpgHome(readers[0]);
    await run(gpg);
  });
}
