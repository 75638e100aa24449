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
import { LossyDirection, type Trace } from "./lossy_exchanges_link.ts";
import {
  Draw,
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
  readonly #draw: Draw;
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
    this.#draw = new Draw(seed);
    this.#setup = drawSetup(this.#draw);
    const { card } = this.#setup;
    trace?.(JSON.stringify(this.#setup));
    this.#reader = reader;
    reader.reset(this.#setup.reader);
    const edc = card.edc ?? "LRC";
    this.#toCard = new LossyDirection(this.#draw, edc, ">", trace);
    this.#toReader = new LossyDirection(this.#draw, edc, "<", trace);
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
      drawLength(this.#draw, 1, MOST_BYTES),
      drawLength(this.#draw, 2, MOST_BYTES),
      number,
    );
    const faultRate = drawFaultRate(this.#draw);
    this.#toCard.faultRate = this.#toReader.faultRate = faultRate;
    this.#trace?.(`# command ${number}, ${faultRate} faults in 1000 blocks`);
    const event = this.#transceive(command);
    this.#trace?.(`= ${machineErrorName(event)}`);
    this.#count(event);
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

  #count(event: number): void {
    const totals = this.#totals;
    totals.exchanges++;
    totals.longest = Math.max(totals.longest, this.#watch.blocks);
    totals.mostRuns = Math.max(totals.mostRuns, this.#application.runs);
    if (event === MACHINE_DONE) totals.right++;
    else {
      const name = machineErrorName(event);
      totals.errors.set(name, (totals.errors.get(name) ?? 0) + 1);
    }
  }

  #break(what: string): never {
    throw new BrokenInvariant(`${what}: replayPair(${this.#seed})`);
  }
}

/**
 * Runs pairs until that many commands are exchanged.
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
  const seeds = new Draw(seed);
  using reader = new TwoWayReader();
  while (totals.exchanges < exchanges) {
    try {
      new LossyPair(seeds.word(), reader, totals, null).run();
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
