/**
 * Laws about cards that go at a bad moment.
 *
 * @module
 */

import { createTestCard, testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law } from "../law.ts";
import type { LawContext } from "../law_context.ts";
import { plain, works } from "./commands.ts";

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
