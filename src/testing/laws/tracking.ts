/**
 * Laws about IS_PRESENT and IS_ABSENT.
 *
 * @module
 */

import { createTestCard } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law } from "../law.ts";
import type { LawContext } from "../law_context.ts";
import type { LawRequest } from "../law_requester.ts";
import { works } from "./commands.ts";

type Tracking = "present" | "absent";

const CODES: Record<Tracking, number> = {
  present: lib.IOCTL_SMARTCARD_IS_PRESENT,
  absent: lib.IOCTL_SMARTCARD_IS_ABSENT,
};

function nameOf(kind: Tracking): string {
  return `IS_${kind.toUpperCase()}`;
}

/** Sends a tracking request that has to wait, and sees to it that it does. */
export async function park(
  context: LawContext,
  kind: Tracking,
  signal?: AbortSignal,
): Promise<LawRequest> {
  const tracking = context.start(CODES[kind], undefined, 0, signal);
  // Requests are served in their order: after this one the driver has it.
  await context.state();
  context.expect(
    !tracking.irp.isCompleted,
    `${nameOf(kind)} ended with ${
      lib.statusName(tracking.irp.ioStatus.status)
    } at once, expected it to wait`,
  );
  return tracking;
}

/** Waits for the end of a tracking request. */
export async function ends(
  context: LawContext,
  tracking: LawRequest,
  when: string,
  ...statuses: number[]
): Promise<void> {
  context.expectStatus(
    await tracking.ended,
    `tracking ${when}`,
    ...statuses.length === 0 ? [lib.STATUS_SUCCESS] : statuses,
  );
}

/** Demands that a tracking request has delivered nothing. */
function expectNoBytes(context: LawContext, { irp }: LawRequest): void {
  context.expectEqual(
    irp.ioStatus.information,
    0,
    "the number of bytes of tracking",
  );
}

/** Waits for insertion and removal: how the laws end that ended a tracking request before. */
async function tracksOnce(
  context: LawContext,
  insert: () => unknown,
): Promise<void> {
  const tracking = await park(context, "present");
  await context.within(insert(), "insertion");
  await ends(context, tracking, "at an insertion after that");
}

/** Laws about tracking. */
export const trackingLaws: readonly Law[] = [
  {
    name: "IS_PRESENT waits for a card",
    demands:
      "In an empty reader it stays pending and ends at insertion, with SUCCESS and no bytes.",
    source: "IFDTest part A; logo requirement 3; smclib 8.2.8",
    async run(reader, context) {
      const tracking = await park(context, "present");
      await context.within(reader.insert(createTestCard()), "insertion");
      await ends(context, tracking, "at insertion");
      expectNoBytes(context, tracking);
      const state = await context.state();
      context.expect(
        state > lib.SCARD_ABSENT,
        `the state after IS_PRESENT is ${state}, expected a card`,
      );
    },
  },
  {
    name: "IS_ABSENT waits for the card to go",
    demands:
      "With a card in it stays pending and ends at removal, with SUCCESS and no bytes.",
    source: "IFDTest part A; logo requirement 3; smclib 8.2.8",
    async run(reader, context) {
      await context.insert(createTestCard());
      const tracking = await park(context, "absent");
      await context.within(reader.remove(), "removal");
      await ends(context, tracking, "at removal");
      expectNoBytes(context, tracking);
      await context.expectState("after IS_ABSENT", lib.SCARD_ABSENT);
    },
  },
  {
    name: "IS_PRESENT with a card in ends at once",
    demands: "What is true already is answered with SUCCESS.",
    source: "IFDTest part A; smclib 8.2.8",
    async run(_, context) {
      await context.insert(createTestCard());
      await ends(
        context,
        context.start(lib.IOCTL_SMARTCARD_IS_PRESENT),
        "with a card in",
      );
    },
  },
  {
    name: "IS_ABSENT without a card ends at once",
    demands: "What is true already is answered with SUCCESS.",
    source: "IFDTest part A; smclib 8.2.8",
    run: (_, context) =>
      ends(
        context,
        context.start(lib.IOCTL_SMARTCARD_IS_ABSENT),
        "without a card",
      ),
  },
  {
    name: "a second tracking request is DEVICE_BUSY",
    demands:
      "While one waits the next is refused, of either kind, and the first goes on waiting.",
    source: "smclib 8.2.8, 14.2",
    async run(reader, context) {
      const tracking = await park(context, "present");
      for (const kind of ["present", "absent"] as const) {
        context.expectStatus(
          await context.request(CODES[kind]),
          `${nameOf(kind)} beside a waiting IS_PRESENT`,
          lib.STATUS_DEVICE_BUSY,
        );
      }
      await context.within(reader.insert(createTestCard()), "insertion");
      await ends(context, tracking, "that was there first");
    },
  },
  {
    name: "tracking can be cancelled",
    demands:
      "A cancelled request ends with CANCELLED and leaves the place to the next one.",
    source: "IFDTest part C; smclib 14.2",
    async run(reader, context) {
      const controller = new AbortController();
      const tracking = await park(context, "present", controller.signal);
      controller.abort();
      await ends(context, tracking, "when cancelled", lib.STATUS_CANCELLED);
      await tracksOnce(context, () => reader.insert(createTestCard()));
    },
  },
  {
    name: "cleanup cancels tracking",
    demands:
      "When the opener goes away the waiting request ends with CANCELLED; the next opener's is served.",
    source: "smclib 14.2, 16.2",
    leftOutOf: ({ cleanup }) =>
      cleanup === undefined ? "the device has no cleanup()" : null,
    async run(reader, context) {
      const tracking = await park(context, "present");
      reader.device.cleanup?.();
      await ends(context, tracking, "at cleanup", lib.STATUS_CANCELLED);
      await tracksOnce(context, () => reader.insert(createTestCard()));
    },
  },
  {
    name: "other requests flow while tracking waits",
    demands:
      "Reset, SET_PROTOCOL and TRANSMIT are served beside a waiting request, which goes on waiting.",
    source: "smclib 8.2.8, 3.4",
    async run(reader, context) {
      await context.insert(createTestCard());
      const tracking = await park(context, "absent");
      await context.connect(context.protocol);
      await works(context, context.protocol, "while tracking waits");
      context.expect(
        !tracking.irp.isCompleted,
        "IS_ABSENT ended during other requests, expected it to wait",
      );
      await context.within(reader.remove(), "removal");
      await ends(context, tracking, "at removal");
    },
  },
  {
    name: "every insertion and removal is seen once",
    demands:
      "In a long row of them each ends one waiting request, and the state agrees.",
    source: "IFDTest part A; logo requirement 3",
    async run(reader, context) {
      const card = createTestCard();
      for (let round = 1; round <= context.settings.inserts; round++) {
        const presence = await park(context, "present");
        await context.within(reader.insert(card), "insertion");
        await ends(context, presence, `at insertion ${round}`);
        const absence = await park(context, "absent");
        await context.within(reader.remove(), "removal");
        await ends(context, absence, `at removal ${round}`);
        await context.expectState(`after removal ${round}`, lib.SCARD_ABSENT);
      }
    },
  },
  {
    name: "a card that moves while tracking is on its way is seen",
    demands:
      "Whether the request comes before or after the event, it ends and the state agrees.",
    source: "smclib 14.2 (race)",
    async run(reader, context) {
      for (let round = 1; round <= 10; round++) {
        const presence = context.start(CODES.present);
        await context.within(reader.insert(createTestCard()), "insertion");
        await ends(context, presence, `beside insertion ${round}`);
        const moved = context.within(reader.remove(), "removal");
        const absence = context.start(CODES.absent);
        await moved;
        await ends(context, absence, `beside removal ${round}`);
        await context.expectState(`after removal ${round}`, lib.SCARD_ABSENT);
      }
    },
  },
];
