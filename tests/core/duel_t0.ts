/**
 * T=0: the core's TPDU machine against the oracle, and the layer for APDUs above it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import {
  type Core,
  Machine,
  MACHINE_DONE,
  MACHINE_TRANSFER,
  type MachineErrorName,
  machineErrorName,
  T0ApduExchange,
  T0Exchange,
} from "../../src/core/mod.ts";
import { OracleT0Apdu, type T0ApduStep } from "../oracle/t0_apdu.ts";
import { OracleT0Tpdu, type T0Step } from "../oracle/t0_tpdu.ts";
import {
  DuelInput,
  type Feature,
  featureOf,
  ignoreFeature,
} from "./duel_input.ts";

/** The oracles' reasons by the core's names. */
const REASONS: Readonly<Record<string, MachineErrorName>> = {
  "timeout": "TIMEOUT",
  "procedure-byte": "PROCEDURE_BYTE",
  "overrun": "OVERRUN",
  "too-many-nulls": "TOO_MANY_NULLS",
  "ins": "INS",
  "cla": "CLA",
  "tpdu": "TPDU",
  "apdu": "APDU",
  "tpdu-response": "TPDU_RESPONSE",
};

function ofOracle(step: T0Step | T0ApduStep): string {
  switch (step.kind) {
    case "transfer":
      return `> ${toHex(step.send)} wanted ${step.wanted}`;
    case "tpdu":
      return `> ${toHex(step.tpdu)} wanted ${step.le}`;
    case "done":
      return `= ${toHex(step.response)}`;
    default:
      return `! ${REASONS[step.reason]}`;
  }
}

/** The same of one of the core's exchanges. */
function ofExchange(
  exchange: T0Exchange | T0ApduExchange,
  event: number,
): string {
  if (event === MACHINE_DONE) return `= ${toHex(exchange.response())}`;
  if (event !== MACHINE_TRANSFER) return `! ${machineErrorName(event)}`;
  const sent = exchange.machine.send.subarray(0, exchange.build());
  const count = exchange instanceof T0Exchange ? exchange.wanted : exchange.le;
  return `> ${toHex(sent)} wanted ${count}`;
}

/** Characters of the card: fitting procedure bytes for the most part. */
function characters(
  input: DuelInput,
  ins: number,
): Uint8Array<ArrayBuffer> {
  const pieces: number[] = [];
  const parts = input.below(4);
  for (let part = 0; part < parts; part++) {
    const choice = input.below(16);
    if (choice < 4) pieces.push(ins);
    else if (choice < 7) pieces.push(ins ^ 0xff);
    else if (choice < 9) pieces.push(0x60);
    else if (choice < 11) pieces.push(0x90, 0);
    else if (choice < 12) pieces.push(0x61 + input.below(15));
    else if (choice < 14) pieces.push(...input.bytes(input.below(20)));
    else if (choice < 15) pieces.push(...input.bytes(input.below(300)));
    else pieces.push(input.byte());
  }
  return Uint8Array.from(pieces);
}

function tpduOf(input: DuelInput): { tpdu: Uint8Array; le: number } {
  const header = [
    input.below(8) === 0 ? 0xff : 0,
    [0xa4, 0xb0, 0xd6, 0xc0, 0x60, 0x9a, 0x6f, input.byte()][input.below(8)],
    0,
    0,
  ];
  const lc = [0, 1, 2, 3, 16, 255][input.below(6)];
  const isOdd = input.below(16) === 0;
  if (lc > 0) {
    const p3 = isOdd ? input.byte() : lc;
    const data = input.bytes(lc);
    return { tpdu: Uint8Array.of(...header, p3, ...data), le: 0 };
  }
  const le = input.below(257);
  const p3 = isOdd ? input.byte() : le & 0xff;
  return { tpdu: Uint8Array.of(...header, p3), le };
}

/** A fixed pair of exchanges for each core. */
export class T0Duel {
  readonly #tpdus: T0Exchange[];
  readonly #apdus: T0ApduExchange[];

  /** Takes two slots of each core. */
  constructor(cores: readonly Core[]) {
    this.#tpdus = cores.map((core) => new T0Exchange(new Machine(core)));
    this.#apdus = cores.map((core) => new T0ApduExchange(new Machine(core)));
  }

  /** Gives the slots back. */
  dispose(): void {
    for (const { machine } of [...this.#tpdus, ...this.#apdus]) {
      machine[Symbol.dispose]();
    }
  }

  /** Plays one TPDU after the other. @throws {AssertionError} when a core does not do what the oracle does */
  runTpdus(bytes: Uint8Array, feature: Feature = ignoreFeature): void {
    const input = new DuelInput(bytes);
    do {
      const { tpdu, le } = tpduOf(input);
      const maxNulls = [3, 0, 100][input.below(3)];
      const oracle = new OracleT0Tpdu(tpdu, le, maxNulls);
      const log = [`${toHex(tpdu)} le ${le} nulls ${maxNulls}`];
      let step = oracle.start();
      compare(
        this.#tpdus,
        log,
        ofOracle(step),
        (exchange) => exchange.start(tpdu, { le, maxNulls }),
      );
      while (step.kind === "transfer" && !input.isOver) {
        const piece = characters(input, tpdu[1]);
        const state = Math.min(step.wanted, 4);
        step = oracle.receive(piece);
        log.push(`< ${toHex(piece)}`);
        compare(this.#tpdus, log, ofOracle(step), (exchange) => {
          exchange.machine.receive.set(piece);
          return exchange.digest(piece.length);
        });
        const outcome = step.kind === "failed" ? step.reason.length : 0;
        feature(featureOf(state, piece[0] ?? 256, step.kind.length, outcome));
      }
    } while (!input.isOver);
  }

  /** Plays one APDU after the other. @throws {AssertionError} when a core does not do what the oracle does */
  runApdus(bytes: Uint8Array, feature: Feature = ignoreFeature): void {
    const input = new DuelInput(bytes);
    do {
      const apdu = apduOf(input);
      const uicc = input.below(4) === 0;
      const oracle = new OracleT0Apdu(apdu, { uicc });
      const log = [`${toHex(apdu)} uicc ${uicc}`];
      let step = oracle.start();
      compare(
        this.#apdus,
        log,
        ofOracle(step),
        (exchange) => exchange.start(apdu, { uicc }),
      );
      while (step.kind === "tpdu" && !input.isOver) {
        const answer = tpduAnswer(input, step.le);
        const ins = step.tpdu[1];
        step = oracle.answer(answer);
        log.push(`< ${toHex(answer)}`);
        compare(this.#apdus, log, ofOracle(step), (exchange) => {
          exchange.machine.receive.set(answer);
          return exchange.digest(answer.length);
        });
        const sw1 = answer[answer.length - 2] ?? 0;
        const next = step.kind === "tpdu" ? step.tpdu[1] : step.kind.length;
        feature(featureOf(ins, sw1, next));
      }
    } while (!input.isOver);
  }
}

/** An APDU of any case, now and then a malformed one. */
function apduOf(input: DuelInput): Uint8Array {
  const header = [
    input.below(16) === 0 ? 0xff : input.below(4),
    [0xa4, 0xb0, 0xc0, 0xd6, 0x6a, 0x9c, 0xe2, 0xc2][input.below(8)],
    input.byte(),
    input.byte(),
  ];
  const le = input.below(65536);
  const short = [le & 0xff];
  const long = [le >> 8, le & 0xff];
  const data = (length: number) => [...input.bytes(length)];
  const nc = 1 + input.below(255);
  const longNc = 1 + input.below(700);
  const longLc = [0, longNc >> 8, longNc & 0xff];
  const body = [
    () => [],
    () => short,
    () => [nc, ...data(nc)],
    () => [nc, ...data(nc), ...short],
    () => [0, ...long],
    () => [...longLc, ...data(longNc)],
    () => [...longLc, ...data(longNc), ...long],
    () => data(input.below(12)),
  ][input.below(8)]();
  return Uint8Array.of(...header, ...body);
}

/** Data and status of a TPDU's answer: fitting for the most part. */
function tpduAnswer(input: DuelInput, le: number): Uint8Array<ArrayBuffer> {
  const length = [0, le, le, Math.min(le, 3), 0, input.below(300)][
    input.below(6)
  ];
  const sw = [
    [0x90, 0],
    [0x90, 0],
    [0x61, input.byte()],
    [0x61, 0],
    [0x6c, input.byte()],
    [0x62, 0x83],
    [0x67, 0],
    [input.byte(), input.byte()],
  ][input.below(8)];
  if (input.below(32) === 0) return input.bytes(input.below(2));
  return Uint8Array.of(...input.bytes(length), ...sw);
}

function compare<Exchange extends T0Exchange | T0ApduExchange>(
  exchanges: readonly Exchange[],
  log: string[],
  expected: string,
  act: (exchange: Exchange) => number,
): void {
  log.push(expected);
  for (const exchange of exchanges) {
    const found = ofExchange(exchange, act(exchange));
    assert.equal(found, expected, log.join("\n"));
  }
}
