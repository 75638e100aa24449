/**
 * Work for the core run as TypeScript, of any size from 1024 on, with cards that make
 * it long. All of it is checked to be done to its end.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  crc,
  lrc,
  Machine,
  MACHINE_DONE,
  MACHINE_TRANSFER,
  parseApdu,
  parseAtr,
  T0ApduExchange,
  T0Exchange,
  T1Session,
} from "../../src/core/mod.ts";
import { bothCores } from "../core/cores.ts";

const [, core] = bothCores();

/** By which power of the size a work grows: 0, 1 or 2. */
export type Growth = "constant" | "linear" | "quadratic";

/** Work whose size can be chosen. */
export interface Work {
  readonly growth: Growth;
  /** Makes all ready; what is counted is the run of what it returns. */
  prepare(size: number): () => void;
}

// Made and kept here: to give a slot back is to zero all of it.
const session = new T1Session({}, new Machine(core));
const tpdus = new T0Exchange(new Machine(core));
const apdus = new T0ApduExchange(new Machine(core));

const NOTHING = new Uint8Array(0);
/** IFSC of the cards of T=1, and the INF of what they send, in bytes. */
const IFS = 8;

function block(pcb: number, inf: Uint8Array): Uint8Array {
  const body = Uint8Array.of(0, pcb, inf.length, ...inf);
  return Uint8Array.of(...body, body.reduce((sum, byte) => sum ^ byte, 0));
}

const LAST = block(0, Uint8Array.of(0x90, 0));

function acknowledge(sent: Uint8Array): Uint8Array {
  return block(0x80 | (~sent[1] & 0x40) >> 2, NOTHING);
}

/** Takes a whole command chain. */
function swallow(sent: Uint8Array): Uint8Array {
  return (sent[1] & 0x20) !== 0 ? acknowledge(sent) : LAST;
}

/** What a card answers to the block sent in a turn. */
type Answer = (sent: Uint8Array, turn: number) => Uint8Array;

function beginT1(commandBytes: number): number {
  session.reset({ ifscBytes: IFS, maxWtx: Infinity });
  return session.begin(new Uint8Array(commandBytes));
}

/** One turn; takes and returns the length of the block to send. */
function turnT1(length: number, turn: number, answer: Answer): number {
  const { send, receive } = session.machine;
  const came = answer(send.slice(0, length), turn);
  receive.set(came);
  return session.step(came.length);
}

/** Exchanges a command with a card that `answer`s block by block, in so many turns. */
function exchangeT1(
  commandBytes: number,
  turns: number,
  answer: Answer,
): void {
  let length = beginT1(commandBytes);
  let turn = 0;
  while (length > 0) length = turnT1(length, turn++, answer);
  assert.equal(length, 0);
  assert.equal(turn, turns);
}

/** A TPDU for 1 to 256 bytes, answered character by character, `nulls` NULL first. */
function readT0(bytes: number, nulls: number): void {
  const { receive } = tpdus.machine;
  const feed = (value: number) => {
    receive[0] = value;
    return tpdus.digest(1);
  };
  tpdus.start(Uint8Array.of(0, 0xb0, 0, 0, bytes), { maxNulls: Infinity });
  for (let i = 0; i < nulls; i++) feed(0x60);
  for (let i = 0; i < bytes; i++) {
    feed(0x4f);
    feed(i);
  }
  feed(0x90);
  assert.equal(feed(0), MACHINE_DONE);
  assert.equal(tpdus.responseLength, bytes + 2);
}

/** Begins an APDU of case 4, the one where any Ne is fetched piece by piece: `size` bytes, one by one. */
function beginDrip(size: number): void {
  const ne = [size >> 8, size & 0xff];
  apdus.start(Uint8Array.of(0, 0xb0, 0, 0, 0, 0, 1, 0xaa, ...ne));
  const { receive } = apdus.machine;
  receive.set([0x61, 1]);
  assert.equal(apdus.digest(2), MACHINE_TRANSFER);
}

/** The next byte, and that another one waits. */
function drip(): number {
  apdus.build();
  apdus.machine.receive.set([0xaa, 0x61, 1]);
  return apdus.digest(3);
}

function dripAll(size: number): void {
  beginDrip(size);
  let turns = 1;
  while (drip() === MACHINE_TRANSFER) turns++;
  assert.equal(turns, size);
  assert.equal(apdus.responseLength, size + 2);
}

function linear(run: (size: number) => void): Work {
  return { growth: "linear", prepare: (size) => () => run(size) };
}

/** Work whose size can be chosen, by name. */
export const WORK: Readonly<Record<string, Work>> = {
  "ATR of interface bytes without end": linear((size) => {
    const atr = new Uint8Array(size).fill(0xf1).fill(0x3b, 0, 1);
    assert.equal(parseAtr(atr, {}, core).lengthUsed, size);
  }),
  "APDU": linear((size) => {
    const apdu = new Uint8Array(size);
    apdu.set([0, 0, 0, 0, 0, (size - 7) >> 8, size - 7]);
    assert.equal(parseApdu(apdu, core).nc, size - 7);
  }),
  "LRC": linear((size) => void lrc(new Uint8Array(size), core)),
  "CRC": linear((size) => void crc(new Uint8Array(size), "13239", core)),
  "faulty CRC": linear((size) =>
    void crc(new Uint8Array(size), "arc-faulty", core)
  ),
  "T=1, command chain": linear((size) => exchangeT1(size, size / IFS, swallow)),
  "T=1, card chain": linear((size) =>
    exchangeT1(1, size / IFS, (_, turn) =>
      block(
        (turn & 1) << 6 | ((turn + 1) * IFS < size ? 0x20 : 0),
        new Uint8Array(IFS),
      ))
  ),
  "T=1, a card that asks for time again and again": linear((size) =>
    exchangeT1(
      1,
      size + 1,
      (_, turn) => turn < size ? block(0xc3, Uint8Array.of(1)) : LAST,
    )
  ),
  "T=1, every answer damaged once": linear((size) => {
    let last: Uint8Array = NOTHING;
    exchangeT1(size, 2 * size / IFS, (sent) => {
      // The reader asks again for what was damaged by an R-block.
      if (sent[1] >= 0x80) return swallow(last);
      last = sent;
      return Uint8Array.of(0, 0x80, 0, 0);
    });
  }),
  "T=1, one block of a chain": {
    growth: "constant",
    prepare(size) {
      const length = turnT1(beginT1(size), 0, swallow);
      return () => assert.ok(turnT1(length, 1, swallow) > 0);
    },
  },
  "T=0, byte by byte": linear((size) => {
    for (let left = size; left > 0; left -= 256) readT0(256, 0);
  }),
  "T=0, NULL without end": linear((size) => readT0(1, size)),
  "APDU over T=0, one byte at a time": linear(dripAll),
  "APDU over T=0, one byte of many": {
    growth: "constant",
    prepare(size) {
      beginDrip(size);
      return () => assert.equal(drip(), MACHINE_TRANSFER);
    },
  },
  "copies of all that came so far, to show that they are seen": {
    growth: "quadratic",
    prepare: (size) => () => {
      const came = new Uint8Array(size);
      for (let end = 0; end < size; end += IFS) came.slice(0, end);
    },
  },
};
