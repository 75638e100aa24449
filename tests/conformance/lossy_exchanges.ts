/**
 * T=1 exchanges over a lossy link: the reader's machine and the card's endpoint,
 * with everything about them drawn from a seed.
 *
 * @module
 */

import { T1Endpoint } from "../../src/cards/mod.ts";
import {
  MACHINE_DONE,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  machineErrorName,
} from "../../src/core/mod.ts";
import { Random } from "../fuzz/random.ts";
import { LossyDirection, type Trace } from "./lossy_exchanges_link.ts";
import {
  drawFaultRate,
  drawLength,
  drawSetup,
  type LossySetup,
  mostBlocks,
} from "./lossy_exchanges_setup.ts";
import {
  BrokenInvariant,
  flawOf,
  isSResponse,
  ReaderWatch,
  WatchedApplication,
  WatchedCommand,
} from "./t1_pair.ts";
import { TwoWayReader } from "./t1_two_ways.ts";

/** Longest command and response, in bytes. */
const MOST_BYTES = 600;

/** Pairs that break an invariant before no more are run. */
export const MOST_FLAWS = 20;

/** What came out of the exchanges. */
export class LossyTotals {
  /** Commands exchanged. */
  exchanges = 0;
  /** Blocks sent, both directions. */
  blocks = 0;
  /** Right answers. */
  right = 0;
  /** Errors by their names. */
  readonly errors: Map<string, number> = new Map();
  /** Most blocks of the reader for one command. */
  longest = 0;
  /** Most runs of one command. */
  mostRuns = 0;
}

/** A reader and a card with a link between them, for a few commands. */
class LossyPair {
  readonly #seed: number;
  readonly #totals: LossyTotals;
  readonly #trace: Trace | null;
  readonly #random: Random;
  readonly #setup: LossySetup;
  readonly #reader: TwoWayReader;
  readonly #application = new WatchedApplication();
  readonly #card: T1Endpoint;
  readonly #watch = new ReaderWatch();
  readonly #toCard: LossyDirection;
  readonly #toReader: LossyDirection;
  #before = MACHINE_DONE;

  constructor(
    seed: number,
    reader: TwoWayReader,
    totals: LossyTotals,
    trace: Trace | null,
  ) {
    this.#seed = seed;
    this.#totals = totals;
    this.#trace = trace;
    this.#random = new Random(seed);
    this.#setup = drawSetup(this.#random);
    const { card } = this.#setup;
    trace?.(JSON.stringify(this.#setup));
    this.#reader = reader;
    reader.reset(this.#setup.reader);
    const edc = card.edc ?? "LRC";
    this.#toCard = new LossyDirection(this.#random, edc, ">", trace);
    this.#toReader = new LossyDirection(this.#random, edc, "<", trace);
    this.#card = new T1Endpoint(
      this.#application,
      (block) => this.#fromCard(block),
      card,
    );
  }

  /** Exchanges all commands. @throws {BrokenInvariant} naming the seed */
  run(): void {
    const { commands } = this.#setup;
    for (let number = 1; number <= commands; number++) this.#exchange(number);
  }

  #exchange(number: number): void {
    const command = new WatchedCommand(
      drawLength(this.#random, 1, MOST_BYTES),
      drawLength(this.#random, 2, MOST_BYTES),
      number,
    );
    const faultRate = drawFaultRate(this.#random);
    this.#toCard.faultRate = this.#toReader.faultRate = faultRate;
    this.#trace?.(`# command ${number}, ${faultRate} faults in 1000 blocks`);
    let event: number | null = null;
    try {
      event = this.#transceive(command);
      this.#trace?.(`= ${machineErrorName(event)}`);
    } finally {
      this.#count(event);
    }
    const flaw = flawOf(
      event,
      this.#reader,
      command,
      this.#application,
      this.#watch,
      this.#setup.reader.afterResynch ?? "repeat",
    );
    if (flaw !== null) this.#break(flaw);
    if (faultRate === 0) this.#checkClean(event);
    if (event === MACHINE_ERRORS.RESET_CARD) this.#reset();
    this.#before = event;
  }

  #transceive(command: WatchedCommand): number {
    const reader = this.#reader;
    const { send, receive } = reader.session.machine;
    const most = mostBlocks(this.#setup, command);
    this.#application.expect(command);
    this.#watch.begin();
    this.#purge();
    let event = reader.start(command.bytes);
    while (event === MACHINE_TRANSFER) {
      const block = send.subarray(0, reader.length);
      this.#look(block, most);
      this.#toCard.send(block);
      for (const piece of this.#toCard.receiveAll()) {
        void this.#card.receive(piece);
      }
      const piece = this.#toReader.receiveOne();
      if (piece !== null) receive.set(piece);
      event = reader.digest(piece?.length ?? 0);
    }
    return event;
  }

  /** The reader sends this block. */
  #look(block: Uint8Array, most: number): void {
    const watch = this.#watch;
    const before = watch.resynchronisations;
    this.#totals.blocks++;
    // Each request of the card is answered, and it may repeat them.
    if (watch.isTooMany(block, block.length) && !isSResponse(block)) {
      this.#break("the reader sends a block a fourth time");
    }
    if (watch.blocks > most) this.#break(`no end after ${most} blocks`);
    if (watch.resynchronisations > before) this.#purge();
  }

  #fromCard(block: Uint8Array): void {
    this.#totals.blocks++;
    this.#toReader.send(block);
  }

  /** On a link without faults a command is answered, though what happened before may have to be told first. */
  #checkClean(event: number): void {
    const mayTell = event === MACHINE_ERRORS.OUTCOME_UNKNOWN &&
      this.#before !== MACHINE_ERRORS.OUTCOME_UNKNOWN;
    if (event !== MACHINE_DONE && !mayTell) {
      this.#break(`${machineErrorName(event)} without a fault`);
    }
  }

  #purge(): void {
    this.#toCard.purge();
    this.#toReader.purge();
  }

  #reset(): void {
    this.#reader.reset(this.#setup.reader);
    this.#card.reset();
    this.#watch.reset();
  }

  /** @param event null where the command came to no end */
  #count(event: number | null): void {
    const totals = this.#totals;
    totals.exchanges++;
    totals.longest = Math.max(totals.longest, this.#watch.blocks);
    totals.mostRuns = Math.max(totals.mostRuns, this.#application.runs);
    if (event === MACHINE_DONE) totals.right++;
    else if (event !== null) {
      const name = machineErrorName(event);
      totals.errors.set(name, (totals.errors.get(name) ?? 0) + 1);
    }
  }

  #break(what: string): never {
    throw new BrokenInvariant(`${what}: replayPair(${this.#seed})`);
  }
}

/**
 * Runs pairs until that many commands are exchanged, or {@linkcode MOST_FLAWS} pairs
 * have broken an invariant.
 *
 * @param progress is called after each pair
 * @returns what came out, and of each pair that broke an invariant, how to see it again
 */
export function lossyExchanges(
  seed: number,
  exchanges: number,
  progress: (totals: LossyTotals) => void = () => {},
): { totals: LossyTotals; flaws: string[] } {
  const totals = new LossyTotals();
  const flaws: string[] = [];
  const seeds = new Random(seed);
  using reader = new TwoWayReader();
  while (totals.exchanges < exchanges && flaws.length < MOST_FLAWS) {
    try {
      new LossyPair(seeds.next(), reader, totals, null).run();
    } catch (error) {
      if (!(error instanceof BrokenInvariant)) throw error;
      flaws.push(error.message);
    }
    progress(totals);
  }
  return { totals, flaws };
}

/**
 * The transcript of a pair: `>` the reader sends, `>>` the card hears something
 * else, `<` and `<<` the other way round, `=` how a command ended; what was broken,
 * if anything, comes last.
 */
export function replayPair(seed: number): string[] {
  const lines: string[] = [];
  using reader = new TwoWayReader();
  try {
    const trace = (line: string) => lines.push(line);
    new LossyPair(seed, reader, new LossyTotals(), trace).run();
  } catch (error) {
    if (!(error instanceof BrokenInvariant)) throw error;
    lines.push(error.message);
  }
  return lines;
}
