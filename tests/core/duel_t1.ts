/**
 * T=1: the core against the oracle, block by block. The input chooses the session's
 * parameters, the jobs, and what the card answers to each block.
 *
 * @module
 */

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import {
  type Core,
  type CrcVariant,
  Machine,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  type MachineErrorName,
  machineErrorName,
  T1Session,
} from "../../src/core/mod.ts";
import { blockCheck } from "../oracle/crc.ts";
import {
  type OracleStep,
  type OracleT1Options,
  OracleT1Reader,
} from "../oracle/t1_reader.ts";
import { cardAnswer } from "./duel_t1_card.ts";
import {
  DuelInput,
  type Feature,
  featureOf,
  ignoreFeature,
} from "./duel_input.ts";

/** The oracle's reasons by the core's names. */
const REASONS: Readonly<Record<string, MachineErrorName>> = {
  "reset": "RESET_CARD",
  "aborted": "ABORTED",
  "response-length": "RESPONSE_LENGTH",
  "too-many-requests": "TOO_MANY_REQUESTS",
  "outcome-unknown": "OUTCOME_UNKNOWN",
  "deactivate": "DEACTIVATE",
};

const CHECKS: readonly OracleT1Options["check"][] = [
  "LRC",
  "LRC",
  "LRC",
  "13239",
  "no-complement",
  "arc-faulty",
  "arc",
  "zero-start",
];
const NADS = [0, 0, 0, 0x21];
const SIZES = [1, 2, 3, 5, 8, 16, 32, 254];

function optionsOf(input: DuelInput): OracleT1Options {
  const profile = input.below(8) === 0 ? "emv" : "iso";
  return {
    profile,
    check: profile === "emv" ? "LRC" : CHECKS[input.below(CHECKS.length)],
    nad: profile === "emv" ? 0 : NADS[input.below(NADS.length)],
    ifscBytes: SIZES[input.below(SIZES.length)],
    ifsdBytes: [0, 0, 32, 254, 16][input.below(5)],
    afterResynch: input.below(4) === 0 ? "report" : "rerun",
    maxWtx: [3, 1, 0, 20][input.below(4)],
  };
}

/** Whether a session did what the oracle did; `length` as in `ofSession`. */
function agrees(
  step: OracleStep,
  session: T1Session,
  length: number,
): boolean {
  if (step.kind === "send") {
    return length === step.block.length && session.wtx === step.wtx &&
      startsWith(session.machine.send, step.block);
  }
  if (step.kind === "failed") {
    return length === MACHINE_ERRORS[REASONS[step.reason]];
  }
  return length === 0 &&
    session.responseLength === step.response.length &&
    startsWith(session.response(), step.response);
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  for (let i = 0; i < start.length; i++) {
    if (bytes[i] !== start[i]) return false;
  }
  return true;
}

/** The result of a step in words: `> block` with the factor of BWT, `= response` or `! NAME`. */
function ofOracle(step: OracleStep): string {
  if (step.kind === "send") return `> ${toHex(step.block)} x${step.wtx}`;
  return step.kind === "done"
    ? `= ${toHex(step.response)}`
    : `! ${REASONS[step.reason]}`;
}

/** The same of a session: `length` is that of the block in `send`, 0 at the end, or an error. */
function ofSession(session: T1Session, length: number): string {
  if (length > 0) {
    const block = session.machine.send.subarray(0, length);
    return `> ${toHex(block)} x${session.wtx}`;
  }
  return length === 0
    ? `= ${toHex(session.response())}`
    : `! ${machineErrorName(length)}`;
}

/** One way to drive a session. */
interface Player {
  readonly session: T1Session;
  /** `step`, or `digest` and `build`. */
  readonly inOneCall: boolean;
}

function advance({ session, inOneCall }: Player, answer: Uint8Array): number {
  session.machine.receive.set(answer);
  if (inOneCall) return session.step(answer.length);
  const event = session.digest(answer.length);
  return event === MACHINE_TRANSFER ? session.build() : event;
}

type Job = "command" | "ifs" | "resynch" | "abort";

/** Jobs of a session: commands for the most part. EMV knows neither abortion nor another size. */
function nextJob(input: DuelInput, isEmv: boolean): Job {
  const choice = input.below(16);
  if (choice < 12) return "command";
  if (choice === 12) return "resynch";
  if (isEmv || choice === 13) return "command";
  return choice === 14 ? "ifs" : "abort";
}

/** A fixed set of sessions against one oracle after the other. */
export class T1Duel {
  readonly #players: Player[];
  /** What has happened, while somebody wants to know. */
  #log: string[] | null = null;

  /** Takes two slots of each core. */
  constructor(cores: readonly Core[]) {
    this.#players = cores.flatMap((core) =>
      [true, false].map((inOneCall) => ({
        session: new T1Session({}, new Machine(core)),
        inOneCall,
      }))
    );
  }

  /** Gives the slots back. */
  dispose(): void {
    for (const { session } of this.#players) session.machine[Symbol.dispose]();
  }

  /** Plays `bytes`. @throws {AssertionError} when a player does what the oracle does not */
  run(bytes: Uint8Array, feature: Feature = ignoreFeature): void {
    this.#log = null;
    if (this.#play(bytes, feature)) return;
    // Once more with everything written down, which would be slow for all the others.
    this.#log = [];
    this.#play(bytes, ignoreFeature);
    assert.fail("the core and the oracle differ, but not twice");
  }

  /** Whether all players did as the oracle. */
  #play(bytes: Uint8Array, feature: Feature): boolean {
    const input = new DuelInput(bytes);
    const options = optionsOf(input);
    this.#reset(options);
    const oracle = new OracleT1Reader(options);
    this.#log?.push(JSON.stringify(options));
    let isRunning = false;
    do {
      // A job may be left in the middle; EMV leaves open what that means.
      if (isRunning && options.profile === "emv") break;
      const job = nextJob(input, options.profile === "emv");
      let step = this.#begin(job, input, oracle);
      if (step === null) return false;
      isRunning = step.kind === "send";
      let before = Uint8Array.of();
      for (let blocks = 0; step.kind === "send" && !input.isOver; blocks++) {
        assert.ok(blocks < 4000, "the job does not end");
        const choice = input.byte();
        if (choice === 255) break;
        const { rsn } = this.#players[0].session;
        const answer = cardAnswer(choice, input, {
          sent: step.block,
          expected: rsn,
          before,
          nad: options.nad >> 4 | (options.nad & 15) << 4,
          seal: (body) => seal(options.check, body),
        });
        before = answer;
        const sent = step.block[1];
        step = oracle.receive(answer);
        this.#log?.push(`< ${toHex(answer)}`);
        if (!this.#compare(step, (player) => advance(player, answer))) {
          return false;
        }
        isRunning = step.kind === "send";
        const next = step.kind === "send" ? step.block[1] : 0;
        feature(featureOf(sent, answer[1] ?? 256, choice & 31, next));
        feature(featureOf(step.kind.length, this.#players[0].session.resend));
      }
    } while (!input.isOver);
    return true;
  }

  #reset({ check, nad, afterResynch, ...options }: OracleT1Options): void {
    for (const { session } of this.#players) {
      session.reset({
        profile: options.profile,
        ifscBytes: options.ifscBytes,
        ifsdBytes: options.ifsdBytes || undefined,
        maxWtx: options.maxWtx,
        edc: check === "LRC" ? "LRC" : "CRC",
        crcVariant: check === "LRC" ? "auto" : check as CrcVariant,
        afterResynch: afterResynch === "rerun" ? "repeat" : "report",
      });
      session.nad = nad;
    }
  }

  #begin(
    job: Job,
    input: DuelInput,
    oracle: OracleT1Reader,
  ): OracleStep | null {
    const value = job === "ifs" ? 1 + input.below(254) : 0;
    const command = job === "command"
      ? input.bytes(1 + input.below(40))
      : new Uint8Array(0);
    const start = (session: T1Session) =>
      job === "command"
        ? session.start(command)
        : job === "ifs"
        ? session.startIfs(value)
        : job === "resynch"
        ? session.startResynch()
        : session.startAbort();
    const step = job === "command"
      ? oracle.command(command)
      : job === "ifs"
      ? oracle.ifs(value)
      : oracle[job]();
    this.#log?.push(`${job} ${value} ${toHex(command)}`);
    const isSame = this.#compare(step, ({ session }) => {
      const event = start(session);
      return event === MACHINE_TRANSFER ? session.build() : event;
    });
    return isSame ? step : null;
  }

  #compare(step: OracleStep, act: (player: Player) => number): boolean {
    this.#log?.push(ofOracle(step));
    for (const player of this.#players) {
      const length = act(player);
      if (agrees(step, player.session, length)) continue;
      if (this.#log === null) return false;
      const found = ofSession(player.session, length);
      assert.equal(found, ofOracle(step), this.#log.join("\n"));
    }
    return true;
  }
}

function seal(check: OracleT1Options["check"], body: Uint8Array): Uint8Array {
  return Uint8Array.of(...body, ...blockCheck(check, body));
}
