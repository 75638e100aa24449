/**
 * `scard monitor`: a board of readers, cards, holders, transactions and rates.
 *
 * @module
 */

import type { Board } from "./board.ts";
import { openFeed } from "./board_feed.ts";
import { boardLines, Rates } from "./board_words.ts";
import { EXIT } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import { JSON_OPTION, type OptionRow, type Options } from "./options.ts";
import { paintFor } from "./paint.ts";
import { SERVICE_OPTIONS } from "./service.ts";
import type { Verb } from "./verb.ts";

const COUNT: OptionRow = {
  name: "count",
  kind: "value",
  value: "N",
  words: "end after N boards",
};

const ENCODER = new TextEncoder();
/** The other screen of a terminal, without cursor; and back. */
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const CLEAR_REST = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** Cuts a line to what a terminal shows; colours take no room. */
function cut(line: string, columns: number): string {
  let room = columns;
  return line.replaceAll(/(\p{Cc}\[\d+m)|(.)/gu, (_, colour, character) => {
    if (colour !== undefined) return colour;
    return room-- > 0 ? character : "";
  });
}

/** Draws on a terminal. */
function draw(lines: readonly string[], io: Io): void {
  const { columns, rows } = io.size() ?? { columns: 80, rows: 24 };
  const shown = lines.slice(0, rows - 1).map((line) =>
    `${cut(line, columns)}${CLEAR_REST}\r\n`
  );
  io.write(ENCODER.encode(`${HOME}${shown.join("")}${CLEAR_BELOW}`));
}

async function run(options: Options, io: Io): Promise<number> {
  options.noOperands();
  const count = options.integer("count", 1, 1_000_000_000) ?? Infinity;
  await using feed = await openFeed(options, io);
  const isDrawn = io.outputIsTerminal && !options.has("json");
  const paint = paintFor(io);
  const rates = new Rates();
  const show = (board: Board) => {
    if (options.has("json")) return io.print(JSON.stringify(board));
    const lines = boardLines(board, rates.take(board), feed.from, paint);
    if (isDrawn) draw(lines, io);
    else lines.forEach((line) => io.print(line));
  };
  let seen = 0;
  if (isDrawn) io.write(ENCODER.encode(ENTER));
  try {
    for await (const board of feed.boards) {
      show(board);
      if (++seen >= count) break;
    }
  } finally {
    if (isDrawn) io.write(ENCODER.encode(LEAVE));
  }
  return EXIT.done.code;
}

/** `scard monitor`. */
export const MONITOR_VERB: Verb = {
  name: "monitor",
  usage: ["[OPTIONS]"],
  about:
    `Shows readers, cards, who holds them and since when, transactions, and how much
passes; on a terminal as a board that is drawn again whenever something happens,
elsewhere as lines. Of another service than scard serve less is known: pcscd does
not tell who its clients are. Runs until it is interrupted.`,
  options: [COUNT, JSON_OPTION, ...SERVICE_OPTIONS],
  exits: ["noService", "denied", "outputClosed"],
  example: "scard monitor --virtual --count 1",
  run,
};
