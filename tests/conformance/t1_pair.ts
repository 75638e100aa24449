/**
 * What the stress suites of T=1 watch the two ends by: a command with an answer
 * of its own for every run, the application that runs it, the reader's blocks,
 * and what may come out of a command.
 *
 * @module
 */

import { toHex } from "../../src/bytes.ts";
import type { CardApplication } from "../../src/cards/mod.ts";
import {
  MACHINE_DONE,
  MACHINE_ERRORS,
  machineErrorName,
} from "../../src/core/mod.ts";
import type { TwoWayReader } from "./t1_two_ways.ts";

/** The longest block of T=1 in bytes: prologue, 254 of INF, CRC (ISO/IEC 7816-3 11.3). */
export const LONGEST_BLOCK = 259;

/** PCB of S(RESYNCH request). */
const RESYNCH_REQUEST = 0xc0;
/** Transmissions of one block in a row, S(RESYNCH request) included (rules 7.4.1, 7.4.2, 6.4). */
const TRANSMISSIONS = 3;

/** The two ends broke what a suite demands; the message tells the call that shows it again. */
export class BrokenInvariant extends Error {
  override readonly name = "BrokenInvariant";
}

/** Fills with a hash of seed and place: what stands at the wrong place, or comes from another run, shows. */
function fill(bytes: Uint8Array, seed: number): Uint8Array {
  for (let i = 0; i < bytes.length; i++) {
    const mixed = Math.imul(seed * 1013 + i + 1, 0x9e3779b1);
    bytes[i] = Math.imul(mixed ^ mixed >>> 15, 0x85ebca6b) >>> 24;
  }
  return bytes;
}

function isEqual(found: Uint8Array, wanted: Uint8Array): boolean {
  if (found.length !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (found[i] !== wanted[i]) return false;
  }
  return true;
}

/** A command, and what the card answers to it: something else each time it runs. */
export class WatchedCommand {
  /** The command as it is sent. */
  readonly bytes: Uint8Array;
  readonly #answers: Uint8Array[] = [];
  readonly #answerBytes: number;
  readonly #seed: number;

  /** Commands of different seeds have different bytes and answers; an answer has at least 2 bytes. */
  constructor(commandBytes: number, answerBytes: number, seed: number) {
    this.bytes = fill(new Uint8Array(commandBytes), 64 * seed);
    this.#answerBytes = answerBytes;
    this.#seed = seed;
  }

  /** The answer of a run, counted from 1. */
  answer(run: number): Uint8Array {
    return this.#answers[run] ??= fill(
      new Uint8Array(this.#answerBytes),
      64 * this.#seed + run,
    );
  }
}

/** Runs one watched command at a time, and notices any other. */
export class WatchedApplication implements CardApplication {
  /** How often the command ran. */
  runs = 0;
  /** A command that nobody sent. */
  stranger: Uint8Array | null = null;
  #expected: WatchedCommand | null = null;

  /** From now on this is the command. */
  expect(command: WatchedCommand): void {
    this.#expected = command;
    this.runs = 0;
    this.stranger = null;
  }

  process(command: Uint8Array): Uint8Array {
    const expected = this.#expected;
    if (expected === null || !isEqual(command, expected.bytes)) {
      this.stranger = command;
      return Uint8Array.of(0x6f, 0x00);
    }
    return expected.answer(++this.runs);
  }

  reset(): void {}
}

/** Counts what the reader sends. */
export class ReaderWatch {
  /** Blocks sent for this command. */
  blocks = 0;
  /** Times the reader began to resynchronise for this command. */
  resynchronisations = 0;
  readonly #last = new Uint8Array(LONGEST_BLOCK);
  #length = 0;
  #times = 0;

  /** A command begins; what is sent in a row goes on. */
  begin(): void {
    this.blocks = 0;
    this.resynchronisations = 0;
  }

  /** The card was reset. */
  reset(): void {
    this.#length = 0;
  }

  /** Notes the first `length` bytes of `block`; returns whether they went out more often in a row than allowed. */
  isTooMany(block: Uint8Array, length: number): boolean {
    this.blocks++;
    if (this.#isLast(block, length)) return ++this.#times > TRANSMISSIONS;
    for (let i = 0; i < length; i++) this.#last[i] = block[i];
    this.#length = length;
    this.#times = 1;
    if (block[1] === RESYNCH_REQUEST) this.resynchronisations++;
    return false;
  }

  #isLast(block: Uint8Array, length: number): boolean {
    if (length !== this.#length) return false;
    for (let i = 0; i < length; i++) {
      if (block[i] !== this.#last[i]) return false;
    }
    return true;
  }
}

/** Whether a block is S(IFS response), S(ABORT response) or S(WTX response): one goes out for every request that comes. */
export function isSResponse(block: Uint8Array): boolean {
  return block[1] > 0xe0;
}

/**
 * What is wrong with the end of a command, or null: the answer is exactly that of
 * the last run, or an error tells that there is none; the command ran again only
 * after RESYNCH, and not at all where the reader reports RESYNCH.
 */
export function flawOf(
  event: number,
  reader: TwoWayReader,
  command: WatchedCommand,
  application: WatchedApplication,
  watch: ReaderWatch,
  afterResynch: "repeat" | "report",
): string | null {
  const { runs, stranger } = application;
  const isReported = afterResynch === "report";
  const allowed = isReported ? 1 : 1 + watch.resynchronisations;
  if (!reader.isAgreed) return "the two ways through the reader disagree";
  if (stranger !== null) return `the card runs ${toHex(stranger)}`;
  if (runs > allowed) return `the card runs the command ${runs} times`;
  if (event === MACHINE_DONE) {
    const found = reader.session.response();
    return runs > 0 && isEqual(found, command.answer(runs))
      ? null
      : `after ${runs} runs the answer is ${toHex(found)}`;
  }
  const isExpected = event === MACHINE_ERRORS.RESET_CARD ||
    (isReported && event === MACHINE_ERRORS.OUTCOME_UNKNOWN);
  return isExpected ? null : `the reader ends with ${machineErrorName(event)}`;
}
