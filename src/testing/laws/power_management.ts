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

const UNPOWERED = [lib.SCARD_PRESENT, lib.SCARD_SWALLOWED];

/** Why a device has nothing to do with sleep. */
function cannotSleep({ sleep, wake }: lib.ReaderDevice): string | null {
  if (sleep === undefined) return "the device has no sleep()";
  return wake === undefined ? "the device has no wake()" : null;
}

/** Sleeps, does something, wakes. */
async function sleepAndWake(
  context: LawContext,
  asleep: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { device } = context;
  await context.within(device.sleep?.(), "going to sleep");
  await asleep();
  await context.within(device.wake?.(), "waking");
}

/** After waking the card that is in wants a reset. */
async function wantsReset(context: LawContext): Promise<void> {
  await context.expectState("after waking", ...UNPOWERED);
  context.expectStatus(
    await context.transmit(context.protocol, plain(testCardIns.INS_NOTHING)),
    "TRANSMIT after waking, before a reset",
    lib.STATUS_INVALID_DEVICE_STATE,
  );
}

const LAWS: readonly Law[] = [
  {
    name: "sleep without a card leaves tracking alone",
    demands:
      "IS_PRESENT of an empty reader waits on after waking, and ends at the next insertion.",
    source: "IFDTest part E; smclib 14.2, 16.3",
    async run(reader, context) {
      const tracking = await park(context, "present");
      await sleepAndWake(context);
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
      await sleepAndWake(context);
      await ends(context, tracking, "after waking with a card");
      await wantsReset(context);
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
      const { protocol, settings } = context;
      const card = createTestCard();
      await context.use(card, protocol);
      await sleepAndWake(context, async () => {
        if (settings.level !== "character") return;
        await context.until(
          () => card.history.at(-1) === "off",
          "sleep has not cut the power",
        );
      });
    },
  },
  {
    name: "a card that comes or goes during sleep is seen",
    demands: "After waking the state is that of the slot, and tracking ends.",
    source: "IFDTest for Windows CE 2003; smclib 14.2, 16.3",
    async run(reader, context) {
      const presence = await park(context, "present");
      const card = createTestCard();
      await sleepAndWake(context, async () => {
        await context.within(reader.insert(card), "insertion");
      });
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
  {
    name: "a card exchanged during sleep is a new one",
    demands:
      "Waking looks at the slot: tracking ends, the other card wants a reset, and it is the one that answers then.",
    source: "IFDTest for Windows CE 2003; smclib 14.2, 16.3",
    async run(reader, context) {
      const { protocol } = context;
      const before = createTestCard();
      await context.use(before, protocol);
      await counters(context, protocol);
      const { resets } = before;
      const tracking = await park(context, "absent");
      await sleepAndWake(context, async () => {
        await context.within(reader.remove(), "removal");
        await context.within(reader.insert(createTestCard()), "insertion");
      });
      await ends(context, tracking, "after an exchange during sleep");
      await context.untilState(...UNPOWERED);
      await wantsReset(context);
      await context.connect(protocol);
      const { runs } = await counters(context, protocol);
      context.expectEqual(runs, 1, "the first count of the new card");
      context.expectEqual(
        before.resets - resets,
        0,
        "the number of resets of the card that went",
      );
    },
  },
];

/** Laws about power management. */
export const powerManagementLaws: readonly Law[] = LAWS.map((law) => ({
  ...law,
  leftOutOf: cannotSleep,
}));
