/**
 * Laws about requests of several callers, and their end.
 *
 * @module
 */

import { toHex } from "../../bytes.ts";
import { createTestCard, testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law } from "../law.ts";
import { asking, good, plain, works } from "./commands.ts";

const CALLERS = 40;

/** Laws about many requests. */
export const requestLaws: readonly Law[] = [
  {
    name: "many callers at once are answered once each, in order",
    demands:
      "Requests sent together end in the order in which they were sent, each with its own answer.",
    source: "smclib 3.4, 1.3",
    async run(_, context) {
      const { protocol } = context;
      await context.use(createTestCard(), protocol);
      const order: number[] = [];
      const requests = Array.from({ length: CALLERS }, (_, caller) => {
        const command = asking(testCardIns.INS_GIVE, 1 + caller, caller);
        const request = context.startTransmit(protocol, command);
        return request.ended.then(({ status, output }) => {
          order.push(caller);
          return { status, output: output.slice(8) };
        });
      });
      const outcomes = await Promise.all(requests);
      outcomes.forEach((outcome, caller) => {
        const what = `the request of caller ${caller}`;
        context.expectStatus(outcome, what, lib.STATUS_SUCCESS);
        const data = Array.from({ length: 1 + caller }, (_, i) => caller + i);
        context.expectBytes(
          outcome.output,
          good(Uint8Array.from(data)),
          `the answer to caller ${caller}`,
        );
      });
      context.expectEqual(
        order.join(" "),
        Array.from({ length: CALLERS }, (_, caller) => caller).join(" "),
        "the order of the answers",
      );
    },
  },
  {
    name: "a request is completed with the status that is returned",
    demands:
      "deviceControl returns the final status of a request that it has completed, or PENDING.",
    source: "smclib 8.3, 3.3",
    async run(_, context) {
      await context.insert(createTestCard());
      const codes: [number, Uint8Array?, number?][] = [
        [lib.IOCTL_SMARTCARD_GET_STATE, undefined, 4],
        [lib.IOCTL_SMARTCARD_GET_STATE, undefined, 0],
        [lib.IOCTL_SMARTCARD_POWER, Uint8Array.of(1, 0, 0, 0), 33],
      ];
      for (const [code, input, capacityBytes] of codes) {
        const { irp, returned, ended } = context.start(
          code,
          input,
          capacityBytes,
        );
        await ended;
        const status = await returned;
        const name = lib.ioctlName(code);
        context.expectEqual(irp.completions, 1, `completions of ${name}`);
        if (status === lib.STATUS_PENDING) continue;
        context.expect(
          irp.isCompleted && irp.ioStatus.status === status,
          `${lib.ioctlName(code)} was completed with ${
            irp.isCompleted ? lib.statusName(irp.ioStatus.status) : "nothing"
          }, expected ${lib.statusName(status)}, which deviceControl returned`,
        );
        context.expect(
          irp.ioStatus.information <= irp.outputLength,
          `${
            lib.ioctlName(code)
          } delivers ${irp.ioStatus.information} bytes, expected at most ${irp.outputLength}`,
        );
      }
    },
  },
  {
    name: "a request that still queues can be cancelled",
    demands:
      "It ends with CANCELLED, the card never sees it, and the one before it goes on.",
    source: "smclib 1.3",
    async run(_, context) {
      const { protocol } = context;
      const card = createTestCard();
      await context.use(card, protocol);
      const first = context.startTransmit(
        protocol,
        plain(testCardIns.INS_HOLD),
      );
      await context.within(card.whenHeld, "a command on its way to the card");
      const controller = new AbortController();
      const command = plain(testCardIns.INS_NOTHING);
      const second = context.startTransmit(
        protocol,
        command,
        300,
        controller.signal,
      );
      const { commands } = card;
      controller.abort();
      context.expectStatus(
        await second.ended,
        "the cancelled request",
        lib.STATUS_CANCELLED,
      );
      card.release();
      const { status, output } = await first.ended;
      context.expectStatus(
        { status, output },
        "the request before the cancelled one",
        lib.STATUS_SUCCESS,
      );
      context.expectEqual(
        toHex(output.slice(8)),
        "9000",
        "the answer to the request before",
      );
      context.expectEqual(
        card.commands - commands,
        0,
        "the number of commands that the card ran since",
      );
      await works(context, protocol, "after a cancelled request");
    },
  },
];
