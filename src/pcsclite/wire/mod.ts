/**
 * The wire protocol of pcsc-lite between libpcsclite and pcscd, versions 4:3 to 4:6:
 * layouts, commands and numbers, for both ends. No I/O.
 *
 * @module
 */

export {
  bodyBytes,
  type Command,
  type CommandName,
  COMMANDS,
  encodeRequest,
  payloadBytes,
} from "./commands.ts";
export {
  DEFAULT_MINOR,
  type Dialect,
  dialectOf,
  DIALECTS,
  NEWEST_MINOR,
  OLDEST_MINOR,
  PROTOCOL_MAJOR,
} from "./dialects.ts";
export * from "./limits.ts";
export * from "./message_values.ts";
export * from "./messages.ts";
export * from "./numbers.ts";
export { pcscLiteReaderName } from "./reader_name.ts";
export * from "./reader_state.ts";
export {
  block,
  type Field,
  type Fields,
  I32,
  Struct,
  text,
  U32,
} from "./struct.ts";
