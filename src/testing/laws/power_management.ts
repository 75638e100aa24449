/**
 * Laws about sleep and waking, for devices that have them.
 *
 * @module
 */

import { createTestCard, testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law } from "../law.ts";
import type { LawContext } from "../law_context.ts";
import { counters, plain, works } from "./commands.ts";
import { ends, park } from "./tracking.ts";

/** Sleeps, does something, wakes. @returns false where the device cannot sleep: nothing is done */
async function sleepAndWake(
  context: LawContext,
  asleep: () => Promise<void> = () => Promise.resolve(),
): Promise<boolean> {
  const { device } = context;
  if (device.sleep === undefined || device.wake === undefined) return false;
  await context.within(device.sleep(), "going to sleep");
  await asleep();
  await context.within(device.wake(), "waking");
  return true;
}

/** Laws about power management. */
export const powerManagementLaws: readonly Law[] = [
  {
    name: "sleep without a card leaves tracking alone",
    demands:
      "IS_PRESENT of an empty reader waits on after waking, and ends at the next insertion.",
    source: "IFDTest part E; smclib 14.2, 16.3",
    async run(reader, context) {
      const tracking = await park(context, "present");
      if (!await sleepAndWake(context)) return;
      await context.expectState("after waking", lib.SCARD_ABSENT);
      context.expect(
        !tracking.irp.isCompleted,
        "IS_PRESENT ended at waking without a card, expected it to wait",
      );
      await context.within(reader.insert(createTestCard()), "insertion");
      await ends(context, tracking, "at an insertion after waking");
    },
  },
  {
    name: "a card that was in at sleep must be reset after waking",
    demands:
      "Its session is gone, tracking ends, since it may have been exchanged, and a reset works.",
    source: "IFDTest part E; smclib 14.2, 16.3, checklist 19",
    async run(_, context) {
      const { protocol } = context;
      await context.use(createTestCard(), protocol);
      await counters(context, protocol);
      const tracking = await park(context, "absent");
      if (!await sleepAndWake(context)) return;
      await ends(context, tracking, "after waking with a card");
      await context.expectState(
        "after waking",
        lib.SCARD_PRESENT,
        lib.SCARD_SWALLOWED,
      );
      context.expectStatus(
        await context.transmit(protocol, plain(testCardIns.INS_NOTHING)),
        "TRANSMIT after waking, before a reset",
        lib.STATUS_INVALID_DEVICE_STATE,
      );
      await context.connect(protocol);
      const { runs } = await counters(context, protocol);
      context.expectEqual(runs, 1, "the count after waking and a reset");
    },
  },
  {
    name: "sleep powers the card down",
    demands: "The card notices that its power is gone.",
    source: "smclib 16.3",
    async run(_, context) {
      const { device, protocol, settings } = context;
      if (device.sleep === undefined || device.wake === undefined) return;
      const card = createTestCard();
      await context.use(card, protocol);
      await context.within(device.sleep(), "going to sleep");
      if (settings.level === "character") {
        await context.until(
          () => card.history.at(-1) === "off",
          "sleep has not cut the power",
        );
      }
      await context.within(device.wake(), "waking");
    },
  },
  {
    name: "a card that comes or goes during sleep is seen",
    demands: "After waking the state is that of the slot, and tracking ends.",
    source: "IFDTest for Windows CE 2003; smclib 14.2, 16.3",
    async run(reader, context) {
      const presence = await park(context, "present");
      const card = createTestCard();
      const slept = await sleepAndWake(context, async () => {
        await context.within(reader.insert(card), "insertion");
      });
      if (!slept) return;
      await ends(context, presence, "after an insertion during sleep");
      await context.connect(context.protocol);
      await works(context, context.protocol, "after an insertion during sleep");
      const absence = await park(context, "absent");
      await sleepAndWake(context, async () => {
        await context.within(reader.remove(), "removal");
      });
      await ends(context, absence, "after a removal during sleep");
      await context.expectState("after that", lib.SCARD_ABSENT);
    },
  },
];
