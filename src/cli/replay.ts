/**
 * `scard replay`: a recording becomes a card.
 *
 * @module
 */

import type { ReplayMode } from "../tracing/mod.ts";
import { readText, recordedCard, recordingIn } from "./card_source.ts";
import { CliError } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import type { OptionRow, Options } from "./options.ts";
import { PLUG_OPTIONS, plugIn } from "./plug.ts";
import { DAEMON_OPTIONS, serveReaders } from "./serve.ts";
import type { Verb } from "./verb.ts";

const MODE: OptionRow = {
  name: "order",
  kind: "value",
  value: "ORDER",
  words: "strict: commands must come as they were recorded;\n" +
    "any (default): in any order",
  completes: ["strict", "any"],
};

function replayMode(text: string | undefined): ReplayMode {
  if (text === undefined || text === "any") return "lookup";
  if (text === "strict") return "strict";
  throw new CliError(
    "usage",
    `Cannot use --order: ${JSON.stringify(text)} found, expected strict or any`,
  );
}

async function run(options: Options, io: Io): Promise<number> {
  const [file, ...more] = options.operands;
  if (file === undefined || more.length > 0) {
    throw new CliError(
      "usage",
      `Cannot run scard replay: ${options.operands.length} files found, expected one`,
    );
  }
  const card = recordedCard(
    recordingIn(file, await readText(file)),
    `the recording ${file}`,
    replayMode(options.value("order")),
    (message) => io.printError(`scard replay: ${message}`),
  );
  const isPlugged = options.value("vpcd") !== undefined ||
    options.value("listen") !== undefined;
  if (isPlugged) return await plugIn(card, options, io);
  const plan = { cards: [card], vpcd: [], serial: [], system: false };
  return await serveReaders(plan, options, io);
}

/** `scard replay`. */
export const REPLAY_VERB: Verb = {
  name: "replay",
  usage: [
    "[OPTIONS] FILE",
    "[OPTIONS] --vpcd [HOST:]PORT FILE",
    "[OPTIONS] --listen PORT FILE",
  ],
  about:
    `Makes a card that answers as a recorded one did: in a virtual reader of a service,
as scard serve has it, or plugged into a reader that speaks vpcd. FILE is a
recording, or a trace as JSON lines, as scard serve --trace writes it. What was not
recorded is answered 6F00, and told on standard error. Where the recorded PIN is
blanked, any PIN of that length will do.`,
  options: [MODE, ...PLUG_OPTIONS, ...DAEMON_OPTIONS],
  operands: "file",
  exits: ["refused", "noService", "busy", "denied", "interrupted"],
  example: "scard trace --virtual -f json -o card.json 00A4000C023F00; " +
    "scard replay --listen 0 card.json",
  run,
};
