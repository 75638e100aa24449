/**
 * The works by name, and what they are to reach beside pcscd.
 *
 * @module
 */

import type { Goal, Processors } from "./results.ts";

/** A short APDU: READ BINARY of 32 bytes. A long one: UPDATE BINARY of 4096 bytes. */
export type ApduKind = "short" | "long";

/** Whether transactions follow each other at once. */
export type TransactionKind = "transaction" | "spaced";

/** APDUs from clients that are connected all the time. */
export function apduWork(
  kind: ApduKind,
  clients: number,
  readers: number,
): string {
  const apdu = kind === "short" ? "short APDU" : "4 KiB APDU";
  return `${apdu}, ${count(clients, "client")}, ${count(readers, "reader")}`;
}

/** The same, to a card that does not acknowledge TCP at once. */
export const ORDINARY_WORK =
  "short APDU, 1 client, card that acknowledges late";
/** The same, where also the card's own answer waits for an acknowledgement. */
export const TWO_WRITES_WORK =
  "short APDU, 1 client, card that acknowledges late and answers in two writes without TCP_NODELAY";
/** SCardConnect and SCardDisconnect. */
export const CONNECT_WORK = "connect and disconnect, 1 client";
/** A card connects to a reader until SCardGetStatusChange returns. */
export const INSERTION_WORK = "insertion to wake-up";
/** Memory with nobody there. */
export const IDLE_MEMORY_WORK = "memory, a card and no client";
/** From exec on until SCardEstablishContext succeeds. */
export const ANSWER_WORK = "start to first answer";
/** From exec on until SCardListReaders names the reader. */
export const READER_WORK = "start to a list of readers";

/** Memory with clients. */
export function memoryWork(clients: number): string {
  return `memory, a card and ${count(clients, "client")} connected to it`;
}

/**
 * Begin, transmit, end, back to back or with a millisecond in between. Back to back, who
 * has just ended is the first to begin again at pcscd, and the others sleep.
 */
export function transactionWork(
  kind: TransactionKind,
  clients: number,
): string {
  const pause = kind === "spaced" ? ", 1 ms pause" : "";
  return `begin, short APDU, end${pause}, ${
    count(clients, "client")
  }, 1 reader`;
}

/** How long the unluckiest begin took. */
export function waitWork(kind: TransactionKind, clients: number): string {
  return `${transactionWork(kind, clients)}: longest wait`;
}

/** Transactions of the client that had fewest, divided by those of the one that had most. */
export function fairnessWork(kind: TransactionKind, clients: number): string {
  return `${transactionWork(kind, clients)}: least served by most served`;
}

const AT_LEAST = (limit: number): Goal => ({
  of: "ratio",
  bound: "least",
  limit,
});
const AT_MOST = (limit: number): Goal => ({
  of: "ratio",
  bound: "most",
  limit,
});

/** What is to be reached, wherever it is measured. */
const GOALS: ReadonlyMap<string, Goal> = new Map([
  [apduWork("short", 1, 1), AT_LEAST(0.9)],
  [apduWork("short", 16, 1), AT_LEAST(1)],
  [apduWork("short", 16, 2), AT_LEAST(0.8)],
  [ORDINARY_WORK, AT_LEAST(100)],
  [transactionWork("transaction", 8), AT_LEAST(1.5)],
  [waitWork("transaction", 8), AT_MOST(0.05)],
  [fairnessWork("transaction", 8), { of: "ours", bound: "least", limit: 0.8 }],
  [INSERTION_WORK, AT_MOST(0.05)],
  [ANSWER_WORK, { of: "ours", bound: "most", limit: 400_000 }],
]);

/** The goal of a line; undefined where nothing is to be reached. */
export function goalOf(work: string): Goal | undefined {
  return GOALS.get(work);
}

/** A line in the list of processors. */
export function formatProcessors(processors: Processors): string {
  return processors === "one" ? "one CPU" : "free";
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
