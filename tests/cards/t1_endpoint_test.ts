import { deepEqual, equal, throws } from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { createEdc, T1Endpoint } from "../../src/cards/mod.ts";
import { runT1Script, ScriptedApplication } from "./t1_exchange.ts";
import { withLrc } from "./test_reader.ts";

const INF32 = "00".repeat(32);

/** Scenario, options, responses, script, commands that the application must get. */
type Scenario = [
  string,
  ConstructorParameters<typeof T1Endpoint>[2],
  string[],
  string,
  string[],
];

const FOUR = "00A40000";

const SCENARIOS: Scenario[] = [
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

for (const [title, options, responses, script, commands] of SCENARIOS) {
  Deno.test(`T=1 card: ${title}`, () => {
    const application = new ScriptedApplication(...responses);
    runT1Script(application, options ?? {}, script);
    deepEqual(application.commands, commands.map((hex) => hex));
  });
}

Deno.test("T=1 card: every class of invalid block is answered R(0) with error 2", () => {
  const invalid = [
    "000021" + "00".repeat(33), // INF longer than IFSC
    "080000", // NAD b4
    "110000", // SAD = DAD
    "FF0000", // PPSS
    "000100", // RFU bit in an I-block
    "008300", // both error bits
    "00A000", // b6 in an R-block
    "008001 00", // R with INF
    "00C100", // S(IFS) without value
    "00C101 00",
    "00C101 FF",
    "00C400", // unknown S
    "00E000", // response that nobody asked for
    "00E101 20",
    "00C301 01", // the reader may not ask for time
  ];
  for (const block of invalid) {
    runT1Script(new ScriptedApplication(), {}, `> ${block}\n< 008200`);
  }
});

Deno.test("T=1 card: blocks are assembled from any chunks", () => {
  const heard: string[] = [];
  const endpoint = new T1Endpoint(
    new ScriptedApplication("9000"),
    (bytes) => heard.push(toHex(bytes)),
  );
  for (const byte of withLrc(fromHex(`000004 ${FOUR}`))) {
    endpoint.receive(Uint8Array.of(byte));
  }
  deepEqual(heard, ["000002900092"]);
});

Deno.test("T=1 card: surplus characters make the block invalid", () => {
  const heard: string[] = [];
  const endpoint = new T1Endpoint(
    new ScriptedApplication(),
    (bytes) => heard.push(toHex(bytes)),
  );
  endpoint.receive(fromHex("00C101FE3E 00"));
  endpoint.receive(fromHex("0000FF 00"));
  deepEqual(heard, ["00820082", "00820082"]);
});

Deno.test("T=1 card: an incomplete block ends by character timeout, by a whole new block, or at once", () => {
  const heard: string[] = [];
  const output = (bytes: Uint8Array) => void heard.push(toHex(bytes));
  const whole = withLrc(fromHex(`000004 ${FOUR}`));
  const endpoint = new T1Endpoint(new ScriptedApplication(), output);
  endpoint.characterTimeout();
  endpoint.receive(whole.subarray(0, 5));
  endpoint.characterTimeout();
  deepEqual(heard.splice(0), ["00820082"]);
  for (const cut of [1, 3, 6]) {
    endpoint.reset();
    endpoint.receive(whole.subarray(0, cut));
    endpoint.receive(whole);
    deepEqual(heard.splice(0), ["000002900092"]);
  }
  const eager = new T1Endpoint(new ScriptedApplication(), output, {
    incompleteBlocks: "answer",
  });
  eager.receive(whole.subarray(0, 5));
  eager.receive(whole);
  deepEqual(heard, ["00820082", "000002900092"]);
});

Deno.test("T=1 card: CRC in every variant", () => {
  for (const crcVariant of ["A", "B", "C", "D", "ARC"] as const) {
    const edc = createEdc("CRC", crcVariant);
    const block = (hex: string) => {
      const bytes = fromHex(hex);
      return Uint8Array.from([...bytes, ...edc.compute(bytes, bytes.length)]);
    };
    const heard: string[] = [];
    const endpoint = new T1Endpoint(
      new ScriptedApplication("9000"),
      (bytes) => heard.push(toHex(bytes)),
      { edc: "CRC", crcVariant },
    );
    endpoint.receive(block("00C101FE"));
    endpoint.receive(block("00000400A40000"));
    endpoint.receive(fromHex("00000400A4000000"));
    endpoint.receive(fromHex("00"));
    deepEqual(
      heard,
      ["00E101FE", "0000029000", "009100"].map((hex) => toHex(block(hex))),
    );
  }
});

Deno.test("T=1 card: a command longer than any C-APDU is answered, not kept", () => {
  const application = new ScriptedApplication("6700");
  const endpoint = new T1Endpoint(application, () => {}, { ifscBytes: 254 });
  let number = 0;
  const send = (more: boolean, length: number) => {
    const head = [0, number << 6 | (more ? 0x20 : 0), length];
    const inf = new Uint8Array(length);
    endpoint.receive(withLrc(Uint8Array.from([...head, ...inf])));
    number ^= 1;
  };
  for (let i = 0; i < 300; i++) send(true, 254);
  send(false, 1);
  deepEqual(application.commands, ["000000"]);
});

Deno.test("T=1 card: a slow application makes receive() wait, and a reset discards its answer", async () => {
  const heard: string[] = [];
  const pending: ((response: Uint8Array) => void)[] = [];
  const endpoint = new T1Endpoint(
    {
      process: () => new Promise((resolve) => void pending.push(resolve)),
      reset() {},
      waitingTime: () => ({ multiplier: 7, times: 1 }),
    },
    (bytes) => heard.push(toHex(bytes)),
  );
  const block = withLrc(fromHex(`000004 ${FOUR}`));
  const granted = withLrc(fromHex("00E30107"));
  endpoint.receive(block);
  const first = endpoint.receive(granted);
  equal(endpoint.receive(block), first); // deaf while busy
  pending[0](fromHex("9000"));
  await first;
  endpoint.reset();
  endpoint.receive(block);
  const second = endpoint.receive(granted);
  endpoint.reset();
  pending[1](fromHex("9000"));
  await second;
  deepEqual(heard, ["00C30107C5", "000002900092", "00C30107C5"]);
});

Deno.test("T=1 card: a failing application is answered 6F00", async () => {
  for (
    const process of [
      () => {
        throw new Error("broken");
      },
      () => Promise.reject(new Error("broken")),
      () => new Uint8Array(1),
    ]
  ) {
    const heard: string[] = [];
    const endpoint = new T1Endpoint(
      { process, reset() {} },
      (bytes) => heard.push(toHex(bytes)),
    );
    await endpoint.receive(withLrc(fromHex(`000004 ${FOUR}`)));
    deepEqual(heard, ["0000026F006D"]);
  }
});

Deno.test("T=1 card: impossible options are refused", () => {
  const application = new ScriptedApplication();
  for (
    const options of [
      { ifscBytes: 255 },
      { wtx: { multiplier: 0, times: 1 } },
      { requests: [{ turn: 0, request: "ifs" as const }] },
      { nad: 255 },
    ]
  ) throws(() => new T1Endpoint(application, () => {}, options), RangeError);
});
