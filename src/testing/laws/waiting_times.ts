/**
 * Laws about cards that need longer than the waiting time of their protocol, in real time.
 *
 * @module
 */

import { testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import { type Law, needsCharacters } from "../law.ts";
import type { LawContext } from "../law_context.ts";
import { good, plain, works } from "./commands.ts";
import { connectTo } from "./sessions.ts";

const { INS_HOLD } = testCardIns;

/** The shortest waiting times that a card can have, WI 1 and BWI 0, are as many clocks (ISO/IEC 7816-3 10.2, 11.4.3). */
const SHORTEST_WAIT_CLOCKS = 960 * 372;
/** The slowest clock of the logo requirements, in kHz. */
const SLOWEST_KHZ = 3580;
/** WTX's multiplier: what the card is granted is far beyond what it takes. */
const MULTIPLIER = 10;

/** HOLD with its P3. */
const HOLD_OF_T0: Uint8Array = Uint8Array.of(...plain(INS_HOLD), 0);

/** How long the reader waits for a card with WI 1 or BWI 0, in milliseconds. */
async function shortestWaitMs(context: LawContext): Promise<number> {
  const clock = await context.attribute(lib.SCARD_ATTR_CURRENT_CLK);
  const { output } = clock;
  const clockKhz = output.length === 4
    ? new DataView(output.buffer).getUint32(output.byteOffset, true)
    : 0;
  return SHORTEST_WAIT_CLOCKS / (clockKhz || SLOWEST_KHZ);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Laws about waiting times. */
export const waitingTimeLaws: readonly Law[] = [
  {
    name: "T=1 waits as much longer as the card was granted",
    demands:
      "A card that asked for 10 times BWT and answers after 2 is waited for, and hears nothing meanwhile.",
    source: "smclib 11.7, 11.8, checklist 10; ISO/IEC 7816-3 11.6.2.3 rule 3",
    leftOut: needsCharacters("t1"),
    takesTime: true,
    async run(_, context) {
      const card = await connectTo(context, "t1", { bwi: 0 });
      const bwtMs = await shortestWaitMs(context);
      const command = plain(INS_HOLD, 1, MULTIPLIER);
      const request = context.startTransmit("t1", command);
      await context.within(
        Promise.race([card.whenHeld, request.ended]),
        "a command on its way to the card",
      );
      const heard = card.heard.length;
      await pause(2 * bwtMs);
      context.expectEqual(
        card.heard.length - heard,
        0,
        "the number of characters sent while the card takes its time",
      );
      card.release();
      const outcome = await request.ended;
      context.expectStatus(
        outcome,
        "TRANSMIT to a card that takes twice BWT",
        lib.STATUS_SUCCESS,
      );
      context.expectBytes(outcome.output.slice(8), good(), "its answer");
      await works(context, "t1", "after a card that took its time");
    },
  },
  {
    name: "T=0 waits another WT after each NULL",
    demands:
      "A card that takes twice WT in all, and sends NULL in time, is waited for.",
    source: "smclib 11.2; ISO/IEC 7816-3 10.3.3",
    leftOut: needsCharacters("t0"),
    takesTime: true,
    async run(_, context) {
      const card = await connectTo(context, "t0", { wi: 1 });
      const wtMs = await shortestWaitMs(context);
      const request = context.startTransmit("t0", HOLD_OF_T0);
      await context.within(
        Promise.race([card.whenHeld, request.ended]),
        "a command on its way to the card",
      );
      for (let nulls = 0; nulls < 3; nulls++) {
        await pause(wtMs / 2);
        card.sendNull();
      }
      await pause(wtMs / 2);
      card.release();
      const outcome = await request.ended;
      context.expectStatus(
        outcome,
        "TRANSMIT to a card that takes twice WT",
        lib.STATUS_SUCCESS,
      );
      context.expectBytes(outcome.output.slice(8), good(), "its answer");
      await works(context, "t0", "after a card that took its time");
    },
  },
];
