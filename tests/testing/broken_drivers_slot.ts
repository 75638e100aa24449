/**
 * Drivers that are wrong about cards that come and go.
 *
 * @module
 */

import * as lib from "../../src/smclib/mod.ts";
import {
  broken,
  brokenCallback,
  brokenDevice,
  type BrokenDriver,
  deviceOf,
  end,
  isTracking,
  serveWithoutSignal,
} from "./broken_driver.ts";

/** Every so many insertions one is lost; laws but one have fewer. */
const LOST_EVERY = 15;

/** Drivers that are wrong about tracking and removal. */
export const brokenSlotDrivers: readonly BrokenDriver[] = [
  brokenDevice(
    "the reader is UNKNOWN to whoever asks first",
    "an empty reader is ABSENT",
    () => {
      let isFirst = true;
      return (irp, next) => {
        const isState = irp.ioControlCode === lib.IOCTL_SMARTCARD_GET_STATE;
        const isAsked = isFirst && isState && irp.outputLength >= 4;
        isFirst = false;
        return isAsked ? end(irp, lib.STATUS_SUCCESS, 4) : next(irp);
      };
    },
  ),
  brokenDevice(
    "a second tracking request takes the place of the first",
    "a second tracking request is DEVICE_BUSY",
    ({ extension: { osData } }) => (irp, next) => {
      if (isTracking(irp)) osData.notificationIrp?.complete(lib.STATUS_SUCCESS);
      return next(irp);
    },
  ),
  brokenDevice(
    "tracking cannot be cancelled",
    "tracking can be cancelled",
    () => (irp, next) =>
      isTracking(irp) ? serveWithoutSignal(irp, next) : next(irp),
  ),
  broken(
    "cleanup does nothing",
    "cleanup cancels tracking",
    (reader) => ({
      device: {
        ...deviceOf(reader, (irp) => reader.deviceControl(irp)),
        cleanup: () => {},
      },
    }),
  ),
  brokenDevice(
    "POWER is busy while tracking waits",
    "other requests flow while tracking waits",
    ({ extension: { osData } }) => (irp, next) =>
      irp.ioControlCode === lib.IOCTL_SMARTCARD_POWER &&
        osData.notificationIrp !== null
        ? end(irp, lib.STATUS_DEVICE_BUSY)
        : next(irp),
  ),
  broken(
    "an insertion now and then ends no tracking",
    "every insertion and removal is seen once",
    (reader) => {
      const { osData } = reader.extension;
      let inserts = 0;
      return {
        insert({ contacts }) {
          const tracking = osData.notificationIrp;
          inserts++;
          if (inserts % LOST_EVERY === 0) osData.notificationIrp = null;
          reader.insert(contacts);
          if (inserts % LOST_EVERY === 0) osData.notificationIrp = tracking;
        },
      };
    },
  ),
  brokenDevice(
    "an event between the look at the state and the parking is lost",
    [
      "a card that moves while tracking is on its way is seen",
      "requests end when the reader goes away",
      "disposal waits for requests under way",
    ],
    ({ extension: { osData, readerCapabilities } }) => async (irp, next) => {
      if (!isTracking(irp)) return await next(irp);
      const isIn = () => readerCapabilities.currentState > lib.SCARD_ABSENT;
      const before = isIn();
      await Promise.resolve();
      if (isIn() === before) return await next(irp);
      osData.notificationIrp = irp;
      return lib.STATUS_PENDING;
    },
  ),
  brokenDevice(
    "what is true already is waited for: a card",
    "IS_PRESENT with a card in ends at once",
    ({ extension }) => (irp, next) => {
      const isIn = extension.readerCapabilities.currentState > lib.SCARD_ABSENT;
      return isIn && irp.ioControlCode === lib.IOCTL_SMARTCARD_IS_PRESENT
        ? lib.STATUS_PENDING
        : next(irp);
    },
  ),
  brokenDevice(
    "a warm reset without a card times out",
    "what needs a card is NO_MEDIA without one",
    ({ extension }) => (irp, next) =>
      irp.ioControlCode === lib.IOCTL_SMARTCARD_POWER &&
        irp.systemBuffer[0] === lib.SCARD_WARM_RESET &&
        extension.readerCapabilities.currentState === lib.SCARD_ABSENT
        ? end(irp, lib.STATUS_IO_TIMEOUT)
        : next(irp),
  ),
  brokenCallback(
    "EJECT succeeds and the card stays",
    "EJECT takes the card out where the reader can",
    lib.RDF_CARD_EJECT,
    () => lib.STATUS_SUCCESS,
  ),
  broken(
    "the second card that comes is reported as POWERED",
    "a card that comes and goes is seen",
    (reader) => {
      const { osData, readerCapabilities } = reader.extension;
      let inserts = 0;
      return {
        insert({ contacts }) {
          reader.insert(contacts);
          inserts++;
          if (inserts === 2 && osData.currentIrp === null) {
            readerCapabilities.currentState = lib.SCARD_POWERED;
          }
        },
      };
    },
  ),
  broken(
    "IS_PRESENT delivers four bytes",
    "IS_PRESENT waits for a card",
    (reader) => {
      const { osData } = reader.extension;
      return {
        insert({ contacts }) {
          const tracking = osData.notificationIrp;
          osData.notificationIrp = null;
          reader.insert(contacts);
          tracking?.complete(lib.STATUS_SUCCESS, 4);
        },
      };
    },
  ),
  broken(
    "IS_ABSENT delivers four bytes",
    "IS_ABSENT waits for the card to go",
    (reader) => {
      const { osData } = reader.extension;
      return {
        remove() {
          const tracking = osData.notificationIrp;
          osData.notificationIrp = null;
          reader.remove();
          tracking?.complete(lib.STATUS_SUCCESS, 4);
        },
      };
    },
  ),
];
