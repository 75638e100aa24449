/**
 * The readers as clients see them: entries of the state array, which a reader keeps as
 * long as it is there.
 *
 * @module
 */

import {
  type Reader,
  type ReaderChange,
  type ResourceManager,
  SCARD_STATE_EMPTY,
  SCARD_STATE_MUTE,
  SCARD_STATE_UNAVAILABLE,
  SCARD_STATE_UNPOWERED,
} from "../../resource_manager/mod.ts";
import {
  encodeReaderStates,
  FIXED_READER_SLOTS,
  READER_STATE,
  type ReaderStateEntry,
  WIRE_ABSENT,
  WIRE_NEGOTIABLE,
  WIRE_POWERED,
  WIRE_PRESENT,
  WIRE_SWALLOWED,
  WIRE_UNKNOWN,
  wireProtocols,
} from "../wire/mod.ts";

const LARGEST_EVENT_NUMBER = 0x7FFF;

/** Who may see which readers. */
export interface BoardViewer {
  /** Whether the reader of this name is there for the viewer. */
  sees(readerName: string): boolean;
}

/** Follows the readers of a manager. */
export class ReaderBoard {
  #manager: ResourceManager;
  #slots: (Reader | null)[] = [];
  #unpowered = new WeakMap<Reader, number>();
  #stop: () => void;
  #version = 0;

  /**
   * The readers as they are now.
   *
   * @param changed called after each change, in the step in which it happens
   */
  constructor(manager: ResourceManager, changed: (readerName: string) => void) {
    this.#manager = manager;
    this.#slots = manager.readers;
    this.#stop = manager.subscribe((change) => {
      this.#note(change);
      changed(change.reader.name);
    });
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version;
  }

  /** Entries of the array of variable length: never fewer than before, and never fewer than the array of fixed length has. */
  get size(): number {
    return Math.max(FIXED_READER_SLOTS, this.#slots.length);
  }

  /** Arrivals and removals of readers as GET_READER_EVENTS tells them: 1 to 32 767, and round again. */
  get readerEvents(): number {
    return this.#manager.arrivals % LARGEST_EVENT_NUMBER + 1;
  }

  /** The reader of this name, as it is written on the wire. */
  find(name: string, viewer: BoardViewer): Reader | undefined {
    const reader = this.#manager.findReader(name) ??
      this.#slots.find((slot) => slot !== null && nameOnWire(slot) === name) ??
      undefined;
    return reader !== undefined && viewer.sees(reader.name)
      ? reader
      : undefined;
  }

  /**
   * The state array.
   *
   * @param slots its entries; readers behind them are left out
   */
  states(viewer: BoardViewer, slots: number): Uint8Array<ArrayBuffer> {
    const entries = this.#slots.slice(0, slots).map((reader) =>
      reader !== null && viewer.sees(reader.name) ? this.#entry(reader) : null
    );
    return encodeReaderStates(entries, slots);
  }

  /** A client took the card's power away: until the next reset it shows. */
  noteUnpowered(reader: Reader): void {
    this.#unpowered.set(reader, reader.slot.resets);
  }

  /** Looks no longer. */
  close(): void {
    this.#stop();
    this.#slots = [];
  }

  #note({ kind, reader }: ReaderChange): void {
    this.#version++;
    if (kind === "added") {
      const free = this.#slots.indexOf(null);
      this.#slots[free < 0 ? this.#slots.length : free] = reader;
    } else if (kind === "removed") {
      const slot = this.#slots.indexOf(reader);
      if (slot >= 0) this.#slots[slot] = null;
    }
  }

  #entry(reader: Reader): ReaderStateEntry {
    const { state, slot, shown } = reader;
    const exclusive = shown.count("exclusive") > 0;
    return {
      readerName: reader.name,
      eventCounter: state.eventCount & 0xFFFF,
      readerState: this.#wireState(reader),
      readerSharing: exclusive
        ? -1
        : shown.count("shared") + shown.count("direct"),
      cardAtr: state.atr ?? new Uint8Array(0),
      cardAtrLength: state.atr?.length ?? 0,
      cardProtocol: state.atr === null ? 0 : wireProtocols(slot.protocol),
    };
  }

  #wireState(reader: Reader): number {
    const { flags } = reader.state;
    if ((flags & SCARD_STATE_UNAVAILABLE) !== 0) return WIRE_UNKNOWN;
    if ((flags & SCARD_STATE_EMPTY) !== 0) return WIRE_ABSENT;
    if ((flags & SCARD_STATE_MUTE) !== 0) return WIRE_PRESENT | WIRE_SWALLOWED;
    const taken = (flags & SCARD_STATE_UNPOWERED) !== 0 &&
      this.#unpowered.get(reader) === reader.slot.resets;
    // Power that nobody took away on purpose comes back by itself: it counts as there.
    return taken ? WIRE_PRESENT : WIRE_PRESENT | WIRE_POWERED | WIRE_NEGOTIABLE;
  }
}

/** The name as far as it fits into the wire's field. */
function nameOnWire(reader: Reader): string {
  const bytes = READER_STATE.encode({ readerName: reader.name });
  return READER_STATE.get(bytes, "readerName");
}
