/**
 * Laws about SET_PROTOCOL.
 *
 * @module
 */

import { createTestCard, testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import { type Law, needsProtocols } from "../law.ts";
import { protocolBit } from "../law_bytes.ts";
import { plain } from "./commands.ts";
import { chooses, FAST_TA1, otherThan, resetCard } from "./sessions.ts";

/** Laws about the choice of the protocol. */
export const protocolSelectionLaws: readonly Law[] = [
  {
    name: "SET_PROTOCOL needs a card that was reset",
    demands: "Before the first reset it is INVALID_DEVICE_STATE.",
    source: "smclib 7.1, 8.0",
    async run(_, context) {
      await context.insert(createTestCard());
      context.expectStatus(
        await context.setProtocol(lib.SCARD_PROTOCOL_Tx),
        "SET_PROTOCOL before a reset",
        lib.STATUS_INVALID_DEVICE_STATE,
      );
    },
  },
  {
    name: "SET_PROTOCOL without a known protocol is INVALID_DEVICE_REQUEST",
    demands:
      "A mask of nothing, or of DEFAULT alone, is refused; the card stays NEGOTIABLE.",
    source: "smclib 8.2.3",
    async run(_, context) {
      await resetCard(context);
      for (const mask of [0, lib.SCARD_PROTOCOL_DEFAULT, 0x8]) {
        context.expectStatus(
          await context.setProtocol(mask),
          `SET_PROTOCOL with ${mask.toString(16)}`,
          lib.STATUS_INVALID_DEVICE_REQUEST,
        );
      }
      await context.expectState("after that", lib.SCARD_NEGOTIABLE);
    },
  },
  {
    name: "SET_PROTOCOL needs room for four bytes",
    demands: "With less it is BUFFER_TOO_SMALL, and the card stays NEGOTIABLE.",
    source: "smclib 8.2.3, 8.0",
    async run(_, context) {
      await resetCard(context);
      context.expectStatus(
        await context.setProtocol(lib.SCARD_PROTOCOL_Tx, 3),
        "SET_PROTOCOL with room for 3 bytes",
        lib.STATUS_BUFFER_TOO_SMALL,
      );
      await context.expectState("after that", lib.SCARD_NEGOTIABLE);
    },
  },
  {
    name: "a protocol that the card lacks is NOT_SUPPORTED",
    demands: "The state stays NEGOTIABLE, and the card's own protocol works.",
    source: "IFDTest part D (card 3); smclib 8.2.3, 14.1",
    async run(_, context) {
      for (const protocol of context.settings.protocols) {
        await resetCard(context, { protocols: [protocol], ta1: FAST_TA1 });
        context.expectStatus(
          await context.setProtocol(protocolBit(otherThan(protocol))),
          `SET_PROTOCOL with a protocol other than ${protocol}`,
          lib.STATUS_NOT_SUPPORTED,
        );
        await context.expectState("after that", lib.SCARD_NEGOTIABLE);
        await chooses(
          context,
          protocolBit(protocol),
          protocol,
          "SET_PROTOCOL after a refusal",
        );
        await context.remove();
      }
    },
  },
  {
    name: "T=1 is preferred where both are possible",
    demands: "A mask of both chooses T=1 on a card with both.",
    source: "smclib 9.5",
    leftOut: needsProtocols("t0", "t1"),
    async run(_, context) {
      await resetCard(context);
      await chooses(
        context,
        lib.SCARD_PROTOCOL_Tx,
        "t1",
        "SET_PROTOCOL with both",
      );
    },
  },
  {
    name: "the mask decides on a card with both protocols",
    demands: "T=0 alone chooses T=0, T=1 alone T=1.",
    source: "logo requirement 8; smclib 9.5",
    async run(_, context) {
      for (const protocol of context.settings.protocols) {
        await resetCard(context);
        await chooses(
          context,
          protocolBit(protocol),
          protocol,
          `SET_PROTOCOL with ${protocol} alone`,
        );
        await context.remove();
      }
    },
  },
  {
    name: "the card decides when the mask has both protocols",
    demands: "A card with one protocol gets that one.",
    source: "smclib 9.5",
    async run(_, context) {
      for (const protocol of context.settings.protocols) {
        await resetCard(context, { protocols: [protocol], ta1: FAST_TA1 });
        await chooses(
          context,
          lib.SCARD_PROTOCOL_Tx,
          protocol,
          `SET_PROTOCOL with both on a card of ${protocol}`,
        );
        await context.remove();
      }
    },
  },
  {
    name: "a selected protocol cannot be changed without a reset",
    demands:
      "Another one is INVALID_DEVICE_STATE, the session goes on, and the same one again succeeds.",
    source: "smclib 8.2.3",
    leftOut: needsProtocols("t0", "t1"),
    async run(_, context) {
      await resetCard(context);
      await context.choose("t0");
      context.expectStatus(
        await context.setProtocol(lib.SCARD_PROTOCOL_T1),
        "SET_PROTOCOL with T=1 after T=0",
        lib.STATUS_INVALID_DEVICE_STATE,
      );
      await chooses(
        context,
        lib.SCARD_PROTOCOL_Tx,
        "t0",
        "SET_PROTOCOL once more",
      );
    },
  },
  {
    name: "a reset ends the selection",
    demands:
      "Cold or warm, the card is NEGOTIABLE again, TRANSMIT INVALID_DEVICE_STATE, and another protocol may be chosen.",
    source: "smclib 14.1",
    async run(_, context) {
      const { protocol, settings } = context;
      const next = settings.protocols.length === 2
        ? otherThan(protocol)
        : protocol;
      for (const action of [lib.SCARD_COLD_RESET, lib.SCARD_WARM_RESET]) {
        await resetCard(context);
        await context.choose(protocol);
        await context.power(action);
        const when = `after POWER ${action}`;
        await context.expectState(when, lib.SCARD_NEGOTIABLE);
        context.expectStatus(
          await context.transmit(protocol, plain(testCardIns.INS_NOTHING)),
          `TRANSMIT ${when}`,
          lib.STATUS_INVALID_DEVICE_STATE,
        );
        await chooses(
          context,
          protocolBit(next),
          next,
          `SET_PROTOCOL ${when}`,
        );
        await context.remove();
      }
    },
  },
  {
    name: "CURRENT_PROTOCOL_TYPE follows the selection",
    demands: "It is 0 while NEGOTIABLE, then the protocol.",
    source: "smclib 15.2",
    async run(_, context) {
      const tag = lib.SCARD_ATTR_CURRENT_PROTOCOL_TYPE;
      const read = () => context.ulongAttribute(tag, "CURRENT_PROTOCOL_TYPE");
      const { protocol } = context;
      await resetCard(context);
      context.expectEqual(await read(), 0, "CURRENT_PROTOCOL_TYPE at first");
      await context.choose(protocol);
      context.expectEqual(
        await read(),
        protocolBit(protocol),
        "CURRENT_PROTOCOL_TYPE after SET_PROTOCOL",
      );
    },
  },
];
