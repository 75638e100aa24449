/**
 * Laws about what TRANSMIT carries.
 *
 * @module
 */

import { createTestCard, testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law, LawProtocol } from "../law.ts";
import {
  asking,
  bringing,
  counters,
  echoes,
  good,
  sample,
  works,
} from "./commands.ts";
import { forEachProtocol } from "./sessions.ts";

const { INS_GIVE, INS_GIVE_FIXED, INS_MUTE } = testCardIns;

/** Waiting times of a card that is asked to go mute, short: WI 2, BWI 1, CWI 8. */
function impatientCard(protocol: LawProtocol) {
  return createTestCard(
    protocol === "t0"
      ? { protocols: ["t0"], wi: 2 }
      : { protocols: ["t1"], bwi: 1, cwi: 8 },
  );
}

/** Laws about exchanges. */
export const exchangeLaws: readonly Law[] = [
  {
    name: "status words are passed up as they are",
    demands:
      "An unknown instruction is 6D00, an unknown file 6A82, and both are SUCCESS.",
    source: "IFDTest part D; smclib 11.2",
    run: (_, context) =>
      forEachProtocol(context, async (protocol) => {
        const unknown = asking(0x7A, 1);
        context.expectBytes(
          await context.exchange(protocol, unknown),
          Uint8Array.of(0x6D, 0x00),
          "the answer to an unknown instruction",
        );
        const file = Uint8Array.of(0x12, 0x34);
        context.expectBytes(
          await context.exchange(
            protocol,
            bringing(testCardIns.INS_SELECT, file),
          ),
          Uint8Array.of(0x6A, 0x82),
          "the answer to SELECT of an unknown file",
        );
        await context.expectState(
          "after errors of the card",
          lib.SCARD_SPECIFIC,
        );
      }),
  },
  {
    name: "what is sent comes back",
    demands: "Data of all short lengths pass both ways unharmed.",
    source: "logo requirements 2 and 8; IFDTest part D",
    async run(_, context) {
      await forEachProtocol(context, async (protocol) => {
        for (const length of [1, 2, 16, 127, 128, 200, 249, 254, 255]) {
          await echoes(context, protocol, sample(length));
        }
        await echoes(context, protocol, new Uint8Array(40));
        await echoes(context, protocol, new Uint8Array(40).fill(0xFF));
        await echoes(context, protocol, new Uint8Array(40).fill(0x60));
      });
    },
  },
  {
    name: "256 bytes come in one answer",
    demands: "Le 0 gives 256 bytes and the status.",
    source: "logo requirement 2 (Supports258And259BytePackets)",
    run: (_, context) =>
      forEachProtocol(context, async (protocol) => {
        context.expectBytes(
          await context.exchange(protocol, asking(INS_GIVE, 256, 3)),
          good(Uint8Array.from({ length: 256 }, (_, index) => 3 + index)),
          "the answer with 256 bytes",
        );
      }),
  },
  {
    name: "a session lives through many commands",
    demands: "A hundred commands reach the card once each, in their order.",
    source: "IFDTest part D; smclib 11.7",
    run: (_, context) =>
      forEachProtocol(context, async (protocol) => {
        for (let round = 1; round <= 100; round++) {
          const { runs } = await counters(context, protocol);
          context.expectEqual(runs, round, "the card's count of commands");
        }
      }),
  },
  {
    name: "a card that falls silent is IO_TIMEOUT",
    demands:
      "TRANSMIT ends, over T=1 perhaps with DEVICE_PROTOCOL_ERROR, and a reset works afterwards.",
    source: "IFDTest part D (SEM timeout); smclib 7.1, 23",
    async run(_, context) {
      for (const protocol of context.settings.protocols) {
        await context.use(impatientCard(protocol), protocol);
        const statuses = protocol === "t0"
          ? [lib.STATUS_IO_TIMEOUT]
          : [lib.STATUS_IO_TIMEOUT, lib.STATUS_DEVICE_PROTOCOL_ERROR];
        context.expectStatus(
          await context.transmit(protocol, asking(INS_MUTE, 1)),
          "TRANSMIT that mutes the card",
          ...statuses,
        );
        await context.connect(protocol);
        await works(context, protocol, "after a reset of a muted card");
        await context.remove();
      }
    },
  },
  {
    name: "each answer is that of its command",
    demands: "What one answer leaves over never shows in the next.",
    source: "smclib 11.1, checklist 1 and 2",
    run: (_, context) =>
      forEachProtocol(context, async (protocol) => {
        for (const count of [200, 1, 100, 2, 255, 3]) {
          const command = asking(INS_GIVE_FIXED, count, count, count);
          context.expectBytes(
            await context.exchange(protocol, command),
            good(Uint8Array.from({ length: count }, (_, i) => count + i)),
            `the answer with ${count} bytes`,
          );
        }
      }),
  },
];
