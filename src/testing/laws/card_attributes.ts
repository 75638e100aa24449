/**
 * Laws about attributes of the card.
 *
 * @module
 */

import { createTestCard } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law } from "../law.ts";

/** Laws about attributes of the card. */
export const cardAttributeLaws: readonly Law[] = [
  {
    name: "attributes of the card need one that was reset",
    demands:
      "ATR_STRING is NO_MEDIA without a card, INVALID_DEVICE_STATE before its reset.",
    source: "smclib 15.1, 8.0",
    async run(_, context) {
      const read = () => context.attribute(lib.SCARD_ATTR_ATR_STRING);
      context.expectStatus(
        await read(),
        "ATR_STRING without a card",
        lib.STATUS_NO_MEDIA,
      );
      await context.insert(createTestCard());
      context.expectStatus(
        await read(),
        "ATR_STRING before a reset",
        lib.STATUS_INVALID_DEVICE_STATE,
      );
      await context.reset();
      context.expectStatus(
        await read(),
        "ATR_STRING after a reset",
        lib.STATUS_SUCCESS,
      );
    },
  },
  {
    name: "ICC_PRESENCE and ICC_INTERFACE_STATUS follow the card",
    demands:
      "Presence is 0 without a card and 1 or 2 with one; the contacts are active from reset to power down.",
    source: "smclib 15.2",
    async run(_, context) {
      const look = async (when: string, isIn: boolean, isActive: boolean) => {
        const presence = await context.attribute(lib.SCARD_ATTR_ICC_PRESENCE);
        context.expectStatus(presence, "ICC_PRESENCE", lib.STATUS_SUCCESS);
        const [found] = presence.output;
        context.expect(
          isIn ? found === 1 || found === 2 : found === 0,
          `ICC_PRESENCE ${when} is ${found}, expected ${isIn ? "1 or 2" : "0"}`,
        );
        const status = await context.attribute(
          lib.SCARD_ATTR_ICC_INTERFACE_STATUS,
        );
        context.expectStatus(
          status,
          "ICC_INTERFACE_STATUS",
          lib.STATUS_SUCCESS,
        );
        context.expectEqual(
          status.output[0] !== 0,
          isActive,
          `the activity of the contacts ${when}`,
        );
      };
      await look("without a card", false, false);
      await context.insert(createTestCard());
      await look("after insertion", true, false);
      await context.reset();
      await look("after a reset", true, true);
      await context.remove();
      await look("after removal", false, false);
    },
  },
];
