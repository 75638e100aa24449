import assert from "node:assert/strict";
import { scard } from "./fake_io.ts";

/** Runs the command in this process. */
async function run(args: string[], input = "") {
  const { code, io } = await scard(args, { input });
  return { code, stdout: `${io.text}\n`, stderr: io.errors };
}

interface Sample {
  atr: string;
  expected: Record<string, unknown>;
}

const { atrs } = JSON.parse(
  Deno.readTextFileSync(new URL("../data/atr-sample.json", import.meta.url)),
) as { atrs: Sample[] };

/** Name of a sample's field in the command's output. */
const FIELDS: Record<string, string> = {
  tck_required: "tckRequired",
  tck_present: "tckPresent",
  tck_ok: "tckOk",
  length_used: "lengthUsed",
  extra_bytes: "extraBytes",
  first_offered: "firstOffered",
  clock_stop: "clockStop",
  protocols_if_specific_honoured: "protocolsIfSpecificHonoured",
};

const SPECIFIC: Record<string, string> = {
  implicit_params: "implicitParams",
  can_change: "canChange",
};

function renamed(
  object: Record<string, unknown>,
  names: Record<string, string>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [names[key] ?? key, value]),
  );
}

Deno.test("scard atr --json - agrees with 300 real ATRs on every field", async () => {
  const input = atrs.map(({ atr }) => atr).join("\n");
  const { code, stdout } = await run(["atr", "--json", "-"], input);
  assert.equal(code, 1);
  const reports = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(reports.length, 300);
  atrs.forEach(({ atr, expected }, index) => {
    const report = reports[index] as Record<string, unknown>;
    assert.equal(report.atr, atr);
    for (const [field, value] of Object.entries(renamed(expected, FIELDS))) {
      const wanted = field === "specific"
        ? renamed(value as Record<string, unknown>, SPECIFIC)
        : value;
      assert.deepEqual(report[field], wanted, `${atr}: ${field}`);
    }
  });
});

Deno.test("scard atr goes on after a line that is no ATR", async () => {
  const { code, stdout } = await run(
    ["atr", "--json", "-"],
    "3B021450\r\n\nnothing\n3b 02 14 50",
  );
  assert.equal(code, 1);
  const reports = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(
    reports.map(({ valid, problems }) => [valid, problems]),
    [[true, []], [false, ["not_hexadecimal"]], [true, []]],
  );
});

Deno.test("scard atr explains in words; exit code 0 if all are valid", async () => {
  const { code, stdout } = await run([
    "atr",
    "3B951381018073FF01000B",
  ]);
  assert.equal(code, 0);
  assert.match(stdout, /TA1 13 .*Fi = 372, Di = 4/);
  assert.match(stdout, /TCK 0B .*right/);
  const bad = await run(["atr", "3B", "80", "01", "01"]);
  assert.equal(bad.code, 1);
  assert.match(bad.stdout, /invalid.*\n.*TCK is wrong/);
});

Deno.test("every sample can be put in words", async () => {
  const { stdout } = await run([
    "atr",
    ...atrs.map(({ atr }) => atr),
  ]);
  assert.equal(stdout.match(/^3[BF]/gm)?.length, 300);
});

Deno.test("wrong usage is exit code 2", async () => {
  for (
    const args of [[], ["atr"], ["atr", "--wrong", "3B00"], ["nothing"], [
      "atr",
      "-",
      "3B00",
    ]]
  ) {
    const { code, stderr } = await run(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, /--help/);
  }
  const help = await run(["atr", "--help"]);
  assert.equal(help.code, 0);
});

Deno.test("scard atr names the card type where the stock has one", async () => {
  const yubikey = "3BFD1300008131FE158073C021C057597562694B657940";
  const known = await run(["atr", "--json", yubikey]);
  assert.match(JSON.parse(known.stdout).type, /YubiKey/i);
  assert.match((await run(["atr", yubikey])).stdout, /card type: .*YubiKey/i);
  const unknown = await run(["atr", "--json", "3B00"]);
  assert.equal(JSON.parse(unknown.stdout).type, null);
});
