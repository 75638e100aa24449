/**
 * T=1: 4 KiB to the card and 4 KiB back, against a card that plays back.
 *
 * Every contender builds each block, has the card's next block copied into its
 * receive buffer, digests it, and in the end copies the response out. Before
 * anything is measured, each has to send exactly the recorded blocks. Times are for
 * one block, those of the card counted too.
 *
 * @module
 */

import { equalBytes } from "../src/bytes.ts";
import { MACHINE_DONE, T1Session } from "../src/core/mod.ts";
import { goalOf } from "./goals.ts";
import { type Contender, synchronous } from "./harness.ts";
import { compiler } from "./native.ts";
import { asWords, deliver, playback } from "./playback.ts";
import { measureRows, type Report, type Rival } from "./results.ts";
import { PlainT1Reader } from "./rivals/t1_plain.ts";
import { NativeT1Readers } from "./t1_native.ts";
import {
  block,
  type Check,
  EXCHANGE_BYTES,
  EXCHANGES,
  record,
  type Recording,
} from "./t1_recording.ts";

const GROUP = "T=1";
const PLAIN_NAME = "TypeScript, the usual way, without WASM";

/** What the contenders have in common. */
interface Reader {
  readonly send: Uint8Array;
  readonly receive: Uint8Array;
  /** Length of the first block. */
  begin(command: Uint8Array): number;
  /** Length of the next block, 0 at the end, or an error below 0. */
  step(length: number): number;
  copyResponse(target: Uint8Array, offset: number): number;
}

/** Runs the bench. */
export async function benchT1(report: Report): Promise<void> {
  if (compiler.version === null) {
    const reason = compiler.missing;
    report.skip({ group: GROUP, work: "T=1 reader in C", reason });
  }
  using native = compiler.version === null ? null : new NativeT1Readers();
  for (const edc of ["LRC", "CRC"] as const) {
    for (const ifsBytes of [254, 32]) {
      const work = `T=1 per block, 4 KiB each way, IFS ${ifsBytes}, ${edc}`;
      const recording = record(ifsBytes, edc === "CRC");
      using session = openSession(ifsBytes, edc);
      const rivals: Rival[] = [{
        contender: plainContender(ifsBytes, edc, recording),
        goal: goalOf(GROUP, work, "speedup"),
      }];
      if (native !== null) {
        rivals.unshift({
          contender: native.contender(ifsBytes, edc, recording),
          goal: goalOf(GROUP, work, "share"),
        });
      }
      await measureRows(report, [{
        group: GROUP,
        work,
        ours: ourContender(session, recording),
        rivals,
        operations: recording.reader.length + recording.card.length,
      }]);
    }
  }
}

function openSession(ifsBytes: number, edc: Check): T1Session {
  const session = new T1Session({
    ifscBytes: ifsBytes,
    edc,
    crcVariant: "13239",
  });
  if (ifsBytes === 32) return session;
  session.startIfs(ifsBytes);
  session.build();
  const answer = block(0xe1, Uint8Array.of(ifsBytes), edc === "CRC");
  session.machine.receive.set(answer);
  if (session.digest(answer.length) !== MACHINE_DONE) {
    throw new Error(`Cannot announce an IFSD of ${ifsBytes}`);
  }
  return session;
}

// The two loops are written out twice so that V8 compiles each for one class only.

function ourContender(session: T1Session, recording: Recording): Contender {
  const { command, card } = recording;
  const { words, lengths } = playback(card);
  const response = new Uint8Array(EXCHANGE_BYTES);
  const { send, receive } = session.machine;
  checkCycle({
    send,
    receive,
    begin: (bytes) => session.begin(bytes),
    step: (length) => session.step(length),
    copyResponse: (target, offset) => session.copyResponse(target, offset),
  }, recording);
  const buffer = asWords(receive);
  return synchronous("T1Session, the reader's side alone", () => {
    let at = 0;
    for (let exchange = 0; exchange < EXCHANGES; exchange++) {
      let length = session.begin(command);
      while (length > 0) {
        deliver(buffer, words[at]);
        length = session.step(lengths[at++]);
      }
      if (length < 0) throw new Error("Cannot measure: T=1 failed");
      session.copyResponse(response, 0);
    }
  });
}

function plainContender(
  ifsBytes: number,
  edc: Check,
  recording: Recording,
): Contender {
  const reader = new PlainT1Reader(ifsBytes, edc === "CRC");
  const { command, card } = recording;
  const { words, lengths } = playback(card);
  const response = new Uint8Array(EXCHANGE_BYTES);
  checkCycle(reader, recording);
  const buffer = asWords(reader.receive);
  return synchronous(PLAIN_NAME, () => {
    let at = 0;
    for (let exchange = 0; exchange < EXCHANGES; exchange++) {
      let length = reader.begin(command);
      while (length > 0) {
        deliver(buffer, words[at]);
        length = reader.step(lengths[at++]);
      }
      if (length < 0) throw new Error("Cannot measure: T=1 failed");
      reader.copyResponse(response);
    }
  });
}

/** @throws {Error} when a block or the response is not the one expected */
function checkCycle(reader: Reader, recording: Recording): void {
  let at = 0;
  const response = new Uint8Array(EXCHANGE_BYTES);
  for (let exchange = 0; exchange < EXCHANGES; exchange++) {
    let length = reader.begin(recording.command);
    while (length > 0) {
      const sent = reader.send.subarray(0, length);
      if (!equalBytes(sent, recording.reader[at])) {
        throw new Error(`Cannot compare readers: block ${at} differs`);
      }
      const answer = recording.card[at++];
      reader.receive.set(answer);
      length = reader.step(answer.length);
    }
    const came = reader.copyResponse(response, 0);
    if (came !== EXCHANGE_BYTES || !equalBytes(response, recording.response)) {
      throw new Error("Cannot compare readers: the response differs");
    }
  }
}
