/**
 * The programs in C: the client that measures, and the cards.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { compile, compiler } from "../native.ts";

const HERE = new URL("./", import.meta.url);
const FLAGS = ["-O2", "-std=gnu11", "-Wall", "-Wextra"];
/** winscard.h is taken from there, if there; else the client has its own words. */
const HEADERS = "-I/usr/include/PCSC";
/** Of the library alone, without the package for developers. */
const LIBRARIES = ["-l:libpcsclite.so.1", "-lpthread"];
/** Offers T=0 and T=1, IFSC 254: the same as the cards of this folder. */
const ATR = "3B808011FEEF";

/**
 * How a card treats TCP: `quick` acknowledges and sends at once; the others leave both to
 * the system and write an answer in one piece, or in two.
 */
export type CardManner = "quick" | "ordinary" | "two writes";

/** Compiled programs, until disposed of. */
export class Programs implements Disposable {
  /** The client. */
  readonly client: string;
  readonly #folder = Deno.makeTempDirSync({ prefix: "bench-pcscd-" });
  readonly #quickCard: string;
  readonly #ordinaryCard: string;

  /** @throws {Error} when a program cannot be compiled */
  constructor() {
    try {
      this.client = this.#compile("client", LIBRARIES);
      this.#ordinaryCard = this.#compile("ordinary_card", []);
      this.#quickCard = compile("vpcd_card", "program");
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** The command line of a card that connects to a reader on `port`. */
  card(manner: CardManner, port: number): [string, ...string[]] {
    return manner === "quick"
      ? [this.#quickCard, `${port}`, ATR]
      : [this.#ordinaryCard, `${port}`, manner === "ordinary" ? "1" : "2"];
  }

  /** Deletes them. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }

  #compile(name: string, libraries: readonly string[]): string {
    const target = `${this.#folder}/${name}`;
    const source = fileURLToPath(new URL(`${name}.c`, HERE));
    const { success, stderr } = new Deno.Command("cc", {
      args: [...FLAGS, HEADERS, "-o", target, source, ...libraries],
    }).outputSync();
    if (success) return target;
    throw new Error(
      `Cannot compile ${name}.c: ${new TextDecoder().decode(stderr)}`,
    );
  }
}

/** Why nothing can be compiled, null when it can. */
export function compilerMissing(): string | null {
  return compiler.version === null ? compiler.missing : null;
}
