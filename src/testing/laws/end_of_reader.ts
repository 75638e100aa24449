/**
 * Laws about a reader that goes away.
 *
 * @module
 */

import { createTestCard, type TestCard, testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law } from "../law.ts";
import { protocolBit, ulong, withHeader } from "../law_bytes.ts";
import type { LawContext } from "../law_context.ts";
import type { LawRequest } from "../law_requester.ts";
import type { ReaderUnderTest } from "../reader_under_test.ts";
import { plain } from "./commands.ts";
import { ends, park } from "./tracking.ts";

/** How a request ends that waits when the reader goes. */
const WAITING: readonly number[] = [
  lib.STATUS_DEVICE_REMOVED,
  lib.STATUS_CANCELLED,
];
/** To the request under way the card goes as well. */
const UNDER_WAY: readonly number[] = [...WAITING, lib.STATUS_NO_MEDIA];

/** Turns of promises between the driver's last step and what its caller sees. */
const LEAVING_TURNS = 12;
const ATR_BYTES = 33;
const REPLY_BYTES = 300;

/** One request of each kind; tracking last, since it may have to wait. */
function startEach(context: LawContext): LawRequest[] {
  const { protocol } = context;
  const command = plain(testCardIns.INS_NOTHING);
  const bit = protocolBit(protocol);
  return [
    context.start(lib.IOCTL_SMARTCARD_GET_STATE, undefined, 4),
    context.start(
      lib.IOCTL_SMARTCARD_TRANSMIT,
      withHeader(bit, command),
      REPLY_BYTES,
    ),
    context.start(
      lib.IOCTL_SMARTCARD_POWER,
      ulong(lib.SCARD_COLD_RESET),
      ATR_BYTES,
    ),
    context.start(lib.IOCTL_SMARTCARD_SET_PROTOCOL, ulong(bit), 4),
    context.start(lib.IOCTL_SMARTCARD_IS_ABSENT),
  ];
}

function nameOf({ irp }: LawRequest): string {
  return lib.ioctlName(irp.ioControlCode);
}

/** A command that the card does not answer, on its way. */
async function startHeld(
  context: LawContext,
): Promise<{ card: TestCard; held: LawRequest }> {
  const { protocol } = context;
  const card = createTestCard();
  await context.use(card, protocol);
  const held = context.startTransmit(protocol, plain(testCardIns.INS_HOLD));
  await context.within(card.whenHeld, "a command on its way to the card");
  return { card, held };
}

/** Begins to dispose of the reader; what it throws is a rejection. */
function dispose(reader: ReaderUnderTest): Promise<void> {
  return new Promise((resolve) => resolve(reader[Symbol.asyncDispose]()));
}

/** All of these have ended by now, once each, with one of `statuses`. */
function haveEnded(
  context: LawContext,
  requests: readonly LawRequest[],
  when: string,
  statuses: readonly number[],
): void {
  for (const request of requests) {
    const what = `${nameOf(request)} sent ${when}`;
    context.expect(
      request.irp.isCompleted,
      `${what} is under way when disposal has ended, expected that it has ended`,
    );
    const { ioStatus: { status, information }, systemBuffer } = request.irp;
    const output = systemBuffer.slice(0, information);
    context.expectStatus({ status, output }, what, ...statuses);
    expectOnce(context, request);
  }
}

/** Whoever completes a request twice has lost track of it. */
function expectOnce(context: LawContext, request: LawRequest): void {
  context.expectEqual(
    request.irp.completions,
    1,
    `the number of completions of ${nameOf(request)}`,
  );
}

/** Laws about the end of the reader. */
export const endLaws: readonly Law[] = [
  {
    name: "the end of the reader ends what waits",
    demands:
      "When the device goes, tracking ends with DEVICE_REMOVED or CANCELLED, and so does what comes after.",
    source: "smclib 10.2, 14.2; IFDTest for Windows CE 2001",
    async run(reader, context) {
      const tracking = await park(context, "present");
      await context.within(dispose(reader), "disposal");
      await ends(context, tracking, "at the end of the reader", ...WAITING);
      const { status } = await context.request(
        lib.IOCTL_SMARTCARD_GET_STATE,
        undefined,
        4,
      );
      context.expect(
        !lib.ntSuccess(status),
        "GET_STATE of a reader that is gone succeeded, expected an error",
      );
    },
  },
  {
    name: "requests end when the reader goes away",
    demands:
      "The request under way, those that queue behind it, and those sent in the step in which it goes have ended when disposal has, with DEVICE_REMOVED or the like.",
    source: "smclib 10.2, 16.1; IFDTest for Windows CE 2001",
    async run(reader, context) {
      const { card, held } = await startHeld(context);
      const queued = startEach(context);
      const disposal = dispose(reader);
      const beside = startEach(context);
      await context.within(disposal, "disposal with requests under way");
      const { removalStatuses } = context.settings;
      haveEnded(context, [held], "before the end", [
        ...UNDER_WAY,
        ...removalStatuses,
      ]);
      haveEnded(context, queued, "before the end", WAITING);
      haveEnded(context, beside, "at the end", WAITING);
      // Whoever is still inside waits for nothing more.
      card.release();
    },
  },
  {
    name: "disposal waits for requests under way",
    demands:
      "When it has ended deviceControl has returned from every request: nobody is inside any more.",
    source: "smclib 16.1, 3.5",
    leftOut: ({ waitsForRequests }) =>
      waitsForRequests ? null : "nothing says that disposal waits",
    async run(reader, context) {
      const { held } = await startHeld(context);
      const requests = [held, ...startEach(context)];
      const inside = new Set(requests);
      for (const request of requests) {
        Promise.resolve(request.returned).then(() => inside.delete(request));
      }
      await context.within(dispose(reader), "disposal with requests under way");
      for (let turn = 0; turn < LEAVING_TURNS; turn++) await null;
      context.expectEqual(
        [...inside].map(nameOf).join(", ") || "none",
        "none",
        "what deviceControl is still busy with after disposal",
      );
      for (const request of requests) expectOnce(context, request);
    },
  },
  {
    name: "a reader that is gone refuses all requests",
    demands: "Each ends at once, with DEVICE_REMOVED.",
    source: "smclib 10.2, 16.1; IFDTest for Windows CE 2001",
    async run(reader, context) {
      await context.use(createTestCard(), context.protocol);
      await context.within(dispose(reader), "disposal with a card in");
      for (const request of startEach(context)) {
        context.expectStatus(
          await request.ended,
          `${nameOf(request)} sent after the end`,
          lib.STATUS_DEVICE_REMOVED,
        );
      }
    },
  },
  {
    name: "a reader may be disposed of twice",
    demands: "At once and one after the other, each disposal ends.",
    source: "smclib 10.2",
    async run(reader, context) {
      await context.use(createTestCard(), context.protocol);
      const both = [dispose(reader), dispose(reader)];
      const again = async () => {
        await Promise.all(both);
        await dispose(reader);
      };
      try {
        await context.within(again(), "disposal, the third time");
      } catch (error) {
        context.fail(
          `one of three disposals threw ${error}, expected no error`,
          error,
        );
      }
    },
  },
];
