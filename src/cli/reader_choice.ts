/**
 * Which reader a verb means.
 *
 * @module
 */

import type { ReaderState } from "../resource_manager/mod.ts";
import { CliError } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import type { OptionRow } from "./options.ts";
import {
  describeCard,
  type ReaderReport,
  reportReader,
} from "./reader_words.ts";

/** The option that names a reader. */
export const READER_OPTION: OptionRow = {
  name: "reader",
  short: "r",
  kind: "value",
  value: "NAME",
  words: "the reader, or a part of its name that no other has; by\n" +
    "default $SCARD_READER, else the only one with a card,\n" +
    "else the only one",
};

/** A reader to choose from. */
export interface Choosable {
  /** Its name. */
  readonly name: string;
  /** What is known of it. */
  readonly state: ReaderState;
}

/**
 * The reader that is meant: the option, else `SCARD_READER`, else the only one with a
 * card, else the only one.
 *
 * @throws {CliError} that lists the readers, when it cannot be told
 */
export function chooseReader(
  readers: readonly Choosable[],
  option: string | undefined,
  io: Io,
): string {
  const reports = readers.map(({ name, state }) => reportReader(name, state));
  const wanted = option ?? io.env("SCARD_READER");
  if (wanted !== undefined) {
    const from = option === undefined ? " of SCARD_READER" : "";
    return byName(reports, wanted, from);
  }
  const withCard = reports.filter(({ card }) =>
    card === "present" || card === "mute"
  );
  if (withCard.length === 1) return withCard[0].reader;
  if (withCard.length === 0 && reports.length === 1) return reports[0].reader;
  const found = reports.length === 0
    ? "no reader"
    : withCard.length === 0
    ? `${reports.length} readers and no card`
    : `${withCard.length} readers with a card`;
  throw unclear(`Cannot choose a reader: ${found} found`, reports);
}

function byName(
  reports: readonly ReaderReport[],
  wanted: string,
  from: string,
): string {
  const names = reports.map(({ reader }) => reader);
  if (names.includes(wanted)) return wanted;
  const part = wanted.toLowerCase();
  const partly = names.filter((name) => name.toLowerCase().includes(part));
  if (partly.length === 1) return partly[0];
  const found = partly.length === 0
    ? "no reader has this name"
    : `${partly.length} readers have it in their name`;
  throw unclear(
    `Cannot find the reader ${JSON.stringify(wanted)}${from}: ${found}`,
    reports,
  );
}

function unclear(found: string, reports: readonly ReaderReport[]): CliError {
  const list = reports.map((report) =>
    `\n  ${JSON.stringify(report.reader)}: ${describeCard(report)}`
  );
  const expected = reports.length === 0
    ? "one that is connected"
    : `-r NAME with one of:${list.join("")}`;
  return new CliError("noReader", `${found}, expected ${expected}`);
}
