/**
 * Rules of ISO/IEC 7816-3 11.6 that are about several blocks of a scripted exchange:
 * attempts used up, resynchronisation, what is counted, and what lives on from one
 * command to the next.
 *
 * @module
 */

import type { Scenario } from "../../src/cli/scenarios.ts";
import { type Agreed, type Turn, WRONG } from "./scenario_walk.ts";

/** Attempts for a valid block. */
const ATTEMPTS = 3;
/** S(IFS request) and S(ABORT request) in a command, together. */
const MAX_REQUESTS = 64;
const MAX_WTX = 1024;
/** Resynchronisations in a command. */
const MAX_RESYNCHS = 3;

/** An R-block that asks for the last block again is an attempt, too. */
const isAttempt = ({ came }: Turn) =>
  came === "R-again" || WRONG.includes(came);
const isResynch = ({ sent }: Turn) => sent.name === "RESYNCH?";
const isFresh = ({ ns, nr }: Agreed) => ns === 0 && nr === 0;

function* at(rule: string, points: Iterable<string>): Generator<string> {
  for (const point of points) yield `${rule}@${point}`;
}

/** Attempts in a row, all for RESYNCH or none. */
interface Series {
  readonly turns: readonly Turn[];
  /** In the command. */
  readonly from: number;
  /** Behind the last attempt. */
  readonly to: number;
}

function seriesOf(turns: readonly Turn[]): Series[] {
  const all: Series[] = [];
  for (let from = 0; from < turns.length;) {
    let to = from;
    while (
      to < turns.length && isAttempt(turns[to]) &&
      isResynch(turns[to]) === isResynch(turns[from])
    ) to++;
    if (to > from) all.push({ turns: turns.slice(from, to), from, to });
    from = Math.max(to, from + 1);
  }
  return all;
}

/** Where the attempts that RESYNCH follows on had begun; none: the command itself wants it. */
function causeOf(turns: readonly Turn[], index: number): readonly string[] {
  let first = index;
  while (
    first > 0 && isResynch(turns[first - 1]) && isAttempt(turns[first - 1])
  ) {
    first--;
  }
  const before = seriesOf(turns).find(({ to }) => to === first);
  if (before !== undefined) return before.turns[0].points;
  return turns[first].heard ? [] : ["start"];
}

/** Rules 7.4.1, 7.4.2, 7.4.3 and 6.4, and what counts as an attempt. */
function* usedUp(
  { turns, to }: Series,
  command: readonly Turn[],
  result: string,
): Generator<string> {
  if (turns.length !== ATTEMPTS) return;
  const [{ points, heard, came }] = turns;
  const isReset = to === command.length && result === "reset";
  if (isReset && !heard && !turns[ATTEMPTS - 1].heard) {
    yield* at("7.4.1", points);
  }
  if (isResynch(turns[0])) {
    if (!isReset) return;
    const cause = causeOf(command, to - 1);
    yield* at("6.4", cause.length > 0 ? cause : ["RESYNCH?"]);
    return;
  }
  if (to === command.length || !isResynch(command[to])) return;
  yield* at("7.4.2", points);
  if (turns.some((turn) => turn.came === "R-again")) {
    yield "7.4.2@R";
    yield "count@R";
  }
  if (turns.some((turn) => turn.came === "I-other")) yield "count@I";
  const isAsked = came === "R-again" || came === "R-stray";
  if (isAsked && turns[ATTEMPTS - 1].came === "silence") {
    yield* at("7.4.3", points);
  }
}

/** Rule 8: the card's S(IFS request) again, with nothing but failures in between. */
function* askedAgain(turns: readonly Turn[]): Generator<string> {
  let first: Turn | null = null;
  for (const turn of turns) {
    if (turn.came === "IFS?") {
      if (first?.answer[3] === turn.answer[3]) yield* at("8", first.points);
      else first = turn;
    } else if (!isAttempt(turn)) first = null;
  }
}

/** Limits that the command reaches. */
function* limits(
  turns: readonly Turn[],
  { maxWtx }: Scenario,
): Generator<string> {
  const count = (what: string) =>
    turns.filter(({ came }) => came === what).length;
  if (maxWtx !== undefined && count("WTX?") >= maxWtx) yield "cap@WTX";
  if (maxWtx === undefined && count("WTX?") >= MAX_WTX) yield "cap@WTX-default";
  if (count("IFS?") + count("ABORT?") >= MAX_REQUESTS) {
    if (count("IFS?") > 0) yield "cap@IFS";
    if (count("ABORT?") > 0) yield "cap@ABORT";
  }
  const resynchs = turns.filter((turn) =>
    isResynch(turn) && turn.came === "response"
  );
  if (resynchs.length >= MAX_RESYNCHS) yield "cap@RESYNCH";
}

/** Rules that one command shows. */
export function* commandRules(
  turns: readonly Turn[],
  scenario: Scenario,
  index: number,
): Generator<string> {
  const { result } = scenario.commands[index];
  const all = seriesOf(turns);
  for (const series of all) yield* usedUp(series, turns, result);
  const recovered = all.filter((series) =>
    series.turns.length === ATTEMPTS - 1 && series.to < turns.length
  );
  if (recovered.length > 1 && !turns.some(isResynch)) yield "count@valid";
  yield* askedAgain(turns);
  yield* limits(turns, scenario);
  const chains = (came: string) =>
    turns.some((turn) =>
      turn.came === came && (came !== "I" || (turn.answer[1] & 0x20) !== 0)
    );
  if (chains("R-next") && chains("I")) yield "5@both";
}

/** Rule 6.3, and what is reported of it. */
function* resynchronised(
  turns: readonly Turn[],
  index: number,
  behind: readonly Turn[],
  scenario: Scenario,
  result: string,
): Generator<string> {
  const { before } = turns[index];
  const following = behind.find(({ sent }) => sent.is === "I")?.sent;
  if (following !== undefined && following.number !== 0) return;
  const cause = causeOf(turns, index);
  const isReported = result === "unknown";
  yield* at("6.3", cause);
  if (isReported) yield* at("report", cause);
  if (following !== undefined && !isFresh(before)) yield "6.3@numbers";
  const isCutAnew = following !== undefined &&
    (following.len > before.ifsc ||
      following.more && following.len === scenario.ifsc);
  if (before.ifsc !== scenario.ifsc && isCutAnew) yield "6.3@ifsc";
  const isAnnounced = scenario.ifsd !== undefined &&
    behind[0]?.sent.name === "IFS?" && behind[0].sent.value === scenario.ifsd;
  if (isAnnounced) yield isReported ? "report@ifsd" : "6.3@ifsd";
}

/** What the numbers of the next command have outlived. */
function* outlived(turns: readonly Turn[], send: string): Generator<string> {
  if (send.startsWith("S(")) yield "numbers@S";
  for (const { sent, points } of turns) {
    if (sent.is === "I" && !points.includes("dchain")) yield "numbers@I";
    yield* at("numbers", points.filter((point) => point !== "start"));
  }
}

/** Rules that lead from one command to the next. */
export function* sessionRules(
  commands: readonly Turn[][],
  scenario: Scenario,
): Generator<string> {
  const [{ sent: first }] = commands[0];
  if (first.is === "S?" || first.is === "I" && first.number === 0) {
    yield "1@start";
  }
  for (const [index, turns] of commands.entries()) {
    const { send, result } = scenario.commands[index];
    for (const [at, turn] of turns.entries()) {
      if (!isResynch(turn) || turn.came !== "response") continue;
      const behind = [
        ...turns.slice(at + 1),
        ...commands.slice(index + 1).flat(),
      ];
      yield* resynchronised(turns, at, behind, scenario, result);
    }
    if (scenario.afterResynch === "report" && result === "reset") {
      yield "report@reset";
    }
    const next = commands[index + 1]?.[0];
    if (next === undefined) continue;
    if (
      isResynch(next) && !scenario.commands[index + 1].send.startsWith("S(RES")
    ) {
      yield `next-resynch@${result}`;
    }
    const goesOn = next.sent.is === "I" && next.sent.number === next.before.ns;
    if (goesOn && !isFresh(next.before)) yield* outlived(turns, send);
  }
}
