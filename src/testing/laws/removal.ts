/**
 * Laws about cards that go at a bad moment.
 *
 * @module
 */

import { createTestCard, testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law } from "../law.ts";
import type { LawContext } from "../law_context.ts";
import { counters, plain, works } from "./commands.ts";
import { ends, park } from "./tracking.ts";

/** How a request may end whose card went away. */
const CUT_OFF: readonly number[] = [
  lib.STATUS_NO_MEDIA,
  lib.STATUS_IO_TIMEOUT,
  lib.STATUS_IO_DEVICE_ERROR,
  lib.STATUS_DEVICE_PROTOCOL_ERROR,
];

/** What is done with a card until it is removed, step by step. */
function stepsWith(
  context: LawContext,
): readonly [after: string, run: () => Promise<void>][] {
  const { protocol } = context;
  return [
    ["insertion", () => context.insert(createTestCard())],
    ["a reset", async () => {
      await context.reset();
    }],
    ["SET_PROTOCOL", () => context.choose(protocol)],
    ["TRANSMIT", () => works(context, protocol, "before the removal")],
    ["power down", async () => {
      await context.power(lib.SCARD_POWER_DOWN);
    }],
  ];
}

/** Laws about removal. */
export const removalLaws: readonly Law[] = [
  {
    name: "a card pulled during a TRANSMIT ends it cleanly",
    demands:
      "The request ends with NO_MEDIA or another error of its list, tracking ends, and the next card works.",
    source: "IFDTest part A; smclib 14.1, 3.4",
    async run(reader, context) {
      const { protocol } = context;
      const card = createTestCard();
      await context.use(card, protocol);
      const tracking = await park(context, "absent");
      const command = context.startTransmit(
        protocol,
        plain(testCardIns.INS_HOLD),
      );
      await context.within(card.whenHeld, "a command on its way to the card");
      await context.within(reader.remove(), "removal");
      context.expectStatus(
        await command.ended,
        "TRANSMIT whose card was pulled",
        ...CUT_OFF,
      );
      await ends(context, tracking, "at a removal during TRANSMIT");
      await context.expectState("after the removal", lib.SCARD_ABSENT);
      await context.use(createTestCard(), protocol);
      await works(context, protocol, "from the next card");
    },
  },
  {
    name: "a card exchanged during a TRANSMIT does not inherit the session",
    demands:
      "The request ends with an error of the same list, and the new card has to be reset before it is used.",
    source: "IFDTest part A; smclib 14.1",
    async run(reader, context) {
      const { protocol } = context;
      const card = createTestCard();
      await context.use(card, protocol);
      const command = context.startTransmit(
        protocol,
        plain(testCardIns.INS_HOLD),
      );
      await context.within(card.whenHeld, "a command on its way to the card");
      await context.within(reader.remove(), "removal");
      await context.within(reader.insert(createTestCard()), "insertion");
      context.expectStatus(
        await command.ended,
        "TRANSMIT whose card was exchanged",
        ...CUT_OFF,
      );
      await context.untilState(lib.SCARD_PRESENT, lib.SCARD_SWALLOWED);
      context.expectStatus(
        await context.transmit(protocol, plain(testCardIns.INS_NOTHING)),
        "TRANSMIT to the new card before a reset",
        lib.STATUS_INVALID_DEVICE_STATE,
        lib.STATUS_NO_MEDIA,
      );
      await context.connect(protocol);
      const { runs } = await counters(context, protocol);
      context.expectEqual(runs, 1, "the first count of the new card");
    },
  },
  {
    name: "a card may go between any two requests",
    demands:
      "After removal at any step what needs a card is NO_MEDIA, and the next card works.",
    source: "IFDTest part A; smclib 8.0, 14.1",
    async run(_, context) {
      const { protocol } = context;
      const count = stepsWith(context).length;
      for (let last = 0; last < count; last++) {
        const steps = stepsWith(context).slice(0, last + 1);
        for (const [, step] of steps) await step();
        const when = `after a removal after ${steps[last][0]}`;
        await context.remove();
        await context.expectState(when, lib.SCARD_ABSENT);
        context.expectStatus(
          await context.transmit(protocol, plain(testCardIns.INS_NOTHING)),
          `TRANSMIT ${when}`,
          lib.STATUS_NO_MEDIA,
        );
        context.expectStatus(
          await context.setProtocol(lib.SCARD_PROTOCOL_Tx),
          `SET_PROTOCOL ${when}`,
          lib.STATUS_NO_MEDIA,
        );
        context.expectStatus(
          await context.power(lib.SCARD_COLD_RESET),
          `a reset ${when}`,
          lib.STATUS_NO_MEDIA,
        );
      }
      await context.use(createTestCard(), protocol);
      await works(context, protocol, "from the last card");
    },
  },
];
