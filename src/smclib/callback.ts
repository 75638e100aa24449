/**
 * Calling a driver's routine: whatever it does, an NTSTATUS comes out.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { SmartcardExtension } from "./extension.ts";
import { SmartcardLogError } from "./log.ts";
import {
  STATUS_INTERNAL_ERROR,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_NOT_SUPPORTED,
  STATUS_UNSUCCESSFUL,
} from "./status.ts";
import { statusName } from "./status_names.ts";

/**
 * Calls the routine of a slot.
 *
 * @returns its status; STATUS_NOT_SUPPORTED for an empty slot; STATUS_UNSUCCESSFUL when it throws,
 * rejects or gives no number; STATUS_INTERNAL_ERROR for STATUS_MORE_PROCESSING_REQUIRED, the loop
 * signal that must not leave a driver
 */
export function callSlot(
  ext: SmartcardExtension,
  slot: number,
): MaybePromise<number> {
  const routine = ext.readerFunction[slot];
  if (!routine) return STATUS_NOT_SUPPORTED;
  let result: MaybePromise<number>;
  try {
    result = routine(ext);
  } catch (error) {
    return failed(ext, nameOf(slot), error);
  }
  if (typeof result === "number") return judged(ext, slot, result);
  return Promise.resolve(result).then(
    (status) => judged(ext, slot, status),
    (error) => failed(ext, nameOf(slot), error),
  );
}

/** Logs what a routine threw. @returns STATUS_UNSUCCESSFUL */
export function failed(
  ext: SmartcardExtension,
  what: string,
  error: unknown,
): number {
  const text = error instanceof Error ? error.stack ?? error.message : error;
  SmartcardLogError(
    ext.osData.deviceObject,
    STATUS_UNSUCCESSFUL,
    `Cannot finish ${what}: ${text}`,
    ext.majorIoControlCode,
  );
  return STATUS_UNSUCCESSFUL;
}

function judged(
  ext: SmartcardExtension,
  slot: number,
  status: number,
): number {
  if (!Number.isInteger(status)) {
    return failed(
      ext,
      nameOf(slot),
      `${status} returned, expected an NTSTATUS`,
    );
  }
  const code = status >>> 0;
  if (code !== STATUS_MORE_PROCESSING_REQUIRED) return code;
  failed(
    ext,
    nameOf(slot),
    `${statusName(code)} returned, expected a final status`,
  );
  return STATUS_INTERNAL_ERROR;
}

function nameOf(slot: number): string {
  return `readerFunction[${slot}]`;
}
