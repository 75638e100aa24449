/**
 * `scard watch`: readers and cards as they come and go.
 *
 * @module
 */

import { EXIT } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import { JSON_OPTION, type OptionRow, type Options } from "./options.ts";
import { paintFor } from "./paint.ts";
import {
  type ReaderChangeKind,
  type ReaderEvent,
  watchReaders,
} from "./reader_events.ts";
import { describeCard } from "./reader_words.ts";
import { harmless } from "./harmless.ts";
import { openService, SERVICE_OPTIONS } from "./service.ts";
import type { Verb } from "./verb.ts";

const COUNT: OptionRow = {
  name: "count",
  kind: "value",
  value: "N",
  words: "end after N events; what is there at the start counts",
};

const WORDS: Readonly<Record<ReaderChangeKind, string>> = {
  "reader-added": "reader",
  "reader-removed": "reader gone",
  "card-inserted": "card in",
  "card-removed": "card out",
  "changed": "changed",
};

async function run(options: Options, io: Io): Promise<number> {
  options.noOperands();
  const count = options.integer("count", 1, 1_000_000_000) ?? Infinity;
  await using service = await openService(options, io);
  const { dim, bold } = paintFor(io);
  const show = ({ time, event, ...report }: ReaderEvent) =>
    `${dim(time)} ${WORDS[event].padEnd(11)} ${bold(harmless(report.reader))}${
      event === "reader-removed" ? "" : `: ${describeCard(report)}`
    }`;
  let seen = 0;
  for await (const event of watchReaders(service.context, io.signal)) {
    io.print(options.has("json") ? JSON.stringify(event) : show(event));
    if (++seen >= count) break;
  }
  return EXIT.done.code;
}

/** `scard watch`. */
export const WATCH_VERB: Verb = {
  name: "watch",
  usage: ["[OPTIONS]"],
  about:
    `Tells of readers and cards as they come and go: first of those that are there,
then of every change, until it is interrupted. With --json one event a line.`,
  options: [COUNT, JSON_OPTION, ...SERVICE_OPTIONS],
  exits: ["noService", "denied", "outputClosed"],
  example: "scard watch --virtual --count 1",
  run,
};
