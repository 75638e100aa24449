/**
 * Plugs a card into a reader by vpcd, and stays until it is out.
 *
 * @module
 */

import type { VpcdCardEnd } from "../drivers/vpcd/mod.ts";
import type { CardSource } from "./built_in_cards.ts";
import { CliError, EXIT } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import { type OptionRow, type Options, wholeNumber } from "./options.ts";

/** Options of a card that is plugged in. */
export const PLUG_OPTIONS: readonly OptionRow[] = [
  {
    name: "vpcd",
    kind: "value",
    value: "[HOST:]PORT",
    words: "the reader that waits for cards there; default\n" +
      "127.0.0.1:35963, as vsmartcard's driver",
  },
  {
    name: "listen",
    kind: "value",
    value: "PORT",
    words: "wait for a reader there instead, as vicc -R",
  },
  {
    name: "remote",
    kind: "flag",
    words: "the host may be another machine: all goes in the clear",
  },
  {
    name: "reconnect",
    kind: "flag",
    words: "plug it in again whenever the reader is back",
  },
];

const DEFAULT_ADDRESS = "127.0.0.1:35963";

/** Host and port. @throws {CliError} when it is none */
function address(text: string): { hostname: string; port: number } {
  const at = text.lastIndexOf(":");
  return {
    hostname: at < 0 ? "127.0.0.1" : text.slice(0, at),
    port: wholeNumber("the port of --vpcd", text.slice(at + 1), 1, 65_535),
  };
}

const ENDS: Readonly<Record<VpcdCardEnd["reason"], string>> = {
  "closed": "taken out",
  "reader-gone": "the reader has gone",
  "reader-stuck": "the reader did not take an answer in time",
  "out-of-step": "the reader sent something while it was owed an answer",
  "card-failed": "the card failed",
};

/**
 * Plugs a card in, until the reader goes or the command is told to end.
 *
 * @throws {CliError} when there is no reader
 */
export async function plugIn(
  source: CardSource,
  options: Options,
  io: Io,
): Promise<number> {
  options.atMostOne("vpcd", "listen");
  const { VpcdCard } = await import("../drivers/vpcd/mod.ts");
  const { signal } = io;
  const listen = options.integer("listen", 0, 65_535);
  const to = address(options.value("vpcd") ?? DEFAULT_ADDRESS);
  const shared = {
    card: source.apdu(),
    signal,
    onDisconnect: (end: VpcdCardEnd) =>
      io.print(`card out: ${ENDS[end.reason]}`),
  };
  if (listen !== undefined) {
    await using card = VpcdCard.listen({ ...shared, port: listen });
    io.print(
      `${source.words} waits for a reader on ${card.hostname}:${card.port}`,
    );
    await card.closed;
    return EXIT.done.code;
  }
  const reconnect = options.has("reconnect");
  try {
    await using card = await VpcdCard.connect({
      ...shared,
      ...to,
      reconnect,
      allowRemote: options.has("remote"),
    });
    io.print(`card in: ${source.words}, at ${card.hostname}:${card.port}`);
    const end = await card.closed;
    const isWell = signal.aborted || end.reason === "closed" ||
      end.reason === "reader-gone";
    return isWell ? EXIT.done.code : EXIT.refused.code;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted.code;
    if (!(error instanceof Error) || error instanceof RangeError) throw error;
    throw new CliError("noService", error.message, error);
  }
}
