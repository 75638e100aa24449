/**
 * One wait for a change of readers: from WAIT to the signal, or to STOP.
 *
 * @module
 */

import {
  COMMANDS,
  decodeReaderStates,
  encodeRequest,
  READER_EVENTS,
  type ReaderStateEntry,
  WAIT,
} from "../wire/mod.ts";
import { FIXED_STATES, type ReadersView } from "./ask_readers.ts";
import type { ServiceContext } from "./open_service.ts";
import type { ServiceSocket } from "./service_socket.ts";

/** Where the state array comes from in versions whose WAIT is not answered: another socket. */
export type StatesSource = () => Promise<readonly ReaderStateEntry[]>;

/** How a wait goes. */
export interface WatchRound {
  /** Milliseconds for each answer. */
  readonly timeoutMs: number;
  /** Whether arrivals and removals are to be asked for. */
  readonly wantsEvents: boolean;
  /** Asked where WAIT brings no states. */
  readonly states: StatesSource;
  /** Told what is there while the context is registered: what changes after that is signalled. */
  readonly see: (view: ReadersView) => void;
  /** Resolves when there is something else to do. */
  readonly woken: Promise<void>;
}

/**
 * Registers for a signal, tells what is there, and waits for the signal or to be woken.
 *
 * @returns code of the signal, as pcsc-lite numbers them: SCARD_E_CANCELLED, or 0
 */
export async function watchRound(
  service: ServiceContext,
  { timeoutMs, wantsEvents, states, see, woken }: WatchRound,
): Promise<number> {
  const { socket, dialect } = service;
  const body = new Uint8Array(dialect.waitBodyBytes);
  const wait = encodeRequest(COMMANDS.WAIT_READER_STATE_CHANGE, body);
  let entries: readonly ReaderStateEntry[];
  if (dialect.waitAnswers) {
    const array = await socket.exchange(wait, FIXED_STATES, timeoutMs);
    entries = decodeReaderStates(array);
  } else {
    await socket.send(wait, timeoutMs);
    entries = await states();
  }
  let events = 0;
  let early: Uint8Array | null = null;
  // A service of 4:6 holds signals back until it was asked something after WAIT.
  if (dialect.readerEvents && (wantsEvents || !dialect.waitAnswers)) {
    ({ events, early } = await countEvents(socket, timeoutMs));
  }
  let isSignalled = early !== null;
  const message = early === null
    ? socket.receive(WAIT)
    : Promise.resolve(early);
  const signal = message.then((bytes) => {
    isSignalled = true;
    return WAIT.get(bytes, "rv");
  });
  // Its failure is told by whoever awaits it.
  signal.catch(() => {});
  see({ entries, events });
  await Promise.race([signal, woken]);
  // Who has been signalled is no longer registered and gets no answer to STOP: one message comes.
  if (!isSignalled) {
    const stop = COMMANDS.STOP_WAITING_READER_STATE_CHANGE;
    await socket.send(encodeRequest(stop, body), timeoutMs);
  }
  return await socket.awaits(signal, timeoutMs);
}

/**
 * GET_READER_EVENTS of a context that is registered. Answer and signal have the same length
 * and may come in either order, but the count is never 0, and a signal begins with 0.
 */
async function countEvents(
  socket: ServiceSocket,
  timeoutMs: number,
): Promise<{ events: number; early: Uint8Array | null }> {
  const first = socket.receive(READER_EVENTS);
  first.catch(() => {});
  await socket.send(encodeRequest(COMMANDS.GET_READER_EVENTS), timeoutMs);
  const message = await socket.awaits(first, timeoutMs);
  const events = READER_EVENTS.get(message, "readerEvents");
  if (events !== 0) return { events, early: null };
  const second = socket.receive(READER_EVENTS);
  const answer = await socket.awaits(second, timeoutMs);
  return {
    events: READER_EVENTS.get(answer, "readerEvents"),
    early: message,
  };
}
