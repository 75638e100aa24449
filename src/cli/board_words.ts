/**
 * A board in lines, with rates.
 *
 * @module
 */

import { fromHex } from "../bytes.ts";
import type { Board, BoardConnection, BoardReader } from "./board.ts";
import { harmless } from "./harmless.ts";
import type { Paint } from "./paint.ts";
import { describeCard, reportReader } from "./reader_words.ts";

/** Counters of a reader at one moment. */
interface Sample {
  readonly time: number;
  readonly apdus: number;
  readonly bytes: number;
}

/** What a reader did in the last seconds. */
export interface Rate {
  /** APDUs a second. */
  readonly apdus: number;
  /** Bytes a second, both ways. */
  readonly bytes: number;
}

/** Shortest time that a rate is told over, in milliseconds. */
const SPAN_MS = 900;

/** Rates from boards that follow each other. */
export class Rates {
  readonly #samples = new Map<string, Sample>();
  readonly #rates = new Map<string, Rate>();

  /** Takes a board; returns the rates by name of reader. */
  take({ time, readers }: Board): ReadonlyMap<string, Rate> {
    for (const { name, apdus, bytesSent, bytesReceived } of readers) {
      const sample = { time, apdus, bytes: bytesSent + bytesReceived };
      const before = this.#samples.get(name);
      const span = time - (before?.time ?? time);
      // A reader that came back counts from nothing.
      if (before === undefined || apdus < before.apdus) {
        this.#samples.set(name, sample);
        this.#rates.delete(name);
      } else if (span >= SPAN_MS) {
        this.#samples.set(name, sample);
        this.#rates.set(name, {
          apdus: (sample.apdus - before.apdus) * 1000 / span,
          bytes: (sample.bytes - before.bytes) * 1000 / span,
        });
      }
    }
    return this.#rates;
  }
}

/** A number of things: `1 reader`, `2 readers`. */
export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function lasting(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function connectionLine(
  { context, share, seconds, transactionSeconds }: BoardConnection,
): string {
  const transaction = transactionSeconds === null
    ? ""
    : `, in a transaction since ${lasting(transactionSeconds)}`;
  return `    ${harmless(context)}: ${share} since ${
    lasting(seconds)
  }${transaction}`;
}

/** The state of a board's reader, as other verbs tell it. */
export function reportOf(reader: BoardReader): ReturnType<typeof reportReader> {
  const { name, flags, atr, events } = reader;
  return reportReader(name, {
    flags,
    eventCount: events,
    atr: atr === null ? null : fromHex(atr),
  });
}

function traffic(reader: BoardReader, rate: Rate | undefined): string[] {
  const { connections, waiting, apdus, bytesSent, bytesReceived } = reader;
  if (connections === null) return [];
  const speed = rate === undefined
    ? ""
    : `, ${rate.apdus.toFixed(1)} a second, ${
      Math.round(rate.bytes)
    } bytes a second`;
  const queue = waiting === 0
    ? ""
    : `; ${waiting} wait for a transaction to end`;
  return [
    `    ${
      counted(apdus, "APDU")
    }, ${bytesSent} bytes sent, ${bytesReceived} received${speed}${queue}`,
  ];
}

/** The lines of a board. */
export function boardLines(
  board: Board,
  rates: ReadonlyMap<string, Rate>,
  from: string,
  { bold, dim }: Paint,
): string[] {
  const { readers, contexts, time } = board;
  const users = contexts === null ? "" : `, ${counted(contexts, "context")}`;
  const clock = new Date(time).toISOString().slice(11, 19);
  const lines = [
    dim(
      `${harmless(from)} at ${clock}: ${
        counted(readers.length, "reader")
      }${users}`,
    ),
  ];
  for (const reader of readers) {
    lines.push(
      `${bold(harmless(reader.name))}: ${describeCard(reportOf(reader))}`,
    );
    lines.push(...traffic(reader, rates.get(reader.name)));
    lines.push(...(reader.connections ?? []).map(connectionLine));
  }
  return lines;
}
