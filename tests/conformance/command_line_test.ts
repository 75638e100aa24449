// Invariant: the stress suites that run by themselves do what their command line says, or refuse it.
import assert from "node:assert/strict";
import type { Terminal } from "./command_line.ts";
import { main as walk } from "./fault_walk_main.ts";
import { main as lossy } from "./lossy_exchanges_main.ts";

type Main = (args: string[], terminal: Terminal) => number;

/** Runs a suite; `lines` are what it prints, warnings included. */
function run(main: Main, args: string[]): { code: number; lines: string[] } {
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  return { code: main(args, { line, warn: line }), lines };
}

const WRONG: readonly [suite: string, main: Main, args: string[][]][] = [
  ["walk", walk, [
    ["--depth", "x"],
    ["--depth", "0"],
    ["--depth", "11"],
    ["--depth", "1.5"],
    ["--depth", "-1"],
    ["--depth="],
    ["--depth"],
    ["--deep", "3"],
    ["4x1 plain"],
    ["1x1 plain", "0391"],
    ["1x1 plain", ""],
    ["1x1 plain", "01", "10"],
    ["--depth", "3", "1x1 plain", "01"],
  ]],
  ["lossy", lossy, [
    ["--exchanges", "0"],
    ["--exchanges", "1e3"],
    ["--exchanges", "many"],
    ["--exchanges="],
    ["--seed", "4294967296"],
    ["--seed=-1"],
    ["--seed"],
    ["--replay", "x"],
    ["--replay", "1", "--seed", "1"],
    ["--faster"],
    ["5000"],
  ]],
];

for (const [suite, main, wrong] of WRONG) {
  Deno.test(`${suite}: wrong options end in the usage and exit code 2`, () => {
    for (const args of wrong) {
      const { code, lines } = run(main, args);
      assert.equal(code, 2, args.join(" "));
      assert.equal(lines.length, 1, args.join(" "));
      assert.match(
        lines[0],
        new RegExp(`^[^]+\\n\\nUsage: deno task ${suite} `),
      );
    }
  });
}

Deno.test("walk: every shape is walked, or one, or one path", () => {
  const all = run(walk, ["--depth", "1"]);
  assert.equal(all.code, 0);
  assert.equal(all.lines.length, 181);
  assert.match(all.lines[0], /^1\/180 {2}1x1 plain +4 paths/);
  assert.match(all.lines[179], /^180\/180 {2}3x3 ifs\+wtx report apart /);
  assert.match(all.lines[180], /^180 shapes, 720 paths, .* 0 shapes broken$/);

  const one = run(walk, ["--depth", "3", "2x3 ifs+wtx report"]);
  assert.equal(one.code, 0);
  assert.match(one.lines[0], /^1\/1 {2}2x3 ifs\+wtx report +\d+ paths/);
  assert.equal(one.lines.length, 2);

  const path = run(walk, ["1x1 plain", "1"]);
  assert.equal(path.code, 0);
  assert.match(path.lines[0], /^> 00 00 .* corrupted\n/);
});

Deno.test("lossy: exchanges are counted, and a pair is shown", () => {
  const some = run(lossy, ["--exchanges", "200", "--seed", "7"]);
  assert.equal(some.code, 0);
  assert.equal(some.lines[0], "seed 7, 200 exchanges");
  assert.match(some.lines.at(-1) ?? "", /^2\d\d exchanges, .* 0 pairs broken$/);
  const pair = run(lossy, ["--replay", "7"]);
  assert.equal(pair.code, 0);
  assert.match(pair.lines[0], /^\{"reader":/);
});
