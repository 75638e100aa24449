/**
 * The handles that an application holds: contexts and connections by number.
 *
 * @module
 */

import type {
  Connection,
  ResourceContext,
  ResourceManager,
} from "../resource_manager/mod.ts";
import { refusal } from "./answer.ts";
import { describe } from "./checks.ts";
import { HandleNumbers } from "./handle_numbers.ts";

/** A context as an application holds it. */
export interface ContextEntry {
  /** The number. */
  readonly hContext: number;
  /** The context of the resource manager. */
  readonly context: ResourceContext;
  /** Numbers of its connections. */
  readonly cards: Set<number>;
  /** Readers, by name in lower case, whose count was 0 when the application was told of them last. */
  readonly toldZero: Set<string>;
  /** Waits for a user. */
  readonly dialogs: Set<AbortController>;
}

/** A connection as an application holds it. */
export interface CardEntry {
  /** The number. */
  readonly hCard: number;
  /** The connection of the resource manager. */
  readonly connection: Connection;
  /** The context that made it. */
  readonly owner: ContextEntry;
}

/** Handles by number. Those of a stopped service stay known, so that their users learn why. */
export class HandleTable {
  #manager: ResourceManager;
  #numbers = new HandleNumbers();
  #contexts = new Map<number, ContextEntry>();
  #cards = new Map<number, CardEntry>();

  /** Without handles. */
  constructor(manager: ResourceManager) {
    this.#manager = manager;
  }

  /** Takes a context in, until it ends. */
  addContext(context: ResourceContext): ContextEntry {
    const entry: ContextEntry = {
      hContext: this.#numbers.next(),
      context,
      cards: new Set(),
      toldZero: new Set(),
      dialogs: new Set(),
    };
    this.#contexts.set(entry.hContext, entry);
    context.onReleased(() => {
      if (!this.#manager.closed) this.forgetContext(entry);
    });
    return entry;
  }

  /**
   * The context of that number, open.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_HANDLE, or SCARD_E_SERVICE_STOPPED
   */
  context(hContext: unknown, attempt: string): ContextEntry {
    const entry = this.findContext(hContext);
    if (entry === undefined) throw noHandle(hContext, "a context", attempt);
    entry.context.assertOpen(attempt);
    return entry;
  }

  /** The context of that number, open or not. */
  findContext(hContext: unknown): ContextEntry | undefined {
    return this.#contexts.get(hContext as number);
  }

  /**
   * Functions of the database take no context for that of the system: null or 0.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_HANDLE, SCARD_E_SERVICE_STOPPED, or
   * SCARD_E_NO_SERVICE without a context
   */
  checkContextOrNone(hContext: unknown, attempt: string): void {
    if (hContext !== null && hContext !== 0) {
      this.context(hContext, attempt);
    } else if (this.#manager.closed) {
      throw refusal(
        "SCARD_E_NO_SERVICE",
        attempt,
        "the resource manager was closed",
        "a running one",
      );
    }
  }

  /** Forgets a context and its connections. */
  forgetContext(entry: ContextEntry): void {
    this.#contexts.delete(entry.hContext);
    for (const hCard of entry.cards) this.#cards.delete(hCard);
  }

  /**
   * Takes a connection in, until {@linkcode forgetCard} or the end of its context.
   *
   * @throws {ResourceManagerError} when the context has ended meanwhile
   */
  addCard(owner: ContextEntry, connection: Connection): number {
    owner.context.assertOpen("connect");
    const hCard = this.#numbers.next();
    this.#cards.set(hCard, { hCard, connection, owner });
    owner.cards.add(hCard);
    return hCard;
  }

  /**
   * The connection of that number.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_HANDLE, or SCARD_E_SERVICE_STOPPED
   */
  card(hCard: unknown, attempt: string): CardEntry {
    const entry = this.#cards.get(hCard as number);
    if (entry === undefined) throw noHandle(hCard, "a connection", attempt);
    entry.owner.context.assertOpen(attempt);
    return entry;
  }

  /** Forgets a connection. */
  forgetCard({ hCard, owner }: CardEntry): void {
    this.#cards.delete(hCard);
    owner.cards.delete(hCard);
  }
}

function noHandle(value: unknown, what: string, attempt: string): Error {
  return refusal(
    "SCARD_E_INVALID_HANDLE",
    attempt,
    `the handle is ${describe(value)}`,
    `the handle of ${what} that is open`,
  );
}
