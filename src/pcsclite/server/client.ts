/**
 * One client: one socket of libpcsclite, at most one context, and its connections.
 *
 * @module
 */

import {
  type Connection,
  type Reader,
  type ResourceContext,
  type ResourceManager,
  ResourceManagerError,
  type Timers,
} from "../../resource_manager/mod.ts";
import {
  DEFAULT_MINOR,
  type Dialect,
  dialectOf,
  PROTOCOL_MAJOR,
  wireCode,
} from "../wire/mod.ts";
import { BeginLine } from "./begin_line.ts";
import { EventWait } from "./event_wait.ts";
import type { BoardViewer, ReaderBoard } from "./reader_board.ts";
import type { ServerEvent } from "./options.ts";
import { ProtocolViolation } from "./violation.ts";
import type { WireNumbers } from "./wire_numbers.ts";

/** What all clients of a server share. */
export interface Hall {
  /** Whose readers they use. */
  readonly manager: ResourceManager;
  /** The readers as clients see them. */
  readonly board: ReaderBoard;
  /** Clients by the number of their context. */
  readonly contexts: WireNumbers<Client>;
  /** Clients by the numbers of their connections. */
  readonly cards: WireNumbers<Client>;
  /** Who waits for transactions. */
  readonly lines: WeakMap<Reader, BeginLine>;
  /** Clock. */
  readonly timers: Timers;
  /** Hears of what happens. */
  readonly report: (event: ServerEvent) => void;
}

/** A connection of a client (SCARDHANDLE). */
export interface Card {
  /** What the client knows it by. */
  readonly hCard: number;
  /** The engine's side. */
  readonly connection: Connection;
}

/** State of one client. */
export class Client implements BoardViewer {
  /** 1, 2, ...: for logs. */
  readonly id: number;
  /** What it shares with others. */
  readonly hall: Hall;
  /** Its wait for changes. */
  readonly wait: EventWait;
  /** Its connections by number. */
  readonly cards: Map<number, Card> = new Map();
  /** What it speaks. */
  dialect: Dialect = dialectOf(PROTOCOL_MAJOR, DEFAULT_MINOR)!;
  /** Number of its context, 0 when it has none. */
  hContext = 0;
  /** Entries of the state array that it was told of last. */
  stateSlots = 0;
  /** Version of the board that it saw last. */
  seenVersion = -1;
  /** Runs when the answer to the request of the moment is on its way. */
  afterAnswer: (() => void) | null = null;
  /** Calls off the CONNECT of the moment. */
  connecting: AbortController | null = null;
  #context: ResourceContext | null = null;

  /**
   * A client without context.
   *
   * @param signal sends an event or its cancellation
   */
  constructor(id: number, hall: Hall, signal: (rv: number) => void) {
    this.id = id;
    this.hall = hall;
    this.wait = new EventWait(hall.timers, signal);
  }

  /** The engine's context; null before ESTABLISH and after RELEASE. */
  get context(): ResourceContext | null {
    return this.hContext === 0 ? null : this.#context;
  }

  /** Its context in the engine, made when it is asked for. */
  #ownContext(): ResourceContext {
    this.#context ??= this.hall.manager.establishContext({
      name: `pcsc-lite client ${this.id}`,
    });
    return this.#context;
  }

  /** ESTABLISH: a new number; connections stay. */
  establish(): number {
    this.#ownContext();
    this.#freeNumber();
    this.hContext = this.hall.contexts.take(this);
    return this.hContext;
  }

  /** RELEASE: gives everything back as the profile says. */
  release(): Promise<void> {
    return this.#leave((context) => context.release());
  }

  /** The client is gone. */
  abandon(): Promise<void> {
    return this.#leave((context) => context.abandon());
  }

  async #leave(end: (context: ResourceContext) => Promise<void>) {
    this.wait.stop();
    this.#freeNumber();
    for (const card of [...this.cards.values()]) {
      this.lineOf(card).leave(card.connection);
      this.forget(card);
    }
    const context = this.#context;
    this.#context = null;
    if (context !== null) await end(context);
  }

  #freeNumber(): void {
    if (this.hContext !== 0) this.hall.contexts.free(this.hContext);
    this.hContext = 0;
  }

  /** Whether the policy shows this reader to the client. */
  sees(readerName: string): boolean {
    const { manager } = this.hall;
    const context = manager.closed ? this.#context : this.#ownContext();
    return context?.gate?.sees(readerName) ?? true;
  }

  /** Takes a connection in. */
  add(connection: Connection): Card {
    const card = { hCard: this.hall.cards.take(this), connection };
    this.cards.set(card.hCard, card);
    return card;
  }

  /** Lets a connection go. */
  forget({ hCard }: Card): void {
    this.cards.delete(hCard);
    this.hall.cards.free(hCard);
  }

  /**
   * One of its connections; a place in line is given up unless BEGIN asks.
   *
   * @throws {ProtocolViolation} when the number is not one of its connections
   */
  card(hCard: number, begins = false): Card {
    const card = this.cards.get(hCard);
    if (card === undefined) {
      throw new ProtocolViolation(
        `Cannot use card ${hCard}: it is not the client's, expected a connection of its own`,
      );
    }
    if (!begins) this.lineOf(card).leave(card.connection);
    return card;
  }

  /** The line for transactions at the reader of a connection. */
  lineOf({ connection: { reader } }: Card): BeginLine {
    const { lines, timers } = this.hall;
    let line = lines.get(reader);
    if (line === undefined) lines.set(reader, line = new BeginLine(timers));
    return line;
  }

  /** The wire's number of what was thrown; told to whoever listens. */
  codeOf(command: string, error: unknown): number {
    this.hall.report({ kind: "failed", client: this.id, command, error });
    return wireCode(
      error instanceof ResourceManagerError
        ? error.name
        : "SCARD_F_INTERNAL_ERROR",
    );
  }
}
