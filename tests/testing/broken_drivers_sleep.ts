/**
 * Drivers that are wrong about sleep and waking.
 *
 * @module
 */

import * as lib from "../../src/smclib/mod.ts";
import type { InsertableCard } from "../../src/drivers/virtual/mod.ts";
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
    [
      "a card that comes or goes during sleep is seen",
      "a card exchanged during sleep is a new one",
    ],
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
  broken(
    "of a card exchanged during sleep the old one is spoken to",
    "a card exchanged during sleep is a new one",
    (reader) => {
      let isAsleep = false;
      let hasLeft = false;
      let next: InsertableCard | null = null;
      return {
        remove() {
          if (isAsleep) hasLeft = true;
          else reader.remove();
        },
        insert({ contacts }) {
          if (isAsleep) next = contacts;
          else reader.insert(contacts);
        },
        device: {
          ...deviceOf(reader, (irp) => reader.deviceControl(irp)),
          sleep() {
            isAsleep = true;
            return reader.sleep();
          },
          wake() {
            isAsleep = false;
            // After an exchange the contact says what it said before.
            if (hasLeft && next === null) reader.remove();
            if (!hasLeft && next !== null) reader.insert(next);
            reader.wake();
            hasLeft = false;
            next = null;
          },
        },
      };
    },
  ),
];
