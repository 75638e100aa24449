/**
 * Readers and cards that come and go, as events.
 *
 * @module
 */

import type { ContextBackend, ReaderBackend } from "../resource_manager/mod.ts";
import { type ReaderReport, reportReader } from "./reader_words.ts";

/** What happened. */
export type ReaderChangeKind =
  | "reader-added"
  | "reader-removed"
  | "card-inserted"
  | "card-removed"
  | "changed";

/** One event, as `--json` prints it. */
export interface ReaderEvent extends ReaderReport {
  /** When it was noticed, ISO 8601. */
  readonly time: string;
  /** What happened. */
  readonly event: ReaderChangeKind;
}

/** How often a service is looked at that may have ended, in milliseconds. */
const ALIVE_MS = 1000;

/**
 * Those that are there as arrivals, then every change. Ends with `signal`.
 *
 * @throws {ResourceManagerError} when the service has ended
 */
export async function* watchReaders(
  context: ContextBackend,
  signal: AbortSignal,
): AsyncGenerator<ReaderEvent, void, void> {
  const { manager } = context;
  const queue: ReaderEvent[] = [];
  const known = new Map<string, ReaderReport>();
  let wake = () => {};
  const arrive = ({ name, state }: ReaderBackend) => {
    const report = reportReader(name, state);
    known.set(name, report);
    queue.push(eventOf("reader-added", report));
  };
  const unsubscribe = manager.subscribe(({ kind, reader }) => {
    const before = known.get(reader.name);
    if (kind === "removed") {
      if (before !== undefined) queue.push(eventOf("reader-removed", before));
      known.delete(reader.name);
    } else if (before === undefined) arrive(reader);
    else {
      const report = reportReader(reader.name, reader.state);
      known.set(reader.name, report);
      queue.push(...changes(before, report));
    }
    wake();
  });
  const stop = () => wake();
  signal.addEventListener("abort", stop);
  const alive = setInterval(stop, ALIVE_MS);
  try {
    manager.readers.forEach(arrive);
    while (!signal.aborted) {
      yield* queue.splice(0);
      if (signal.aborted) return;
      context.assertOpen("watch readers");
      if (queue.length > 0) continue;
      await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    clearInterval(alive);
    signal.removeEventListener("abort", stop);
    unsubscribe();
  }
}

function eventOf(event: ReaderChangeKind, report: ReaderReport): ReaderEvent {
  return { time: new Date().toISOString(), event, ...report };
}

function hasCard({ card }: ReaderReport): boolean {
  return card === "present" || card === "mute";
}

/** What differs, as events; a card that was exchanged unseen is one that went and one that came. */
function changes(before: ReaderReport, after: ReaderReport): ReaderEvent[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!hasCard(before) && hasCard(after)) {
    return [eventOf("card-inserted", after)];
  }
  if (hasCard(before) && !hasCard(after)) {
    return [eventOf("card-removed", after)];
  }
  if (hasCard(after) && before.events !== after.events) {
    return [
      eventOf("card-removed", { ...after, card: "none", atr: null }),
      eventOf("card-inserted", after),
    ];
  }
  return [eventOf("changed", after)];
}
