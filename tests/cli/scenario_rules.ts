/**
 * Which rules of ISO/IEC 7816-3 11.6 a scripted exchange shows, as `rule@where`, told
 * from its blocks: what the card's answer means, and what the reader has to do then.
 *
 * @module
 */

import type { Scenario } from "../../src/cli/scenarios.ts";
import { commandRules, sessionRules } from "./scenario_series.ts";
import { settingsIn } from "./scenario_settings.ts";
import { type Turn, walk, WRONG } from "./scenario_walk.ts";

const isWrong = ({ came }: Turn) => WRONG.includes(came);
/** The reader goes on with R(nr). */
const nextIsR = ({ next, after }: Turn) =>
  next?.is === "R" && next.number === after.nr;
/** The reader goes on with its next I-block. */
const nextIsI = ({ next, after }: Turn) =>
  next?.is === "I" && next.number === after.ns;
const isRepeated = ({ sent, next }: Turn) => next?.hex === sent.hex;
/** The reader grants what the card asks for, with its value. */
const isGranted = ({ came, next, answer }: Turn) =>
  next?.is === "S!" && next.name.slice(0, -1) === came.slice(0, -1) &&
  next.len === answer[2] && (next.len === 0 || next.value === answer[3]);

/** Whether a block, its answer, and the block behind show a rule, at the points of the block. */
const AT_POINTS: Readonly<Record<string, (turn: Turn) => boolean>> = {
  "3": (turn) => turn.came === "WTX?" && isGranted(turn),
  "4": (turn) => turn.came === "IFS?" && isGranted(turn),
  "7.1": (turn) => turn.sent.is === "I" && isWrong(turn) && nextIsR(turn),
  "7.2": (turn) =>
    turn.sent.is === "R" && isWrong(turn) && nextIsR(turn) &&
    turn.next?.number === turn.sent.number,
  "7.3a": (turn) => turn.sent.is === "S?" && isWrong(turn) && isRepeated(turn),
  "7.3b": (turn) => turn.sent.is === "S!" && isWrong(turn) && nextIsR(turn),
  "9": (turn) =>
    turn.came === "ABORT?" && isGranted(turn) ||
    turn.sent.name === "ABORT?" && turn.came === "response",
  "R-again": ({ came, next, open }) =>
    came === "R-again" && next?.hex === open?.hex,
  "R-next": (turn) => turn.came === "R-next" && nextIsI(turn),
  "R-stray": (turn) => turn.came === "R-stray" && nextIsR(turn),
};

/** R(0), whatever its error bits. */
const isR0 = ({ answer }: Turn) => (answer[1] & 0xfc) === 0x80;

/** The same for what can be shown in one way only. */
const AT_ONE_PLACE: Readonly<Record<string, (turn: Turn) => boolean>> = {
  "2.1@I": ({ sent, came }) => sent.is === "I" && !sent.more && came === "I",
  "2.2@dchain": ({ sent, came }) => sent.more && came === "R-next",
  "3@zero": (turn) =>
    turn.came === "WTX?" && turn.answer[3] === 0 && isGranted(turn),
  "4@start": ({ sent, came, heard }) =>
    sent.name === "IFS?" && came === "response" && !heard,
  "4@size": ({ sent, came, answer, before }) =>
    sent.is === "I" && sent.len === before.ifsc ||
    came === "I" && answer[2] === before.ifsd,
  "5@dchain": (turn) => turn.came === "R-next" && nextIsI(turn),
  "5@cchain": (turn) =>
    turn.came === "I" && (turn.answer[1] & 0x20) !== 0 && nextIsR(turn),
  "6.2@start": ({ sent, came, heard }) =>
    sent.name === "RESYNCH?" && came === "response" && !heard,
  "7.5@start": (turn) =>
    turn.points.includes("start") && turn.came === "R-again" && isR0(turn) &&
    isRepeated(turn),
  "7.5@IFS?": (turn) =>
    turn.sent.name === "IFS?" && !turn.heard && isWrong(turn) &&
    isR0(turn) && isRepeated(turn),
  "7.6@start": (turn) =>
    turn.points.includes("start") && turn.came === "silence" &&
    nextIsR(turn) && turn.next?.number === 0,
  "I-early@dchain": (turn) => turn.came === "I-early" && nextIsR(turn),
};

function* turnRules(turn: Turn): Generator<string> {
  for (const [rule, isShown] of Object.entries(AT_POINTS)) {
    if (isShown(turn)) yield* turn.points.map((point) => `${rule}@${point}`);
  }
  for (const [tag, isShown] of Object.entries(AT_ONE_PLACE)) {
    if (isShown(turn)) yield tag;
  }
}

/** The `rule@where` of everything in `scenario`; of an EMV terminal's, which has other rules, only what lies in its settings. */
export function rulesIn(scenario: Scenario): Set<string> {
  const commands = walk(scenario);
  const settings = settingsIn(scenario, commands);
  if (commands === null || scenario.profile === "emv") return settings;
  return new Set([
    ...settings,
    ...commands.flat().flatMap((turn) => [...turnRules(turn)]),
    ...commands.flatMap((turns, index) => [
      ...commandRules(turns, scenario, index),
    ]),
    ...sessionRules(commands, scenario),
  ]);
}
