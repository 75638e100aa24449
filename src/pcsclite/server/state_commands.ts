/**
 * Commands about what happens to readers: states, waiting, counting.
 *
 * @module
 */

import {
  FIXED_READER_SLOTS,
  READER_EVENTS,
  STATE_SIZE,
  WAIT,
} from "../wire/mod.ts";
import type { CommandHandler } from "./answer.ts";
import type { Client } from "./client.ts";

/** A client that was told of the states asks for the number of events next, or waits: until it has, signals are held back this long. */
const NEXT_REQUEST_MS = 5;
/** The same while it is about to ask for the states; a client that never does gets its signal then. */
const STATES_REQUEST_MS = 2000;

function fixedStates(client: Client): Uint8Array<ArrayBuffer> {
  const { board } = client.hall;
  client.seenVersion = board.version;
  return board.states(client, FIXED_READER_SLOTS);
}

/** GET_READERS_STATE: the array of fixed length. */
export const readersState: CommandHandler = fixedStates;

/** GET_READERS_STATE_SIZE: entries of the array of variable length. */
export const statesSize: CommandHandler = (client) => {
  client.stateSlots = client.hall.board.size;
  return STATE_SIZE.encode({ readers: client.stateSlots });
};

/** GET_READERS_STATE_ARRAY: as many entries as the client was told, whatever has come since. */
export const statesArray: CommandHandler = (client) => {
  const { board } = client.hall;
  client.wait.hold(NEXT_REQUEST_MS);
  return board.states(client, client.stateSlots || board.size);
};

/** WAIT_READER_STATE_CHANGE: registers for one signal. */
export const wait: CommandHandler = (client) => {
  const { dialect, hall } = client;
  client.wait.register();
  if (dialect.variableStates) client.wait.hold(STATES_REQUEST_MS);
  else if (dialect.readerEvents) client.wait.hold(NEXT_REQUEST_MS);
  if (dialect.waitAnswers) return fixedStates(client);
  // Asked for the states before, by 4:3: what has happened since would be lost.
  if (!dialect.variableStates && client.seenVersion !== hall.board.version) {
    client.wait.changed();
  }
  return null;
};

/** STOP_WAITING_READER_STATE_CHANGE: answered only when no signal was sent. */
export const stopWaiting: CommandHandler = (client) =>
  client.wait.stop() ? WAIT.encode() : null;

/** GET_READER_EVENTS. */
export const readerEvents: CommandHandler = (client) => {
  client.afterAnswer = () => client.wait.hold(0);
  return READER_EVENTS.encode({
    readerEvents: client.hall.board.readerEvents,
  });
};
