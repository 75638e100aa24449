/**
 * `scard card`: a virtual card in somebody else's reader.
 *
 * @module
 */

import { cardSource } from "./card_source.ts";
import { CliError } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import type { Options } from "./options.ts";
import { PLUG_OPTIONS, plugIn } from "./plug.ts";
import type { Verb } from "./verb.ts";

async function run(options: Options, io: Io): Promise<number> {
  const [file = "", ...more] = options.operands;
  if (more.length > 0) {
    throw new CliError(
      "usage",
      `Cannot run scard card: ${
        JSON.stringify(more[0])
      } found, expected one card`,
    );
  }
  return await plugIn(await cardSource(file), options, io);
}

/** `scard card`. */
export const CARD_VERB: Verb = {
  name: "card",
  usage: ["[OPTIONS] [CARD]"],
  about:
    `Plugs a virtual card into a reader that speaks vpcd: pcscd's with vsmartcard's
driver, that of scard serve --vpcd, or another. CARD is a file that holds files and PINs as JSON,
or a recording; openpgp[:STATE] and piv[:STATE] are cards with keys, which STATE, a
file, keeps; without all this the default card is taken. Such a card protects nothing.
Runs until the reader goes, or it is interrupted.`,
  options: PLUG_OPTIONS,
  operands: "file",
  exits: ["refused", "noService", "busy", "interrupted"],
  example: "scard card --listen 0",
  run,
};
