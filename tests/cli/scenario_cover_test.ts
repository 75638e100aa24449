/**
 * Every rule of ISO/IEC 7816-3 11.6 and every class of invalid block has its scripted
 * exchange, at each point of an exchange where it can happen.
 *
 * A tag is `what@where`. Classes and rules are told from the blocks themselves; what a
 * scenario is said to cover (by `covers`, or by a table for the two older files) has
 * to be among what its blocks show. {@linkcode DECLARED} alone cannot be told so.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Scenario } from "../../src/cli/scenarios.ts";
import moreData from "../data/t1-more-scenarios.json" with { type: "json" };
import rulesData from "../data/t1-rules-scenarios.json" with { type: "json" };
import data from "../data/t1-scenarios.json" with { type: "json" };
import { CLASSES_AT_POINTS, classesIn } from "./scenario_classes.ts";
import { rulesIn } from "./scenario_rules.ts";

/** A scenario of the newest file. */
type Tagged = Scenario & { title: string; rule: string; covers: string[] };

const OLD = [...data.scenarios, ...moreData.scenarios] as unknown as Scenario[];
const RULES = rulesData.scenarios as unknown as Tagged[];

/** Rules, and where in an exchange each has to be seen. */
const REQUIRED: Record<string, string> = {
  "1": "start",
  "2.1": "I",
  "2.2": "dchain",
  "3": "start I dchain cchain R Sresp abort zero",
  "4": "start I dchain cchain R Sresp abort size",
  "5": "dchain cchain both",
  "6.2": "start",
  "6.3": "start I dchain cchain IFS? Sresp abort numbers ifsc ifsd",
  "6.4": "start I dchain cchain IFS? ABORT? RESYNCH? Sresp abort",
  "7.1": "start I dchain",
  "7.2": "cchain R",
  "7.3a": "IFS? ABORT? RESYNCH?",
  "7.3b": "Sresp abort",
  "7.4.1": "start dchain IFS? ABORT? RESYNCH?",
  "7.4.2": "I dchain cchain R IFS? ABORT? Sresp abort",
  "7.4.3": "I dchain cchain",
  "7.5": "start IFS?",
  "7.6": "start",
  "8": "I dchain cchain",
  "9": "dchain cchain R Sresp abort ABORT?",
  // The sender's reactions to R(N(R)), and the receiver's to an I-block that comes too early.
  "R-again": "start I dchain R Sresp",
  "R-next": "dchain R Sresp",
  "R-stray": "I cchain R Sresp",
  "I-early": "dchain",
  // What lives on from one command to the next, and what bounds a command.
  numbers: "I dchain cchain R S Sresp abort",
  count: "valid I R",
  "next-resynch": "reset error",
  report: "I dchain cchain ifsd reset",
  cap: "WTX WTX-default IFS ABORT RESYNCH",
  edc: "LRC 13239 no-complement arc-faulty arc zero-start",
  auto: "13239 no-complement arc-faulty arc zero-start I later settled resynch",
  nad: "I R S invalid",
  emv: "first once attempts-IFS? attempts-I attempts-R attempts-dchain " +
    "attempts-cchain attempts-Sresp recovers abort ifsc nad short element " +
    "stray invalid WTX chains",
};

/** The rules that the scenarios of the older files show, by the beginning of their id. */
const OLD_RULES: readonly [id: RegExp, tags: string][] = [
  [/^E01/, "1@start 2.1@I numbers@I"],
  [/^E0[23]/, "3@start"],
  [/^E04/, "4@start"],
  [/^E05|^IF-grow/, "4@dchain"],
  [/^E06/, "2.2@dchain 5@dchain"],
  [/^E07|^E11/, "5@cchain"],
  [/^E08/, "5@dchain 5@cchain 5@both"],
  [/^E09|^WX-devchain/, "3@dchain"],
  [/^E10/, "3@cchain"],
  [/^E1[23]|^IF-1/, "4@size"],
  [/^E14/, "4@start"],
  [/^F01/, "7.5@start R-again@start"],
  [/^F02/, "7.1@start"],
  [/^F0[56]/, "7.1@start 7.6@start"],
  [/^F03/, "7.2@R R-stray@R"],
  [/^F04|^IF-shrink/, "R-again@R"],
  [/^F07/, "7.2@R"],
  [/^F08/, "3@R"],
  [/^F09/, "3@Sresp"],
  [/^F10|^WX-(badresp|cardchain)/, "7.3b@Sresp"],
  [/^F1[13]/, "7.3a@IFS?"],
  [/^F12/, "7.3a@IFS? 7.5@IFS?"],
  [/^F14/, "7.4.1@IFS?"],
  [/^F1[57]/, "R-again@dchain"],
  [/^F16/, "7.1@dchain R-next@R"],
  [/^F18/, "7.1@start"],
  [/^F19|^F2/, "7.2@cchain"],
  [/^RS-start/, "6.2@start 6.3@start"],
  [/^RS-between/, "6.3@numbers"],
  [/^RS-cmd2/, "6.3@I 7.4.2@I"],
  [/^RS-devchain/, "6.3@dchain 7.4.2@dchain"],
  [/^RS-cardchain/, "6.3@cchain 7.4.2@cchain"],
  [/^RS-afterWTX/, "6.3@Sresp 7.4.2@Sresp"],
  [/^RS-afterIFS/, "6.3@ifsc 7.4.2@Sresp"],
  [/^RS-(resp|wrong)/, "7.3a@RESYNCH?"],
  [/^RS-3lost/, "6.4@I"],
  [/^RS-card-asks/, "7.1@I"],
  [/^RS-first-fail/, "7.4.1@start"],
  [/^RS-ifsjob/, "6.3@IFS? 7.4.2@IFS?"],
  [/^AB-devchain/, "9@dchain"],
  [/^AB-devchain$/, "numbers@abort"],
  [/^AB-cardchain/, "9@cchain numbers@abort"],
  [/^AB-dup/, "9@abort"],
  [/^AB-badreq/, "9@R"],
  [/^AB-lost/, "7.3b@abort"],
  [/^AB-WTX/, "3@abort"],
  [/^AB-(card-)?then/, "6.3@abort 7.4.2@abort"],
  [/^AB-request/, "9@ABORT?"],
  [/^WX-0/, "3@zero"],
  [/^WX-Rmine/, "R-again@Sresp"],
  [/^IF-cardchain/, "4@cchain"],
  [/^IF-refuse/, "4@R"],
  [/^IV-dchain-I$/, "I-early@dchain"],
  [/^IV-/, ""],
];

const RULES_AT_POINTS = Object.entries(REQUIRED).flatMap(([rule, points]) =>
  points.split(" ").map((point) => `${rule}@${point}`)
);

/**
 * What a scenario has to declare, because it is not in single blocks: whether an EMV
 * terminal does what EMV asks for, and when a CRC found by the first answer is settled.
 */
const DECLARED = RULES_AT_POINTS.filter((tag) =>
  /^emv@|^auto@(I|later|settled|resynch)$/.test(tag)
);

function oldRules({ id }: Scenario): string[] {
  const rows = OLD_RULES.filter(([pattern]) => pattern.test(id));
  assert.ok(rows.length > 0, `${id}: no row of OLD_RULES`);
  return rows.flatMap(([, tags]) => tags.split(" ").filter((tag) => tag));
}

function missing(required: readonly string[], found: Iterable<string>) {
  const have = new Set(found);
  return required.filter((tag) => !have.has(tag));
}

/** What the blocks of `scenarios` show, and what they declare where blocks do not tell. */
function shownBy(scenarios: readonly (Scenario | Tagged)[]): string[] {
  return scenarios.flatMap((scenario) => [
    ...classesIn(scenario),
    ...rulesIn(scenario),
    ...("covers" in scenario ? scenario.covers : []).filter((tag) =>
      DECLARED.includes(tag)
    ),
  ]);
}

Deno.test("each rule is shown by the blocks of a scenario, or declared where blocks do not tell, at each point of an exchange", () => {
  assert.deepEqual(missing(RULES_AT_POINTS, shownBy([...OLD, ...RULES])), []);
});

Deno.test("each class of invalid block has a scenario at each point of an exchange", () => {
  assert.deepEqual(missing(CLASSES_AT_POINTS, shownBy([...OLD, ...RULES])), []);
});

Deno.test("what a scenario says it covers is in its blocks", () => {
  for (const scenario of RULES) {
    const { covers, id } = scenario;
    assert.deepEqual(missing(covers, shownBy([scenario])), [], id);
  }
  for (const scenario of OLD) {
    const tags = oldRules(scenario);
    assert.deepEqual(missing(tags, rulesIn(scenario)), [], scenario.id);
    assert.ok(tags.length > 0 || classesIn(scenario).size > 0, scenario.id);
  }
});

Deno.test("what blocks do not tell is declared by scenarios of that kind only", () => {
  for (const { covers, profile, edc, id } of RULES) {
    const has = (rule: string) => covers.some((tag) => tag.startsWith(rule));
    assert.equal(has("emv@"), profile === "emv", id);
    assert.equal(has("auto@"), edc === "CRC(auto)", id);
  }
});

Deno.test("each scenario has a name of its own, a title and a rule", () => {
  const ids = [...OLD, ...RULES].map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, title, rule, covers } of RULES) {
    assert.ok(title !== "" && rule !== "" && covers.length > 0, id);
  }
});

Deno.test("a class or a rule without a scenario is noticed", () => {
  const without = (gone: string) =>
    shownBy([...OLD, ...RULES].filter(({ id }) => id !== gone));
  assert.deepEqual(
    missing(CLASSES_AT_POINTS, without("IB-Sresp-VPP")),
    ["VPP@Sresp"],
  );
  assert.deepEqual(
    missing(RULES_AT_POINTS, without("RL-6.4-cchain")),
    ["6.4@cchain"],
  );
});

Deno.test("a rule that blocks do not show is not believed", () => {
  const find = (id: string) => RULES.find((scenario) => scenario.id === id)!;
  const damaged = find("RL-7.1-I");
  assert.ok(rulesIn(damaged).has("7.1@I"));
  const unasked = structuredClone(damaged);
  unasked.commands[1].steps.splice(1, 1);
  assert.ok(!rulesIn(unasked).has("7.1@I"));
  const twice = shownBy([{ ...find("RL-4-twice"), covers: ["8@I"] }]);
  assert.ok(!twice.includes("8@I"));
});
