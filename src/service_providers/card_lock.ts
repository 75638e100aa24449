/**
 * The transaction of a card service.
 *
 * @module
 */

import type {
  SmartCardConnection,
  SmartCardDisposition,
  SmartCardWaitOptions,
} from "../smart_card/mod.ts";
import { within } from "./within.ts";

/** How a lock ends; signal and timeout end the waiting for it. */
export interface LockOptions extends SmartCardWaitOptions {
  /** What happens to the card in the end; default `"leave"`. */
  disposition?: SmartCardDisposition;
  /** What happens to it when the work fails; default the same. */
  dispositionOnError?: SmartCardDisposition;
}

type Outcome<R> = { readonly value: R } | { readonly reason: unknown };

/**
 * A transaction that is begun once, however many pieces of work want it at the same time.
 */
export class CardLock {
  #connection: Pick<SmartCardConnection, "startTransaction">;
  #begun: () => void;
  /** `turning`: it begins or ends. */
  #state: "free" | "turning" | "held" = "free";
  #turned: PromiseWithResolvers<void> = Promise.withResolvers();
  #guests = new Set<Promise<void>>();

  /**
   * For one connection.
   *
   * @param begun called whenever a transaction has begun
   */
  constructor(
    connection: Pick<SmartCardConnection, "startTransaction">,
    begun: () => void,
  ) {
    this.#connection = connection;
    this.#begun = begun;
  }

  /**
   * Runs `work` in the transaction, which begins first if it does not run, and ends when
   * all work in it has ended.
   *
   * @throws what `work` throws, or what the connection's startTransaction rejects with
   */
  async run<R>(
    work: () => Promise<R>,
    options: LockOptions = {},
  ): Promise<R> {
    // In one step from here on: whoever sees the lock free takes it.
    while (this.#state === "turning") {
      await within(this.#turned.promise, options);
    }
    return this.#state === "held"
      ? await this.#join(work)
      : await this.#hold(work, options);
  }

  /**
   * Resets the card, in a transaction of its own.
   *
   * @throws {DOMException} InvalidStateError in the transaction
   */
  async reset(limits: SmartCardWaitOptions = {}): Promise<void> {
    if (this.#state === "held") {
      throw new DOMException(
        "Cannot reset the card: the service is locked, expected it not to be",
        "InvalidStateError",
      );
    }
    while (this.#state !== "free") await within(this.#turned.promise, limits);
    const disposition = "reset";
    await this.#hold(() => Promise.resolve(), { ...limits, disposition });
  }

  async #join<R>(work: () => Promise<R>): Promise<R> {
    const guest = attempt(work);
    const done = guest.then(() => {
      this.#guests.delete(done);
    });
    this.#guests.add(done);
    return resultOf(await guest);
  }

  async #hold<R>(
    work: () => Promise<R>,
    { disposition = "leave", dispositionOnError, signal, timeout }: LockOptions,
  ): Promise<R> {
    const outcomes: Outcome<R>[] = [];
    this.#turn("turning");
    try {
      await this.#connection.startTransaction(async () => {
        this.#begun();
        this.#turn("held");
        const outcome = await attempt(work);
        outcomes.push(outcome);
        while (this.#guests.size > 0) await Promise.all(this.#guests);
        this.#turn("turning");
        return "reason" in outcome
          ? dispositionOnError ?? disposition
          : disposition;
      }, { signal, timeout });
    } catch (error) {
      // Why the work failed says more than that the transaction could not be ended.
      if (outcomes.length === 0 || "value" in outcomes[0]) throw error;
    } finally {
      this.#turn("free");
    }
    return resultOf(outcomes[0]);
  }

  #turn(state: "free" | "turning" | "held"): void {
    this.#state = state;
    this.#turned.resolve();
    this.#turned = Promise.withResolvers();
  }
}

async function attempt<R>(work: () => Promise<R>): Promise<Outcome<R>> {
  try {
    return { value: await work() };
  } catch (reason) {
    return { reason };
  }
}

function resultOf<R>(outcome: Outcome<R>): R {
  if ("reason" in outcome) throw outcome.reason;
  return outcome.value;
}
