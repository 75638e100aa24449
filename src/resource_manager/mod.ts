/**
 * The smart card resource manager: one in-process engine for readers, contexts,
 * connections, sharing, transactions and events. It talks to readers by IOCTLs alone.
 *
 * @module
 */

export type {
  ConnectionBackend,
  ContextBackend,
  ReaderBackend,
  ReaderChangeBackend,
  ResourceManagerBackend,
} from "./backend.ts";
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
export { ResourceManagerError } from "./errors.ts";
export type { Handle } from "./handle.ts";
export type { HandleProblem } from "./handle_problem.ts";
export { type ReaderChange, ResourceManager } from "./manager.ts";
export {
  type ContextOptions,
  DEFAULT_GRACE_MS,
  type ResourceManagerOptions,
} from "./manager_options.ts";
export type { MetricsSnapshot, ReaderMetrics } from "./metrics.ts";
export type {
  ManagerCounters,
  ReaderCounters,
  ResetCause,
} from "./metrics_counters.ts";
export {
  metricsHandler,
  type MetricsHandlerOptions,
} from "./metrics_handler.ts";
export type { Histogram, HistogramSnapshot } from "./metrics_histogram.ts";
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
export {
  allOf,
  denyResets,
  inventoryOnly,
  onlyReaders,
  type OnlyReadersOptions,
  pinCommandsFrom,
  type PinCommandsOptions,
} from "./policies.ts";
export {
  type ConnectQuestion,
  type ControlQuestion,
  DEFAULT_POLICY_TIMEOUT_MS,
  type DispositionQuestion,
  type Policy,
  type PolicyQuestion,
  type PolicyRule,
  type PolicyVerdict,
  type SetAttributeQuestion,
  type TransmitQuestion,
} from "./policy.ts";
export type { PolicyGate } from "./policy_gate.ts";
export { PROMETHEUS_CONTENT_TYPE, prometheusText } from "./prometheus.ts";
export type { IdlePowerOff } from "./idle_power_off.ts";
export type { CardAnswer, CardGrip, CardSlot } from "./card_slot.ts";
export type { IdleRule } from "./idle_rule.ts";
export { Reader, type ReaderHost } from "./reader.ts";
export type { ReaderIo } from "./reader_io.ts";
export type { AddReaderOptions } from "./reader_list.ts";
export type { ReaderState } from "./reader_view.ts";
export { SCARD_CODES, type ScardName, scardName } from "./scard_codes.ts";
export type {
  ShareMode,
  SharingRow,
  SharingTable,
  SharingVerdict,
} from "./sharing.ts";
export type { SharingTally } from "./sharing_tally.ts";
export type {
  ReaderDirectory,
  ReaderStateAnswer,
  ReaderStateRequest,
} from "./status_change.ts";
export { SYSTEM_TIMERS, type Timers } from "./timers.ts";
export type { TransactionLock } from "./transaction_lock.ts";

// Numbers of the driver library that applications use, too.
export {
  SCARD_ABSENT,
  SCARD_NEGOTIABLE,
  SCARD_POWERED,
  SCARD_PRESENT,
  SCARD_PROTOCOL_DEFAULT,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_SPECIFIC,
  SCARD_SWALLOWED,
  SCARD_UNKNOWN,
} from "../smclib/mod.ts";
