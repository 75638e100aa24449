/**
 * Asking the service what its readers look like.
 *
 * @module
 */

import {
  type Command,
  COMMANDS,
  decodeReaderStates,
  encodeRequest,
  FIXED_READER_SLOTS,
  READER_EVENTS,
  READER_STATE,
  type ReaderStateEntry,
  STATE_SIZE,
} from "../wire/mod.ts";
import { garbled } from "./errors.ts";
import type { ServiceContext } from "./open_service.ts";
import type { AnswerShape } from "./service_socket.ts";

/** What the readers looked like at one moment. */
export interface ReadersView {
  /** The readers. */
  readonly entries: readonly ReaderStateEntry[];
  /** Arrivals and removals so far as the service counts them; 0 where it does not. */
  readonly events: number;
}

/** More readers than this are a mistake. */
const MAX_READERS = 4096;

/** The state array of fixed length. */
export const FIXED_STATES: AnswerShape = {
  bytes: FIXED_READER_SLOTS * READER_STATE.bytes,
};

/**
 * The readers that the service has. Nobody may be registered for signals on this socket:
 * a signal could come between request and answer, and could not be told from the answer.
 *
 * @param timeoutMs milliseconds for each answer
 */
export async function askReaders(
  { socket, dialect }: ServiceContext,
  timeoutMs: number,
): Promise<ReaderStateEntry[]> {
  let shape = FIXED_STATES;
  let command: Command = COMMANDS.GET_READERS_STATE;
  if (dialect.variableStates) {
    const answer = await socket.exchange(
      encodeRequest(COMMANDS.GET_READERS_STATE_SIZE),
      STATE_SIZE,
      timeoutMs,
    );
    const { readers } = STATE_SIZE.decode(answer);
    if (readers < 0 || readers > MAX_READERS) {
      const error = garbled(`${readers} readers`, `0 to ${MAX_READERS}`);
      socket.end(error);
      throw error;
    }
    shape = { bytes: readers * READER_STATE.bytes };
    command = COMMANDS.GET_READERS_STATE_ARRAY;
  }
  const array = await socket.exchange(encodeRequest(command), shape, timeoutMs);
  return decodeReaderStates(array);
}

/**
 * How many readers have come or gone, from 1 on; 0 in versions that do not count. As
 * {@linkcode askReaders} it must not be asked by whoever is registered.
 *
 * @param timeoutMs milliseconds for the answer
 */
export async function askReaderEvents(
  { socket, dialect }: ServiceContext,
  timeoutMs: number,
): Promise<number> {
  if (!dialect.readerEvents) return 0;
  const answer = await socket.exchange(
    encodeRequest(COMMANDS.GET_READER_EVENTS),
    READER_EVENTS,
    timeoutMs,
  );
  return READER_EVENTS.decode(answer).readerEvents;
}
