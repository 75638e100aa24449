/**
 * Laws about T=1.
 *
 * @module
 */

import { testCardBytes, testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import { type Law, needsCharacters, needsProtocols } from "../law.ts";
import { shown } from "../law_bytes.ts";
import type { LawContext } from "../law_context.ts";
import { asking, echoes, good, sample, works } from "./commands.ts";
import { blockLengths, connectTo } from "./sessions.ts";

const { INS_GIVE } = testCardIns;

/** Lengths around the ends of blocks of 32 and 254 bytes and of short APDUs. */
const LENGTHS = [
  ...[1, 2, 25, 26, 27, 28, 31, 32, 33, 57, 58, 59, 60, 64, 90, 100, 150],
  ...[200, 246, 247, 248, 249, 252, 253, 254, 255, 256, 257, 272, 299, 300],
];
const LONGEST_INF_BYTES = 254;
/** PCB of S(IFS request). */
const S_IFS_REQUEST = 0xC1;

const hasT1 = needsProtocols("t1");
const runsT1 = needsCharacters("t1");

/** The lengths whose command the reader takes. */
function lengthsFor({ settings }: LawContext): number[] {
  const overhead = (length: number) => length > 255 ? 9 : 6;
  return LENGTHS.filter((length) =>
    length + overhead(length) <= settings.maxApduBytes
  );
}

/** Laws about T=1. */
export const t1Laws: readonly Law[] = [
  {
    name: "T=1 chains both ways",
    demands:
      "1 to 300 bytes come back from a card that takes 32 bytes a block.",
    source: "logo requirement 8; smclib 11.6, 11.7",
    leftOut: hasT1,
    async run(_, context) {
      await connectTo(context, "t1", { ifscBytes: 32 });
      for (const length of lengthsFor(context)) {
        await echoes(context, "t1", sample(length));
      }
    },
  },
  {
    name: "T=1 keeps to small blocks",
    demands: "A card that takes 1 or 5 bytes a block gets no longer ones.",
    source: "smclib 11.7; ISO/IEC 7816-3 11.4.2",
    leftOut: runsT1,
    async run(_, context) {
      for (const ifscBytes of [1, 5]) {
        const card = await connectTo(context, "t1", { ifscBytes });
        await echoes(context, "t1", sample(20));
        const longest = Math.max(...blockLengths(card.heard, 1));
        context.expectEqual(longest, ifscBytes, "the longest block sent");
        await context.remove();
      }
    },
  },
  {
    name: "T=1 sends and takes blocks of 254 bytes",
    demands:
      "A command and an answer of 254 bytes each pass in one block, with either check.",
    source: "logo requirement 2 (Supports258And259BytePackets)",
    leftOut: runsT1,
    async run(_, context) {
      const tag = lib.SCARD_ATTR_MAX_IFSD;
      const ifsd = await context.ulongAttribute(tag, "MAX_IFSD");
      context.expectEqual(ifsd, LONGEST_INF_BYTES, "MAX_IFSD");
      for (const edc of ["LRC", "CRC"] as const) {
        const card = await connectTo(context, "t1", { edc });
        await echoes(context, "t1", sample(LONGEST_INF_BYTES - 6));
        const lengths = blockLengths(card.heard, edc === "LRC" ? 1 : 2);
        context.expect(
          lengths.includes(LONGEST_INF_BYTES),
          `the blocks sent have ${
            lengths.join(", ")
          } bytes, expected one of 254`,
        );
        context.expectBytes(
          await context.exchange("t1", asking(INS_GIVE, 252)),
          good(testCardBytes(0, 252)),
          "an answer of 254 bytes",
        );
        await context.remove();
      }
    },
  },
  {
    name: "T=1 begins with S(IFS request)",
    demands:
      "The first block after a reset tells the card how much the reader takes.",
    source: "logo requirement 8; smclib 11.6",
    leftOut: runsT1,
    async run(_, context) {
      const card = await connectTo(context, "t1");
      await works(context, "t1", "after a reset");
      const tag = lib.SCARD_ATTR_MAX_IFSD;
      const ifsd = await context.ulongAttribute(tag, "MAX_IFSD");
      const { heard } = card;
      context.expect(
        heard[1] === S_IFS_REQUEST && heard[2] === 1 && heard[3] === ifsd,
        `the first block is ${
          shown(heard.subarray(0, 4))
        }, expected S(IFS request) with ${ifsd}`,
      );
    },
  },
  {
    name: "T=1 checks by CRC where the card says so",
    demands: "1 to 300 bytes come back from a card with CRC.",
    source: "smclib 11.5; logo requirement 2",
    leftOut: runsT1,
    async run(_, context) {
      for (const ifscBytes of [32, LONGEST_INF_BYTES]) {
        await connectTo(context, "t1", { ifscBytes, edc: "CRC" });
        for (const length of lengthsFor(context)) {
          await echoes(context, "t1", sample(length));
        }
        await context.remove();
      }
    },
  },
  {
    name: "T=1 carries extended APDUs",
    demands: "Commands and answers as long as the reader says pass whole.",
    source: "smclib 11.7 (size of the answer)",
    leftOut: (settings) =>
      hasT1(settings) ??
        (settings.maxApduBytes < 270
          ? `the reader takes ${settings.maxApduBytes} bytes`
          : null),
    async run(_, context) {
      await connectTo(context, "t1");
      const longest = Math.min(context.settings.maxApduBytes - 9, 2046);
      for (const length of [256, 257, longest]) {
        await echoes(context, "t1", sample(length));
      }
      context.expectBytes(
        await context.exchange("t1", asking(INS_GIVE, 1000)),
        good(testCardBytes(0, 1000)),
        "an answer of 1000 bytes",
      );
    },
  },
];
