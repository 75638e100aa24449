/**
 * Everything about one reader (SMARTCARD_EXTENSION): shared by its driver and the library.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import { CardCapabilities } from "./card_capabilities.ts";
import { LibraryState } from "./library_state.ts";
import { OsDepData } from "./os_dep_data.ts";
import {
  IoRequest,
  PerfInfo,
  ReaderCapabilities,
  SmartcardBuffer,
  T0Data,
  VendorAttr,
} from "./structures.ts";
import { T1Data } from "./t1_data.ts";

/** A driver's routine for one RDF_* slot; gives an NTSTATUS, or a promise of one. */
export type ReaderFunction = (ext: SmartcardExtension) => MaybePromise<number>;

const SLOTS = 16;

/** SMARTCARD_EXTENSION. A new one is the zeroed extension that a driver starts from. */
export class SmartcardExtension {
  /** `Version`: SMCLIB_VERSION, set by the driver before anything else of the library is called. */
  version = 0;
  /** `VendorAttr`: who made the reader; written by the driver. */
  readonly vendorAttr: VendorAttr = new VendorAttr();
  /** `ReaderFunction`: the driver's routines, indexed by RDF_*. */
  readonly readerFunction: (ReaderFunction | null)[] = new Array(SLOTS).fill(
    null,
  );
  /** `CardCapabilities`: what the card said; the driver writes `atr`. */
  readonly cardCapabilities: CardCapabilities = new CardCapabilities();
  /** `LastError`: NTSTATUS of the last request that was neither tracking nor GET_LAST_ERROR. */
  lastError = 0;
  /** `IoRequest`: buffers of the request whose callback runs. */
  readonly ioRequest: IoRequest = new IoRequest();
  /** `MajorIoControlCode`: control code of the request whose callback runs. */
  majorIoControlCode = 0;
  /** `MinorIoControlCode`: first ULONG of its input: power action, protocol mask or attribute tag. */
  minorIoControlCode = 0;
  /** `OsData`: device, gate and requests. */
  readonly osData: OsDepData = new OsDepData();
  /** `ReaderCapabilities`: what the reader can do; written by the driver. */
  readonly readerCapabilities: ReaderCapabilities = new ReaderCapabilities();
  /** `ReaderExtension`: the driver's own. */
  readerExtension: unknown = null;
  /** `SmartcardReply`: what came from the card; `bufferLength` is set by the driver before every xxReply. */
  readonly smartcardReply: SmartcardBuffer = new SmartcardBuffer();
  /** `SmartcardRequest`: what goes to the card; `bufferLength` is the header size before every xxRequest. */
  readonly smartcardRequest: SmartcardBuffer = new SmartcardBuffer();
  /** `T0`: state of the T=0 helpers. */
  readonly t0: T0Data = new T0Data();
  /** `T1`: state of the T=1 helpers; a driver may set `nad` and read `wtx`. */
  readonly t1: T1Data = new T1Data();
  /** Bytes still missing in the response to PtsRequest. */
  ptsWanted = 0;
  /** `PerfInfo`: performance counters of debug mode. */
  readonly perfInfo: PerfInfo = new PerfInfo();
  /**
   * The library's own.
   *
   * @internal
   */
  readonly library: LibraryState = new LibraryState();
}
