/**
 * OpenSC's and OpenSSL's programs, with a PIV card of this project in the real pcscd.
 *
 * @module
 */

import { toHex } from "../../src/bytes.ts";
import {
  apduFace,
  createPivCard,
  PivApplication,
  type PivSettings,
  type PivState,
} from "../../src/cards/mod.ts";
import { VpcdCard } from "../../src/drivers/vpcd/mod.ts";
import { isLongInteropWanted, LONG_INTEROP_SKIPPED } from "./long_interop.ts";
import { withPcscd } from "./pcscd.ts";
import { pcscdMissing } from "./pcscd_turn.ts";

/** Deadline of one run of a program. */
const RUN_MS = 30_000;
const RETRY_MS = 100;
const PROGRAMS = [
  "opensc-tool",
  "piv-tool",
  "pkcs15-tool",
  "pkcs11-tool",
  "openssl",
];
const INSTALL = "apt-get install --no-install-recommends opensc openssl";

/** What a program said, and whether it was content. */
export interface Outcome {
  /** Exit code 0. */
  readonly success: boolean;
  /** Standard output, then standard error. */
  readonly text: string;
}

/** A card that OpenSC sees, and a folder for files. */
export class PivBench {
  /** Where the programs run and leave their files. */
  readonly folder: string;
  readonly #application: PivApplication;

  /** The card is in a reader already. */
  constructor(application: PivApplication, folder: string) {
    this.#application = application;
    this.folder = folder;
    this.write("management.key", toHex(this.state.managementKey, ":"));
  }

  /** What the card keeps. */
  get state(): PivState {
    return this.#application.state;
  }

  /** Writes a file. */
  write(name: string, content: string | Uint8Array): void {
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    Deno.writeFileSync(`${this.folder}/${name}`, bytes);
  }

  /** Reads a file; no bytes when it is not there. */
  read(name: string): Uint8Array {
    try {
      return Deno.readFileSync(`${this.folder}/${name}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return new Uint8Array();
      throw error;
    }
  }

  /** Runs a program in the folder, 30 s at most, whatever comes of it. */
  async try(program: string, ...args: string[]): Promise<Outcome> {
    const output = await new Deno.Command(program, {
      args,
      cwd: this.folder,
      env: {
        HOME: this.folder,
        PIV_EXT_AUTH_KEY: `${this.folder}/management.key`,
      },
      stdin: "null",
      signal: AbortSignal.timeout(RUN_MS),
    }).output();
    const decoder = new TextDecoder();
    const text = decoder.decode(output.stdout) + decoder.decode(output.stderr);
    return { success: output.success, text };
  }

  /**
   * Waits until OpenSC finds the card, 30 s at most: its own way to wait looks once, and then
   * for the next card.
   */
  async untilSeen(): Promise<void> {
    const deadline = performance.now() + RUN_MS;
    for (;;) {
      const { success, text } = await this.try("opensc-tool", "--name");
      if (success) return;
      if (performance.now() > deadline) {
        throw new Error(`Cannot find the card: ${text}`);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Runs a program that must be content. @returns what it said. @throws {Error} with that when it is not */
  async run(program: string, ...args: string[]): Promise<string> {
    const { success, text } = await this.try(program, ...args);
    if (success) return text;
    throw new Error(`Cannot run ${program} ${args.join(" ")}: ${text}`);
  }
}

function isThere(program: string): boolean {
  try {
    new Deno.Command(program, { args: ["--help"], stdin: "null" }).outputSync();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Why there can be no such test, null when there can. */
function findProblem(): string | null {
  const absent = PROGRAMS.find((program) => !isThere(program));
  return absent === undefined
    ? pcscdMissing()
    : `opensc: no ${absent}; try: ${INSTALL}`;
}

const isRequired = Deno.env.get("SMARTCARD_REQUIRE_PROGRAMS") === "1";
const missing = isLongInteropWanted
  ? findProblem()
  : `opensc: ${LONG_INTEROP_SKIPPED}`;
if (missing !== null && !isRequired) console.warn(`skipped: ${missing}`);

/** A test with a new PIV card in pcscd. Without the programs it is ignored, or fails where they are required. */
export function openscTest(
  name: string,
  settings: PivSettings,
  run: (bench: PivBench) => Promise<void>,
): void {
  Deno.test({
    name: `opensc: ${name}`,
    ignore: missing !== null && !isRequired,
    fn: async () => {
      if (missing !== null) throw new Error(missing);
      const folder = Deno.makeTempDirSync({ prefix: "piv-" });
      try {
        await withPcscd(async ({ ports }) => {
          const application = new PivApplication(settings);
          const card = apduFace(application, { atr: createPivCard().atr });
          await using _plug = await VpcdCard.connect({ card, port: ports[0] });
          const bench = new PivBench(application, folder);
          await bench.untilSeen();
          await run(bench);
        });
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}
