/**
 * Events that nobody has asked for yet.
 *
 * @module
 */

import type { ReaderEvent } from "./reader_events.ts";

/** Events kept in full; beyond that, what cancels out is left out. */
export const MAX_BACKLOG = 1024;

/**
 * First in, first out, and bounded: of the events that a reader had while nobody asked,
 * those that matter remain. Successive `state` events of a reader are one. When there
 * are too many events, {@linkcode condense} decides.
 */
export class EventBacklog {
  #events: ReaderEvent[] = [];
  #latest = new Map<string, ReaderEvent>();
  #limit = MAX_BACKLOG;

  /** How many wait. */
  get length(): number {
    return this.#events.length;
  }

  /** Appends an event. */
  push(event: ReaderEvent): void {
    const before = this.#latest.get(event.reader);
    if (before?.type === "state" && event.type === "state") {
      // Keeps its place among those of other readers.
      Object.assign(before, event);
      return;
    }
    this.#latest.set(event.reader, event);
    this.#events.push(event);
    if (this.#events.length <= this.#limit) return;
    this.#events = condense(this.#events);
    this.#latest = new Map(this.#events.map((kept) => [kept.reader, kept]));
    // With very many readers, condensing at each event would take too long.
    this.#limit = Math.max(MAX_BACKLOG, 2 * this.#events.length);
  }

  /** Takes the oldest out; undefined when there is none. */
  shift(): ReaderEvent | undefined {
    const event = this.#events.shift();
    if (event === undefined) return undefined;
    if (this.#latest.get(event.reader) === event) {
      this.#latest.delete(event.reader);
    }
    return event;
  }

  /** Forgets them all. */
  clear(): void {
    this.#events.length = 0;
    this.#latest.clear();
  }
}

/**
 * The shortest history with the same end: a reader that came and went again, a card
 * that came and went again, and states that were followed by another one are left out.
 * An exchange of the card, `card-removed` and `card-inserted`, stays.
 */
export function condense(events: readonly ReaderEvent[]): ReaderEvent[] {
  const histories = new Map<string, ReaderEvent[]>();
  for (const event of events) {
    const history = histories.get(event.reader);
    if (history === undefined) histories.set(event.reader, [event]);
    else histories.set(event.reader, follow(history, event));
  }
  const kept = new Set([...histories.values()].flat());
  return events.filter((event) => kept.has(event));
}

/** What is left of `history`, five events at most, and an event after it. */
function follow(history: ReaderEvent[], event: ReaderEvent): ReaderEvent[] {
  const added = history.findLastIndex(({ type }) => type === "reader-added");
  if (event.type === "reader-removed") {
    return added < 0 ? [event] : history.slice(0, added);
  }
  if (event.type === "reader-added") return [...history, event];
  if (event.type === "state") {
    return [...history.filter(({ type }) => type !== "state"), event];
  }
  const cards = history.filter(isCardEvent);
  if (
    event.type !== "card-removed" || cards.at(-1)?.type !== "card-inserted"
  ) return [...history, event];
  const rest = history.filter((earlier) => !isCardEvent(earlier));
  // The card of the beginning is gone all the same.
  return cards.length > 1 ? [...rest, event] : rest;
}

function isCardEvent({ type }: ReaderEvent): boolean {
  return type === "card-inserted" || type === "card-removed";
}
