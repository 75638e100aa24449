/**
 * The remove lock: a device goes away only when everybody has left it.
 *
 * @module
 */

import type { SmartcardExtension } from "./extension.ts";
import { debugMode, SmartcardDebug } from "./debug.ts";
import { DEBUG_ERROR } from "./smclib_constants.ts";
import { STATUS_DELETE_PENDING, STATUS_SUCCESS } from "./status.ts";

/** State of the remove lock (OS_DEP_DATA.RemoveLock). */
export class RemoveLock {
  /** `RemoveLock.Removed`: removal has begun: nobody gets in any more. */
  removed = false;
  /** `RemoveLock.RefCount`: holders, plus 1 for the device itself. */
  refCount = 1;
  /** `RemoveLock.RemoveEvent`: settles when the last holder has left after removal began. */
  readonly removeEvent: PromiseWithResolvers<void> = Promise.withResolvers();
  /** `RemoveLock.TagList`: holders by tag, as a multiset. */
  readonly tagList: Map<unknown, number> = new Map();
}

/** SmartcardAcquireRemoveLock: to be called at every entry point of a driver. */
export function SmartcardAcquireRemoveLock(ext: SmartcardExtension): number {
  return SmartcardAcquireRemoveLockWithTag(ext, undefined);
}

/**
 * SmartcardAcquireRemoveLockWithTag: names the holder.
 *
 * @returns STATUS_SUCCESS, or STATUS_DELETE_PENDING once removal has begun
 */
export function SmartcardAcquireRemoveLockWithTag(
  ext: SmartcardExtension,
  tag: unknown,
): number {
  const lock = ext.osData.removeLock;
  if (lock.removed) return STATUS_DELETE_PENDING;
  lock.refCount++;
  lock.tagList.set(tag, (lock.tagList.get(tag) ?? 0) + 1);
  return STATUS_SUCCESS;
}

/** SmartcardReleaseRemoveLock: to be called when leaving. */
export function SmartcardReleaseRemoveLock(ext: SmartcardExtension): void {
  SmartcardReleaseRemoveLockWithTag(ext, undefined);
}

/** SmartcardReleaseRemoveLockWithTag: an unknown tag is reported in debug mode, and else a plain release. */
export function SmartcardReleaseRemoveLockWithTag(
  ext: SmartcardExtension,
  tag: unknown,
): void {
  release(ext.osData.removeLock, tag);
}

/**
 * SmartcardReleaseRemoveLockAndWait: for the remove handler, which holds the lock itself.
 *
 * @returns a promise that settles when all other holders have left
 */
export function SmartcardReleaseRemoveLockAndWait(
  ext: SmartcardExtension,
  tag?: unknown,
): Promise<void> {
  const lock = ext.osData.removeLock;
  if (!lock.removed) {
    lock.removed = true;
    lock.refCount--;
  }
  release(lock, tag);
  return lock.removeEvent.promise;
}

function release(lock: RemoveLock, tag: unknown): void {
  const holders = lock.tagList.get(tag) ?? 0;
  if (holders > 1) lock.tagList.set(tag, holders - 1);
  else lock.tagList.delete(tag);
  if (holders === 0 && debugMode.enabled) {
    SmartcardDebug(DEBUG_ERROR, "remove lock released with an unknown tag");
    debugMode.assert(false, "remove lock released with an unknown tag");
  }
  lock.refCount--;
  // Below 0 somebody released what nobody held: that must not leave the remove handler waiting.
  if (lock.refCount <= 0 && lock.removed) lock.removeEvent.resolve();
}
