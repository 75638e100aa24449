/**
 * TCP connections for vpcd: to somebody who listens, and from somebody who connects.
 *
 * @module
 */

import { SmartcardLogError } from "../../smclib/mod.ts";
import { GrowingPause } from "./pause.ts";

/** Longest pause after an accept that failed, in milliseconds. */
const LONGEST_ACCEPT_PAUSE_MS = 1000;

/** Who listens, or shall be connected to. */
export interface VpcdAddress {
  readonly hostname: string;
  readonly port: number;
}

/**
 * Connects.
 *
 * @param timeoutMs deadline, in milliseconds
 * @param signal ends the attempt
 * @throws {Error} of Deno when nobody listens or the deadline comes; the signal's reason
 */
export async function dial(
  { hostname, port }: VpcdAddress,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  signal.throwIfAborted();
  const attempt = new AbortController();
  const onAbort = () => attempt.abort(signal.reason);
  signal.addEventListener("abort", onAbort);
  const timer = setTimeout(() => {
    const text = `no connection after ${timeoutMs} ms`;
    attempt.abort(new Deno.errors.TimedOut(text));
  }, timeoutMs);
  let link: Deno.TcpConn;
  try {
    link = await Deno.connect({ hostname, port, signal: attempt.signal });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
  try {
    signal.throwIfAborted();
    refuseItself(link);
    // One small frame waits for the other: Nagle's delay would only add up.
    link.setNoDelay(true);
  } catch (error) {
    link.close();
    throw error;
  }
  return link;
}

/** Where nobody listens, a connection may get the very port that it is to, and then talks to itself. */
function refuseItself({ localAddr, remoteAddr }: Deno.TcpConn): void {
  const { hostname, port } = remoteAddr;
  if (localAddr.port !== port || localAddr.hostname !== hostname) return;
  throw new Deno.errors.ConnectionRefused("nobody listens, met itself");
}

/** Takes connections one at a time. */
export class Acceptor {
  readonly #listener: Deno.TcpListener;
  readonly #deviceName: string;
  readonly #signal: AbortSignal;
  readonly #pause = new GrowingPause(LONGEST_ACCEPT_PAUSE_MS);

  /**
   * Takes over a listener.
   *
   * @param deviceName who is named where a failure is logged
   * @param signal closes the listener
   */
  constructor(
    listener: Deno.TcpListener,
    deviceName: string,
    signal: AbortSignal,
  ) {
    this.#listener = listener;
    this.#deviceName = deviceName;
    this.#signal = signal;
    signal.addEventListener("abort", () => listener.close(), { once: true });
  }

  /** The next connection, however long it takes; null once the signal has come. */
  async next(): Promise<Deno.TcpConn | null> {
    while (!this.#signal.aborted) {
      try {
        const link = await this.#accept();
        this.#pause.reset();
        return link;
      } catch (error) {
        if (this.#signal.aborted) return null;
        // Whoever connects may give up while he waits in the queue.
        if (isGone(error)) continue;
        SmartcardLogError(
          this.#deviceName,
          0,
          String(error),
          this.#listener.addr.port,
        );
        // Out of file descriptors, for example: that passes, one must not stay deaf.
        await this.#pause.wait(this.#signal);
      }
    }
    return null;
  }

  async #accept(): Promise<Deno.TcpConn> {
    const link = await this.#listener.accept();
    try {
      this.#signal.throwIfAborted();
      link.setNoDelay(true);
    } catch (error) {
      link.close();
      throw error;
    }
    return link;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}
