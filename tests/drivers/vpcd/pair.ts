/**
 * A reader of this driver with a card of this driver in it, over TCP in either direction.
 *
 * @module
 */

import {
  type VpcdApduCard,
  VpcdCard,
  VpcdReader,
  type VpcdReaderOptions,
} from "../../../src/drivers/vpcd/mod.ts";

/** Who listens. */
export type Direction = "reader listens" | "card listens";
/** Both ways of bringing a card to a reader. */
export const DIRECTIONS: readonly Direction[] = [
  "reader listens",
  "card listens",
];

/** A reader and a way to put cards in. */
export interface ReaderWithPlug extends AsyncDisposable {
  readonly reader: VpcdReader;
  /** Puts a card in; settles when it has begun to listen or has connected. */
  insert(card: VpcdApduCard): Promise<VpcdCard>;
}

/** An empty reader whose cards come in that direction. */
export function emptyReader(
  direction: Direction,
  options: Omit<VpcdReaderOptions, "port"> = {},
): ReaderWithPlug {
  if (direction === "reader listens") {
    const reader = VpcdReader.listen({ ...options, port: 0 });
    return {
      reader,
      insert: (card) => VpcdCard.connect({ card, port: reader.port }),
      [Symbol.asyncDispose]: () => reader.close(),
    };
  }
  const port = freePort();
  const reader = VpcdReader.connect({ ...options, port, longestPauseMs: 10 });
  return {
    reader,
    insert: (card) => onFreedPort(() => VpcdCard.listen({ card, port })),
    [Symbol.asyncDispose]: () => reader.close(),
  };
}

/** Below the ports that outgoing connections get, so that nobody takes it in between. */
const FIRST_PORT = 10_000;
const PORTS = 10_000;

/** A port of the loopback on which nobody listens. */
export function freePort(): number {
  for (let tries = 0; tries < 100; tries++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("Cannot find a free port");
}

const FREED_TRIES = 100;
const FREED_PAUSE_MS = 10;

/**
 * Opens something on a port that was closed just now. A program that another test starts at that very moment
 * holds every socket of this process a little longer, until it has become itself.
 */
export async function onFreedPort<T>(open: () => T | Promise<T>): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      if (tries === FREED_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, FREED_PAUSE_MS));
    }
  }
}
