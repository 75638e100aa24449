/**
 * The Web Smart Card API on top of the resource manager.
 *
 * @module
 */

export { SmartCardConnection } from "./connection.ts";
export { SmartCardContext, type SmartCardPermission } from "./context.ts";
export { SmartCardError, type SmartCardResponseCode } from "./errors.ts";
export type { ReaderEvent } from "./reader_events.ts";
export {
  type SmartCardContextOptions,
  SmartCardResourceManager,
  type SmartCardResourceManagerOptions,
} from "./resource_manager.ts";
export type * from "./types.ts";
