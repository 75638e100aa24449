/**
 * The smart card resource manager: one in-process engine for readers, contexts,
 * connections, sharing, transactions and events. It talks to readers by IOCTLs alone.
 *
 * @module
 */

export type { ConnectionStatus } from "./reader_controls.ts";
export type { ConnectOptions } from "./connect.ts";
export {
  Connection,
  type ReconnectOptions,
  type TransmitOptions,
  type WaitOptions,
} from "./connection.ts";
export * from "./constants.ts";
export { ResourceContext, type StatusChangeOptions } from "./context.ts";
export { isScardError, ResourceManagerError } from "./errors.ts";
export { Handle } from "./handle.ts";
export type { HandleProblem } from "./handle_problem.ts";
export {
  type ReaderChange,
  ResourceManager,
  type ResourceManagerOptions,
} from "./manager.ts";
export {
  deviceError,
  type DeviceOperation,
  scardNameOfStatus,
} from "./nt_status.ts";
export {
  type AbandonedDispositions,
  PCSC_LITE_PROFILE,
  type Profile,
  WEB_PROFILE,
  WINDOWS_PROFILE,
} from "./profiles.ts";
export { Reader } from "./reader.ts";
export type { ReaderState } from "./reader_view.ts";
export { SCARD_CODES, type ScardName, scardName } from "./scard_codes.ts";
export type { ShareMode, SharingTable, SharingVerdict } from "./sharing.ts";
export type { ReaderStateAnswer, ReaderStateRequest } from "./status_change.ts";
export { SYSTEM_TIMERS, type Timers } from "./timers.ts";
