/**
 * What goes on between clients and cards: APDUs, connections, transactions, insertions.
 *
 * @module
 */

import { pinToOneProcessor } from "../pin.ts";
import type { LoadResult, WorkKind } from "./client.ts";
import {
  apduWork,
  CONNECT_WORK,
  fairnessWork,
  formatProcessors,
  INSERTION_WORK,
  ORDINARY_WORK,
  type TransactionKind,
  transactionWork,
  TWO_WRITES_WORK,
  waitWork,
} from "./goals.ts";
import type { Processors } from "./results.ts";
import { type Bench, measureBoth, type Reading } from "./rounds.ts";
import { type Both, Service } from "./services.ts";

const CLIENTS: readonly number[] = [1, 2, 8, 16];
const SPACED_CLIENTS: readonly number[] = [8];

/** Measures with both services running, everything on one processor or on all. */
export async function measureTraffic(
  bench: Bench,
  processors: Processors,
): Promise<void> {
  using pin = processors === "one" ? pinToOneProcessor() : null;
  if (processors === "one" && pin === null) {
    const reason = "processes cannot be bound to a processor here";
    return bench.skip({ work: "all on one CPU", reason });
  }
  const [ourPlan, pcscdPlan] = bench.plans;
  await using ours = new Service(ourPlan, bench.programs);
  await using pcscd = new Service(pcscdPlan, bench.programs);
  const traffic = new Traffic(bench, processors, [ours, pcscd]);
  await traffic.insert("quick", "quick");
  await traffic.warmUp();
  console.log(
    `${
      formatProcessors(processors)
    }: ours on ${ours.process.processors()}, pcscd on ${pcscd.process.processors()}`,
  );
  await traffic.measureApdus();
  await traffic.measureConnections();
  await traffic.measureTransactions();
  await traffic.insert("ordinary", null);
  await traffic.measureOne(ORDINARY_WORK);
  await traffic.insert("two writes", null);
  await traffic.measureOne(TWO_WRITES_WORK);
  await traffic.insert(null, null);
  await traffic.measureInsertions();
}

type Manner = Parameters<Service["insert"]>[1];

class Traffic {
  readonly #bench: Bench;
  readonly #processors: Processors;
  readonly #services: Both<Service>;

  constructor(bench: Bench, processors: Processors, services: Both<Service>) {
    this.#bench = bench;
    this.#processors = processors;
    this.#services = services;
  }

  /** Changes the cards of both services; null leaves a reader empty. */
  async insert(first: Manner, second: Manner): Promise<void> {
    const { client } = this.#bench;
    for (const service of this.#services) {
      const { plan } = service;
      const cards = [[0, first], [1, second]] as const;
      // pcscd looks only now and then: it must not take one card for the other.
      for (const [reader] of cards) {
        await service.insert(reader, null);
        await client.awaitCard(plan, plan.readers[reader], "empty");
      }
      for (const [reader, manner] of cards) {
        if (manner === null) continue;
        await service.insert(reader, manner);
        await client.awaitCard(plan, plan.readers[reader], "present");
      }
    }
  }

  /** Until code has been compiled, and all cards are in. */
  async warmUp(): Promise<void> {
    for (const kind of ["short", "long", "connect", "transaction"] as const) {
      for (const service of this.#services) {
        await this.#load(service, kind, 2, 2);
      }
    }
  }

  async measureApdus(): Promise<void> {
    for (const readers of [1, 2] as const) {
      for (const kind of ["short", "long"] as const) {
        for (const clients of CLIENTS.filter((clients) => clients >= readers)) {
          const work = apduWork(kind, clients, readers);
          await this.#measure([rate(work)], kind, clients, readers);
        }
      }
    }
  }

  async measureConnections(): Promise<void> {
    await this.#measure([rate(CONNECT_WORK)], "connect", 1, 1);
  }

  async measureTransactions(): Promise<void> {
    for (const kind of ["transaction", "spaced"] as const) {
      for (const clients of kind === "spaced" ? SPACED_CLIENTS : CLIENTS) {
        const readings = [rate(transactionWork(kind, clients))];
        if (clients > 1) {
          readings.push(longestWait(kind, clients), fairness(kind, clients));
        }
        await this.#measure(readings, kind, clients, 1);
      }
    }
  }

  /** Short APDUs of one client. */
  async measureOne(work: string): Promise<void> {
    await this.#measure([rate(work)], "short", 1, 1);
  }

  async measureInsertions(): Promise<void> {
    const { client, effort } = this.#bench;
    await measureBoth(
      this.#bench,
      this.#processors,
      this.#services,
      [{
        work: INSERTION_WORK,
        unit: "us",
        of: ({ p50Us }) => ({ value: p50Us }),
      }],
      ({ plan }) => client.insert(plan, effort.insertions),
    );
  }

  #measure(
    readings: readonly Reading<LoadResult>[],
    kind: WorkKind,
    clients: number,
    readers: 1 | 2,
  ): Promise<void> {
    return measureBoth(
      this.#bench,
      this.#processors,
      this.#services,
      readings,
      (service) => this.#load(service, kind, clients, readers),
    );
  }

  #load(
    { plan }: Service,
    kind: WorkKind,
    clients: number,
    readers: 1 | 2,
  ): Promise<LoadResult> {
    const { client, effort } = this.#bench;
    const { warmUpMs, windowMs, transactionMs } = effort;
    return client.load(plan, {
      kind,
      clients,
      readers: plan.readers.slice(0, readers),
      windowMs: isTransaction(kind) ? transactionMs : windowMs,
      warmUpMs,
    });
  }
}

function isTransaction(kind: WorkKind): kind is TransactionKind {
  return kind === "transaction" || kind === "spaced";
}

function rate(work: string): Reading<LoadResult> {
  return {
    work,
    unit: "per second",
    of: ({ rate, p50Us, p99Us }) => ({ value: rate, p50Us, p99Us }),
  };
}

function longestWait(
  kind: TransactionKind,
  clients: number,
): Reading<LoadResult> {
  return {
    work: waitWork(kind, clients),
    unit: "us",
    of: ({ longestWaitUs }) => ({ value: longestWaitUs }),
  };
}

function fairness(
  kind: TransactionKind,
  clients: number,
): Reading<LoadResult> {
  return {
    work: fairnessWork(kind, clients),
    unit: "share",
    of: ({ least, most }) => ({ value: least / most }),
  };
}
