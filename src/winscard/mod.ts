/**
 * WinSCard, the smart card interface of Windows, on top of the resource manager.
 *
 * @module
 */

export type { ScardAnswer, ScardStatus } from "./answer.ts";
export * from "./attributes.ts";
export {
  MAX_CACHE_BYTES,
  MAX_CACHE_ITEM_BYTES,
  MAX_CACHE_ITEMS,
} from "./cache.ts";
export type { CacheFunctions, CacheOutput } from "./cache_functions.ts";
export type {
  CardFunctions,
  ControlOutput,
  ScardTransmitOptions,
  TransmitOutput,
} from "./card_functions.ts";
export * from "./codes.ts";
export type { ConnectFunctions } from "./connect_functions.ts";
export * from "./constants.ts";
export type { ContextFunctions } from "./context_functions.ts";
export type { DatabaseFunctions } from "./database_functions.ts";
export type { DeviceFunctions } from "./device_functions.ts";
export type { DialogFunctions } from "./dialog_functions.ts";
export type * from "./dialog_types.ts";
export * from "./engine_constants.ts";
export * from "./ioctls.ts";
export type { MaxLength } from "./lengths.ts";
export type {
  AuditRecord,
  ReaderDescription,
  WinscardOptions,
} from "./options.ts";
export type { NameList, QueryFunctions } from "./query_functions.ts";
export type {
  ReaderStatesOutput,
  ScardReaderEvent,
  ScardReaderState,
} from "./reader_states.ts";
export type { StartedEvent } from "./started_event.ts";
export type {
  AttributeOutput,
  StateFunctions,
  StateOutput,
  StatusOutput,
} from "./state_functions.ts";
export type { StatusFunctions } from "./status_functions.ts";
export { createWinscard, type Winscard } from "./winscard.ts";
