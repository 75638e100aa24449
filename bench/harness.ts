/**
 * Two contenders, measured in turns on the same work, so that whatever disturbs the
 * machine disturbs both.
 *
 * @module
 */

/** One way to do the work. */
export interface Contender {
  /** What it is. */
  readonly name: string;
  /** Does the work `cycles` times; returns the nanoseconds that took, by its own clock. */
  run(cycles: number): number | Promise<number>;
}

/** How thorough to be. */
export interface Effort {
  /** Rounds; each gives one ratio. */
  readonly rounds: number;
  /** Samples of each contender in a round. */
  readonly samples: number;
}

/** The full measurement and the quick one; both take at least 51 samples of each contender. */
export const FULL: Effort = { rounds: 7, samples: 51 };
export const QUICK: Effort = { rounds: 3, samples: 17 };

/** Length of a sample, in nanoseconds. */
const SAMPLE_NS = 500_000;
/** Time that each contender runs before anything counts, in nanoseconds. */
const WARM_UP_NS = 300_000_000;

/** What was measured of one contender. Times are nanoseconds for one operation. */
export interface Figures {
  /** Median over all samples. */
  ns: number;
  /** Lowest and highest median of a round. */
  spreadNs: [number, number];
  /** Median of each round. */
  roundsNs: number[];
}

/** Rival's time divided by ours: above 1, ours is the faster. */
export interface Comparison {
  /** Each round has one, of its two medians; this is the median of those. */
  ratio: number;
  /** Lowest and highest. */
  spread: [number, number];
}

/** A contender in this thread, without waiting. */
export function synchronous(name: string, cycle: () => void): Contender {
  return {
    name,
    run(cycles) {
      const start = performance.now();
      for (let i = 0; i < cycles; i++) cycle();
      return (performance.now() - start) * 1e6;
    },
  };
}

/** A contender whose every cycle is awaited. */
export function asynchronous(
  name: string,
  cycle: () => Promise<unknown>,
): Contender {
  return {
    name,
    async run(cycles) {
      const start = performance.now();
      for (let i = 0; i < cycles; i++) await cycle();
      return (performance.now() - start) * 1e6;
    },
  };
}

/** Middle value of `values`, which it sorts. */
export function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  return values.length % 2 === 1
    ? values[middle]
    : (values[middle - 1] + values[middle]) / 2;
}

/** Warms up, and finds out how many cycles make a sample. */
async function prepare(contender: Contender): Promise<number> {
  let cycles = 1;
  let spent = 0;
  for (;;) {
    const took = await contender.run(cycles);
    spent += took;
    const perCycle = took / cycles;
    if (spent >= WARM_UP_NS && took > 0) {
      return Math.max(1, Math.round(SAMPLE_NS / perCycle));
    }
    // Ever longer batches: an optimising compiler takes its time, too.
    cycles = took < SAMPLE_NS
      ? cycles * 2
      : Math.max(1, Math.round(4 * SAMPLE_NS / perCycle));
  }
}

/**
 * Measures contenders that all do the same work, in turns.
 *
 * @param operations operations in a cycle, for figures per operation
 */
export async function measure(
  contenders: readonly Contender[],
  operations: number,
  effort: Effort,
): Promise<Figures[]> {
  const cycles: number[] = [];
  for (const contender of contenders) cycles.push(await prepare(contender));
  const all = contenders.map((): number[] => []);
  const roundsNs = contenders.map((): number[] => []);
  for (let round = 0; round < effort.rounds; round++) {
    const here = contenders.map((): number[] => []);
    for (let i = 0; i < effort.samples; i++) {
      for (let turn = 0; turn < contenders.length; turn++) {
        // Back and forth: nobody always comes behind the same one.
        const who = i % 2 === 0 ? turn : contenders.length - 1 - turn;
        const took = await contenders[who].run(cycles[who]);
        here[who].push(took / cycles[who] / operations);
      }
    }
    here.forEach((samples, who) => {
      all[who].push(...samples);
      roundsNs[who].push(median(samples));
    });
  }
  return contenders.map((_, who) => ({
    ns: median(all[who]),
    spreadNs: spread(roundsNs[who]),
    roundsNs: roundsNs[who],
  }));
}

/** Ours against a rival that was measured in turns with it. */
export function compare(ours: Figures, rival: Figures): Comparison {
  const ratios = rival.roundsNs.map((ns, i) => ns / ours.roundsNs[i]);
  return { ratio: median(ratios), spread: spread(ratios) };
}

function spread(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
