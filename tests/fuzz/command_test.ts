/**
 * The fuzzer's command, without a process: options, reproducers, exit codes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type Host, runCommand } from "./command.ts";
import { parseCommand } from "./options.ts";
import { parseReproducer } from "./reproducer.ts";
import type { FuzzTarget } from "./target.ts";
import { logOutput } from "./terminal.ts";

/** A target that fails on inputs with the byte 'A5', unless mended. */
function byteTarget(name: string, mended = false): FuzzTarget {
  return {
    name,
    maxBytes: 8,
    seeds: () => [new Uint8Array(4)],
    run(input, feature) {
      feature(input.length);
      if (input.includes(0xa5) && !mended) throw new Error(`A5 in ${name}`);
    },
  };
}

/** A host that keeps what it is told; its clock moves on by 1 ms a reading. */
function fakeHost(
  targets: readonly FuzzTarget[],
  files = new Map<string, string>(),
): {
  host: Host;
  printed: string[];
  files: Map<string, string>;
} {
  const printed: string[] = [];
  const print = (line: string) => printed.push(line);
  let time = 0;
  const host: Host = {
    targets,
    output: { line: print, progress: print },
    warn: print,
    now: () => time++,
    drawSeed: () => 4711,
    isInterrupted: () => Promise.resolve(false),
    writeFile: (path, text) => files.set(path, text),
    readFile(path) {
      const text = files.get(path);
      if (text === undefined) throw new Deno.errors.NotFound("no such file");
      return text;
    },
  };
  return { host, printed, files };
}

Deno.test("options are read", () => {
  const names = ["a", "b"];
  assert.deepEqual(parseCommand([], names), {
    kind: "fuzz",
    seconds: 60,
    seed: null,
    targets: null,
  });
  const args = "--seconds 1.5 --seed=4294967295 --target b --target a,b";
  assert.deepEqual(parseCommand(args.split(" "), names), {
    kind: "fuzz",
    seconds: 1.5,
    seed: 4294967295,
    targets: ["b", "a"],
  });
  assert.deepEqual(parseCommand(["--reproduce", "x=y.json"], names), {
    kind: "reproduce",
    path: "x=y.json",
  });
});

Deno.test("wrong options end in the usage and exit code 2", async () => {
  const wrong = [
    "--seconds",
    "--seconds 0",
    "--seconds -1",
    "--seconds 1e3",
    "--seconds=",
    "--seed 4294967296",
    "--seed 1.5",
    "--seed x",
    "--target c",
    "--target a,,b",
    "--target=",
    "--faster 1",
    "a",
    "--reproduce x --seed 1",
    "--reproduce missing.json",
    "--reproduce broken.json",
    "--reproduce other.json",
  ];
  for (const args of wrong) {
    const { host, printed, files } = fakeHost([
      byteTarget("a"),
      byteTarget("b"),
    ]);
    files.set("broken.json", '{"target":"a"}');
    files.set(
      "other.json",
      '{"target":"c","seed":1,"exec":1,"error":"","input":""}',
    );
    assert.equal(await runCommand(args.split(" "), host), 2, args);
    assert.match(printed.join("\n"), /^fuzz: .+\n\nUsage: deno task fuzz/);
  }
  assert.equal(await runCommand([], fakeHost([]).host), 2);
});

Deno.test("help is no failure", async () => {
  const { host, printed } = fakeHost([byteTarget("a")]);
  assert.equal(await runCommand(["--seed", "1", "--help"], host), 0);
  assert.match(printed[0], /^Usage: /);
});

Deno.test("a finding is written, printed, and reproduced until it is mended", async () => {
  const { host, printed, files } = fakeHost(
    ["a", "b"].map((name) => byteTarget(name)),
  );
  assert.equal(await runCommand(["--seconds", "3", "--target", "b"], host), 1);
  assert.match(printed[0], /^seed 4711, 3 s/);
  const [path] = [...files.keys()];
  assert.equal(files.size, 1);
  assert.match(path, /^build\/fuzz\/b-[0-9a-f]{8}\.json$/);
  const { exec, ...rest } = parseReproducer(files.get(path) ?? "");
  assert.ok(exec > 1);
  assert.deepEqual(rest, {
    target: "b",
    seed: 4711,
    error: "Error: A5 in b",
    input: "A5",
  });
  assert.ok(
    printed.join("\n").includes(`deno task fuzz --reproduce ${path}\n`),
  );
  assert.match(printed.at(-1) ?? "", /^b {5}\d+ executions .* findings 1$/);

  const again = fakeHost([byteTarget("b")], files);
  assert.equal(await runCommand(["--reproduce", path], again.host), 1);
  assert.match(
    again.printed[0],
    /^b: the input fails\nError: A5 in b\n {4}at /,
  );
  const mended = fakeHost([byteTarget("b", true)], files);
  assert.equal(await runCommand(["--reproduce", path], mended.host), 0);
  assert.deepEqual(mended.printed, ["b: the input passes"]);
});

Deno.test("a run that finds nothing exits with 0, one that is interrupted ends with the totals", async () => {
  const { host, printed } = fakeHost([byteTarget("a", true)]);
  let turns = 0;
  const interrupted: Host = {
    ...host,
    isInterrupted: () => Promise.resolve(++turns === 2),
  };
  assert.equal(await runCommand(["--seed", "1"], interrupted), 0);
  assert.equal(printed.length, 2);
  assert.match(printed[1], /^a {5}\d+ executions in 0\.4 s/);
  assert.equal(await runCommand(["--seconds", "1"], host), 0);
});

Deno.test("without a terminal progress shows every 10 s", () => {
  const printed: string[] = [];
  let time = 0;
  const output = logOutput((line) => printed.push(line), () => time);
  for (; time <= 30_000; time += 1000) output.progress(`${time / 1000} s`);
  output.line("end");
  assert.deepEqual(printed, ["10 s", "20 s", "30 s", "end"]);
});
