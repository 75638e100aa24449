/**
 * Laws about T=1 when a card wants something, or the line is bad.
 *
 * @module
 */

import { testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import { type Law, needsCharacters, needsProtocols } from "../law.ts";
import type { LawContext } from "../law_context.ts";
import { asking, counters, echoes, plain, sample, works } from "./commands.ts";
import { blockLengths, connectTo } from "./sessions.ts";

const { INS_DAMAGE, INS_GIVE } = testCardIns;

const hasT1 = needsProtocols("t1");
const runsT1 = needsCharacters("t1");

/** The next `blocks` blocks of the card are damaged. */
async function damage(context: LawContext, blocks: number): Promise<void> {
  await context.exchange("t1", plain(INS_DAMAGE, blocks));
}

/** Laws about recovery and requests of the card in T=1. */
export const t1RecoveryLaws: readonly Law[] = [
  {
    name: "T=1 grants the time that a card asks for",
    demands:
      "S(WTX request) 1, 2, 5 and 30 times, with small and large multipliers, before the answer.",
    source: "IFDTest part D (waiting time extensions 1, 2, 5, 30); smclib 11.7",
    leftOut: hasT1,
    async run(_, context) {
      await connectTo(context, "t1");
      for (const times of [1, 2, 5, 30]) {
        for (const multiplier of [1, 200]) {
          await echoes(context, "t1", sample(12, times), times, multiplier);
        }
      }
    },
  },
  {
    name: "T=1 asks again for a damaged block",
    demands:
      "One or two damaged answers do not show, and no command runs twice.",
    source: "smclib 11.7; logo requirement 8",
    leftOut: runsT1,
    async run(_, context) {
      const card = await connectTo(context, "t1");
      for (const blocks of [1, 2]) {
        await damage(context, blocks);
        const { commands } = card;
        await echoes(context, "t1", sample(30, blocks));
        context.expectEqual(
          card.commands - commands,
          1,
          `the number of commands run with ${blocks} damaged blocks`,
        );
      }
    },
  },
  {
    name: "T=1 resynchronises and repeats the command",
    demands:
      "After three damaged blocks S(RESYNCH) restores the session, and the whole command is sent again.",
    source: "smclib 11.6, checklist 8; logo requirement 8",
    leftOut: runsT1,
    async run(_, context) {
      await connectTo(context, "t1", { ifscBytes: 32 });
      for (const blocks of [3, 4]) {
        await damage(context, blocks);
        await echoes(context, "t1", sample(100, blocks));
        await works(context, "t1", "after S(RESYNCH)");
      }
    },
  },
  {
    name: "T=1 gives up on a line that stays bad",
    demands:
      "Damage without end is DEVICE_PROTOCOL_ERROR, and a reset works afterwards.",
    source: "smclib 11.6, 11.7",
    leftOut: runsT1,
    async run(_, context) {
      await connectTo(context, "t1");
      await damage(context, 255);
      context.expectStatus(
        await context.transmit("t1", asking(INS_GIVE, 4)),
        "TRANSMIT over a bad line",
        lib.STATUS_DEVICE_PROTOCOL_ERROR,
        lib.STATUS_IO_DEVICE_ERROR,
        lib.STATUS_CRC_ERROR,
      );
      await context.connect("t1");
      await works(context, "t1", "after a reset");
    },
  },
  {
    name: "T=1 follows a card that changes its IFSC",
    demands:
      "In the middle of a chain the card asks for longer, then for shorter blocks, and gets them.",
    source: "smclib 11.7; ISO/IEC 7816-3 11.6.3.1",
    leftOut: runsT1,
    async run(_, context) {
      const card = await connectTo(context, "t1", {
        ifscBytes: 32,
        requests: [
          { turn: 1, request: "ifs", value: 60 },
          { turn: 3, request: "ifs", value: 10 },
        ],
      });
      await echoes(context, "t1", sample(240));
      // S-blocks of one byte of INF stand between the I-blocks.
      const lengths = blockLengths(card.heard, 1).filter((length) =>
        length > 1
      );
      context.expectEqual(
        lengths.slice(0, 5).join(" "),
        "32 32 60 60 10",
        "the lengths of the first blocks",
      );
      const tag = lib.SCARD_ATTR_CURRENT_IFSC;
      context.expectEqual(
        await context.ulongAttribute(tag, "CURRENT_IFSC"),
        10,
        "CURRENT_IFSC",
      );
    },
  },
  {
    name: "T=1 numbers blocks from 0 after each reset",
    demands:
      "After an odd number of blocks a cold or warm reset begins anew, and the card agrees.",
    source: "smclib 10.4, 11.7",
    leftOut: hasT1,
    async run(_, context) {
      await connectTo(context, "t1");
      for (const action of [lib.SCARD_COLD_RESET, lib.SCARD_WARM_RESET]) {
        await works(context, "t1", "before the reset");
        context.expectStatus(
          await context.power(action),
          `POWER ${action}`,
          lib.STATUS_SUCCESS,
        );
        await context.choose("t1");
        const { runs } = await counters(context, "t1");
        context.expectEqual(runs, 1, "the count after the reset");
      }
    },
  },
];
