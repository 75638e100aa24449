/**
 * The small exchanges whose faults are walked.
 *
 * @module
 */

import type { T1CardRequest, T1EndpointOptions } from "../../src/cards/mod.ts";
import type { T1Options } from "../../src/core/mod.ts";
import { WatchedCommand } from "./t1_pair.ts";

/** Which S-requests belong to the exchange: none, S(IFS request) of the reader before it, of the card in its middle, S(WTX request), or both of the card's. */
export type WalkVariant = "plain" | "announce" | "ifs" | "wtx" | "ifs+wtx";

/** An exchange, and what a link does with a block when it duplicates it. */
export interface WalkShape {
  /** I-blocks of the command without faults, 1 to 3. */
  readonly commandBlocks: number;
  /** I-blocks of the response, 1 to 3. */
  readonly responseBlocks: number;
  /** S-requests of the exchange. */
  readonly variant: WalkVariant;
  /** What the reader does after RESYNCH. */
  readonly afterResynch: "repeat" | "report";
  /** Duplicates arrive as one piece of twice the length, or as two blocks. */
  readonly duplicate: "joined" | "apart";
}

const VARIANTS: readonly WalkVariant[] = [
  "plain",
  "announce",
  "ifs",
  "wtx",
  "ifs+wtx",
];

const IFSC = 4;
const LOWERED_IFSC = 3;
const ANNOUNCED_IFSD = 5;
const DEFAULT_IFSD = 32;

/** I-blocks each way, at most. */
const MOST = 3;

/** Every command length, response length and variant. */
export function allShapes(
  afterResynch: "repeat" | "report",
  duplicate: "joined" | "apart",
): WalkShape[] {
  const shapes: WalkShape[] = [];
  for (let commandBlocks = 1; commandBlocks <= MOST; commandBlocks++) {
    for (let responseBlocks = 1; responseBlocks <= MOST; responseBlocks++) {
      for (const variant of VARIANTS) {
        shapes.push({
          commandBlocks,
          responseBlocks,
          variant,
          afterResynch,
          duplicate,
        });
      }
    }
  }
  return shapes;
}

/** A name such as `2x3 ifs+wtx report apart`; "repeat" and "joined" are left out. */
export function shapeName(shape: WalkShape): string {
  return [
    `${shape.commandBlocks}x${shape.responseBlocks} ${shape.variant}`,
    ...(shape.afterResynch === "report" ? ["report"] : []),
    ...(shape.duplicate === "apart" ? ["apart"] : []),
  ].join(" ");
}

/** The shape of a name. @throws {RangeError} when there is none */
export function shapeOf(name: string): WalkShape {
  const [, command, response, variant, report, apart] =
    /^([1-3])x([1-3]) (\S+?)( report)?( apart)?$/.exec(name) ?? [];
  const known = VARIANTS.find((each) => each === variant);
  if (known === undefined) {
    throw new RangeError(
      `Cannot walk ${
        JSON.stringify(name)
      }: expected such as "2x3 ifs+wtx report apart"`,
    );
  }
  return {
    commandBlocks: Number(command),
    responseBlocks: Number(response),
    variant: known,
    afterResynch: report === undefined ? "repeat" : "report",
    duplicate: apart === undefined ? "joined" : "apart",
  };
}

/** What the reader starts from. */
export function readerOptions(shape: WalkShape): T1Options {
  const options: T1Options = {
    ifscBytes: IFSC,
    afterResynch: shape.afterResynch,
  };
  if (shape.variant === "announce") options.ifsdBytes = ANNOUNCED_IFSD;
  return options;
}

/** How the card behaves. */
export function cardOptions(shape: WalkShape): T1EndpointOptions {
  const turns = shape.commandBlocks + shape.responseBlocks - 1;
  const turn = turns >> 1;
  const requests: T1CardRequest[] = [];
  if (shape.variant.startsWith("ifs")) {
    requests.push({ turn, request: "ifs", value: LOWERED_IFSC });
  }
  if (shape.variant.endsWith("wtx")) {
    requests.push({ turn, request: "wtx", value: 2 });
  }
  return { ifscBytes: IFSC, requests, incompleteBlocks: "answer" };
}

/** The command that meets the faults (seed 1), or the one after it (seed 2). */
export function shapeCommand(shape: WalkShape, seed: number): WatchedCommand {
  const ifsd = shape.variant === "announce" ? ANNOUNCED_IFSD : DEFAULT_IFSD;
  return new WatchedCommand(
    IFSC * (shape.commandBlocks - 1) + 2,
    ifsd * (shape.responseBlocks - 1) + 2,
    seed,
  );
}
