/**
 * The Web Smart Card API on top of the resource manager.
 *
 * Two operations of a context at a time are refused, as the draft says, and a transaction
 * whose callback returns nothing resets the card. What goes beyond the draft is marked as an
 * extension: `release` and `await using`, `queue`, signals and timeouts of every call,
 * `reconnect`, `readerEvents`, {@linkcode withTransaction}.
 *
 * @module
 */

export { SmartCardConnection } from "./connection.ts";
export { SmartCardContext } from "./context.ts";
export { SmartCardError, type SmartCardResponseCode } from "./errors.ts";
export type { SmartCardPermission } from "./permission.ts";
export type { ReaderEvent } from "./reader_events.ts";
export {
  type SmartCardContextOptions,
  SmartCardResourceManager,
  type SmartCardResourceManagerOptions,
} from "./resource_manager.ts";
export {
  type SmartCardTransactionOptions,
  withTransaction,
} from "./transaction.ts";
export type * from "./types.ts";
