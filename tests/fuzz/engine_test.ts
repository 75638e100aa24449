/**
 * The fuzzing engine against toy targets, under a clock that counts its readings.
 *
 * @module
 */

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import { fuzz, Fuzzer, type FuzzOptions } from "./engine.ts";
import { errorClass, type Finding } from "./finding.ts";
import { progressLine, shortCount, totalLine } from "./report.ts";
import type { FuzzTarget } from "./target.ts";
import { MAX_FINDINGS } from "./target_fuzzer.ts";

const MAGIC = new TextEncoder().encode("FUZZ");

/** Fails on inputs that start with `MAGIC`; every matched byte is a feature. */
function magicTarget(name = "magic"): FuzzTarget {
  return {
    name,
    maxBytes: 64,
    seeds: () => [new Uint8Array(8)],
    run(input, feature) {
      let matched = 0;
      while (matched < MAGIC.length && input[matched] === MAGIC[matched]) {
        feature(matched++);
      }
      if (matched === MAGIC.length) {
        throw new Error(`magic, then ${input.length - matched} bytes`);
      }
    },
  };
}

/** Fails on everything, as `fail` says. */
function failingTarget(fail: (input: Uint8Array) => never): FuzzTarget {
  return { name: "failing", maxBytes: 16, seeds: () => [], run: fail };
}

/** Options under a clock that a reading moves on by 1 ms: 8 executions each. */
function options(seconds: number, seed = 78163): FuzzOptions & {
  readonly found: Finding[];
  readonly lines: string[];
} {
  const found: Finding[] = [];
  const lines: string[] = [];
  let time = 0;
  return {
    seconds,
    seed,
    now: () => time++,
    progress: (line) => lines.push(line),
    onFinding: (finding) => found.push(finding),
    found,
    lines,
  };
}

Deno.test("feedback leads to a failure behind four bytes, which is minimised", () => {
  const told = options(30);
  const report = fuzz([magicTarget()], told);
  const [target] = report.targets;
  assert.ok(target.executions < 240_000, `${target.executions}`);
  assert.deepEqual(target.findings, told.found);
  assert.equal(told.found.length, 1);
  const [finding] = told.found;
  assert.equal(toHex(finding.input), toHex(MAGIC));
  assert.equal(finding.error, "Error: magic, then 0 bytes");
  assert.equal(finding.errorClass, "Error: magic, then # bytes");
  assert.equal(finding.target, "magic");
  assert.equal(finding.seed, 78163);
  assert.ok(finding.exec > 1 && finding.exec <= target.executions);
  assert.ok(finding.foundBytes >= MAGIC.length);
  assert.ok(finding.reproduces);
  assert.equal(target.features, 3);
});

Deno.test("a target does the same alone and in company, for the same seed", () => {
  const alone = options(30);
  fuzz([magicTarget("b")], alone);
  const company = options(90);
  fuzz(["a", "b", "c"].map(magicTarget), company);
  const other = options(30, 78164);
  fuzz([magicTarget("b")], other);
  const of = (name: string) =>
    company.found.filter(({ target }) => target === name);
  assert.equal(alone.found.length, 1);
  assert.deepEqual(of("b"), alone.found);
  assert.notEqual(of("a")[0].exec, of("b")[0].exec);
  assert.notEqual(other.found[0].exec, alone.found[0].exec);
});

Deno.test("all inputs are the same for the same seed, the mutations of the target included", () => {
  const inputs = (seed: number) => {
    const seen: string[] = [];
    fuzz([{
      name: "seen",
      maxBytes: 24,
      seeds: () => [new Uint8Array(30), Uint8Array.of(1, 2)],
      mutate(input, random) {
        if (random.chance(0.5)) input.fill(random.next());
        return random.chance(0.5) ? input.subarray(1) : new Uint8Array(100);
      },
      run(input, feature) {
        seen.push(toHex(input));
        for (const byte of input) feature(byte);
      },
    }], options(0.3, seed));
    return seen;
  };
  const seen = inputs(1);
  assert.deepEqual(inputs(1), seen);
  assert.notDeepEqual(inputs(2), seen);
  assert.equal(seen[0], "00".repeat(24));
  assert.equal(seen[1], "0102");
  assert.ok(seen.every((input) => input.length <= 48));
  assert.ok(new Set(seen).size > 1000);
});

Deno.test("a class of failures is reported once", () => {
  const told = options(1);
  const target = failingTarget((input) => {
    if (input.length % 2 === 0) throw new TypeError(`even: ${input.length}`);
    throw new RangeError("odd");
  });
  fuzz([target], told);
  assert.deepEqual(told.found.map(({ errorClass }) => errorClass).sort(), [
    "RangeError: odd",
    "TypeError: even: #",
  ]);
});

Deno.test("findings stay bounded when every failure reads differently", () => {
  let failures = 0;
  const letters = () =>
    (failures++).toString(2).replaceAll("0", "x").replaceAll("1", "y");
  const told = options(0.2);
  fuzz([failingTarget(() => assert.fail(letters()))], told);
  assert.ok(failures > 1000);
  assert.equal(told.found.length, MAX_FINDINGS);
  assert.ok(told.found.every(({ reproduces }) => !reproduces));
});

Deno.test("numbers do not tell failures apart, places do where the words do not", () => {
  const same = (text: string) => errorClass(new Error(text));
  assert.equal(same("SW 6A82 at 12\nmore"), same("SW 9000 at 0x1F\nless"));
  assert.equal(same("got 3B 9F, 00"), same("got 3B"));
  assert.notEqual(same("bad face"), same("bad bead"));
  assert.notEqual(same("x"), errorClass(new TypeError("x")));
  assert.equal(errorClass("no error 7"), "no error #");
  const thrown = [() => assert.equal(1, 2), () => assert.equal(3, 4)].map(
    (check) => {
      try {
        check();
      } catch (error) {
        return errorClass(error);
      }
    },
  );
  assert.match(thrown[0] ?? "", / at engine_test\.ts:\d+$/);
  const here = () => {
    try {
      assert.equal(1, 2);
    } catch (error) {
      return errorClass(error);
    }
  };
  assert.equal(here(), here());
  assert.notEqual(here(), thrown[0]);
});

Deno.test("a feature out of range is a failure of the target", () => {
  const told = options(0.1);
  const target = magicTarget();
  fuzz([{ ...target, run: (_, feature) => feature(65536) }], told);
  assert.match(told.found[0].error, /^RangeError: Cannot note feature 65536/);
  assert.ok(told.found[0].reproduces);
});

Deno.test("targets take turns, and progress is told about once a second", () => {
  const told = options(10);
  const report = fuzz(["a", "b"].map(magicTarget), told);
  const [a, b] = report.targets;
  assert.ok(Math.abs(a.seconds - b.seconds) <= 0.2);
  assert.ok(told.lines.length >= 8 && told.lines.length <= 10);
  assert.match(
    told.lines[0],
    /^1 s {2}a: [\d.]+k [\d.]+k\/s \d+\/\d\/\d {2}b: /,
  );
  assert.match(progressLine(report), /^10 s {2}a: /);
  assert.match(totalLine(a), /^a {5}\d+ executions in 5\.\d s \(/);
});

Deno.test("even a short time gives every target a turn, and no target ends it at once", () => {
  const report = fuzz(["a", "b", "c"].map(magicTarget), options(0.06));
  assert.ok(report.targets.every(({ executions }) => executions > 0));
  assert.equal(new Fuzzer([], options(1)).turn(), false);
  assert.throws(
    () => fuzz([{ ...magicTarget(), maxBytes: 0 }], options(1)),
    RangeError,
  );
});

Deno.test("counts are short", () => {
  assert.deepEqual([0, 999, 1000, 123_456, 4_560_000, 7e9].map(shortCount), [
    "0",
    "999",
    "1.0k",
    "123k",
    "4.6M",
    "7.0G",
  ]);
});
