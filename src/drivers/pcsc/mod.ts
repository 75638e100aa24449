/**
 * The PC/SC reader driver: real readers, over the operating system's PC/SC service.
 *
 * @module
 */

export { PcscError } from "./codes.ts";
export type {
  PcscAttributeResult,
  PcscConnectResult,
  PcscContextResult,
  PcscHandle,
  PcscLengthResult,
  PcscLibrary,
  PcscReadersResult,
  PcscReaderState,
  PcscStatusResult,
} from "./library.ts";
export { openPcscLibrary, type PcscLibraryOptions } from "./library_ffi.ts";
export type { PcscServiceOptions } from "./options.ts";
export { PcscReader } from "./reader.ts";
export { PcscService } from "./service.ts";
export type { PcscReaderChange } from "./reader_table.ts";
