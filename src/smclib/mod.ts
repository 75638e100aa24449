/**
 * The driver library: what Windows' smclib gives a smart card reader driver, for readers in TypeScript.
 *
 * @module
 */

export type { MaybePromise } from "../bytes.ts";
export * from "./attribute_tags.ts";
export { parametersInForce } from "./card_times.ts";
export { CardCapabilities, PtsData } from "./card_capabilities.ts";
export {
  PtsReply,
  PtsRequest,
  T0CharacterReply,
  T0CharacterRequest,
} from "./character_level.ts";
export {
  SmartcardCompleteCardTracking,
  SmartcardCompleteRequest,
} from "./completion.ts";
export {
  type DebugOptions,
  DRIVER_NAME,
  SmartcardDebug,
  SmartcardGetDebugLevel,
  SmartcardSetDebugLevel,
  startDebugMode,
  stopDebugMode,
} from "./debug.ts";
export type { ReaderDevice } from "./device.ts";
export {
  kernelDeviceName,
  readerLinkName,
  SmartCardReaderClassName,
  SmartCardReaderGuid,
} from "./device_names.ts";
export { SmartcardDeviceControl } from "./device_control.ts";
export { guardedDeviceControl } from "./guarded_device_control.ts";
export { eventLogIds, type MessageId, parseMessageId } from "./event_log.ts";
export { type ReaderFunction, SmartcardExtension } from "./extension.ts";
export {
  SmartcardExit,
  SmartcardInitialize,
  SmartcardInitializeCardCapabilities,
} from "./initialize.ts";
export { SmartcardInvertData } from "./invert.ts";
export * from "./ioctl.ts";
export { Irp, type IrpInit } from "./irp.ts";
export {
  type LinkName,
  resolveLink,
  SmartcardCreateLink,
  SmartcardDeleteLink,
} from "./links.ts";
export {
  type LogRecord,
  type LogSink,
  setLogSink,
  SmartcardLogError,
} from "./log.ts";
export type { OsDepData } from "./os_dep_data.ts";
export { SmartcardRawReply, SmartcardRawRequest } from "./raw.ts";
export {
  RemoveLock,
  SmartcardAcquireRemoveLock,
  SmartcardAcquireRemoveLockWithTag,
  SmartcardReleaseRemoveLock,
  SmartcardReleaseRemoveLockAndWait,
  SmartcardReleaseRemoveLockWithTag,
} from "./remove_lock.ts";
export * from "./smclib_constants.ts";
export * from "./status.ts";
export {
  ntSuccess,
  statusName,
  type Win32Error,
  win32Error,
} from "./status_names.ts";
export {
  ansiBytes,
  IoRequest,
  PerfInfo,
  ReaderCapabilities,
  SmartcardBuffer,
  T0Data,
  VendorAttr,
} from "./structures.ts";
export { systemSleep, systemWake } from "./system_power.ts";
export { SmartcardT0Reply, SmartcardT0Request } from "./t0.ts";
export { SmartcardT1Reply, SmartcardT1Request } from "./t1.ts";
export { T1Data } from "./t1_data.ts";
export {
  type BitRateAdjustment,
  bitRateAdjustment,
  type ClockRateConversion,
  clockRateConversion,
} from "./tables.ts";
export { SmartcardUpdateCardCapabilities } from "./update_card_capabilities.ts";
export * from "./winsmcrd.ts";
