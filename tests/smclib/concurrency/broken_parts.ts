/**
 * What broken driver libraries are made of: the real one, and ways to meddle with it.
 *
 * @module
 */

import {
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_VENDOR_FIRST,
  type Irp,
  type MaybePromise,
  RDF_IOCTL_VENDOR,
  SCARD_ABSENT,
  type SmartcardExtension,
  STATUS_DEVICE_BUSY,
  STATUS_PENDING,
} from "../../../src/smclib/mod.ts";
import { type DriverLibrary, REAL_LIBRARY } from "./library.ts";
import { isTrackingCode } from "./route.ts";

/** SmartcardDeviceControl, or a broken one. */
export type Control = DriverLibrary["deviceControl"];

/** The real SmartcardDeviceControl. */
export const real: Control = REAL_LIBRARY.deviceControl;

/** The library with some of its routines replaced. */
export const variant = (parts: Partial<DriverLibrary>): DriverLibrary => ({
  ...REAL_LIBRARY,
  ...parts,
});

/** Whether a request is IS_PRESENT or IS_ABSENT. */
export const isTracking = (irp: Irp): boolean =>
  isTrackingCode(irp.ioControlCode);

/** Ends a request and answers it. */
export function end(irp: Irp, status: number): number {
  irp.complete(status);
  return status;
}

/** Does something after a request that ended at once. */
export const afterwards = (
  meddle: (ext: SmartcardExtension, irp: Irp, status: number) => number | void,
): DriverLibrary =>
  variant({
    deviceControl: (ext, irp) => {
      const answer = real(ext, irp);
      if (typeof answer !== "number") return answer;
      return meddle(ext, irp, answer) ?? answer;
    },
  });

/** Refuses a request with DEVICE_BUSY where it must not. */
export const busyWhen = (
  isRefused: (ext: SmartcardExtension, irp: Irp) => boolean,
): DriverLibrary =>
  variant({
    deviceControl: (ext, irp) =>
      isRefused(ext, irp) ? end(irp, STATUS_DEVICE_BUSY) : real(ext, irp),
  });

/** Knows whether a request of a reader is on its way. */
export function counted(
  serve: (isOut: boolean, ext: SmartcardExtension, irp: Irp) => MaybePromise<
    number
  >,
): Control {
  const out = new WeakMap<SmartcardExtension, number>();
  const add = (ext: SmartcardExtension, by: number) =>
    out.set(ext, (out.get(ext) ?? 0) + by);
  return (ext, irp) => {
    const answer = serve((out.get(ext) ?? 0) > 0, ext, irp);
    if (typeof answer === "number") return answer;
    add(ext, 1);
    return answer.finally(() => add(ext, -1));
  };
}

/** Two callbacks of one reader at a time. */
export const overlap: Control = counted((isOut, ext, irp) => {
  if (!isOut || irp.ioControlCode < IOCTL_SMARTCARD_VENDOR_FIRST) {
    return real(ext, irp);
  }
  const { osData } = ext;
  const held = osData.currentIrp;
  osData.currentIrp = irp;
  const answer = ext.readerFunction[RDF_IOCTL_VENDOR]?.(ext);
  osData.currentIrp = held;
  return typeof answer === "number" ? end(irp, answer) : STATUS_PENDING;
});

/** Whether the event of a tracking request is true. */
export function isTrue(ext: SmartcardExtension, irp: Irp): boolean {
  const isThere = ext.readerCapabilities.currentState > SCARD_ABSENT;
  return isTracking(irp) &&
    isThere === (irp.ioControlCode === IOCTL_SMARTCARD_IS_PRESENT);
}

/** Waits for the parked request to end. */
export const afterParked = (
  ext: SmartcardExtension,
  irp: Irp,
): MaybePromise<number> =>
  ext.osData.notificationIrp?.completion.then(() => real(ext, irp)) ??
    real(ext, irp);
