/**
 * System power: what a reader does before the system sleeps and after it wakes.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import { SmartcardCompleteCardTracking } from "./completion.ts";
import { SmartcardDeviceControl } from "./device_control.ts";
import type { SmartcardExtension } from "./extension.ts";
import { SmartcardInitializeCardCapabilities } from "./initialize.ts";
import { IOCTL_SMARTCARD_POWER } from "./ioctl.ts";
import { Irp } from "./irp.ts";
import type { Sleep } from "./library_state.ts";
import { SCARD_ABSENT, SCARD_PRESENT } from "./winsmcrd.ts";

const ULONG_BYTES = 4;

/**
 * Before the system sleeps: an IOCTL_SMARTCARD_POWER request with SCARD_POWER_DOWN takes its turn at the gate.
 * When it has come, the reader notes whether a card is in and is off: a card is powered down by the driver's
 * RDF_CARD_POWER, and until {@linkcode systemWake} every later request ends with STATUS_DEVICE_POWERED_OFF and
 * reaches no callback. A tracking request that waits already stays parked.
 *
 * Whatever the power-down ends with, the reader is off. A request that a callback has left pending is not waited
 * for: it stays the driver's, and the card loses its power with the reader. A second call waits for the first one;
 * a reader that is not initialized has nothing to do.
 *
 * @returns a promise only when the power-down has to wait
 */
export function systemSleep(ext: SmartcardExtension): MaybePromise<void> {
  const { library } = ext;
  if (library.phase !== "ready") return;
  if (library.sleep !== null) return library.sleep.done;
  const controller = new AbortController();
  // A ULONG of zeros is SCARD_POWER_DOWN.
  const irp = new Irp({
    ioControlCode: IOCTL_SMARTCARD_POWER,
    systemBuffer: new Uint8Array(ULONG_BYTES),
    inputLength: ULONG_BYTES,
    outputLength: 0,
    signal: controller.signal,
  });
  const sleep: Sleep = {
    irp,
    controller,
    isOff: false,
    hadCard: false,
    done: undefined,
  };
  library.sleep = sleep;
  SmartcardDeviceControl(ext, irp);
  if (irp.isCompleted) return;
  sleep.done = irp.completion.then(() => {});
  return sleep.done;
}

/**
 * After the system has woken and the driver has set up its hardware: the state is SCARD_PRESENT or SCARD_ABSENT,
 * ATR and protocol are void, and a waiting tracking request ends with STATUS_SUCCESS if there was a card before
 * or is one now, since it may have been exchanged unseen.
 *
 * A power-down that still queues is withdrawn. Without {@linkcode systemSleep} before, what `currentState` says
 * counts as the card before; a reader that is not initialized is left alone.
 *
 * @param isCardIn whether a card is in, as the driver has just read it
 */
export function systemWake(ext: SmartcardExtension, isCardIn: boolean): void {
  const { library, readerCapabilities } = ext;
  if (library.phase !== "ready") return;
  const { sleep } = library;
  const hadCard = sleep?.isOff
    ? sleep.hadCard
    : readerCapabilities.currentState > SCARD_ABSENT;
  library.endSleep();
  SmartcardInitializeCardCapabilities(ext);
  readerCapabilities.currentState = isCardIn ? SCARD_PRESENT : SCARD_ABSENT;
  if (hadCard || isCardIn) SmartcardCompleteCardTracking(ext);
}
