import { deepEqual, equal, throws } from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { createEdc, T1Endpoint } from "../../src/cards/mod.ts";
import { runT1Script, ScriptedApplication } from "./t1_exchange.ts";
import { withLrc } from "./test_reader.ts";

const FOUR = "00A40000";

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

Deno.test("T=1 card: sizes and silence can be seen", () => {
  const endpoint = runT1Script(
    new ScriptedApplication(),
    { errorAttempts: 0, ifscBytes: 100 },
    `> 00C101 FE
     < 00E101 FE
     ! 000000
     - `,
  );
  deepEqual(
    [endpoint.ifscBytes, endpoint.ifsdBytes, endpoint.isSilent],
    [100, 254, true],
  );
  endpoint.reset();
  deepEqual([endpoint.ifsdBytes, endpoint.isSilent], [32, false]);
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
