/**
 * The routines of the driver library under test, as one value, so that a broken one can stand in for the real one.
 *
 * @module
 */

import {
  type Irp,
  type MaybePromise,
  SmartcardAcquireRemoveLock,
  SmartcardAcquireRemoveLockWithTag,
  SmartcardCompleteCardTracking,
  SmartcardCompleteRequest,
  SmartcardDeviceControl,
  SmartcardExit,
  type SmartcardExtension,
  SmartcardInitialize,
  SmartcardReleaseRemoveLock,
  SmartcardReleaseRemoveLockAndWait,
  SmartcardReleaseRemoveLockWithTag,
} from "../../../src/smclib/mod.ts";

/** What a driver calls of the library around its requests. */
export interface DriverLibrary {
  /** SmartcardDeviceControl. */
  readonly deviceControl: (
    ext: SmartcardExtension,
    irp: Irp,
  ) => MaybePromise<number>;
  /** SmartcardCompleteCardTracking. */
  readonly completeCardTracking: (
    ext: SmartcardExtension,
    status?: number,
  ) => void;
  /** SmartcardCompleteRequest. */
  readonly completeRequest: (ext: SmartcardExtension, status: number) => void;
  /** SmartcardInitialize. */
  readonly initialize: (ext: SmartcardExtension) => number;
  /** SmartcardExit. */
  readonly exit: (ext: SmartcardExtension) => void;
  /** SmartcardAcquireRemoveLock. */
  readonly acquire: (ext: SmartcardExtension) => number;
  /** SmartcardAcquireRemoveLockWithTag. */
  readonly acquireWithTag: (ext: SmartcardExtension, tag: unknown) => number;
  /** SmartcardReleaseRemoveLock. */
  readonly release: (ext: SmartcardExtension) => void;
  /** SmartcardReleaseRemoveLockWithTag. */
  readonly releaseWithTag: (ext: SmartcardExtension, tag: unknown) => void;
  /** SmartcardReleaseRemoveLockAndWait. */
  readonly releaseAndWait: (
    ext: SmartcardExtension,
    tag?: unknown,
  ) => Promise<void>;
}

/** The library as it is. */
export const REAL_LIBRARY: DriverLibrary = {
  deviceControl: SmartcardDeviceControl,
  completeCardTracking: SmartcardCompleteCardTracking,
  completeRequest: SmartcardCompleteRequest,
  initialize: SmartcardInitialize,
  exit: SmartcardExit,
  acquire: SmartcardAcquireRemoveLock,
  acquireWithTag: SmartcardAcquireRemoveLockWithTag,
  release: SmartcardReleaseRemoveLock,
  releaseWithTag: SmartcardReleaseRemoveLockWithTag,
  releaseAndWait: SmartcardReleaseRemoveLockAndWait,
};
