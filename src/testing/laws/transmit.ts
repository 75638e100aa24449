/**
 * Laws about TRANSMIT that hold for any protocol.
 *
 * @module
 */

import { readU32le } from "../../bytes.ts";
import { createTestCard, testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law } from "../law.ts";
import { protocolBit, withHeader } from "../law_bytes.ts";
import { asking, good, SELECT_MASTER_FILE, works } from "./commands.ts";
import { forEachProtocol } from "./sessions.ts";

const { INS_GIVE } = testCardIns;

/** Laws about TRANSMIT. */
export const transmitLaws: readonly Law[] = [
  {
    name: "TRANSMIT needs a protocol",
    demands: "Before SET_PROTOCOL a negotiable card is INVALID_DEVICE_STATE.",
    source: "smclib 8.2.4, 4.3",
    async run(_, context) {
      await context.insert(createTestCard());
      await context.reset();
      for (const protocol of context.settings.protocols) {
        context.expectStatus(
          await context.transmit(protocol, SELECT_MASTER_FILE),
          "TRANSMIT before SET_PROTOCOL",
          lib.STATUS_INVALID_DEVICE_STATE,
        );
      }
    },
  },
  {
    name: "TRANSMIT with another protocol is INVALID_DEVICE_STATE",
    demands: "dwProtocol has to be the selected one; the session goes on.",
    source: "smclib 7.1, 8.2.4",
    run: (_, context) =>
      forEachProtocol(context, async (protocol) => {
        for (const wrong of [0, 3, 3 - protocolBit(protocol)]) {
          const outcome = await context.request(
            lib.IOCTL_SMARTCARD_TRANSMIT,
            withHeader(wrong, SELECT_MASTER_FILE),
            300,
          );
          context.expectStatus(
            outcome,
            `TRANSMIT with dwProtocol ${wrong}`,
            lib.STATUS_INVALID_DEVICE_STATE,
          );
        }
        await works(context, protocol, "after another dwProtocol");
      }),
  },
  {
    name: "a reply has a header of its own",
    demands: "It begins with the protocol and 8.",
    source: "smclib 5.10, 11.1",
    run: (_, context) =>
      forEachProtocol(context, async (protocol) => {
        const request = context.startTransmit(protocol, SELECT_MASTER_FILE);
        const { output } = await request.ended;
        context.expectEqual(output.length, 10, "the length of the reply");
        context.expectEqual(
          readU32le(output, 0),
          protocolBit(protocol),
          "dwProtocol of the reply",
        );
        context.expectEqual(readU32le(output, 4), 8, "cbPciLength");
      }),
  },
  {
    name: "cbPciLength says where the command begins",
    demands:
      "Below 8 or beyond the input it is INVALID_PARAMETER; more than 8 is skipped, and the reply has 8 again.",
    source: "smclib 8.2.4, 11.1",
    run: (_, context) =>
      forEachProtocol(context, async (protocol) => {
        const bit = protocolBit(protocol);
        const send = (command: Uint8Array, pciBytes: number) =>
          context.request(
            lib.IOCTL_SMARTCARD_TRANSMIT,
            withHeader(bit, command, pciBytes),
            300,
          );
        for (const pciBytes of [0, 7, 16, 0xFFFFFFFF]) {
          context.expectStatus(
            await send(SELECT_MASTER_FILE, pciBytes),
            `TRANSMIT of 15 bytes with cbPciLength ${pciBytes}`,
            lib.STATUS_INVALID_PARAMETER,
          );
        }
        const padded = Uint8Array.of(1, 2, 3, 4, ...SELECT_MASTER_FILE);
        const outcome = await send(padded, 12);
        context.expectStatus(
          outcome,
          "TRANSMIT with cbPciLength 12",
          lib.STATUS_SUCCESS,
        );
        context.expectBytes(outcome.output.slice(8), good(), "the answer");
        context.expectEqual(
          readU32le(outcome.output, 4),
          8,
          "cbPciLength of the reply",
        );
      }),
  },
  {
    name: "an answer that does not fit is BUFFER_TOO_SMALL",
    demands:
      "One byte too few, or no room for the header: nothing is delivered, and the next command works.",
    source: "IFDTest part D (10 bytes into 9); smclib 11.3, 11.7",
    run: (_, context) =>
      forEachProtocol(context, async (protocol) => {
        for (const count of [8, 200]) {
          const command = asking(INS_GIVE, count, 1);
          for (const room of [8 + count + 1, 8, 7]) {
            const request = context.startTransmit(protocol, command, room);
            context.expectStatus(
              await request.ended,
              `TRANSMIT for ${count + 2} bytes with room for ${room - 8}`,
              lib.STATUS_BUFFER_TOO_SMALL,
            );
            context.expectEqual(
              request.irp.ioStatus.information,
              0,
              "the number of bytes delivered",
            );
          }
          const answer = await context.exchange(
            protocol,
            command,
            8 + count + 2,
          );
          context.expectBytes(
            answer,
            good(Uint8Array.from({ length: count }, (_, i) => 1 + i)),
            "the answer that fits exactly",
          );
        }
      }),
  },
];
