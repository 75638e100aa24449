/**
 * Which class of invalid block (ISO/IEC 7816-3 11.6.3.1) a card's answer in a scripted
 * exchange belongs to, and at which point of the exchange it comes.
 *
 * @module
 */

import { fromHex } from "../../src/bytes.ts";
import type { Scenario, ScenarioCommand } from "../../src/cli/scenarios.ts";

/** What the reader waits for an answer to. */
export const POINTS: readonly string[] =
  "start I dchain cchain R IFS? ABORT? RESYNCH? Sresp abort".split(" ");

const xor = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum ^ byte, 0);
const isI = (pcb: number) => (pcb & 0x80) === 0;
const isR = (pcb: number) => (pcb & 0xc0) === 0x80;
const isChained = (pcb: number) => isI(pcb) && (pcb & 0x20) !== 0;
const isS = (pcb: number) => (pcb & 0xc0) === 0xc0;

/** One answer of the card in its place; LRC, no addresses. */
interface Answer {
  /** The bytes; none: silence. */
  block: Uint8Array;
  pcb: number;
  len: number;
  /** PCB of the reader's block before. */
  host: number;
  /** PCB of the reader's next block; undefined at the end of the command. */
  next: number | undefined;
}

/** Length and check byte right, LEN in range and the address that of the session. */
const isWhole = ({ block, len }: Answer) =>
  block.length === len + 4 && xor(block) === 0 && len < 255;

const whole = (test: (answer: Answer) => boolean) => (answer: Answer) =>
  isWhole(answer) && answer.block[0] === 0 && test(answer);
const pcbIs = (pcb: number, mask = 0xff) =>
  whole((answer) => (answer.pcb & mask) === pcb);
const request = (pcb: number, len: number) =>
  whole((answer) => answer.pcb === pcb && answer.len === len);
const ifs = (value: number) =>
  whole((answer) =>
    answer.pcb === 0xc1 && answer.len === 1 && answer.block[3] === value
  );
const address = (test: (nad: number) => boolean) => (answer: Answer) =>
  isWhole(answer) && test(answer.block[0]);

/** ISO/IEC 7816-3 11.6.3.1, class by class. */
const CLASSES: Readonly<Record<string, (answer: Answer) => boolean>> = {
  silence: ({ block }) => block.length === 0,
  stub: ({ block }) => block.length === 1 || block.length === 2,
  truncated: ({ block, len }) =>
    block.length > 2 && block.length < len + 4 && xor(block) !== 0 &&
    len < 255,
  check: ({ block, len }) => block.length === len + 4 && xor(block) !== 0,
  trailing: ({ block, len }) =>
    block.length > len + 4 && xor(block.subarray(0, len + 4)) === 0,
  "LEN-small": ({ block, len }) =>
    block.length > len + 4 && xor(block) === 0 &&
    xor(block.subarray(0, len + 4)) !== 0,
  "LEN-large": ({ block, len }) =>
    block.length > 3 && block.length === len + 3 && xor(block) === 0,
  "LEN-255": ({ len, block }) => block.length > 3 && len === 255,
  NAD: address((byte) => byte !== 0 && (byte & 0x88) === 0),
  "NAD-FF": address((byte) => byte === 0xff),
  "NAD-VPP": address((byte) => byte === 0x80 || byte === 0x08),
  "I-b1": pcbIs(0x01, 0x9f),
  "I-b2": pcbIs(0x02, 0x9f),
  "I-b3": pcbIs(0x04, 0x9f),
  "I-b4": pcbIs(0x08, 0x9f),
  "I-b5": pcbIs(0x10, 0x9f),
  "R-b6": pcbIs(0xa0, 0xec),
  "R-b4": pcbIs(0x88, 0xec),
  "R-b3": pcbIs(0x84, 0xec),
  "R-e3": pcbIs(0x83, 0xef),
  "R-LEN": whole(({ pcb, len }) => (pcb & 0xec) === 0x80 && len > 0),
  "S-type-request": whole(({ pcb }) => pcb >= 0xc4 && pcb < 0xe0),
  "S-type-response": whole(({ pcb }) => pcb > 0xe4),
  VPP: pcbIs(0xe4),
  "IFS?-LEN0": request(0xc1, 0),
  "IFS?-LEN2": request(0xc1, 2),
  "IFS?-0": ifs(0),
  "IFS?-255": ifs(255),
  "ABORT?-LEN1": request(0xc2, 1),
  "WTX?-LEN0": request(0xc3, 0),
  "WTX?-LEN2": request(0xc3, 2),
  "RESYNCH?": request(0xc0, 0),
  "RESYNCH!": request(0xe0, 0),
  "IFS!": request(0xe1, 1),
  "ABORT!": request(0xe2, 0),
  "WTX!": request(0xe3, 1),
  "R-nothing": whole(({ pcb, next }) =>
    (pcb & 0xec) === 0x80 && next !== undefined && !isI(next)
  ),
  "I-number": whole(({ pcb, host, next }) =>
    (pcb & 0x9f) === 0 && next !== undefined &&
    (isS(next) || isR(next) && pcb >> 6 !== (next >> 4 & 1) &&
        (!isChained(pcb) || host === next))
  ),
  "IFS!-LEN0": request(0xe1, 0),
  "IFS!-LEN2": request(0xe1, 2),
  "IFS!-value": whole(({ pcb, len, host, next }) =>
    pcb === 0xe1 && len === 1 && host === 0xc1 && next === host
  ),
  "ABORT!-LEN1": request(0xe2, 1),
  "RESYNCH!-LEN1": request(0xe0, 1),
};

/** Answers that are wrong in their length or value, and in nothing else, at one point only. */
const AT_ONE_POINT: Readonly<Record<string, string>> = {
  "IFS!-LEN0": "IFS?",
  "IFS!-LEN2": "IFS?",
  "IFS!-value": "IFS?",
  "ABORT!-LEN1": "ABORT?",
  "RESYNCH!-LEN1": "RESYNCH?",
};

/** What is no invalid block there: the answer asked for, or an R-block that says something. */
const VALID: readonly string[] = [
  "RESYNCH!@RESYNCH?",
  "IFS!@IFS?",
  "ABORT!@ABORT?",
  "R-nothing@dchain",
  "R-nothing@abort",
];

/** Every `class@point` that there has to be a scenario for. */
export const CLASSES_AT_POINTS: readonly string[] = Object.keys(CLASSES)
  .flatMap((name) =>
    POINTS.filter((point) => (AT_ONE_POINT[name] ?? point) === point)
      .map((point) => `${name}@${point}`)
  )
  .filter((tag) => !VALID.includes(tag));

const REQUESTS = ["RESYNCH?", "IFS?", "ABORT?"];

function* tagsOfCommand(
  { steps }: ScenarioCommand,
  isFirst: boolean,
): Generator<string> {
  let isCardChaining = false;
  for (const [index, step] of steps.entries()) {
    const host = fromHex(step.host_hex)[1];
    const block = fromHex(step.card_hex ?? "");
    let point = isCardChaining ? "cchain" : "R";
    if (isI(host)) {
      isCardChaining = false;
      point = isChained(host) ? "dchain" : "I";
      if (isFirst && index === 0 && point === "I") point = "start";
    } else if (isS(host)) {
      point = REQUESTS[host & 0x3f] ?? (host === 0xe2 ? "abort" : "Sresp");
    }
    const answer: Answer = {
      block,
      pcb: block[1] ?? 0,
      len: block[2] ?? 0,
      host,
      next: index + 1 < steps.length
        ? fromHex(steps[index + 1].host_hex)[1]
        : undefined,
    };
    for (const [name, isOf] of Object.entries(CLASSES)) {
      if (isOf(answer)) yield `${name}@${point}`;
    }
    if (isWhole(answer) && (answer.pcb & 0xbf) === 0x20) isCardChaining = true;
  }
}

/** The `class@point` of each answer in `scenario`, if it is one of ISO/IEC 7816-3 with LRC. */
export function classesIn(scenario: Scenario): Set<string> {
  const { commands, edc, nad, profile } = scenario;
  if (edc !== "LRC" || nad !== undefined || profile === "emv") return new Set();
  return new Set(
    commands.flatMap((command, index) => [
      ...tagsOfCommand(command, index === 0),
    ]),
  );
}
