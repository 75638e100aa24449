import { deepEqual, equal, throws } from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type CardApplication,
  T0Endpoint,
  type T0EndpointOptions,
} from "../../src/cards/mod.ts";
import { ScriptedApplication } from "./t1_exchange.ts";

/** Runs pairs of what is sent and what must come back. */
function exchange(
  application: CardApplication,
  options: T0EndpointOptions,
  ...steps: [string, string][]
): T0Endpoint {
  let heard = "";
  const endpoint = new T0Endpoint(
    application,
    (bytes) => heard += toHex(bytes),
    options,
  );
  for (const [sent, expected] of steps) {
    heard = "";
    equal(endpoint.receive(fromHex(sent)), undefined);
    equal(heard, expected.replaceAll(" ", ""), `after ${sent}`);
  }
  return endpoint;
}

/** Runs the exchange with scripted responses and compares the C-APDUs. */
function scripted(
  responses: string[],
  commands: string[],
  options: T0EndpointOptions,
  ...steps: [string, string][]
): void {
  const application = new ScriptedApplication(...responses);
  exchange(application, options, ...steps);
  deepEqual(application.commands, commands);
}

Deno.test("T=0 card: case 1", () => {
  scripted(["9000"], ["A0A40000"], {}, ["A0A4000000", "9000"]);
});

Deno.test("T=0 card: case 3 with ACK for all, byte-wise, mixed with NULLs, and ended early", () => {
  const commands = ["00D6000003010203"];
  scripted(["9000"], commands, {}, ["00D6000003", "D6"], ["010203", "9000"]);
  scripted(
    ["9000"],
    commands,
    { procedure: ["one"] },
    ["00D6000003", "29"],
    [
      "01",
      "29",
    ],
    ["02", "29"],
    ["03", "9000"],
  );
  scripted(
    ["9000"],
    commands,
    { procedure: ["null", "null", "one", "all"], nullsBeforeStatus: 1 },
    ["00D6000003", "6060 29"],
    ["01", "D6"],
    ["0203", "60 9000"],
  );
  scripted(
    [],
    [],
    {
      procedure: ["one"],
      earlyStatus: { afterBytes: 1, status: 0x6a80 },
    },
    ["00D6000003", "29"],
    ["01", "6A80"],
    ["00D6000003", "29"],
  );
});

Deno.test("T=0 card: characters that nobody called for are not heard", () => {
  scripted(
    ["9000"],
    ["00D6000003010203"],
    { procedure: ["one"] },
    [
      "00D6000003FFFF",
      "29",
    ],
    ["01FF", "29"],
    ["02", "29"],
    ["03", "9000"],
  );
});

Deno.test("T=0 card: case 2 with 256 bytes, byte-wise, and mixed", () => {
  const all = "AB".repeat(256);
  scripted([all + "9000"], ["00B0000000"], {}, [
    "00B0000000",
    `B0${all}9000`,
  ]);
  scripted(["01029000"], ["00B0000002"], { procedure: ["one"] }, [
    "00B0000002",
    "4F01 4F02 9000",
  ]);
  scripted(["0102039000"], ["00B0000003"], { procedure: ["one", "all"] }, [
    "00B0000003",
    "4F01 B00203 9000",
  ]);
});

Deno.test("T=0 card: 6Cxx, and the command does not run again", () => {
  scripted(["01020304056282"], ["00B2010410"], {}, ["00B2010410", "6C05"], [
    "00B2010405",
    "B20102030405 9000",
  ]);
  scripted(
    ["01029000", "01029000"],
    ["00B0000010", "00B0000002"],
    {},
    [
      "00B0000010",
      "6C02",
    ],
    ["00C0000001", "6985"],
    ["00B0000002", "B001029000"],
  );
});

Deno.test("T=0 card: case 4 with GET RESPONSE", () => {
  const fci = "6F".repeat(23);
  scripted(
    [fci + "9000"],
    ["00A40400023F0000"],
    {},
    ["00A4040002", "A4"],
    [
      "3F00",
      "6117",
    ],
    ["00C0000020", "6C17"],
    ["00C0000003", `C0${"6F".repeat(3)} 6114`],
    [
      "00C0000014",
      `C0${"6F".repeat(20)} 9000`,
    ],
    ["00C0000001", "6985"],
  );
  const long = "11".repeat(300);
  scripted(
    [long + "6282"],
    ["00A40400023F0000"],
    {},
    ["00A4040002", "A4"],
    [
      "3F00",
      "6100",
    ],
    ["00C0000000", `C0${"11".repeat(256)} 612C`],
    [
      "00C000002C",
      `C0${"11".repeat(44)} 6282`,
    ],
  );
});

Deno.test("T=0 card: another command voids what GET RESPONSE would fetch", () => {
  scripted(
    ["0102039000", "9000"],
    ["00A40400023F0000", "00A40000"],
    {},
    [
      "00A4040002",
      "A4",
    ],
    ["3F00", "6103"],
    ["00A4000000", "9000"],
    ["00C0000003", "6985"],
  );
});

Deno.test("T=0 card: illegal headers", () => {
  scripted([], [], {}, ["FFA4000000", "6E00"], ["0060000000", "6D00"], [
    "009A000002",
    "6D00",
  ]);
});

Deno.test("T=0 card: ENVELOPE carries extended commands", () => {
  const data = "22".repeat(300);
  const case3 = `00D6000000012C${data}`;
  const case4 = `00CB3FFF00012C${data}0000`;
  const segments = (command: string, size: number): [string, string][] => {
    const parts = command.match(new RegExp(`.{1,${2 * size}}`, "g")) ?? [];
    return parts.flatMap((part): [string, string][] => [
      [`00C20000${toHex(Uint8Array.of(part.length / 2))}`, "C2"],
      [part, "9000"],
    ]);
  };
  // Le may still come, so case 3E runs with the largest Le.
  scripted(["9000"], [case3 + "0000"], {}, ...segments(case3, 255));
  const ending = segments(case4, 255);
  ending[ending.length - 1][1] = "6100";
  scripted(["33".repeat(260) + "9000"], [case4], {}, ...ending, [
    "00C0000000",
    `C0${"33".repeat(256)} 6104`,
  ], ["00C0000004", `C0${"33".repeat(4)} 9000`]);
  // 307 bytes end a segment; Le 0005 comes alone.
  const alone = segments(case4.slice(0, -4), 100);
  scripted(
    ["33".repeat(6) + "9000"],
    [case4],
    {},
    ...alone,
    [
      "00C2000002",
      "C2",
    ],
    ["0005", "6105"],
    ["00C0000005", `C0${"33".repeat(5)} 9000`],
  );
  // An empty segment ends the data, whatever they are.
  scripted(["6700"], ["00A4"], {}, ["00C2000002", "C2"], ["00A4", "9000"], [
    "00C2000000",
    "6700",
  ]);
  // Short commands may be wrapped, too; what is too long cannot be one.
  scripted(["9000"], ["00D6000001FF"], {}, ["00C2000006", "C2"], [
    "00D6000001FF",
    "9000",
  ]);
  scripted(["9000"], ["00B00000000000"], {}, ["00C2000007", "C2"], [
    "00B00000000000",
    "9000",
  ]);
  scripted([], [], {}, ["00C200000B", "C2"], [
    "00D6000000000101020304",
    "6700",
  ]);
  scripted(["6D00"], ["00C2000002010200"], { envelope: false }, [
    "00C2000002",
    "C2",
  ], ["0102", "6D00"]);
});

Deno.test("T=0 card: a slow application sends NULLs and makes receive() wait", async () => {
  let heard = "";
  let resolve = (_: Uint8Array) => {};
  const endpoint = new T0Endpoint(
    {
      process: () => new Promise((settle) => resolve = settle),
      reset() {},
      waitingTime: () => ({ multiplier: 1, times: 2 }),
    },
    (bytes) => heard += toHex(bytes),
  );
  const busy = endpoint.receive(fromHex("00B0000001"));
  equal(heard, "6060");
  equal(endpoint.receive(fromHex("00B0000001")), busy);
  resolve(fromHex("AA9000"));
  await busy;
  equal(heard, "6060B0AA9000");
  const lost = endpoint.receive(fromHex("00B0000001"));
  endpoint.reset();
  resolve(fromHex("AA9000"));
  await lost;
  equal(heard, "6060B0AA90006060");
});

Deno.test("T=0 card: a header in pieces, and one given up", () => {
  const application = new ScriptedApplication("9000", "9000");
  const endpoint = exchange(
    application,
    {},
    ["00", ""],
    ["A40000", ""],
    ["00", "9000"],
    ["00D60000", ""],
  );
  endpoint.characterTimeout();
  endpoint.receive(fromHex("00A4000000"));
  deepEqual(application.commands, ["00A40000", "00A40000"]);
});

Deno.test("T=0 card: impossible options are refused", () => {
  const application = new ScriptedApplication();
  for (
    const options of [{ procedure: [] }, { procedure: ["null" as const] }, {
      nullsBeforeStatus: 256,
    }]
  ) {
    throws(() => new T0Endpoint(application, () => {}, options), RangeError);
  }
});
