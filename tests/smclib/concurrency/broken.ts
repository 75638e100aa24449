/**
 * Driver libraries with one fault each, which the properties have to find.
 *
 * @module
 */

import {
  IOCTL_SMARTCARD_GET_LAST_ERROR,
  RDF_IOCTL_VENDOR,
  SCARD_ABSENT,
  SCARD_PRESENT,
  SCARD_UNKNOWN,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../../../src/smclib/mod.ts";
import {
  afterParked,
  afterwards,
  busyWhen,
  counted,
  end,
  isTracking,
  isTrue,
  overlap,
  real,
  variant,
} from "./broken_parts.ts";
import { HeldQueue } from "./broken_queue.ts";
import { type DriverLibrary, REAL_LIBRARY } from "./library.ts";

/** Fault and library. */
export const BROKEN: readonly (readonly [string, DriverLibrary])[] = [
  ["lets two callbacks overlap", variant({ deviceControl: overlap })],
  [
    "completes a request twice",
    afterwards((_ext, irp, status) => {
      if (status !== STATUS_PENDING) irp.complete(status);
    }),
  ],
  [
    "answers what the request did not end with",
    afterwards((_ext, irp) => {
      if (irp.isCompleted) return STATUS_SUCCESS;
    }),
  ],
  [
    "delivers more than the capacity",
    afterwards((_ext, irp, status) => {
      const { ioStatus } = irp;
      if (status === STATUS_SUCCESS) {
        ioStatus.information = irp.outputLength + 1;
      }
    }),
  ],
  [
    "delivers bytes with an error",
    afterwards((_ext, irp, status) => {
      const mayHold = status >= 0xC0000000 && irp.outputLength >= 4;
      if (mayHold) irp.ioStatus.information = 4;
    }),
  ],
  [
    "changes the status of a completed request",
    afterwards((_ext, irp) => {
      if (irp.isCompleted) irp.ioStatus.status = STATUS_CANCELLED;
    }),
  ],
  [
    "forgets that a request is pending",
    afterwards((ext, irp, status) => {
      const isPending = status === STATUS_PENDING && !isTracking(irp);
      if (isPending) ext.osData.currentIrp = null;
    }),
  ],
  [
    "counts tracking in lastError",
    afterwards((ext, irp, status) => {
      if (isTracking(irp)) ext.lastError = status;
    }),
  ],
  [
    "counts GET_LAST_ERROR in lastError",
    afterwards((ext, irp, status) => {
      const isAsked = irp.ioControlCode === IOCTL_SMARTCARD_GET_LAST_ERROR;
      if (isAsked) ext.lastError = status;
    }),
  ],
  [
    "has tracking overwrite the code of a request",
    afterwards((ext, irp) => {
      if (isTracking(irp)) ext.majorIoControlCode = irp.ioControlCode;
    }),
  ],
  [
    "is busy while a request is parked",
    busyWhen((ext, irp) =>
      ext.osData.notificationIrp !== null && !isTracking(irp)
    ),
  ],
  [
    "is busy for tracking while a request is pending",
    busyWhen((ext, irp) => ext.osData.currentIrp !== null && isTracking(irp)),
  ],
  [
    "is busy while a callback runs, instead of queueing",
    variant({
      deviceControl: counted((isOut, ext, irp) =>
        isOut ? end(irp, STATUS_DEVICE_BUSY) : real(ext, irp)
      ),
    }),
  ],
  [
    "blocks on tracking",
    variant({
      deviceControl: (ext, irp) =>
        isTracking(irp) ? real(ext, irp) : afterParked(ext, irp),
    }),
  ],
  [
    "queues a second tracking request",
    variant({
      deviceControl: (ext, irp) =>
        isTracking(irp) ? afterParked(ext, irp) : real(ext, irp),
    }),
  ],
  [
    "answers tracking on arrival, out of turn",
    variant({
      deviceControl: counted((isOut, ext, irp) =>
        isOut && isTrue(ext, irp) ? end(irp, STATUS_SUCCESS) : real(ext, irp)
      ),
    }),
  ],
  [
    "parks a request whose event is true",
    variant({
      deviceControl: (ext, irp) => {
        const { readerCapabilities } = ext;
        const state = readerCapabilities.currentState;
        const isMisread = isTrue(ext, irp) && state !== SCARD_UNKNOWN;
        if (!isMisread) return real(ext, irp);
        readerCapabilities.currentState = state === SCARD_ABSENT
          ? SCARD_PRESENT
          : SCARD_ABSENT;
        const answer = real(ext, irp);
        readerCapabilities.currentState = state;
        return answer;
      },
    }),
  ],
  [
    "calls a request that was cancelled in the queue",
    variant({
      deviceControl: (ext, irp) => {
        const isLate = irp.signal?.aborted === true;
        if (!isLate) Object.defineProperty(irp, "signal", { value: undefined });
        return real(ext, irp);
      },
    }),
  ],
  [
    "cancels a request that the driver has",
    variant({
      deviceControl: (ext, irp) => {
        irp.signal?.addEventListener("abort", () => {
          if (ext.osData.currentIrp !== irp) return;
          ext.osData.currentIrp = null;
          irp.complete(STATUS_CANCELLED);
        });
        return real(ext, irp);
      },
    }),
  ],
  ["serves the last that came first", new HeldQueue("last").library],
  ["forgets a queued request at exit", new HeldQueue("first").library],
  [
    "forgets a parked request at exit",
    variant({
      exit: (ext) => {
        ext.osData.notificationIrp = null;
        REAL_LIBRARY.exit(ext);
      },
    }),
  ],
  [
    "forgets a pending request at exit",
    variant({
      exit: (ext) => {
        ext.osData.currentIrp = null;
        REAL_LIBRARY.exit(ext);
      },
    }),
  ],
  [
    "leaves a completed tracking request parked",
    variant({
      completeCardTracking: (ext, status = STATUS_SUCCESS) => {
        ext.osData.notificationIrp?.complete(status);
      },
    }),
  ],
  [
    "answers in a promise although the gate is free",
    variant({ deviceControl: async (ext, irp) => await real(ext, irp) }),
  ],
  [
    "takes a callback that throws for a success",
    variant({
      deviceControl: (ext, irp) => {
        const callback = ext.readerFunction[RDF_IOCTL_VENDOR];
        ext.readerFunction[RDF_IOCTL_VENDOR] = (ext) => {
          try {
            return callback?.(ext) ?? STATUS_SUCCESS;
          } catch {
            return STATUS_SUCCESS;
          }
        };
        return real(ext, irp);
      },
    }),
  ],
  [
    "does not wait for the holders of the remove lock",
    variant({
      releaseAndWait: (ext, tag) => {
        REAL_LIBRARY.releaseAndWait(ext, tag);
        return Promise.resolve();
      },
    }),
  ],
  [
    "never ends the wait for the remove lock",
    variant({
      releaseAndWait: (ext, tag) => {
        REAL_LIBRARY.releaseAndWait(ext, tag);
        return new Promise<void>(() => {});
      },
    }),
  ],
  [
    "lets somebody in after removal has begun",
    variant({
      acquire: (ext) => {
        REAL_LIBRARY.acquire(ext);
        return STATUS_SUCCESS;
      },
    }),
  ],
];
