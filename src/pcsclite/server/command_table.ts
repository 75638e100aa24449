/**
 * Which function answers which command.
 *
 * @module
 */

import { type Command, COMMANDS } from "../wire/mod.ts";
import type { CommandHandler } from "./answer.ts";
import { getAttribute, setAttribute } from "./attribute_commands.ts";
import { connect, disconnect, reconnect } from "./connection_commands.ts";
import { cancel, establish, release, version } from "./context_commands.ts";
import { control } from "./control_command.ts";
import {
  readerEvents,
  readersState,
  statesArray,
  statesSize,
  stopWaiting,
  wait,
} from "./state_commands.ts";
import { begin, end, status } from "./transaction_commands.ts";
import { transmit } from "./transmit_command.ts";

/** Every command of every dialect. */
export const COMMAND_TABLE: ReadonlyMap<number, CommandHandler> = new Map<
  Command,
  CommandHandler
>([
  [COMMANDS.ESTABLISH_CONTEXT, establish],
  [COMMANDS.RELEASE_CONTEXT, release],
  [COMMANDS.CONNECT, connect],
  [COMMANDS.RECONNECT, reconnect],
  [COMMANDS.DISCONNECT, disconnect],
  [COMMANDS.BEGIN_TRANSACTION, begin],
  [COMMANDS.END_TRANSACTION, end],
  [COMMANDS.TRANSMIT, transmit],
  [COMMANDS.CONTROL, control],
  [COMMANDS.STATUS, status],
  [COMMANDS.CANCEL, cancel],
  [COMMANDS.GET_ATTRIB, getAttribute],
  [COMMANDS.SET_ATTRIB, setAttribute],
  [COMMANDS.VERSION, version],
  [COMMANDS.GET_READERS_STATE, readersState],
  [COMMANDS.WAIT_READER_STATE_CHANGE, wait],
  [COMMANDS.STOP_WAITING_READER_STATE_CHANGE, stopWaiting],
  [COMMANDS.GET_READER_EVENTS, readerEvents],
  [COMMANDS.GET_READERS_STATE_SIZE, statesSize],
  [COMMANDS.GET_READERS_STATE_ARRAY, statesArray],
]);
