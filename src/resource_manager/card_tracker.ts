/**
 * Watches for cards that come and go, by requests that the reader keeps until it happens.
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  Irp,
  ntSuccess,
  STATUS_DEVICE_PROTOCOL_ERROR,
} from "../smclib/mod.ts";
import type { CardSlot } from "./card_slot.ts";
import type { ReaderIo } from "./reader_io.ts";

/** What a tracker tells its reader. */
export interface TrackerEvents {
  /** The slot has noted an insertion or removal. */
  changed(): void;
  /** A request waits at the reader: events are seen from now on. */
  armed(): void;
  /** Tracking has ended because of this NTSTATUS. */
  failed(status: number): void;
}

/**
 * Answers in a row without any waiting after which a reader counts as broken: it
 * claims that cards come and go faster than events can be handled.
 */
const MAX_IMMEDIATE_EVENTS = 16;

/** The one tracking request of a reader, sent anew after each event; it never polls. */
export class CardTracker {
  #io: ReaderIo;
  #slot: CardSlot;
  #events: TrackerEvents;
  #irp: Irp | null = null;
  #cancel = new AbortController();

  /**
   * A tracker that does not run yet.
   *
   * @param slot where events are noted
   */
  constructor(io: ReaderIo, slot: CardSlot, events: TrackerEvents) {
    this.#io = io;
    this.#slot = slot;
    this.#events = events;
  }

  /** Tracks until {@linkcode stop} or a failure. */
  async run(): Promise<void> {
    let immediate = 0;
    while (!this.#cancel.signal.aborted) {
      let waited = false;
      const irp = new Irp({
        ioControlCode: this.#slot.present
          ? IOCTL_SMARTCARD_IS_ABSENT
          : IOCTL_SMARTCARD_IS_PRESENT,
        systemBuffer: NO_BYTES,
        inputLength: 0,
        outputLength: 0,
        signal: this.#cancel.signal,
      });
      this.#irp = irp;
      const outcome = this.#io.issue(irp, () => waited = true);
      if (typeof outcome !== "number") this.#events.armed();
      const status = await outcome;
      if (this.#cancel.signal.aborted) return;
      if (!ntSuccess(status)) {
        this.#irp = null;
        return this.#events.failed(status);
      }
      this.#digest(irp);
      immediate = waited ? 0 : immediate + 1;
      if (immediate >= MAX_IMMEDIATE_EVENTS) {
        return this.#events.failed(STATUS_DEVICE_PROTOCOL_ERROR);
      }
    }
  }

  /** Notes an event that has happened but whose promise has not been served yet. */
  notice(): void {
    const irp = this.#irp;
    if (
      irp !== null && irp.isCompleted && ntSuccess(irp.ioStatus.status)
    ) this.#digest(irp);
  }

  #digest(irp: Irp): void {
    if (this.#irp !== irp) return;
    this.#irp = null;
    const { eventCount } = this.#slot;
    if (irp.ioControlCode === IOCTL_SMARTCARD_IS_PRESENT) {
      this.#slot.noteInserted();
    } else {
      this.#slot.noteRemoved();
    }
    if (this.#slot.eventCount !== eventCount) this.#events.changed();
  }

  /** Takes the waiting request back. */
  stop(): void {
    this.#irp = null;
    this.#cancel.abort();
  }
}
