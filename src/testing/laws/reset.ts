/**
 * Laws about resets and power down.
 *
 * @module
 */

import { createTestCard, type TestCardOptions } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law, LawProtocol } from "../law.ts";
import type { LawContext } from "../law_context.ts";
import type { LawOutcome } from "../law_judge.ts";
import { counters, works } from "./commands.ts";

/** Historical bytes, as many as an ATR may have. */
const LONGEST_HISTORICAL = Uint8Array.from(
  { length: 15 },
  (_, index) => 0x41 + index,
);

async function expectAtr(
  context: LawContext,
  outcome: LawOutcome,
  atr: Uint8Array,
  what: string,
): Promise<void> {
  context.expectStatus(outcome, what, lib.STATUS_SUCCESS);
  context.expectBytes(outcome.output, atr, `the reply to ${what}`);
  const stored = await context.attribute(lib.SCARD_ATTR_ATR_STRING);
  context.expectStatus(stored, "reading ATR_STRING", lib.STATUS_SUCCESS);
  context.expectBytes(stored.output, atr, `ATR_STRING after ${what}`);
}

/** A reset of a card with these options gives its ATR, and the card can be used. */
async function givesAtr(
  context: LawContext,
  protocol: LawProtocol,
  options: TestCardOptions,
): Promise<void> {
  const card = createTestCard({ protocols: [protocol], ...options });
  await context.insert(card);
  const outcome = await context.power(lib.SCARD_COLD_RESET);
  await expectAtr(context, outcome, card.atr, "a cold reset");
  await context.choose(protocol);
  await works(context, protocol, "after that reset");
  await context.remove();
}

/** Laws about resets. */
export const resetLaws: readonly Law[] = [
  {
    name: "a cold reset gives the ATR",
    demands:
      "The reply and ATR_STRING are the card's ATR, with no and with 15 historical bytes.",
    source: "logo requirement 7; smclib 9.0, 8.2.2",
    async run(_, context) {
      for (const protocol of context.settings.protocols) {
        const none = { historical: new Uint8Array(0) };
        await givesAtr(context, protocol, none);
        const most = { historical: LONGEST_HISTORICAL };
        await givesAtr(context, protocol, most);
      }
    },
  },
  {
    name: "a card of inverse convention is like any other",
    demands: "Its ATR comes converted, begins with 3F, and commands work.",
    source:
      "logo requirement 1 (SupportsDirectAndInverseConvention); smclib 9.0, 10.5",
    async run(_, context) {
      for (const protocol of context.settings.protocols) {
        await givesAtr(context, protocol, { convention: "inverse" });
      }
    },
  },
  {
    name: "a cold reset makes the card forget",
    demands: "The card is reset once, and its state of before is gone.",
    source: "logo requirement 7; smclib 9.0",
    async run(_, context) {
      const { protocol } = context;
      await context.use(createTestCard(), protocol);
      await counters(context, protocol);
      const before = await counters(context, protocol);
      context.expectEqual(before.runs, 2, "the second count of the card");
      await context.connect(protocol);
      const after = await counters(context, protocol);
      context.expectEqual(after.runs, 1, "the count after a cold reset");
      context.expect(
        after.resets > before.resets,
        `the card counts ${after.resets} resets, expected more than ${before.resets}`,
      );
    },
  },
  {
    name: "a warm reset of a powered card is one",
    demands:
      "It gives the ATR, power stays on, and the card forgets its state.",
    source: "logo requirement 7; smclib 9.0, 14.1",
    async run(_, context) {
      const { protocol, settings } = context;
      const card = createTestCard();
      await context.use(card, protocol);
      await counters(context, protocol);
      const events = card.history.length;
      const outcome = await context.power(lib.SCARD_WARM_RESET);
      await expectAtr(context, outcome, card.atr, "a warm reset");
      if (settings.level === "character") {
        context.expectEqual(
          card.history.slice(events).join(" "),
          "warm",
          "what a warm reset did to the card",
        );
      }
      await context.choose(protocol);
      const { runs } = await counters(context, protocol);
      context.expectEqual(runs, 1, "the count after a warm reset");
    },
  },
  {
    name: "a warm reset of an unpowered card acts as a cold one",
    demands: "It powers the card, and gives the ATR.",
    source: "smclib 9.0, 14.1",
    async run(_, context) {
      const { protocol, settings } = context;
      const card = createTestCard();
      await context.insert(card);
      const outcome = await context.power(lib.SCARD_WARM_RESET);
      await expectAtr(
        context,
        outcome,
        card.atr,
        "a warm reset without power",
      );
      if (settings.level === "character") {
        context.expectEqual(
          card.history.at(-1) ?? "nothing",
          "cold",
          "what a warm reset without power did to the card",
        );
      }
      await context.choose(protocol);
      await works(context, protocol, "after a warm reset without power");
    },
  },
  {
    name: "the state after a reset follows the ATR",
    demands:
      "SPECIFIC where nothing is left to negotiate, with the protocol selected; else NEGOTIABLE.",
    source:
      "logo requirement 4 (SupportsNegotiableAndSpecificModes); smclib 12.3",
    async run(_, context) {
      for (const protocol of context.settings.protocols) {
        const protocols = [protocol] as const;
        const cards: [string, TestCardOptions, boolean][] = [
          ["one protocol", { protocols }, true],
          ["one protocol, TA1 11", { protocols, ta1: 0x11 }, true],
          ["one protocol, TA1 18", { protocols, ta1: 0x18 }, false],
          ["two protocols", {}, false],
          ["two protocols, TA2", { specific: protocol }, true],
        ];
        for (const [what, options, isSpecific] of cards) {
          await context.insert(createTestCard(options));
          await context.reset();
          await context.expectState(
            `after the reset of a card with ${what}`,
            isSpecific ? lib.SCARD_SPECIFIC : lib.SCARD_NEGOTIABLE,
          );
          if (isSpecific) {
            await works(context, protocol, `with ${what}, right after reset`);
          }
          await context.remove();
        }
      }
    },
  },
  {
    name: "a reset needs room for 33 bytes",
    demands:
      "With less it is BUFFER_TOO_SMALL before anything happens: the session goes on.",
    source: "smclib 8.2.2, 8.0",
    async run(_, context) {
      const { protocol } = context;
      await context.use(createTestCard(), protocol);
      for (const action of [lib.SCARD_COLD_RESET, lib.SCARD_WARM_RESET]) {
        context.expectStatus(
          await context.power(action, 32),
          `POWER ${action} with room for 32 bytes`,
          lib.STATUS_BUFFER_TOO_SMALL,
        );
      }
      await works(context, protocol, "after a reset without room");
    },
  },
];
