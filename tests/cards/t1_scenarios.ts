import type { T1EndpointOptions } from "../../src/cards/mod.ts";

export const INF32 = "00".repeat(32);
export const FOUR = "00A40000";

/** Title, options, responses, script, commands that the application must get. */
export type T1Scenario = [
  string,
  T1EndpointOptions,
  string[],
  string,
  string[],
];

/** Exchanges of every group without resynchronisation and abort. */
export const T1_SCENARIOS: T1Scenario[] = [
  [
    "E01 numbers live across commands",
    {},
    ["9000", "6A82", "9000"],
    `> 000004 ${FOUR}
     < 000002 9000
     > 004004 ${FOUR}
     < 004002 6A82
     > 000004 ${FOUR}
     < 000002 9000`,
    [FOUR, FOUR, FOUR],
  ],
  [
    "E02, E03 waiting time",
    { wtx: { multiplier: 5, times: 2 } },
    ["9000"],
    `> 000004 ${FOUR}
     < 00C301 05
     > 00E301 05
     < 00C301 05
     > 00E301 05
     < 000002 9000`,
    [FOUR],
  ],
  [
    "E05 IFSC is lowered inside the chain",
    { requests: [{ turn: 0, request: "ifs", value: 4 }] },
    ["9000"],
    `> 002020 ${INF32}
     < 00C101 04
     > 00E101 04
     < 009000
     > 006005 0102030405
     < 009200
     > 006004 01020304
     < 008000
     > 000001 05
     < 000002 9000`,
    [INF32 + "0102030405"],
  ],
  [
    "E06 the reader chains three blocks",
    {},
    ["9000"],
    `> 002020 ${INF32}
     < 009000
     > 006020 ${INF32}
     < 008000
     > 000002 0102
     < 000002 9000`,
    [INF32 + INF32 + "0102"],
  ],
  [
    "E07 the card chains three blocks",
    {},
    ["11".repeat(64) + "9000"],
    `> 000004 ${FOUR}
     < 002020 ${"11".repeat(32)}
     > 009000
     < 006020 ${"11".repeat(32)}
     > 008000
     < 000002 9000
     > 004004 ${FOUR}
     < 004002 9000`,
    [FOUR, FOUR],
  ],
  [
    "E09, E10 waiting time inside chains",
    {
      requests: [
        { turn: 0, request: "wtx", value: 3 },
        { turn: 2, request: "wtx", value: 1 },
      ],
    },
    ["11".repeat(32) + "9000"],
    `> 002002 00A4
     < 00C301 03
     > 00E301 03
     < 009000
     > 004002 0000
     < 002020 ${"11".repeat(32)}
     > 009000
     < 00C301 01
     > 00E301 01
     < 004002 9000`,
    [FOUR],
  ],
  [
    "E12 exactly IFSC, and an empty last block",
    {},
    ["9000", "9000"],
    `> 000020 ${INF32}
     < 000002 9000
     > 006004 ${FOUR}
     < 008000
     > 000000
     < 004002 9000`,
    [INF32, FOUR],
  ],
  [
    "E14 IFSD is announced and used",
    {},
    ["11".repeat(100) + "9000"],
    `> 00C101 FE
     < 00E101 FE
     > 000004 ${FOUR}
     < 000066 ${"11".repeat(100)}9000`,
    [FOUR],
  ],
  [
    "F01, 7.5 first block broken",
    {},
    ["9000"],
    `! 000004 ${FOUR}
     < 008100
     > 000004 ${FOUR}
     < 000002 9000`,
    [FOUR],
  ],
  [
    "7.6 the reader asks without having been heard",
    {},
    ["9000"],
    `> 008000
     < 008000
     > 000004 ${FOUR}
     < 000002 9000`,
    [FOUR],
  ],
  [
    "F02 the answer is wanted again",
    {},
    ["9000"],
    `> 000004 ${FOUR}
     < 000002 9000
     > 008100
     < 000002 9000
     > 008200
     < 000002 9000`,
    [FOUR],
  ],
  [
    "F03 the reader's R is broken",
    {},
    ["9000"],
    `> 000004 ${FOUR}
     < 000002 9000
     ! 008000
     < 009100
     > 008000
     < 000002 9000`,
    [FOUR],
  ],
  [
    "F08 S(WTX request) is wanted again",
    { wtx: { multiplier: 2, times: 1 } },
    ["9000"],
    `> 000004 ${FOUR}
     < 00C301 02
     > 008000
     < 00C301 02
     > 00E301 02
     < 000002 9000`,
    [FOUR],
  ],
  [
    "F09 S(WTX response) is broken, or another value",
    { wtx: { multiplier: 2, times: 1 } },
    ["9000"],
    `> 000004 ${FOUR}
     < 00C301 02
     ! 00E301 02
     < 00C301 02
     > 00E301 03
     < 00C301 02
     > 00E301 02
     < 000002 9000`,
    [FOUR],
  ],
  [
    "F11 S(IFS response) is wanted again",
    {},
    [],
    `> 00C101 FE
     < 00E101 FE
     > 00C101 FE
     < 00E101 FE`,
    [],
  ],
  [
    "F16 the acknowledgement is wanted again (7.2)",
    {},
    ["9000"],
    `> 002020 ${INF32}
     < 009000
     > 008000
     < 009000
     > 004002 0102
     < 000002 9000`,
    [INF32 + "0102"],
  ],
  [
    "F17 the second chained block is broken",
    {},
    ["9000"],
    `> 002020 ${INF32}
     < 009000
     ! 004002 0102
     < 009100
     > 004002 0102
     < 000002 9000`,
    [INF32 + "0102"],
  ],
  [
    "F18, F19 inside the card's chain",
    {},
    ["11".repeat(32) + "9000"],
    `> 000004 ${FOUR}
     < 002020 ${"11".repeat(32)}
     > 008000
     < 002020 ${"11".repeat(32)}
     ! 009000
     < 009100
     > 009000
     < 004002 9000`,
    [FOUR],
  ],
  [
    "a repeated I-block is not delivered twice",
    {},
    ["9000"],
    `> 002002 00A4
     < 009000
     > 002002 00A4
     < 009000
     > 004002 0000
     < 000002 9000`,
    [FOUR],
  ],
  [
    "a retransmission keeps its cut after S(IFS)",
    {},
    ["11".repeat(32) + "9000"],
    `> 000004 ${FOUR}
     < 002020 ${"11".repeat(32)}
     > 00C101 01
     < 00E101 01
     > 008000
     < 002020 ${"11".repeat(32)}
     > 009000
     < 006001 90
     > 008000
     < 000001 00`,
    [FOUR],
  ],
];
