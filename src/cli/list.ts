/**
 * `scard list`: readers, and what is in them.
 *
 * @module
 */

import { EXIT } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import { JSON_OPTION, type Options } from "./options.ts";
import { paintFor } from "./paint.ts";
import { describeCard, reportReader } from "./reader_words.ts";
import { harmless } from "./harmless.ts";
import { openService, SERVICE_OPTIONS } from "./service.ts";
import type { Verb } from "./verb.ts";

async function run(options: Options, io: Io): Promise<number> {
  options.noOperands();
  await using service = await openService(options, io);
  const { bold } = paintFor(io);
  const reports = service.manager.readers.map(({ name, state }) =>
    reportReader(name, state)
  );
  for (const report of reports) {
    io.print(
      options.has("json")
        ? JSON.stringify(report)
        : `${bold(harmless(report.reader))}: ${describeCard(report)}`,
    );
  }
  if (reports.length === 0 && !options.has("json")) {
    io.printError("scard list: the service runs, and has no reader");
  }
  return EXIT.done.code;
}

/** `scard list`. */
export const LIST_VERB: Verb = {
  name: "list",
  usage: ["[OPTIONS]"],
  about:
    `Lists readers with the cards in them: ATR, card type (a guess from a stock of
ATRs), and whether somebody uses them.`,
  options: [JSON_OPTION, ...SERVICE_OPTIONS],
  exits: ["noService", "denied"],
  example: "scard list --virtual",
  run,
};
