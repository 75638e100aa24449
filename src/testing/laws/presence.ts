/**
 * Laws about a slot that is empty and one with a card.
 *
 * @module
 */

import { createTestCard } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law } from "../law.ts";

/** Laws about presence. */
export const presenceLaws: readonly Law[] = [
  {
    name: "an empty reader is ABSENT",
    demands: "GET_STATE of a reader without a card is SCARD_ABSENT.",
    source: "IFDTest part C; smclib 8.2.1",
    run: (_, context) =>
      context.expectState("without a card", lib.SCARD_ABSENT),
  },
  {
    name: "a card that comes and goes is seen",
    demands:
      "After insertion the state is PRESENT or SWALLOWED, after removal ABSENT.",
    source: "logo requirement 3; IFDTest part C; smclib 14.1",
    async run(_, context) {
      for (const when of ["the first time", "the second time"]) {
        await context.insert(createTestCard());
        await context.expectState(
          `after an insertion, ${when},`,
          lib.SCARD_PRESENT,
          lib.SCARD_SWALLOWED,
        );
        await context.remove();
        await context.expectState(
          `after a removal, ${when},`,
          lib.SCARD_ABSENT,
        );
      }
    },
  },
  {
    name: "GET_STATE needs room for four bytes",
    demands: "A smaller buffer is BUFFER_TOO_SMALL.",
    source: "smclib 8.2.1",
    async run(_, context) {
      const outcome = await context.request(
        lib.IOCTL_SMARTCARD_GET_STATE,
        undefined,
        3,
      );
      context.expectStatus(
        outcome,
        "GET_STATE with room for 3 bytes",
        lib.STATUS_BUFFER_TOO_SMALL,
      );
    },
  },
];
