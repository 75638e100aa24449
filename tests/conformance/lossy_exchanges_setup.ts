/**
 * What is drawn for the lossy exchanges: all of it follows from a seed.
 *
 * @module
 */

import type {
  CardCrcVariant,
  T1CardRequest,
  T1EndpointOptions,
} from "../../src/cards/mod.ts";
import type { CrcVariant, T1Options } from "../../src/core/mod.ts";
import type { WatchedCommand } from "./t1_pair.ts";

/** Numbers that a seed determines (xorshift with 32 bits of state). */
export class Draw {
  #state: number;

  /** Any 32 bits are a seed. */
  constructor(seed: number) {
    // Neighbouring seeds begin far apart, and 0 would stay 0.
    this.#state = Math.imul(seed ^ seed >>> 15, 0x85ebca6b) ^ 0x9e3779b9 ||
      1;
    for (let i = 0; i < 4; i++) this.word();
  }

  /** 32 bits, not negative. */
  word(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.word() / 0x100000000 * limit);
  }

  /** `low` to `high`. */
  within(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True once in so many times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  /** One of these. */
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }
}

/** The names that reader and card have for the readings of the CRC. */
const CRC_NAMES: readonly (readonly [CrcVariant, CardCrcVariant])[] = [
  ["13239", "A"],
  ["no-complement", "B"],
  ["arc-faulty", "C"],
  ["zero-start", "D"],
  ["arc", "ARC"],
];

/** IFSD while the reader has announced none, in bytes. */
const DEFAULT_IFSD = 32;
/** Turns at which the card may ask for something. */
const TURNS = 30;

/** Two ends that fit together, and how many commands they exchange. */
export interface LossySetup {
  /** What the reader starts from after every reset. */
  readonly reader: T1Options;
  /** How the card behaves. */
  readonly card: T1EndpointOptions;
  /** Commands to exchange. */
  readonly commands: number;
  /** Smallest IFSC that the card has at any time, in bytes. */
  readonly leastIfsc: number;
}

function drawIfs(draw: Draw): number {
  return draw.within(1, draw.oneIn(2) ? 254 : 16);
}

function drawRequests(draw: Draw): T1CardRequest[] {
  const count = draw.oneIn(2) ? 0 : draw.within(1, 5);
  return Array.from({ length: count }, () => {
    const turn = draw.below(TURNS);
    return draw.oneIn(2)
      ? { turn, request: "wtx", value: draw.within(1, 255) }
      : { turn, request: "ifs", value: drawIfs(draw) };
  });
}

/** Draws two ends. */
export function drawSetup(draw: Draw): LossySetup {
  const edc = draw.of(["LRC", "CRC"] as const);
  const [readersCrc, crcVariant] = draw.of(CRC_NAMES);
  const ifscBytes = drawIfs(draw);
  const requests = drawRequests(draw);
  const reader: T1Options = {
    ifscBytes,
    edc,
    crcVariant: draw.oneIn(4) ? "auto" : readersCrc,
    afterResynch: draw.oneIn(3) ? "report" : "repeat",
  };
  if (!draw.oneIn(3)) reader.ifsdBytes = drawIfs(draw);
  const wtx = draw.oneIn(6)
    ? { multiplier: draw.within(1, 255), times: draw.within(1, 3) }
    : undefined;
  const asked = requests.flatMap(({ request, value = 0 }) =>
    request === "ifs" ? [value] : []
  );
  return {
    reader,
    card: {
      ifscBytes,
      edc,
      crcVariant,
      requests,
      wtx,
      incompleteBlocks: "answer",
    },
    commands: draw.within(1, 16),
    leastIfsc: Math.min(ifscBytes, ...asked),
  };
}

/** Blocks of the reader for a command, at most: three transmissions of each, in the first run and in three after RESYNCH, and some to spare. */
export function mostBlocks(
  { reader, card, leastIfsc }: LossySetup,
  command: WatchedCommand,
): number {
  const ifsd = Math.min(DEFAULT_IFSD, reader.ifsdBytes ?? DEFAULT_IFSD);
  const information = Math.ceil(command.bytes.length / leastIfsc) +
    Math.ceil(command.answer(1).length / ifsd);
  const requests = (card.requests?.length ?? 0) + (card.wtx?.times ?? 0) + 1;
  return 12 * (information + requests) + 24;
}

/** Draws a length of `low` to `high` bytes, mostly a small one. */
export function drawLength(draw: Draw, low: number, high: number): number {
  return draw.within(low, draw.of([12, 12, 60, 60, high]));
}

/** Draws how often a block is damaged: parts of a thousand, from none to very high. */
export function drawFaultRate(draw: Draw): number {
  return draw.of([0, 0, 10, 50, 150, 300, 600]);
}
