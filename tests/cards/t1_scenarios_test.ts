import { deepEqual } from "node:assert/strict";
import { runT1Script, ScriptedApplication } from "./t1_exchange.ts";
import { FOUR, INF32, T1_SCENARIOS, type T1Scenario } from "./t1_scenarios.ts";

/** Silence, RESYNCH, ABORT, refused IFS and NAD. */
const HARDER_SCENARIOS: T1Scenario[] = [
  [
    "7.4.3 silence after two failing attempts, until RESYNCH",
    {},
    ["9000"],
    `> 00C101 FE
     < 00E101 FE
     ! 000004 ${FOUR}
     < 008100
     ! 000004 ${FOUR}
     < 008100
     ! 000004 ${FOUR}
     - 
     > 000004 ${FOUR}
     - 
     > 008000
     - 
     > 00C000
     < 00E000
     > 000004 ${FOUR}
     < 000002 9000`,
    [FOUR],
  ],
  [
    "RESYNCH brings IFSD 32, IFSC and the numbers back, in any state",
    { requests: [{ turn: 0, request: "ifs", value: 8 }] },
    ["11".repeat(40) + "9000", "22".repeat(32) + "9000"],
    `> 00C101 FE
     < 00E101 FE
     > 002002 00A4
     < 00C101 08
     > 00E101 08
     < 009000
     > 004002 0000
     < 00002A ${"11".repeat(40)}9000
     > 00C000
     < 00E000
     > 000020 ${INF32}
     < 002020 ${"22".repeat(32)}
     > 00C000
     < 00E000
     > 000004 ${FOUR}
     < 000002 9000`,
    [FOUR, INF32, FOUR],
  ],
  [
    "9 the reader aborts its own chain",
    {},
    ["9000"],
    `> 002002 00A4
     < 009000
     > 00C200
     < 00E200
     > 004004 ${FOUR}
     < 000002 9000`,
    [FOUR],
  ],
  [
    "9 the reader aborts the card's chain",
    {},
    ["11".repeat(40) + "9000", "6A82"],
    `> 000004 ${FOUR}
     < 002020 ${"11".repeat(32)}
     > 00C200
     < 00E200
     > 009000
     < 009000
     > 004004 ${FOUR}
     < 004002 6A82`,
    [FOUR, FOUR],
  ],
  [
    "9 the card aborts either chain and gives the right to send back",
    {
      requests: [{ turn: 0, request: "abort" }, { turn: 2, request: "abort" }],
    },
    ["11".repeat(40) + "9000"],
    `> 002002 00A4
     < 00C200
     > 00E200
     < 009000
     > 004004 ${FOUR}
     < 002020 ${"11".repeat(32)}
     > 009000
     < 00C200
     > 00E200
     < 008000
     > 000004 ${FOUR}
     < 004002 9000`,
    [FOUR, FOUR],
  ],
  [
    "8 the card asks for its IFSC twice at most, then listens",
    { requests: [{ turn: 0, request: "ifs", value: 16 }] },
    ["9000"],
    `> 000004 ${FOUR}
     < 00C101 10
     ! 00E101 10
     < 00C101 10
     ! 00E101 10
     - 
     > 008000
     < 000002 9000`,
    [FOUR],
  ],
  [
    "the answer swaps SAD and DAD",
    {},
    ["9000"],
    `> 210004 ${FOUR}
     < 120002 9000
     > 218000
     < 120002 9000`,
    [FOUR],
  ],
  [
    "only one NAD, if so wanted",
    { nad: 0 },
    ["9000"],
    `> 210004 ${FOUR}
     < 008200
     > 000004 ${FOUR}
     < 000002 9000`,
    [FOUR],
  ],
];

for (
  const [title, options, responses, script, commands] of [
    ...T1_SCENARIOS,
    ...HARDER_SCENARIOS,
  ]
) {
  Deno.test(`T=1 card: ${title}`, () => {
    const application = new ScriptedApplication(...responses);
    runT1Script(application, options, script);
    deepEqual(application.commands, commands);
  });
}
