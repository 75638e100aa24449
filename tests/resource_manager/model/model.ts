/**
 * The resource manager as plain data, for callers of whom each waits until everything
 * that can happen has happened: who is connected, who owns the reader, who waits.
 *
 * @module
 */

import type { ShareMode } from "../../../src/resource_manager/mod.ts";
import type { Rules } from "./rules.ts";

/** A connection. */
export interface ModelHandle {
  readonly id: number;
  readonly context: number;
  /** Which of the readers that came one after the other. */
  readonly plug: number;
  mode: ShareMode;
  /** SCARD_PROTOCOL_* bit, 0 for none. */
  protocol: number;
  /** The card as the connection knows it; null: it knows of none. */
  grip: { session: number; resets: number } | null;
  /** The application has given it back, but its disposition waits. */
  closing: boolean;
  /** It is gone. */
  closed: boolean;
}

/** The card slot. */
export interface ModelCard {
  present: boolean;
  mute: boolean;
  powered: boolean;
  protocol: number;
  session: number;
  resets: number;
  events: number;
}

/** A call that waits until no other connection runs a transaction. */
export interface ModelWaiting {
  /** Null: no caller is told. */
  readonly call: number | null;
  readonly context: number;
  /** Whose own transaction is no obstacle. */
  readonly handle: number | null;
  /** Virtual time, in milliseconds, at which it is refused. */
  readonly deadline?: number | null;
  /** Does the work: what the caller is told. */
  attempt(): string;
  /** The caller does not want it any more. */
  abort?(): void;
}

/** A status request. */
export interface ModelWatch {
  readonly call: number;
  readonly context: number;
  readonly flags: number;
  readonly count: number;
  /** Virtual time, in milliseconds. */
  readonly deadline: number | null;
}

/** The end of a context, which waits for the dispositions of its connections. */
export interface ModelEnding {
  readonly call: number;
  /** Virtual time, in milliseconds. */
  readonly deadline: number;
  readonly handles: Set<number>;
}

/** Everything. */
export class Model {
  readonly rules: Rules;
  /** Virtual time, in milliseconds. */
  now = 0;
  readonly contexts: Set<number> = new Set();
  readonly handles: Map<number, ModelHandle> = new Map();
  /** The reader that is there: a number, or null. */
  plug: number | null = 0;
  plugs = 0;
  /** Whether the device answers. */
  alive = true;
  /** Whether the manager takes the reader for one that works. */
  works = true;
  readonly card: ModelCard = {
    present: false,
    mute: false,
    powered: false,
    protocol: 0,
    session: 0,
    resets: 0,
    events: 0,
  };
  owner: ModelHandle | null = null;
  depth = 0;
  lastUse = 0;
  waiting: ModelWaiting[] = [];
  watches: ModelWatch[] = [];
  endings: ModelEnding[] = [];
  /** Connections whose disposition has been carried out after others' transactions. */
  going: ModelHandle[] = [];
  /** Whether those who waited get their turn now. */
  isDraining = false;
  /** What each call was told. */
  readonly outcomes: Map<number, string> = new Map();

  /** Makes a manager with one reader that has no card. */
  constructor(rules: Rules) {
    this.rules = rules;
  }

  /** Connections that are at the reader. */
  get present(): ModelHandle[] {
    return [...this.handles.values()].filter((handle) =>
      !handle.closed && handle.plug === this.plug
    );
  }

  /** What the card is to one that knows it now. */
  get grip(): ModelHandle["grip"] {
    const { present, session, resets } = this.card;
    return present ? { session, resets } : null;
  }

  /** Tells a caller. */
  settle(call: number | null, outcome: string): void {
    if (call !== null) this.outcomes.set(call, outcome);
  }

  /** Why a connection cannot be used, or null. */
  problem(handle: ModelHandle, needsCard = true): string | null {
    if (handle.closed || handle.closing) return "SCARD_E_INVALID_HANDLE";
    if (handle.plug !== this.plug || !this.works) {
      return "SCARD_E_READER_UNAVAILABLE";
    }
    const { grip } = handle;
    if (!needsCard || grip === null) return null;
    if (grip.session !== this.card.session) return "SCARD_W_REMOVED_CARD";
    return grip.resets === this.card.resets ? null : "SCARD_W_RESET_CARD";
  }

  /** Whether nobody else runs a transaction. */
  isFreeFor(handle: number | null): boolean {
    return this.owner === null || this.owner.id === handle;
  }

  /** Does the work now, or when nobody else runs a transaction. */
  whenFree(waiting: ModelWaiting): void {
    if (!this.isFreeFor(waiting.handle)) this.waiting.push(waiting);
    else this.settle(waiting.call, waiting.attempt());
  }

  /** Those who wait get their turn, first come, first served. */
  drain(): void {
    this.isDraining = true;
    while (true) {
      const next = this.waiting.findIndex(({ handle }) =>
        this.isFreeFor(handle)
      );
      if (next < 0) break;
      const [waiting] = this.waiting.splice(next, 1);
      this.settle(waiting.call, waiting.attempt());
    }
    this.isDraining = false;
    // The reader takes its time: a connection that goes counts until it has gone.
    for (const handle of this.going.splice(0)) this.close(handle);
  }

  /** Calls that wait and fit are told `outcome`. */
  giveUp(fits: (waiting: ModelWaiting) => boolean, outcome: string): void {
    const given = this.waiting.filter(fits);
    this.waiting = this.waiting.filter((waiting) => !fits(waiting));
    for (const waiting of given) this.settle(waiting.call, outcome);
  }

  /** One transaction ends, or all of them. */
  unlock(handle: ModelHandle, all: boolean): void {
    if (this.owner !== handle) return;
    this.depth = all ? 0 : this.depth - 1;
    if (this.depth === 0) this.owner = null;
  }

  /** The connection is gone. */
  close(handle: ModelHandle): void {
    handle.closed = true;
    this.unlock(handle, true);
    this.giveUp(
      (waiting) => waiting.handle === handle.id,
      "SCARD_E_INVALID_HANDLE",
    );
    for (const ending of this.endings) ending.handles.delete(handle.id);
  }

  /** SCARD_STATE_* bits of the reader, without CHANGED; null when there is none. */
  get flags(): number | null {
    if (this.plug === null) return null;
    if (!this.works) return 0x8;
    const { present, mute, powered } = this.card;
    if (!present) return 0x10;
    const modes = this.present.map(({ mode }) => mode);
    const { showsExclusive } = this.rules;
    const sharing = modes.some((mode) => showsExclusive.includes(mode))
      ? 0x80
      : modes.length > 0
      ? 0x100
      : 0;
    // A mute card has no power either, but that is not worth a flag of its own.
    const power = mute && !powered ? 0x200 : powered ? 0 : 0x400;
    return 0x20 | sharing | power;
  }
}
