/**
 * Drivers that are wrong about cards that go while a request is on its way.
 *
 * @module
 */

import * as lib from "../../src/smclib/mod.ts";
import { broken, brokenCallback, type BrokenDriver } from "./broken_driver.ts";

const TRANSMIT_LAWS = [
  "a card pulled during a TRANSMIT ends it cleanly",
  "a card exchanged during a TRANSMIT does not inherit the session",
];
const RESET_LAWS = [
  "a card pulled during a reset ends it cleanly",
  "a card exchanged during a reset has to be reset itself",
];
const SELECTION_LAWS = [
  "a card pulled during SET_PROTOCOL ends it cleanly",
  "a card exchanged during SET_PROTOCOL does not inherit the protocol",
];
const POWER_DOWN_LAW = "a card pulled during power down is gone";
const EJECT_LAW = "a card pulled during EJECT is gone";

/** A callback whose NO_MEDIA is replaced. */
function insteadOfNoMedia(
  fault: string,
  breaks: string | readonly string[],
  slot: number,
  answer: (ext: lib.SmartcardExtension) => number,
): BrokenDriver {
  return brokenCallback(fault, breaks, slot, async (ext, next) => {
    const status = await next(ext);
    return status === lib.STATUS_NO_MEDIA ? answer(ext) : status;
  });
}

/** A card that comes during a request with this code is taken for one in that state. */
function mistakes(
  fault: string,
  breaks: string,
  ioControlCode: number,
  state: number,
): BrokenDriver {
  return broken(fault, breaks, (reader) => {
    const { osData, readerCapabilities } = reader.extension;
    return {
      insert({ contacts }) {
        const { currentIrp } = osData;
        reader.insert(contacts);
        if (currentIrp?.ioControlCode === ioControlCode) {
          readerCapabilities.currentState = state;
        }
      },
    };
  });
}

function isPowerDown(ext: lib.SmartcardExtension): boolean {
  return ext.minorIoControlCode === lib.SCARD_POWER_DOWN;
}

/** Leaves an empty slot in `state`. */
function forgetRemoval(ext: lib.SmartcardExtension, state: number): void {
  const { readerCapabilities } = ext;
  if (readerCapabilities.currentState === lib.SCARD_ABSENT) {
    readerCapabilities.currentState = state;
  }
}

/** Drivers that are wrong about removals and exchanges during a request. */
export const brokenInterruptionDrivers: readonly BrokenDriver[] = [
  broken(
    "a removal during TRANSMIT does not end tracking",
    TRANSMIT_LAWS[0],
    (reader) => {
      const { osData, readerCapabilities } = reader.extension;
      return {
        remove() {
          const tracking = osData.notificationIrp;
          const isBusy = osData.currentIrp?.ioControlCode ===
            lib.IOCTL_SMARTCARD_TRANSMIT;
          if (isBusy) osData.notificationIrp = null;
          reader.remove();
          if (isBusy) osData.notificationIrp = tracking;
        },
        // Tracking of an exchange ends here.
        insert({ contacts }) {
          reader.insert(contacts);
          readerCapabilities.currentState = lib.SCARD_PRESENT;
        },
      };
    },
  ),
  mistakes(
    "a card exchanged during TRANSMIT is taken for the old one",
    TRANSMIT_LAWS[1],
    lib.IOCTL_SMARTCARD_TRANSMIT,
    lib.SCARD_SPECIFIC,
  ),
  brokenCallback(
    "a request whose card went away never ends",
    [
      ...TRANSMIT_LAWS,
      "requests end when the reader goes away",
      "disposal waits for requests under way",
    ],
    lib.RDF_TRANSMIT,
    async (ext, next) => {
      const status = await next(ext);
      if (status !== lib.STATUS_NO_MEDIA) return status;
      return await new Promise<number>(() => {});
    },
  ),
  insteadOfNoMedia(
    "a command whose card went away times out",
    TRANSMIT_LAWS,
    lib.RDF_TRANSMIT,
    () => lib.STATUS_IO_TIMEOUT,
  ),
  insteadOfNoMedia(
    "a reset whose card went away times out",
    RESET_LAWS,
    lib.RDF_CARD_POWER,
    (ext) => isPowerDown(ext) ? lib.STATUS_NO_MEDIA : lib.STATUS_IO_TIMEOUT,
  ),
  insteadOfNoMedia(
    "a reset whose card went away leaves a card behind",
    RESET_LAWS[0],
    lib.RDF_CARD_POWER,
    (ext) => {
      if (!isPowerDown(ext)) forgetRemoval(ext, lib.SCARD_PRESENT);
      return lib.STATUS_NO_MEDIA;
    },
  ),
  mistakes(
    "a card exchanged during a reset counts as reset",
    RESET_LAWS[1],
    lib.IOCTL_SMARTCARD_POWER,
    lib.SCARD_NEGOTIABLE,
  ),
  insteadOfNoMedia(
    "SET_PROTOCOL whose card went away times out",
    SELECTION_LAWS,
    lib.RDF_SET_PROTOCOL,
    () => lib.STATUS_IO_TIMEOUT,
  ),
  insteadOfNoMedia(
    "SET_PROTOCOL does not look at the slot after its wait",
    SELECTION_LAWS,
    lib.RDF_SET_PROTOCOL,
    (ext) => {
      ext.readerCapabilities.currentState = lib.SCARD_SPECIFIC;
      return lib.STATUS_SUCCESS;
    },
  ),
  brokenCallback(
    "SET_PROTOCOL sets the state in the turn after its last look at the slot",
    SELECTION_LAWS,
    lib.RDF_SET_PROTOCOL,
    async (ext, next) => {
      const status = await next(ext);
      await null;
      if (status === lib.STATUS_SUCCESS) {
        ext.readerCapabilities.currentState = lib.SCARD_SPECIFIC;
      }
      return status;
    },
  ),
  insteadOfNoMedia(
    "SET_PROTOCOL whose card went away leaves a card behind",
    SELECTION_LAWS[0],
    lib.RDF_SET_PROTOCOL,
    (ext) => {
      forgetRemoval(ext, lib.SCARD_PRESENT);
      return lib.STATUS_NO_MEDIA;
    },
  ),
  mistakes(
    "a card exchanged during SET_PROTOCOL is taken for the old one",
    SELECTION_LAWS[1],
    lib.IOCTL_SMARTCARD_SET_PROTOCOL,
    lib.SCARD_SPECIFIC,
  ),
  insteadOfNoMedia(
    "power down whose card went away leaves a card behind",
    POWER_DOWN_LAW,
    lib.RDF_CARD_POWER,
    (ext) => {
      if (isPowerDown(ext)) forgetRemoval(ext, lib.SCARD_PRESENT);
      return lib.STATUS_NO_MEDIA;
    },
  ),
  brokenCallback(
    "EJECT takes its time and does not look at the slot after it",
    EJECT_LAW,
    lib.RDF_CARD_EJECT,
    async (ext, next) => {
      for (let turn = 0; turn < 5; turn++) await null;
      const status = await next(ext);
      if (status === lib.STATUS_NO_MEDIA) {
        forgetRemoval(ext, lib.SCARD_PRESENT);
      }
      return status;
    },
  ),
];
