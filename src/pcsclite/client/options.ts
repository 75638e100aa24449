/**
 * Where the service is, and how long to wait for it.
 *
 * @module
 */

import {
  DEFAULT_GRACE_MS,
  SYSTEM_TIMERS,
  type Timers,
} from "../../resource_manager/mod.ts";
import { DEFAULT_MINOR, DIALECTS } from "../wire/mod.ts";

/** Where pcscd listens when nothing else is said. */
export const PCSC_LITE_SOCKET = "/run/pcscd/pcscd.comm";
/** Longest wait for an answer that needs no card, in milliseconds. */
export const DEFAULT_ANSWER_TIMEOUT_MS = 30_000;
/** Longest wait for a card, for its reader, and for others' transactions, in milliseconds. */
export const DEFAULT_CARD_TIMEOUT_MS = 300_000;

/** Options of `PcscLiteClient.connect`. */
export interface PcscLiteClientOptions {
  /** Path of the socket; by default that of `PCSCLITE_CSOCK_NAME`, else {@linkcode PCSC_LITE_SOCKET}. */
  socketPath?: string;
  /** Milliseconds for what the service answers by itself; default {@linkcode DEFAULT_ANSWER_TIMEOUT_MS}. */
  answerTimeoutMs?: number;
  /** Milliseconds for what waits for cards, readers or others; default {@linkcode DEFAULT_CARD_TIMEOUT_MS}. */
  cardTimeoutMs?: number;
  /** Milliseconds that a release leaves to the service; default that of the engine. */
  graceMs?: number;
  /**
   * Minor version of the protocol that is proposed first, 3 to 6; by default 4, which all
   * services since 2018 speak or answer with what they speak. 6 lifts the limit of 16 readers.
   */
  minor?: number;
  /** Clock. */
  timers?: Timers;
  /** Ends connecting with its reason. */
  signal?: AbortSignal;
}

/** The same, complete. */
export interface ServiceAccess {
  /** Path of the socket. */
  readonly socketPath: string;
  /** Milliseconds for what the service answers by itself. */
  readonly answerTimeoutMs: number;
  /** Milliseconds for what waits for cards, readers or others. */
  readonly cardTimeoutMs: number;
  /** Milliseconds that a release leaves to the service. */
  readonly graceMs: number;
  /** Minor version that is proposed first. */
  readonly minor: number;
  /** Clock. */
  readonly timers: Timers;
}

/**
 * Fills in what was left out. The environment is read only without `socketPath`.
 *
 * @throws {RangeError} when a time or the version is none
 */
export function serviceAccess(options: PcscLiteClientOptions): ServiceAccess {
  const {
    socketPath = Deno.env.get("PCSCLITE_CSOCK_NAME") || PCSC_LITE_SOCKET,
    answerTimeoutMs = DEFAULT_ANSWER_TIMEOUT_MS,
    cardTimeoutMs = DEFAULT_CARD_TIMEOUT_MS,
    graceMs = DEFAULT_GRACE_MS,
    minor = DEFAULT_MINOR,
    timers = SYSTEM_TIMERS,
  } = options;
  const times = { answerTimeoutMs, cardTimeoutMs, graceMs };
  for (const [name, ms] of Object.entries(times)) {
    if (ms > 0 && ms <= LONGEST_MS) continue;
    throw new RangeError(
      `Cannot use ${name}: ${ms} ms, expected more than 0 and ${LONGEST_MS} at most`,
    );
  }
  if (!DIALECTS.some((dialect) => dialect.minor === minor)) {
    throw new RangeError(
      `Cannot speak version 4:${minor}: unknown, expected one of ${
        DIALECTS.map((dialect) => `4:${dialect.minor}`).join(", ")
      }`,
    );
  }
  return { socketPath, ...times, minor, timers };
}

/** Longest delay of a timer. */
const LONGEST_MS = 0x7FFFFFFF;
