/**
 * How a request loses its card on the way: the step in which it does, and what must follow.
 *
 * @module
 */

import { chain, type MaybePromise } from "../../bytes.ts";
import {
  createTestCard,
  type TestCard,
  testCardIns,
  type TestCardMoment,
  type TestCardOptions,
} from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { LawContext } from "../law_context.ts";
import type { LawRequest } from "../law_requester.ts";
import type { ReaderUnderTest } from "../reader_under_test.ts";
import { counters, plain, works } from "./commands.ts";
import { ends, park } from "./tracking.ts";

/** A request whose card goes. */
export interface CutRequest {
  /** Its name, for messages. */
  readonly what: string;
  /** The card that is to go. */
  readonly card?: (context: LawContext) => TestCardOptions;
  /** What comes before the request, with the card in. */
  readonly prepare: (context: LawContext) => Promise<unknown>;
  /** Sends the request. */
  readonly start: (context: LawContext) => LawRequest;
  /** What the card comes to during the request; null: nothing that it could be stopped at. */
  readonly moment: TestCardMoment | null;
  /** Whether the card keeps back its answer until it is released. */
  readonly isHeld: boolean;
  /** Whether the request fails with the card in, too: once the card has answered, its status tells nothing. */
  readonly mayFail?: boolean;
  /** Whether SUCCESS is right, too: what was asked for is done when the card is out. */
  readonly maySucceed?: boolean;
}

/** What happens to the card. */
export type CardChange = "removal" | "exchange";

/** A step between two turns of promises, in which an event may fall. */
interface CutMoment {
  readonly when: string;
  /** Turns of promises after the card's answer, or after the request where nothing is held; null: before any answer. */
  readonly turns: number | null;
  /** Inside the driver's own call to the card. */
  readonly isInside: boolean;
}

/** A request that has been answered is on its way through card, driver and library for so many turns at most. */
const TURNS = 12;

const UNPOWERED = [lib.SCARD_PRESENT, lib.SCARD_SWALLOWED];

/** The moments for a request. Above the protocol each costs real time, and turns tell nothing. */
function momentsOf(context: LawContext, cut: CutRequest): CutMoment[] {
  const moments: CutMoment[] = [];
  if (cut.moment !== null) {
    const when = "in the very step in which the card hears of it";
    moments.push({ when, turns: null, isInside: true });
  }
  if (cut.isHeld) {
    const when = "before the card answers";
    moments.push({ when, turns: null, isInside: false });
  }
  const isInTurns = context.settings.level === "character";
  const last = isInTurns ? TURNS : 0;
  for (let turns = 0; turns <= last; turns++) {
    const since = cut.isHeld ? "the card's answer" : "its start";
    const when = `${turns} turns after ${since}`;
    moments.push({ when, turns, isInside: false });
  }
  return moments;
}

/** Tries a request with a removal, or an exchange of cards, at each moment; the next card works in the end. */
export async function cutAtEachMoment(
  reader: ReaderUnderTest,
  context: LawContext,
  cut: CutRequest,
  change: CardChange,
): Promise<void> {
  for (const moment of momentsOf(context, cut)) {
    if (!await cutOff(reader, context, cut, moment, change)) break;
  }
  const { protocol } = context;
  await context.use(createTestCard(), protocol);
  await works(context, protocol, "from the card after all of that");
  await context.remove();
}

/** @returns false where the driver does not wait for the card in this request: no other event can fall in */
async function cutOff(
  reader: ReaderUnderTest,
  context: LawContext,
  cut: CutRequest,
  moment: CutMoment,
  change: CardChange,
): Promise<boolean> {
  const card = createTestCard(cut.card?.(context));
  await context.insert(card);
  await cut.prepare(context);
  const tracking = await park(context, "absent");
  let changed: Promise<void> | null = null;
  const begin = () => {
    changed = new Promise((resolve) => resolve(lose(reader, change)));
    changed.catch(() => {});
  };
  if (cut.moment !== null && (cut.isHeld || moment.isInside)) {
    card.holdNext(cut.moment, moment.isInside ? begin : undefined);
  }
  const request = cut.start(context);
  const isFirst = endsBefore(request, tracking);
  if (!moment.isInside && await reaches(context, card, cut, request)) {
    if (moment.turns !== null && cut.isHeld) card.release();
    for (let turn = 0; turn < (moment.turns ?? 0); turn++) await null;
    begin();
  }
  const outcome = await request.ended;
  // The card was not asked, or the driver has not waited for it: nothing could fall in between.
  if (changed === null) {
    await takeOut(context, tracking);
    return moment.isInside;
  }
  await context.within(changed, change);
  // A reader that looks now and then does not see that there was no card in between.
  if (change === "removal") await ends(context, tracking, "at the removal");
  const what = `${cut.what} with ${article(change)} ${moment.when}`;
  const isLate = (moment.turns ?? 0) > 0 || await isFirst;
  if (!isLate || !cut.mayFail) {
    context.expectStatus(
      outcome,
      what,
      lib.STATUS_NO_MEDIA,
      ...context.settings.removalStatuses,
      ...isLate || cut.maySucceed ? [lib.STATUS_SUCCESS] : [],
    );
  }
  if (change === "removal") {
    await context.expectState(`after ${what}`, lib.SCARD_ABSENT);
  } else {
    await expectNew(context, what);
    await takeOut(context, tracking);
  }
  return true;
}

/** Whether the request is on its way now; a held one has come to the card. */
async function reaches(
  context: LawContext,
  card: TestCard,
  cut: CutRequest,
  request: LawRequest,
): Promise<boolean> {
  if (cut.isHeld) {
    const both = Promise.race([card.whenHeld, request.ended]);
    await context.within(both, `${cut.what} on its way to the card`);
  }
  return !request.irp.isCompleted;
}

/** Whether a request ended before the driver knew that the card had gone. */
function endsBefore(
  request: LawRequest,
  tracking: LawRequest,
): Promise<boolean> {
  return Promise.race([
    request.irp.completion.then(() => true),
    tracking.irp.completion.then(() => false),
  ]);
}

/** In one step where the reader under test can do that. */
function lose(
  reader: ReaderUnderTest,
  change: CardChange,
): MaybePromise<void> {
  return chain(
    reader.remove(),
    () => change === "removal" ? undefined : reader.insert(createTestCard()),
  );
}

async function takeOut(
  context: LawContext,
  tracking: LawRequest,
): Promise<void> {
  await context.remove();
  await ends(context, tracking, "at a removal");
}

function article(change: CardChange): string {
  return change === "removal" ? "a removal" : "an exchange of cards";
}

/** The card that is in is a new one: it has to be reset, and then it answers. */
async function expectNew(context: LawContext, what: string): Promise<void> {
  const { protocol } = context;
  await context.untilState(...UNPOWERED);
  context.expectStatus(
    await context.transmit(protocol, plain(testCardIns.INS_NOTHING)),
    `TRANSMIT to the new card after ${what}`,
    lib.STATUS_INVALID_DEVICE_STATE,
  );
  await context.connect(protocol);
  const { runs } = await counters(context, protocol);
  context.expectEqual(runs, 1, "the first count of the new card");
}
