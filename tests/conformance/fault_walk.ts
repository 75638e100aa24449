/**
 * Every way in which the first blocks of a small T=1 exchange can be damaged.
 *
 * The blocks on the link are counted in both directions together. Each of the
 * first {@linkcode WALK_DEPTH} is delivered, corrupted, dropped or duplicated, by
 * a digit each; after them, and in the command that follows, all is delivered.
 *
 * A duplicate that arrives apart lies in front of the block that comes next, and
 * so on until the command ends, or until the reader begins to resynchronise: an
 * S(RESYNCH response) has no number, and one left over from the last time would
 * pass for the next.
 *
 * @module
 */

import { T1Endpoint } from "../../src/cards/mod.ts";
import {
  MACHINE_DONE,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  machineErrorName,
  type T1Options,
} from "../../src/core/mod.ts";
import { DUPLICATE, type Trace, WalkLink } from "./fault_walk_link.ts";
import {
  cardOptions,
  readerOptions,
  shapeCommand,
  shapeName,
  shapeOf,
  type WalkShape,
} from "./fault_walk_shapes.ts";
import {
  BrokenInvariant,
  flawOf,
  isSResponse,
  ReaderWatch,
  WatchedApplication,
  type WatchedCommand,
} from "./t1_pair.ts";
import { TwoWayReader } from "./t1_two_ways.ts";

/** Blocks that are damaged in the full form. */
export const WALK_DEPTH = 10;

/** Blocks of the reader for one command, at most; the longest paths of ten faults have 27. */
const MOST_BLOCKS = 40;

/**
 * Fewest faults that may end in an error. Three can spend all three transmissions of a
 * block (rules 7.4.1, 7.4.2); fewer are repaired, by RESYNCH if need be, which two can
 * bring about.
 */
const UNREPAIRED_FAULTS = { repeat: 3, report: 2 };

const NO_FAULTS = new Uint8Array(0);

/** What came out of the paths walked. */
export class WalkTotals {
  /** Paths walked. */
  paths = 0;
  /** Blocks on the link, both directions. */
  blocks = 0;
  /** Damaged commands answered rightly. */
  right = 0;
  /** Damaged commands that ended with an error, by its name. */
  readonly errors: Map<string, number> = new Map();
  /** Most blocks that the reader sent for one command. */
  longest = 0;
  /** Most runs of one command. */
  mostRuns = 0;
  /** Fewest faults that ended in an error. */
  fewestFaults = Infinity;
}

/** The two ends of one shape. */
export class FaultWalk implements Disposable {
  /** What came out so far. */
  readonly totals: WalkTotals = new WalkTotals();
  readonly #shape: WalkShape;
  readonly #options: T1Options;
  readonly #trace: Trace | null;
  readonly #reader = new TwoWayReader();
  readonly #application = new WatchedApplication();
  readonly #card: T1Endpoint;
  readonly #link: WalkLink;
  readonly #watch = new ReaderWatch();
  readonly #damaged: WatchedCommand;
  readonly #clean: WatchedCommand;
  #digits = NO_FAULTS;

  /** Sets up both ends. @param trace takes the lines of a transcript */
  constructor(shape: WalkShape, trace: Trace | null = null) {
    this.#shape = shape;
    this.#options = readerOptions(shape);
    this.#trace = trace;
    this.#link = new WalkLink(shape.duplicate, trace);
    this.#card = new T1Endpoint(
      this.#application,
      (block) => this.#link.fromCard(block),
      cardOptions(shape),
    );
    this.#damaged = shapeCommand(shape, 1);
    this.#clean = shapeCommand(shape, 2);
  }

  /** Walks all sequences of `depth` faults. @throws {BrokenInvariant} */
  all(depth: number = WALK_DEPTH): WalkTotals {
    const digits = new Uint8Array(depth);
    for (;;) {
      // A path that used fewer digits stands for all that begin with them.
      let place = this.path(digits) - 1;
      while (place >= 0 && digits[place] === DUPLICATE) digits[place--] = 0;
      if (place < 0) return this.totals;
      digits[place]++;
    }
  }

  /**
   * Runs the exchange with these faults, and a clean one after it.
   *
   * @returns how many digits were used
   * @throws {BrokenInvariant} naming shape and digits
   */
  path(digits: Uint8Array<ArrayBuffer>): number {
    this.#digits = digits;
    this.#restart();
    const event = this.#run(this.#damaged, digits);
    const used = Math.min(this.#link.steps, digits.length);
    this.#count(event, used);
    if (event === MACHINE_ERRORS.RESET_CARD) this.#restart();
    let next = this.#run(this.#clean, NO_FAULTS);
    // A card that fell silent behind the reader's back is found now: RESYNCH, which is told once.
    if (next === MACHINE_ERRORS.OUTCOME_UNKNOWN) {
      next = this.#run(this.#clean, NO_FAULTS);
    }
    if (next !== MACHINE_DONE) {
      this.#break(`the next command ends with ${machineErrorName(next)}`);
    }
    return used;
  }

  #restart(): void {
    this.#reader.reset(this.#options);
    this.#card.reset();
    this.#watch.reset();
  }

  #run(command: WatchedCommand, digits: Uint8Array<ArrayBuffer>): number {
    const reader = this.#reader;
    const link = this.#link;
    const { send, receive } = reader.session.machine;
    this.#application.expect(command);
    this.#watch.begin();
    link.begin(digits);
    let event = reader.start(command.bytes);
    while (event === MACHINE_TRANSFER) {
      this.#look(send, reader.length);
      link.toCard(send, reader.length, this.#card);
      event = reader.digest(link.read(receive));
    }
    this.totals.blocks += link.steps;
    this.#trace?.(`= ${machineErrorName(event)}`);
    const flaw = flawOf(
      event,
      reader,
      command,
      this.#application,
      this.#watch,
      this.#shape.afterResynch,
    );
    if (flaw !== null) this.#break(flaw);
    return event;
  }

  /** The reader sends this block. */
  #look(block: Uint8Array, length: number): void {
    const watch = this.#watch;
    const before = watch.resynchronisations;
    const isTooMany = watch.isTooMany(block, length);
    // Of requests that arrive twice each is answered.
    const isExcused = this.#shape.duplicate === "apart" && isSResponse(block);
    if (isTooMany && !isExcused) {
      this.#break("the reader sends a block a fourth time");
    }
    if (watch.blocks > MOST_BLOCKS) this.#break("the command does not end");
    if (watch.resynchronisations > before) this.#link.purge();
  }

  #count(event: number, used: number): void {
    const { totals } = this;
    totals.paths++;
    totals.longest = Math.max(totals.longest, this.#watch.blocks);
    totals.mostRuns = Math.max(totals.mostRuns, this.#application.runs);
    if (event === MACHINE_DONE) {
      totals.right++;
      return;
    }
    const name = machineErrorName(event);
    totals.errors.set(name, (totals.errors.get(name) ?? 0) + 1);
    let faults = 0;
    for (let i = 0; i < used; i++) if (this.#digits[i] !== 0) faults++;
    totals.fewestFaults = Math.min(totals.fewestFaults, faults);
    if (faults < UNREPAIRED_FAULTS[this.#shape.afterResynch]) {
      this.#break(`${faults} faults are not repaired`);
    }
  }

  #break(what: string): never {
    const name = JSON.stringify(shapeName(this.#shape));
    const digits = JSON.stringify(this.#digits.join(""));
    throw new BrokenInvariant(`${what}: replayPath(${name}, ${digits})`);
  }

  /** Gives the slots of the reader back. */
  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }
}

/** The transcript of one path: `>` from the reader, `<` from the card, `=` how a command ended; what was broken, if anything, comes last. */
export function replayPath(shape: string, digits: string): string[] {
  const lines: string[] = [];
  using walk = new FaultWalk(shapeOf(shape), (line) => lines.push(line));
  try {
    walk.path(Uint8Array.from(digits, Number));
  } catch (error) {
    if (!(error instanceof BrokenInvariant)) throw error;
    lines.push(error.message);
  }
  return lines;
}
