/**
 * Laws about T=0.
 *
 * @module
 */

import {
  testCardBytes,
  testCardDigest,
  testCardIns,
  type TestCardOptions,
} from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import { type Law, needsCharacters, needsProtocols } from "../law.ts";
import type { LawContext } from "../law_context.ts";
import {
  asking,
  bringing,
  echo,
  echoes,
  getResponse,
  good,
  plain,
  sample,
  works,
} from "./commands.ts";
import { connectTo } from "./sessions.ts";

const {
  INS_DIGEST,
  INS_ECHO,
  INS_GIVE,
  INS_GIVE_FIXED,
  INS_NOTHING,
  INS_TAKE,
} = testCardIns;

const hasT0 = needsProtocols("t0");
const runsT0 = needsCharacters("t0");

/** The card takes `length` bytes, and tells what came. */
async function takes(context: LawContext, length: number): Promise<void> {
  const data = sample(length);
  context.expectBytes(
    await context.exchange("t0", bringing(INS_TAKE, data)),
    good(),
    `the answer to TAKE of ${length} bytes`,
  );
  context.expectBytes(
    await context.exchange("t0", asking(INS_DIGEST, 4)),
    good(testCardDigest(data)),
    `what the card took of ${length} bytes`,
  );
}

/** The card gives `count` bytes. */
async function gives(context: LawContext, count: number): Promise<void> {
  context.expectBytes(
    await context.exchange("t0", asking(INS_GIVE, count, count)),
    good(testCardBytes(count, count)),
    `the answer to GIVE of ${count} bytes`,
  );
}

/** Single bytes until 128 remain of 255, then the rest. */
const MIXED_PROCEDURE = [
  ...new Array<"one">(127).fill("one"),
  "null",
  "all",
] as const;

/** Laws about T=0. */
export const t0Laws: readonly Law[] = [
  {
    name: "T=0 case 1 is four bytes",
    demands: "A command without P3 is sent with P3 = 0 and answered.",
    source: "smclib 11.2, checklist 4",
    leftOut: hasT0,
    async run(_, context) {
      await connectTo(context, "t0");
      context.expectBytes(
        await context.exchange("t0", plain(INS_NOTHING)),
        good(),
        "the answer to NOTHING, four bytes,",
      );
    },
  },
  {
    name: "T=0 case 2 brings what P3 asks for",
    demands: "1 to 256 bytes, the 258-byte packet included; P3 = 0 is 256.",
    source:
      "logo requirement 2 (Supports258And259BytePackets); smclib 11.2, checklist 5",
    leftOut: hasT0,
    async run(_, context) {
      await connectTo(context, "t0");
      for (const count of [1, 2, 127, 128, 129, 254, 255, 256]) {
        await gives(context, count);
      }
    },
  },
  {
    name: "T=0 case 3 takes 255 bytes",
    demands: "1 to 255 bytes reach the card.",
    source: "logo requirement 2; smclib 11.2",
    leftOut: hasT0,
    async run(_, context) {
      await connectTo(context, "t0");
      for (const length of [1, 2, 3, 127, 128, 254, 255]) {
        await takes(context, length);
      }
    },
  },
  {
    name: "T=0 obeys procedure bytes",
    demands:
      "The card may take and give bytes singly, all at once, or mixed, with NULL between.",
    source: "IFDTest part D (single bytes until 128 remain); smclib 11.2",
    leftOut: runsT0,
    async run(_, context) {
      const procedures = [["one"], ["null", "one", "all"], MIXED_PROCEDURE];
      for (const procedure of procedures as TestCardOptions["procedure"][]) {
        await connectTo(context, "t0", { procedure });
        for (const length of [1, 2, 100, 255]) {
          await takes(context, length);
          await gives(context, length);
        }
        await gives(context, 256);
        await context.remove();
      }
    },
  },
  {
    name: "T=0 refuses case 4 and wrong lengths",
    demands:
      "A command with data and Le, or whose P3 is not its length, is INVALID_PARAMETER; the session goes on.",
    source: "IFDTest part D (00 A4 00 00 08 00); smclib 11.2",
    leftOut: runsT0,
    async run(_, context) {
      await connectTo(context, "t0");
      const commands = [
        Uint8Array.of(0x00, 0xA4, 0x00, 0x00, 0x08, 0x00),
        Uint8Array.of(0x00, 0xA4, 0x00, 0x00, 0x00, 0x00),
        Uint8Array.of(0x00, 0xA4, 0x00),
        new Uint8Array(0),
        echo(sample(5)),
        bringing(INS_TAKE, sample(5)).subarray(0, 9),
      ];
      for (const command of commands) {
        context.expectStatus(
          await context.transmit("t0", command),
          `TRANSMIT of a T=0 command of ${command.length} bytes`,
          lib.STATUS_INVALID_PARAMETER,
        );
        await works(context, "t0", "after a refused command");
      }
    },
  },
  {
    name: "T=0 passes 61xx and 6Cxx up",
    demands:
      "GET RESPONSE and the repetition with another Le are the application's.",
    source: "smclib 11.2",
    leftOut: runsT0,
    async run(_, context) {
      await connectTo(context, "t0");
      const data = sample(9);
      context.expectBytes(
        await context.exchange("t0", bringing(INS_ECHO, data)),
        Uint8Array.of(0x61, 9),
        "the answer to ECHO of 9 bytes",
      );
      context.expectBytes(
        await context.exchange("t0", getResponse(9)),
        good(data),
        "the answer to GET RESPONSE",
      );
      context.expectBytes(
        await context.exchange("t0", asking(INS_GIVE_FIXED, 20, 7)),
        Uint8Array.of(0x6C, 7),
        "the answer to GIVE FIXED of 7 bytes with Le 20",
      );
    },
  },
  {
    name: "T=0 waits as long as NULL comes",
    demands: "1, 2, 5, 30 and 200 NULL bytes before the answer do not show.",
    source: "IFDTest part D (waiting time extensions 1, 2, 5, 30); smclib 11.2",
    leftOut: hasT0,
    async run(_, context) {
      await connectTo(context, "t0");
      for (const nulls of [1, 2, 5, 30, 200]) {
        await echoes(context, "t0", sample(10, nulls), nulls);
      }
    },
  },
];
