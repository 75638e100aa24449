/**
 * Tests of the choices which the oracle of T=1 takes where the standard leaves them open:
 * dialogues in writing, see t1_dialogue.ts.
 *
 * @module
 */

import { play, reader } from "./t1_dialogue.ts";
import type { OracleT1Options } from "./t1_reader.ts";

// Options, then the jobs of one session in order.
const CHOICES: [string, Partial<OracleT1Options>, ...string[]][] = [
  [
    "error bits: wrong check bytes 1, other 2, and kept on repetition",
    {},
    "command 00 | I00 00 | I00 9000 bad | R0e1 | - | R0e1 | I10 9000 | failed reset",
    "command 00 | I00 00 | I10 9000 | R0e2 | I00 9000 bad | R0e2 | I00 AA | done AA",
  ],
  [
    "a late R-block that wants my I-block counts as an attempt",
    {},
    "command 00 | I00 00 | R0e1 | I00 00 | R0e1 | I00 00 | R0e1 | RESYNCH? | RESYNCH! | I00 00 | I00 9000 | done 9000",
  ],
  [
    "a valid block starts the count anew",
    { ifscBytes: 1 },
    "command 0011 | I01 00 | - | R0e2 | - | R0e2 | R1 | I10 11 | - | R0e2 | - | R0e2 | I00 | done",
  ],
  [
    "IFSD announced once, and again after RESYNCH",
    { ifsdBytes: 254 },
    "command 00 | IFS? FE | IFS! FE | I00 00 | I00 9000 | done 9000",
    "command 00 | I10 00 | - | R1e2 | - | R1e2 | - | RESYNCH? | RESYNCH! | IFS? FE | IFS! FE | I00 00 | I00 9000 | done 9000",
  ],
  [
    "IFSD 32 announced once only",
    { ifsdBytes: 32 },
    "command 00 | IFS? 20 | IFS! 20 | I00 00 | - | R0e2 | - | R0e2 | - | RESYNCH? | RESYNCH! | I00 00 | I00 9000 | done 9000",
    "command 00 | I10 00 | I10 9000 | done 9000",
  ],
  [
    "IFSD of a job is kept",
    { ifsdBytes: 32 },
    "ifs 40 | IFS? 40 | IFS! 40 | done",
    "resynch | RESYNCH? | RESYNCH! | done",
    "command 00 | IFS? 40 | IFS! 40 | I00 00 | I00 9000 | done 9000",
  ],
  [
    "a resynchronised command is reported",
    { afterResynch: "report" },
    "command 00 | I00 00 | I00 9000 | done 9000",
    "command 00 | I10 00 | - | R1e2 | - | R1e2 | - | RESYNCH? | RESYNCH! | failed outcome-unknown",
    "command 00 | I00 00 | I00 9000 | done 9000",
  ],
  [
    "RESYNCH within the announcement is not reported",
    {
      afterResynch: "report",
      ifsdBytes: 254,
    },
    "resynch | RESYNCH? | RESYNCH! | done",
    "command 00 | IFS? FE | - | IFS? FE | - | IFS? FE | - | RESYNCH? | RESYNCH! | IFS? FE | IFS! FE | I00 00 | I00 9000 | done 9000",
  ],
  [
    "after reset the next job begins with RESYNCH",
    {},
    "command 00 | I00 00 | I01 AA | R1 | - | R1 | - | R1 | - | RESYNCH? | - | RESYNCH? | - | RESYNCH? | - | failed reset",
    "ifs 10 | RESYNCH? | RESYNCH! | IFS? 10 | IFS! 10 | done",
    "command 00 | I00 00 | I00 9000 | done 9000",
  ],
  [
    "an abandoned command leaves the numbers in doubt",
    { ifsdBytes: 32 },
    "command 00 | IFS? 20 | IFS! 20 | I00 00",
    "command 00 | RESYNCH? | RESYNCH! | I00 00 | I00 9000 | done 9000",
  ],
  [
    "an abandoned command of a card never heard begins afresh",
    {},
    "command 00 | I00 00 | -  | R0e2",
    "command 01 | I00 01 | I00 9000 | done 9000",
  ],
  [
    "WTX is capped per command, and holds for one block",
    { maxWtx: 2 },
    "command 00 | I00 00 | WTX? 09 | WTX! 09 | - | R0e2 | WTX? 00 | WTX! 00 | I00 | done",
    "command 00 | I10 00 | WTX? 01 | WTX! 01 | WTX? 01 | WTX! 01 | WTX? 01 | failed too-many-requests",
    "command 00 | RESYNCH? | RESYNCH! | I00 00 | I00 9000 | done 9000",
  ],
  [
    "a whole command aborted, answered after all",
    {},
    "command 00 | I00 00 | ABORT? | ABORT! | I00 6F00 | done 6F00",
    "command 00 | I10 00 | ABORT? | ABORT! | I11 6F | R0 | - | R0 | - | R0 | - | RESYNCH? | RESYNCH! | I00 00 | I00 9000 | done 9000",
  ],
  [
    "after an abortion RESYNCH ends the command",
    { afterResynch: "report" },
    "command 00 | I00 00 | ABORT? | ABORT! | - | R0e2 | - | R0e2 | - | RESYNCH? | RESYNCH! | failed aborted",
  ],
  [
    "EMV: first block, range of IFSC",
    { profile: "emv", nad: 0x12 },
    "command 00 | IFS? FE | IFS! FE | I00 00 | IFS? 0F | R0e2 | IFS? 10 | IFS! 10 | I00 90 | failed response-length",
    "command 00 | I10 00 | I10 9000 | done 9000",
    "command 00 | I00 00 | - | R0e2 | - | R0e2 | - | failed deactivate",
    "command 00 | failed deactivate",
    "resynch | failed deactivate",
  ],
  [
    "EMV: abortion",
    { profile: "emv" },
    "command 00 | IFS? FE | IFS! FE | I00 00 | ABORT? | failed deactivate",
  ],
  [
    "EMV: a silent card",
    { profile: "emv" },
    "command 00 | IFS? FE | - | IFS? FE | - | IFS? FE | - | failed deactivate",
  ],
];

for (const [title, options, ...jobs] of CHOICES) {
  Deno.test(`oracle of T=1: ${title}`, () => {
    const subject = reader(options);
    for (const dialogue of jobs) play(subject, dialogue);
  });
}

Deno.test("oracle of T=1: a card that keeps failing is resynchronised no more than it may", () => {
  const again = " | R0e1 | I00 00 | R0e1 | I00 00 | R0e1 | RESYNCH? | RESYNCH!";
  const round = again + " | I00 00";
  play(
    reader(),
    `command 00 | I00 00${round.repeat(3)}${again} | failed reset`,
  );
});

Deno.test("oracle of T=1: an endless response is aborted", () => {
  const pairs = " | I01 | R1 | I11 | R0".repeat(128);
  for (
    const [profile, end] of [
      ["iso", " | I01 | ABORT? | - | ABORT? | ABORT! | failed response-length"],
      ["emv", " | I01 | failed deactivate"],
    ] as const
  ) {
    const first = profile === "emv" ? "IFS? FE | IFS! FE | " : "";
    play(reader({ profile }), `command 00 | ${first}I00 00${pairs}${end}`);
  }
  // 258 * 254 = 65 532 bytes; 7 more are one too many.
  const full = "AA".repeat(254);
  const chain = ` | I01 ${full} | R1 | I11 ${full} | R0`.repeat(129);
  const most = "AA".repeat(65532) + "BBBBBBBB9000";
  const start = `command 00 | I00 00${chain}`;
  play(reader(), `${start} | I00 BBBBBBBB9000 | done ${most}`);
  play(reader(), `${start} | I00 BBBBBBBBBB9000 | failed response-length`);
  play(
    reader(),
    `${start} | I01 BBBBBBBBBB9000 | ABORT? | ABORT! | failed response-length`,
  );
});
