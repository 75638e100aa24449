/**
 * A card that is plugged into a reader by vpcd, as vicc is.
 *
 * @module
 */

import {
  checkCardConnectOptions,
  checkCardOptions,
  type CheckedCardOptions,
  type VpcdCardConnectOptions,
  type VpcdCardOptions,
} from "./card_options.ts";
import { type VpcdCardEnd, VpcdCardSession } from "./card_session.ts";
import { Acceptor, dial } from "./links.ts";
import { GrowingPause } from "./pause.ts";

/** The next reader; null when there will be none. */
type NextReader = () => Promise<Deno.TcpConn | null>;

/**
 * A card in somebody else's reader: pcscd's with vsmartcard's driver, or a `VpcdReader`. It connects to
 * the reader, or listens for it (as `vicc -R`); one reader at a time.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createApduCard } from "../../cards/mod.ts";
 * import { VpcdCard } from "./mod.ts";
 *
 * await using card = VpcdCard.listen({ card: createApduCard(), port: 0 });
 * // A reader connects to 127.0.0.1, card.port
 * assert.ok(card.port > 0);
 * ```
 */
export class VpcdCard implements AsyncDisposable {
  /** Address of the reader, or that readers connect to. */
  readonly hostname: string;
  /** TCP port of the reader, or that readers connect to. */
  readonly port: number;
  /**
   * Settles with the end of the last connection (`closed` if there was none) when the card is out for
   * good: it was closed, or the reader left a card that connects just once. Rejects only with what
   * `onDisconnect` threw, or when Deno's permission to connect is missing.
   */
  readonly closed: Promise<VpcdCardEnd>;

  readonly #options: CheckedCardOptions;
  readonly #end: AbortController;
  #session: VpcdCardSession | null = null;

  private constructor(
    options: CheckedCardOptions,
    end: AbortController,
    port: number,
    next: NextReader,
    signal: AbortSignal | undefined,
  ) {
    this.#options = options;
    this.#end = end;
    this.hostname = options.hostname;
    this.port = port;
    const onAbort = () => this.#takeOut();
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
    this.closed = this.#serve(next).finally(() => {
      signal?.removeEventListener("abort", onAbort);
      end.abort();
    });
  }

  /**
   * Plugs a card into a reader that listens.
   *
   * @param options card, address, signal; with `reconnect` the reader may come later, and go and come back
   * @returns the card: connected, or with `reconnect` at once
   * @throws {RangeError} when an option is out of its range, or the address not loopback and `allowRemote` not set
   * @throws {Error} without `reconnect`, when nobody listens there or the deadline comes; `cause` says more
   */
  static async connect(options: VpcdCardConnectOptions): Promise<VpcdCard> {
    options.signal?.throwIfAborted();
    const checked = checkCardConnectOptions(options);
    const end = new AbortController();
    const next = options.reconnect
      ? redial(checked, end.signal)
      : once(await dialNow(checked, options.signal ?? end.signal));
    return new VpcdCard(checked, end, checked.port, next, options.signal);
  }

  /**
   * Plugs a card into whatever reader connects, one after the other, on the loopback alone.
   *
   * @param options card, port, address, signal
   * @returns the card; close it, or bind it with `await using`
   * @throws {RangeError} when an option is out of its range, or the address not loopback
   * @throws {Deno.errors.AddrInUse} when another program listens on the port
   */
  static listen(options: VpcdCardOptions): VpcdCard {
    options.signal?.throwIfAborted();
    const checked = checkCardOptions(options);
    const { hostname, port } = checked;
    const listener = Deno.listen({ transport: "tcp", hostname, port });
    const actual = listener.addr.port;
    const end = new AbortController();
    const acceptor = new Acceptor(listener, `VpcdCard${actual}`, end.signal);
    const next = () => acceptor.next();
    return new VpcdCard(checked, end, actual, next, options.signal);
  }

  /** Whether a reader has the card. */
  get isConnected(): boolean {
    return this.#session !== null;
  }

  /** Takes the card out: the reader sees its connection end. A second call waits for the first. */
  async close(): Promise<void> {
    this.#takeOut();
    await this.closed;
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #takeOut(): void {
    this.#end.abort();
    this.#session?.close();
  }

  async #serve(next: NextReader): Promise<VpcdCardEnd> {
    const { card, settleTimeoutMs, onDisconnect } = this.#options;
    let end: VpcdCardEnd = { reason: "closed" };
    let link: Deno.TcpConn | null;
    while ((link = await next()) !== null) {
      const session = new VpcdCardSession(link, card, settleTimeoutMs);
      this.#session = session;
      if (this.#end.signal.aborted) session.close();
      end = await session.ended;
      this.#session = null;
      onDisconnect(end);
    }
    return end;
  }
}

function once(link: Deno.TcpConn): NextReader {
  let next: Deno.TcpConn | null = link;
  return () => {
    const link = next;
    next = null;
    return Promise.resolve(link);
  };
}

/** @throws {Error} saying where nobody listens; the signal's reason */
async function dialNow(
  options: CheckedCardOptions,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  const { hostname, port, connectTimeoutMs } = options;
  try {
    return await dial(options, connectTimeoutMs, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error(
      `Cannot connect vpcd card to ${hostname}:${port}: ${cause}, expected a reader that listens`,
      { cause },
    );
  }
}

/** Connects again and again, after pauses that grow while nobody listens. */
function redial(options: CheckedCardOptions, signal: AbortSignal): NextReader {
  const pause = new GrowingPause(options.longestPauseMs);
  let isFirst = true;
  return async () => {
    for (;;) {
      // After a reader, too: one that leaves at once must not keep the card busy.
      if (!isFirst) await pause.wait(signal);
      isFirst = false;
      if (signal.aborted) return null;
      try {
        const link = await dial(options, options.connectTimeoutMs, signal);
        pause.reset();
        return link;
      } catch (error) {
        // All else may have passed at the next attempt.
        if (error instanceof Deno.errors.NotCapable) throw error;
      }
    }
  };
}
