/**
 * What a service takes before anybody uses it: memory, and time to start.
 *
 * @module
 */

import {
  ANSWER_WORK,
  IDLE_MEMORY_WORK,
  memoryWork,
  READER_WORK,
} from "./goals.ts";
import { type Bench, measureBoth } from "./rounds.ts";
import { Service, type ServicePlan } from "./services.ts";

const CLIENTS = 16;
/** What is still to be done after the last client has gone is done by then, in milliseconds. */
const SETTLE_MS = 1000;

/** Measures both services, each by itself and newly started in every round. */
export async function measureFootprint(bench: Bench): Promise<void> {
  const { client, plans } = bench;
  await measureBoth(
    bench,
    "free",
    plans,
    [
      {
        work: IDLE_MEMORY_WORK,
        unit: "bytes",
        of: ({ idle }) => ({ value: idle }),
      },
      {
        work: memoryWork(CLIENTS),
        unit: "bytes",
        of: ({ busy }) => ({ value: busy }),
      },
    ],
    (plan) => memory(bench, plan),
  );
  await measureBoth(
    bench,
    "free",
    plans,
    [
      {
        work: ANSWER_WORK,
        unit: "us",
        of: ({ answerUs }) => ({ value: answerUs }),
      },
      {
        work: READER_WORK,
        unit: "us",
        of: ({ readerUs }) => ({ value: readerUs }),
      },
    ],
    (plan) => client.start(plan),
  );
}

async function memory(
  { client, programs }: Bench,
  plan: ServicePlan,
): Promise<{ idle: number; busy: number }> {
  await using service = new Service(plan, programs);
  await service.insert(0, "quick");
  const settled = async () => {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return service.process.residentBytes();
  };
  // One client that connects and goes, so that the card is in and known.
  await client.hold(plan, 1, () => {});
  const idle = await settled();
  return { idle, busy: await client.hold(plan, CLIENTS, settled) };
}
