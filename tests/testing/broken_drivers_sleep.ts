/**
 * Drivers that are wrong about sleep and waking.
 *
 * @module
 */

import * as lib from "../../src/smclib/mod.ts";
import { broken, type BrokenDriver, deviceOf } from "./broken_driver.ts";

/** Drivers that are wrong about power management. */
export const brokenSleepDrivers: readonly BrokenDriver[] = [
  broken(
    "waking ends tracking in any case",
    "sleep without a card leaves tracking alone",
    (reader) => ({
      device: {
        ...deviceOf(reader, (irp) => reader.deviceControl(irp)),
        wake() {
          reader.wake();
          lib.SmartcardCompleteCardTracking(reader.extension);
        },
      },
    }),
  ),
  broken(
    "waking with the same card ends no tracking",
    "a card that was in at sleep must be reset after waking",
    (reader) => {
      const { osData } = reader.extension;
      let before: unknown = null;
      return {
        device: {
          ...deviceOf(reader, (irp) => reader.deviceControl(irp)),
          sleep() {
            before = reader.card;
            return reader.sleep();
          },
          wake() {
            const tracking = osData.notificationIrp;
            const isSame = before !== null && reader.card === before;
            if (isSame) osData.notificationIrp = null;
            reader.wake();
            if (isSame) osData.notificationIrp = tracking;
          },
        },
      };
    },
  ),
  broken(
    "what happens during sleep is not looked at",
    "a card that comes or goes during sleep is seen",
    (reader) => {
      const { osData } = reader.extension;
      let before: unknown = null;
      return {
        device: {
          ...deviceOf(reader, (irp) => reader.deviceControl(irp)),
          sleep() {
            before = reader.card;
            return reader.sleep();
          },
          wake() {
            const tracking = osData.notificationIrp;
            const isOther = reader.card !== before;
            if (isOther) osData.notificationIrp = null;
            reader.wake();
            if (isOther) osData.notificationIrp = tracking;
          },
        },
      };
    },
  ),
];
