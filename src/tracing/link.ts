/**
 * A link that tells what passes over it.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import type { CardLink } from "../contact_reader/mod.ts";
import type { TraceDetail } from "./events.ts";
import { LinkConversation, type LinkReading } from "./link_reading.ts";
import type { Tracer } from "./tracer.ts";

/** Tells the tracer of one link. */
class LinkObserver {
  readonly #tracer: Tracer;
  readonly #reader: string;
  readonly #conversation: LinkConversation;
  /** Number of the last event that the card answers. */
  #asked: number | null = null;
  #isLost = true;

  constructor(tracer: Tracer, reader: string) {
    this.#tracer = tracer;
    this.#reader = reader;
    this.#conversation = new LinkConversation(tracer.pins);
  }

  /** Whether anybody listens. What passes meanwhile is lost. */
  get isWanted(): boolean {
    if (!this.#tracer.isActive) {
      this.#isLost = true;
      return false;
    }
    if (this.#isLost) {
      this.#conversation.lose();
      this.#asked = null;
      this.#isLost = false;
    }
    return true;
  }

  /** Something else than a reception. */
  tell(detail: TraceDetail): void {
    this.#receivedSoFar();
    this.#asked = this.#emit(null, detail);
  }

  reset(kind: "cold" | "warm"): void {
    this.tell({ kind: "reset", reset: kind });
    this.#conversation.reset();
  }

  sent(bytes: Uint8Array): void {
    this.#receivedSoFar();
    const reading = this.#conversation.sent(bytes);
    this.#asked = this.#emit(null, { kind: "sent", ...reading });
  }

  received(bytes: Uint8Array, isShort: boolean): void {
    this.#tellReceived(this.#conversation.received(bytes, isShort));
  }

  #receivedSoFar(): void {
    this.#tellReceived(this.#conversation.flush());
  }

  #tellReceived(reading: LinkReading | null): void {
    if (reading === null) return;
    this.#emit(this.#asked, { kind: "received", ...reading });
  }

  #emit(begin: number | null, detail: TraceDetail): number {
    return this.#tracer.emit(this.#reader, "link", begin, detail);
  }
}

/**
 * Wraps `link`: the same link, and `tracer` hears of resets, settings and characters.
 * What a tracer without sinks did not hear of is lost: until the next reset it cannot
 * tell what passes, and shows nothing that is sent.
 *
 * @param reader name of the reader in the events
 */
export function traceLink(
  link: CardLink,
  tracer: Tracer,
  reader: string,
): CardLink {
  const observer = new LinkObserver(tracer, reader);
  const traced: CardLink = {
    reset(kind) {
      if (observer.isWanted) observer.reset(kind);
      return link.reset(kind);
    },
    powerOff() {
      if (observer.isWanted) observer.tell({ kind: "power-off" });
      return link.powerOff();
    },
    send(bytes) {
      if (observer.isWanted) observer.sent(bytes);
      return link.send(bytes);
    },
    receive(target, offset, wanted, wait, gap): MaybePromise<number> {
      const outcome = link.receive(target, offset, wanted, wait, gap);
      if (!observer.isWanted) return outcome;
      return chain(outcome, (count) => {
        const bytes = target.subarray(offset, offset + count);
        if (observer.isWanted) observer.received(bytes, count < wanted);
        return count;
      });
    },
    get available() {
      return link.available;
    },
  };
  if (link.configure !== undefined) {
    traced.configure = (settings) => {
      if (observer.isWanted) observer.tell({ kind: "configure", settings });
      return link.configure?.(settings);
    };
  }
  return traced;
}
