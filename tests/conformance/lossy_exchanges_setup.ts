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
import type { Random } from "../fuzz/random.ts";
import type { WatchedCommand } from "./t1_pair.ts";

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

function drawIfs(random: Random): number {
  return random.within(1, random.oneIn(2) ? 254 : 16);
}

function drawRequests(random: Random): T1CardRequest[] {
  const count = random.oneIn(2) ? 0 : random.within(1, 5);
  return Array.from({ length: count }, () => {
    const turn = random.below(TURNS);
    return random.oneIn(2)
      ? { turn, request: "wtx", value: random.within(1, 255) }
      : { turn, request: "ifs", value: drawIfs(random) };
  });
}

/** Draws two ends that fit together. */
export function drawSetup(random: Random): LossySetup {
  const edc = random.pick(["LRC", "CRC"] as const);
  const [readersCrc, crcVariant] = random.pick(CRC_NAMES);
  const ifscBytes = drawIfs(random);
  const requests = drawRequests(random);
  const reader: T1Options = {
    ifscBytes,
    edc,
    crcVariant: random.oneIn(4) ? "auto" : readersCrc,
    afterResynch: random.oneIn(3) ? "report" : "repeat",
  };
  if (!random.oneIn(3)) reader.ifsdBytes = drawIfs(random);
  const wtx = random.oneIn(6)
    ? { multiplier: random.within(1, 255), times: random.within(1, 3) }
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
    commands: random.within(1, 16),
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
export function drawLength(random: Random, low: number, high: number): number {
  return random.within(low, random.pick([12, 12, 60, 60, high]));
}

/** Draws how often a block is damaged: parts of a thousand, from none to very high. */
export function drawFaultRate(random: Random): number {
  return random.pick([0, 0, 10, 50, 150, 300, 600]);
}
