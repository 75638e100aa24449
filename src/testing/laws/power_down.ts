/**
 * Laws about power down, and about resets that fail.
 *
 * @module
 */

import { createTestCard, testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import { type Law, needsCharacters } from "../law.ts";
import type { LawContext } from "../law_context.ts";
import { plain, works } from "./commands.ts";

const UNPOWERED = [lib.SCARD_PRESENT, lib.SCARD_SWALLOWED];

/** A card that gives no good ATR, and what its reset may end with; a good one works after it. */
async function refusesThenWorks(
  context: LawContext,
  reset: "mute" | "garbage",
  ...statuses: number[]
): Promise<void> {
  await context.insert(createTestCard({ reset }));
  context.expectStatus(
    await context.power(lib.SCARD_COLD_RESET),
    `the reset of a ${reset} card`,
    ...statuses,
  );
  await context.expectState(`after the reset of a ${reset} card`, ...UNPOWERED);
  await context.remove();
  await context.use(createTestCard(), context.protocol);
  await works(context, context.protocol, `after a ${reset} card`);
}

/** Laws about power down and failed resets. */
export const powerDownLaws: readonly Law[] = [
  {
    name: "power down leaves a card that must be reset",
    demands:
      "The state is PRESENT or SWALLOWED, TRANSMIT and SET_PROTOCOL are INVALID_DEVICE_STATE, a reset works. A reader without power down says NOT_SUPPORTED.",
    source: "logo requirement 4; smclib 9.0, 14.1, 8.0",
    async run(_, context) {
      const { protocol } = context;
      const card = createTestCard();
      await context.use(card, protocol);
      const outcome = await context.power(lib.SCARD_POWER_DOWN);
      if (outcome.status === lib.STATUS_NOT_SUPPORTED) return;
      context.expectStatus(outcome, "power down", lib.STATUS_SUCCESS);
      context.expectEqual(
        outcome.output.length,
        0,
        "the number of bytes of power down",
      );
      await context.expectState("after power down", ...UNPOWERED);
      context.expectStatus(
        await context.transmit(protocol, plain(testCardIns.INS_NOTHING)),
        "TRANSMIT after power down",
        lib.STATUS_INVALID_DEVICE_STATE,
      );
      context.expectStatus(
        await context.setProtocol(lib.SCARD_PROTOCOL_Tx),
        "SET_PROTOCOL after power down",
        lib.STATUS_INVALID_DEVICE_STATE,
      );
      await context.connect(protocol);
      await works(context, protocol, "after power down and a reset");
    },
  },
  {
    name: "power down cuts the power",
    demands: "The card notices that it is gone.",
    source: "smclib 9.0",
    leftOut: needsCharacters(),
    async run(_, context) {
      const card = createTestCard();
      await context.insert(card);
      await context.reset();
      const { status } = await context.power(lib.SCARD_POWER_DOWN);
      if (status === lib.STATUS_NOT_SUPPORTED) return;
      await context.until(
        () => card.history.at(-1) === "off",
        "power down has not cut the power",
      );
    },
  },
  {
    name: "a mute card is found out",
    demands:
      "Its reset ends with IO_TIMEOUT or UNRECOGNIZED_MEDIA, and a good card works after it.",
    source: "smclib 7.1, 9.0; IFDTest part D",
    run: (_, context) =>
      refusesThenWorks(
        context,
        "mute",
        lib.STATUS_IO_TIMEOUT,
        lib.STATUS_UNRECOGNIZED_MEDIA,
      ),
  },
  {
    name: "an ATR that is none is UNRECOGNIZED_MEDIA",
    demands: "The card is not used, and a good card works after it.",
    source: "smclib 7.1, 12",
    run: (_, context) =>
      refusesThenWorks(
        context,
        "garbage",
        lib.STATUS_UNRECOGNIZED_MEDIA,
      ),
  },
];
