/**
 * What a reader looks like from above: a device that takes requests.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { Irp } from "./irp.ts";

/** A reader as the resource manager sees it. */
export interface ReaderDevice {
  /** Kernel-style name, for example `\Device\Virtual0`. */
  readonly deviceName: string;
  /**
   * Hands the request to `SmartcardDeviceControl`.
   *
   * @returns the NTSTATUS the request ended with; after `STATUS_PENDING` wait for `irp.completion`
   */
  deviceControl(irp: Irp): number | Promise<number>;
  /** The opener goes away: a waiting tracking request ends with `STATUS_CANCELLED`. */
  cleanup?(): void;
  /** The system goes to sleep: a card in is powered down, and the reader is off until {@linkcode wake}. */
  sleep?(): MaybePromise<void>;
  /** The system wakes: the slot is looked at again, and tracking ends if there was a card or is one now. */
  wake?(): MaybePromise<void>;
}
