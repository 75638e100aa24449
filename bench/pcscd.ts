/**
 * pcscd with Debian's vpcd driver and a card connected to it: what one would use
 * without this library. Both are children of the bench, with a configuration of
 * their own, and go with it.
 *
 * @module
 */

import { Pcscd } from "../tests/interop/pcscd_process.ts";
import { pcscdMissing, PcscdTurn } from "../tests/interop/pcscd_turn.ts";
import { compile, compiler } from "./native.ts";

/** Offers T=0 and T=1, IFSC 254. */
const ATR = "3B808011FEEF";

/** Why there can be no rival, null when there can. */
export function rivalMissing(): string | null {
  if (compiler.version !== null) return pcscdMissing();
  return `${compiler.missing}, which the rival's card needs`;
}

/** A pcscd with a card in its reader. */
export class RivalPcscd implements AsyncDisposable {
  /** Name of the reader. */
  readonly reader: string;
  readonly #resources: AsyncDisposableStack;

  private constructor(reader: string, resources: AsyncDisposableStack) {
    this.reader = reader;
    this.#resources = resources;
  }

  /** @throws {Error} when pcscd does not begin to listen, or others have it for too long */
  static async start(): Promise<RivalPcscd> {
    await using resources = new AsyncDisposableStack();
    const turn = resources.use(new PcscdTurn());
    await turn.take();
    const pcscd = resources.use(new Pcscd());
    await pcscd.start();
    const [port] = pcscd.ports;
    const card = new Deno.Command(compile("vpcd_card", "program"), {
      args: [`${port}`, ATR],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    resources.defer(async () => {
      try {
        card.kill("SIGTERM");
      } catch (error) {
        // It has ended by itself.
        if (!(error instanceof TypeError)) throw error;
      }
      await card.status;
    });
    return new RivalPcscd(pcscd.readers[0], resources.move());
  }

  /** Ends card and pcscd. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
