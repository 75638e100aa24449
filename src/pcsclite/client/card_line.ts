/**
 * The service's side of one connection: its number, its requests, and the lock of its reader.
 *
 * @module
 */

import {
  SCARD_LEAVE_CARD,
  type WaitOptions,
} from "../../resource_manager/mod.ts";
import {
  BEGIN,
  type CardMessage,
  COMMANDS,
  DISCONNECT,
  END,
} from "../wire/mod.ts";
import {
  type CardAnswer,
  type CardQuestion,
  cardQuestion,
  type CardReply,
  type CardRequest,
} from "./card_request.ts";
import { cardRefusedWith } from "./errors.ts";
import { askUntilUnlocked, isLocked } from "./lock_wait.ts";
import type { ServiceAccess } from "./options.ts";
import type { RequestLine } from "./request_line.ts";

/** A request without what all of them have. */
export type CardRequestParts<Message extends CardAnswer> =
  & Omit<CardRequest<Message>, "timeoutMs" | "body">
  & { readonly body?: Omit<Partial<Message>, "hCard"> };

/** Requests of one connection. */
export class CardLine {
  /** Requests of its context. */
  readonly line: RequestLine;
  /** Number of the connection. */
  readonly hCard: number;
  readonly #access: ServiceAccess;

  /** For a connection of the context that `line` belongs to. */
  constructor(line: RequestLine, hCard: number, access: ServiceAccess) {
    this.line = line;
    this.hCard = hCard;
    this.#access = access;
  }

  /** A request of this connection. */
  question<Message extends CardAnswer>(
    parts: CardRequestParts<Message>,
  ): CardQuestion<Message> {
    const body = { ...parts.body, hCard: this.hCard } as Partial<Message>;
    const timeoutMs = this.#access.cardTimeoutMs;
    return cardQuestion(this.line, { ...parts, body, timeoutMs });
  }

  /**
   * Asks once; the reader of others' transactions refuses.
   *
   * @throws {ResourceManagerError} what the service answers
   */
  async ask<Message extends CardAnswer>(
    attempt: string,
    question: CardQuestion<Message>,
    signal?: AbortSignal,
  ): Promise<CardReply<Message>> {
    const reply = await question({ signal });
    const { rv } = reply.answer;
    if (rv !== 0) throw cardRefusedWith(rv, attempt);
    return reply;
  }

  /**
   * Asks, and while others run a transaction waits for its end: the request then runs in
   * a transaction of its own.
   *
   * @throws {ResourceManagerError} what the service answers
   */
  async askInTurn<Message extends CardAnswer>(
    attempt: string,
    question: CardQuestion<Message>,
    signal?: AbortSignal,
  ): Promise<CardReply<Message>> {
    const reply = await question({ signal });
    const { rv } = reply.answer;
    if (rv === 0) return reply;
    if (!isLocked(rv)) throw cardRefusedWith(rv, attempt);
    await this.begin(attempt, { signal });
    try {
      return await this.ask(attempt, question, signal);
    } finally {
      this.leave();
    }
  }

  /** Asks until others' transactions allow it; for what cannot run in a transaction. */
  async askAgain<Message extends CardAnswer>(
    attempt: string,
    question: CardQuestion<Message>,
    signal?: AbortSignal,
  ): Promise<Message> {
    let last: Message | undefined;
    const rv = await askUntilUnlocked(async () => {
      last = (await question({ signal })).answer;
      return last.rv;
    }, this.#wait(signal));
    if (rv !== 0 || last === undefined) throw cardRefusedWith(rv, attempt);
    return last;
  }

  /**
   * Begins a transaction, or one more; waits its turn.
   *
   * @throws {ResourceManagerError} what the service answers; SCARD_E_SHARING_VIOLATION after `cardTimeoutMs`
   */
  async begin(attempt: string, { signal }: WaitOptions = {}): Promise<void> {
    const begin = this.question({
      command: COMMANDS.BEGIN_TRANSACTION,
      struct: BEGIN,
    });
    const late = ({ answer }: CardReply<CardMessage>) => {
      if (answer.rv === 0) this.leave();
    };
    const rv = await askUntilUnlocked(
      async () => (await begin({ signal, late })).answer.rv,
      this.#wait(signal),
    );
    if (rv !== 0) throw cardRefusedWith(rv, attempt);
  }

  /** Ends the transaction begun last, and leaves the card as it is; nobody waits for it. */
  leave(): void {
    const body = { dwDisposition: SCARD_LEAVE_CARD };
    const end = this.question({
      command: COMMANDS.END_TRANSACTION,
      struct: END,
      body,
    });
    // Without a service there is no transaction either.
    end().catch(() => {});
  }

  /** Ends the connection, and leaves the card as it is; nobody waits for it. */
  forget(): void {
    const body = { dwDisposition: SCARD_LEAVE_CARD };
    const disconnect = this.question({
      command: COMMANDS.DISCONNECT,
      struct: DISCONNECT,
      body,
    });
    // Without a service there is no connection either.
    disconnect().catch(() => {});
  }

  #wait(signal: AbortSignal | undefined) {
    const { timers, cardTimeoutMs } = this.#access;
    return { timers, limitMs: cardTimeoutMs, signal };
  }
}
