import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  runScenario,
  runScenarioFile,
  type Scenario,
  type ScenarioStep,
} from "../../src/cli/scenarios.ts";
import { runCli } from "./command.ts";

const FILES = ["t1-scenarios", "t1-more-scenarios", "t1-rules-scenarios"].map(
  (name) => fileURLToPath(new URL(`../data/${name}.json`, import.meta.url)),
);

Deno.test("deno task scenarios passes all 35", async () => {
  const { code, stdout } = await runCli("scenarios.ts", [FILES[0]]);
  assert.equal(code, 0);
  assert.equal(stdout.match(/^[A-Z]\d\d pass$/gm)?.length, 35);
  assert.match(stdout, /\n35 scenarios, 0 failed\n$/);
});

Deno.test("deno task scenarios without arguments runs all of tests/data/, by name", async () => {
  const { code, stdout } = await runCli("scenarios.ts", []);
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.pop(), `${lines.length} scenarios, 0 failed`);
  assert.ok(lines.length > 600);
  assert.ok(lines.every((line) => line.endsWith(" pass")));
  const named = await runCli("scenarios.ts", FILES.toSorted());
  assert.equal(named.stdout, stdout);
});

Deno.test("deno task scenarios takes several files and counts them together", async () => {
  const [first, second] = FILES;
  const { code, stdout } = await runCli("scenarios.ts", [first, second]);
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.pop(), `${lines.length} scenarios, 0 failed`);
  const alone = (await runCli("scenarios.ts", [second])).stdout.split("\n");
  assert.deepEqual(lines.slice(35), alone.slice(0, -2));
});

/** A session of one command with one block each way. */
function scenario(
  changes: Partial<Scenario>,
  step: Record<string, unknown> = {},
  result = "9000",
): Scenario {
  return {
    id: "X01",
    edc: "LRC",
    ifsc: 32,
    commands: [{
      send: "00a4000c",
      steps: [{
        host: "I(0,0)[4]",
        host_hex: "00000400a4000cac",
        card: "I(0,0)[2]",
        card_hex: "000002900092",
        ...step,
      }],
      result,
    }],
    ...changes,
  };
}

Deno.test("a scenario that the core does not follow names step, expected and sent", () => {
  assert.equal(runScenario(scenario({})), null);
  assert.equal(
    runScenario(scenario({}, { host_hex: "00400400a4000cec" })),
    "step 1: expected 00400400A4000CEC, sent 00000400A4000CAC",
  );
  assert.match(
    runScenario(scenario({}, {}, "6a82")) ?? "",
    /^step 1: expected result 6A82/,
  );
  assert.match(
    runScenario(scenario({}, { card_hex: null })) ?? "",
    /^step 2: expected the end with result 9000, sent 00820082/,
  );
  const tooLong = scenario({});
  tooLong.commands[0].steps.push(tooLong.commands[0].steps[0]);
  assert.match(runScenario(tooLong) ?? "", /^step 2: .*sent nothing/);
});

Deno.test("CRC scenarios name their variant", () => {
  const crc = scenario({ edc: "CRC(8408,FFFF,hi)" }, {
    host_hex: "00000400a4000c04db",
  });
  const problem = runScenario(crc) ?? "";
  const sent = problem.match(/sent ([0-9A-F]+)/)?.[1] ?? "";
  assert.equal(sent.slice(0, 14), "00000400A4000C");
  assert.equal(sent.length, 18);
  assert.throws(
    () => runScenario(scenario({ edc: "CRC(1021)" })),
    /expected "LRC" or/,
  );
});

Deno.test("S requests can be sent, reset and error are results", () => {
  const only = (
    send: string,
    host: string,
    card: string | null,
    result: string,
  ) =>
    scenario({
      commands: [{
        send,
        steps: [{ host: "", host_hex: host, card: "", card_hex: card }],
        result,
      }],
    });
  assert.equal(
    runScenario(only("S(RESYNCH request)", "00c000c0", "00e000e0", "ok")),
    null,
  );
  assert.equal(
    runScenario(only("S(ABORT request)", "00c200c2", "00e200e2", "ok")),
    null,
  );
  const silent = { host: "", card: "timeout", card_hex: null };
  const reset = scenario({
    commands: [{
      send: "00a4000c",
      steps: [
        { ...silent, host_hex: "00000400a4000cac" },
        { ...silent, host_hex: "00800080", host_error_code_free: true },
        { ...silent, host_hex: "00800080", host_error_code_free: true },
      ],
      result: "reset",
    }],
  });
  assert.equal(runScenario(reset), null);
});

Deno.test("CRC(auto) goes on in the variant of the card's first answer", () => {
  const begun = { host: "I(0,0)[4]", host_hex: "00000400a4000cba07", card: "" };
  const again = { host: "I(0,0)[4]", host_hex: "00000400a4000cf845", card: "" };
  const commands = [{
    send: "00a4000c",
    steps: [
      { ...begun, card_hex: "008100ac27" },
      { ...again, card_hex: "00000290009c6d" },
    ],
    result: "9000",
  }];
  assert.equal(runScenario(scenario({ edc: "CRC(auto)", commands })), null);
  assert.throws(
    () =>
      runScenario(
        scenario({ edc: "CRC(auto)" }, { host_error_code_free: true }),
      ),
    /needs an edc other than/,
  );
});

Deno.test("the reader's options are fields of the scenario", () => {
  const ifs = { host: "S(IFS request 254)", host_hex: "00c101fe3e", card: "" };
  const silent = { ...ifs, card_hex: null };
  const first = (steps: ScenarioStep[], result: string) => [
    { send: "00a4000c", steps, result },
  ];
  const three = [silent, silent, silent];
  assert.equal(
    runScenario(scenario({ ifsd: 254, commands: first(three, "reset") })),
    null,
  );
  const emv: Partial<Scenario> = { profile: "emv" };
  assert.equal(
    runScenario(scenario({ ...emv, commands: first(three, "deactivate") })),
    null,
  );
  assert.match(
    runScenario(scenario({ ...emv, commands: first(three, "reset") })) ?? "",
    /^step 3: expected result reset, sent the caller deactivate$/,
  );
  const addressed = scenario({ nad: "21" }, {
    host_hex: "21000400a4000c8d",
    card_hex: "120002900080",
  });
  assert.equal(runScenario(addressed), null);
});

Deno.test("a step that repeats counts as so many", () => {
  const wtx = { host: "", card: "S(WTX request 1)", card_hex: "00c30101c3" };
  const tooMany = (maxWtx: number) =>
    scenario({
      maxWtx,
      commands: [{
        send: "00a4000c",
        steps: [
          { ...wtx, host_hex: "00000400a4000cac" },
          { ...wtx, host_hex: "00e30101e3", repeat: 3 },
        ],
        result: "error",
      }],
    });
  assert.equal(runScenario(tooMany(3)), null);
  assert.match(runScenario(tooMany(4)) ?? "", /^step 5: expected the end/);
  assert.match(runScenario(tooMany(2)) ?? "", /^step 4: .*sent nothing/);
});

Deno.test("a RESYNCH that is reported has the result unknown", () => {
  const silent = { host: "", card: "silence", card_hex: null };
  const reported = scenario({
    afterResynch: "report",
    commands: [
      ...scenario({}).commands,
      {
        send: "00a4000c",
        steps: [
          { ...silent, host_hex: "00400400a4000cec" },
          { ...silent, host_hex: "00920092", repeat: 2 },
          { host: "", host_hex: "00c000c0", card: "", card_hex: "00e000e0" },
        ],
        result: "unknown",
      },
    ],
  });
  assert.equal(runScenario(reported), null);
});

Deno.test("a failing file is counted, a file that is none is refused", async () => {
  const lines: string[] = [];
  const ran = runScenarioFile(
    JSON.stringify({
      scenarios: [scenario({}), scenario({ id: "X02" }, {}, "6a82")],
    }),
    (line) => lines.push(line),
  );
  assert.deepEqual(ran, { count: 2, failed: 1 });
  assert.equal(lines[0], "X01 pass");
  assert.match(lines[1], /^X02 FAIL step 1: expected/);
  const none = await runCli("scenarios.ts", ["scenarios.ts"]);
  assert.equal(none.code, 2);
});
