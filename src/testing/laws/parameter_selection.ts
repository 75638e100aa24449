/**
 * Laws about PPS, and the speed that it selects.
 *
 * @module
 */

import { readU32le } from "../../bytes.ts";
import { createTestCard, type TestCardOptions } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import { type Law, needsCharacters } from "../law.ts";
import { protocolBit } from "../law_bytes.ts";
import { works } from "./commands.ts";
import { chooses, FAST_TA1, resetCard } from "./sessions.ts";

/** How PPS begins (ISO/IEC 7816-3 clause 9); no command and no block does. */
const PPSS = 0xFF;

/** Laws about the choice of parameters. */
export const parameterSelectionLaws: readonly Law[] = [
  {
    name: "DEFAULT and OPTIMAL both end SPECIFIC",
    demands: "With the standard and with the best parameters commands work.",
    source: "smclib 4.4, 13, 8.2.3",
    async run(_, context) {
      const qualities = [
        ["DEFAULT", lib.SCARD_PROTOCOL_DEFAULT],
        ["OPTIMAL", lib.SCARD_PROTOCOL_OPTIMAL],
      ] as const;
      for (const protocol of context.settings.protocols) {
        for (const [name, bit] of qualities) {
          await resetCard(context, { protocols: [protocol], ta1: FAST_TA1 });
          await chooses(
            context,
            (protocolBit(protocol) | bit) >>> 0,
            protocol,
            `SET_PROTOCOL with ${protocol} and ${name}`,
          );
          await context.remove();
        }
      }
    },
  },
  {
    name: "SET_PROTOCOL on a specific card succeeds without PPS",
    demands: "Nothing is negotiated, the protocol is told.",
    source: "smclib 9.5, 8.2.3; checklist 13",
    async run(_, context) {
      for (const protocol of context.settings.protocols) {
        const cards: TestCardOptions[] = [
          { protocols: [protocol] },
          { specific: protocol },
        ];
        for (const options of cards) {
          const card = createTestCard(options);
          await context.insert(card);
          await context.reset();
          const outcome = await context.setProtocol(protocolBit(protocol));
          context.expectStatus(
            outcome,
            "SET_PROTOCOL on a specific card",
            lib.STATUS_SUCCESS,
          );
          context.expectEqual(outcome.output.length, 4, "the reply's length");
          context.expectEqual(
            readU32le(outcome.output, 0),
            protocolBit(protocol),
            "the protocol that is told",
          );
          await works(context, protocol, "of a specific card");
          context.expect(
            card.heard[0] !== PPSS,
            "the card got a PPS request, expected none",
          );
          await context.remove();
        }
      }
    },
  },
  {
    name: "a refused PPS is followed by a plainer try",
    demands:
      "When the card refuses or ignores the best parameters the driver resets it and asks for less.",
    source: "smclib 5.6, 9.5, 13",
    leftOut: needsCharacters("t0"),
    async run(_, context) {
      for (const pps of ["refuse", "ignore", "corrupt"] as const) {
        await resetCard(context, { protocols: ["t0"], ta1: FAST_TA1, pps });
        await chooses(
          context,
          lib.SCARD_PROTOCOL_T0,
          "t0",
          `SET_PROTOCOL on a card that answers PPS with "${pps}"`,
        );
        await context.remove();
      }
    },
  },
  {
    name: "a PPS answered without PPS1 leaves the default speed",
    demands: "The protocol is selected, and commands work.",
    source: "smclib 13",
    leftOut: needsCharacters(),
    async run(_, context) {
      const { protocol } = context;
      await resetCard(context, {
        protocols: [protocol],
        ta1: FAST_TA1,
        pps: "drop-pps1",
      });
      await chooses(
        context,
        protocolBit(protocol),
        protocol,
        "SET_PROTOCOL without PPS1",
      );
    },
  },
];
