/**
 * One scripted T=1 exchange: how it is written down, and whether the core follows it.
 *
 * @module
 */

import { fromHex, toHex } from "../bytes.ts";
import {
  type Core,
  crc,
  type CrcVariant,
  lrc,
  Machine,
  MACHINE_DONE,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  machineErrorName,
  T1Session,
} from "../core/mod.ts";

/** One block of the reader and what the card makes of it. */
export interface ScenarioStep {
  /** The block in words. */
  host: string;
  /** The block that the reader has to send. */
  host_hex: string;
  /** The error bits of this R-block may be 0, 1 or 2. */
  host_error_code_free?: boolean;
  /** The card's answer in words. */
  card: string;
  /** The card's answer; null: silence, or a parity error. */
  card_hex: string | null;
  /** How many times in a row the step happens; absent: once. */
  repeat?: number;
}

/** One command of a scenario. */
export interface ScenarioCommand {
  /** A C-APDU in hexadecimal, or `S(IFS request 254)`, `S(RESYNCH request)`, `S(ABORT request)`. */
  send: string;
  /** The blocks. */
  steps: ScenarioStep[];
  /** The R-APDU in hexadecimal, `ok`, `reset`, `deactivate`, `unknown` or `error`. */
  result: string;
}

/** A scripted session. */
export interface Scenario {
  /** Short name. */
  id: string;
  /** `LRC`, `CRC(polynomial,start,order)`, or `CRC(auto)`: the card's first answer decides. */
  edc: string;
  /** IFSC at the start, in bytes. */
  ifsc: number;
  /** IFSD that the reader announces before its first command, in bytes; absent: it announces none. */
  ifsd?: number;
  /** `emv`: the reader is an EMV terminal. */
  profile?: "iso" | "emv";
  /** `report`: a command that S(RESYNCH request) cut short is not run again. */
  afterResynch?: "repeat" | "report";
  /** Waiting time extensions that the reader grants in one command. */
  maxWtx?: number;
  /** NAD of the reader's blocks in hexadecimal; the card's have its halves exchanged. */
  nad?: string;
  /** Commands of the session, in order. */
  commands: ScenarioCommand[];
}

/** What can be written in `edc`. */
const CRC_NAMES: Readonly<Record<string, CrcVariant>> = {
  "CRC(8408,FFFF^FFFF,lo)": "13239",
  "CRC(8408,FFFF,hi)": "no-complement",
  "CRC(A001*,0000,hi)": "arc-faulty",
  "CRC(A001,0000,hi)": "arc",
  "CRC(8408,0000^FFFF,lo)": "zero-start",
};

/** What the caller is told, where it is more than that the command failed. */
const ERROR_RESULTS: ReadonlyMap<number, string> = new Map([
  [MACHINE_ERRORS.RESET_CARD, "reset"],
  [MACHINE_ERRORS.DEACTIVATE, "deactivate"],
  [MACHINE_ERRORS.OUTCOME_UNKNOWN, "unknown"],
]);

/** The CRC variant that `edc` names, null for LRC. @throws {RangeError} when it names none */
export function crcVariant(edc: string): CrcVariant | "auto" | null {
  if (edc === "LRC") return null;
  if (edc === "CRC(auto)") return "auto";
  const variant = CRC_NAMES[String(edc).replace(/\s/g, "")];
  if (variant === undefined) {
    throw new RangeError(
      `Cannot run scenario: edc is ${
        JSON.stringify(edc)
      }, expected "LRC" or CRC(auto), ${Object.keys(CRC_NAMES).join(", ")}`,
    );
  }
  return variant;
}

/** The blocks that would be right in place of `expected`. */
function accepted(
  step: ScenarioStep,
  variant: CrcVariant | "auto" | null,
): string[] {
  const block = fromHex(step.host_hex);
  if (!step.host_error_code_free) return [toHex(block)];
  if (variant === "auto") {
    throw new RangeError(
      "Cannot run scenario: host_error_code_free needs an edc other than CRC(auto)",
    );
  }
  return [0, 1, 2].map((error) => {
    const body = block.slice(0, 3);
    body[1] = body[1] & 0xfc | error;
    if (variant === null) return toHex(body) + toHex(Uint8Array.of(lrc(body)));
    const check = crc(body, variant);
    return toHex(body) + toHex(Uint8Array.of(check >> 8, check & 0xff));
  });
}

function begin(session: T1Session, send: string): number {
  const ifs = send.match(/^S\(IFS request (\d+)\)$/);
  if (ifs !== null) return session.startIfs(Number(ifs[1]));
  if (send === "S(RESYNCH request)") return session.startResynch();
  if (send === "S(ABORT request)") return session.startAbort();
  return session.start(fromHex(send));
}

function outcome(session: T1Session, send: string, event: number): string {
  if (event === MACHINE_DONE) {
    return send.startsWith("S(") ? "ok" : toHex(session.response());
  }
  return ERROR_RESULTS.get(event) ?? "error";
}

/** A session as the scenario wants it. */
function open(
  scenario: Scenario,
  variant: CrcVariant | "auto" | null,
  machine: Machine,
): T1Session {
  const session = new T1Session({
    ifscBytes: scenario.ifsc,
    ifsdBytes: scenario.ifsd,
    edc: variant === null ? "LRC" : "CRC",
    crcVariant: variant ?? "auto",
    profile: scenario.profile,
    afterResynch: scenario.afterResynch,
    maxWtx: scenario.maxWtx,
  }, machine);
  if (scenario.nad !== undefined) session.nad = fromHex(scenario.nad)[0];
  return session;
}

/**
 * Runs one scenario.
 *
 * @param core The core that is to follow it; default: the one that the project ships
 * @returns null if the core follows it, else `step N: expected …, sent …`
 * @throws {RangeError} when the scenario cannot be read
 */
export function runScenario(scenario: Scenario, core?: Core): string | null {
  const variant = crcVariant(scenario.edc);
  using machine = new Machine(core);
  const session = open(scenario, variant, machine);
  const { send, receive } = machine;
  let number = 0;
  for (const command of scenario.commands) {
    let event = begin(session, command.send);
    for (const step of command.steps.flatMap(repeated)) {
      number++;
      const right = accepted(step, variant);
      if (event !== MACHINE_TRANSFER) {
        return `step ${number}: expected ${right[0]}, sent nothing (machine: ${
          machineErrorName(event)
        })`;
      }
      const sent = toHex(send.subarray(0, session.build()));
      if (!right.includes(sent)) {
        return `step ${number}: expected ${right[0]}, sent ${sent}`;
      }
      const answer = step.card_hex === null
        ? new Uint8Array(0)
        : fromHex(step.card_hex);
      receive.set(answer);
      event = session.digest(answer.length);
    }
    const wanted = /^[0-9a-f]+$/i.test(command.result)
      ? command.result.toUpperCase()
      : command.result;
    if (event === MACHINE_TRANSFER) {
      const sent = toHex(send.subarray(0, session.build()));
      return `step ${
        number + 1
      }: expected the end with result ${wanted}, sent ${sent}`;
    }
    const found = outcome(session, command.send, event);
    if (found !== wanted) {
      return `step ${number}: expected result ${wanted}, sent the caller ${found}`;
    }
  }
  return null;
}

function repeated(step: ScenarioStep): ScenarioStep[] {
  return new Array<ScenarioStep>(step.repeat ?? 1).fill(step);
}
