/**
 * Work for the core run as TypeScript, of any size, with cards that make it long.
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

function block(pcb: number, inf: Uint8Array): Uint8Array {
  const body = Uint8Array.of(0, pcb, inf.length, ...inf);
  return Uint8Array.of(...body, body.reduce((sum, byte) => sum ^ byte, 0));
}

const NOTHING = new Uint8Array(0);

/** Exchanges a command with a card that `answer`s block by block. */
function exchangeT1(
  command: Uint8Array,
  answer: (sent: Uint8Array, turn: number) => Uint8Array,
): void {
  using session = new T1Session(
    { ifscBytes: 8, maxWtx: Infinity },
    new Machine(core),
  );
  const { send, receive } = session.machine;
  let length = session.begin(command);
  for (let turn = 0; length > 0; turn++) {
    const came = answer(send.slice(0, length), turn);
    receive.set(came);
    length = session.step(came.length);
  }
  assert.equal(length, 0);
  session.machine[Symbol.dispose]();
}

function acknowledge(sent: Uint8Array): Uint8Array {
  return block(0x80 | (~sent[1] & 0x40) >> 2, NOTHING);
}

const LAST = block(0, Uint8Array.of(0x90, 0));

/** A TPDU for `count` bytes at most 256 at a time, answered character by character. */
function readT0(count: number, nulls: number): void {
  const exchange = new T0Exchange(new Machine(core));
  const { receive } = exchange.machine;
  for (let left = count; left > 0; left -= 256) {
    exchange.start(Uint8Array.of(0, 0xb0, 0, 0, 0), { maxNulls: Infinity });
    const feed = (value: number) => {
      receive[0] = value;
      return exchange.digest(1);
    };
    for (let i = 0; i < nulls; i++) feed(0x60);
    for (let i = 0; i < 256; i++) {
      feed(0x4f);
      feed(i);
    }
    feed(0x90);
    assert.equal(feed(0), MACHINE_DONE);
  }
  exchange.machine[Symbol.dispose]();
}

/** An APDU whose answer comes one byte at a time. */
function drip(count: number): void {
  const exchange = new T0ApduExchange(new Machine(core));
  const { receive } = exchange.machine;
  let event = exchange.start(
    Uint8Array.of(0, 0xb0, 0, 0, 0, count >> 8, count),
  );
  for (let i = 1; event === MACHINE_TRANSFER; i++) {
    receive.set([i, i === count ? 0x90 : 0x61, i === count ? 0 : 1]);
    event = exchange.digest(3);
  }
  assert.equal(event, MACHINE_DONE);
  exchange.machine[Symbol.dispose]();
}

/** Work whose size can be chosen, by name. */
export const WORK: Readonly<Record<string, (size: number) => void>> = {
  "ATR of interface bytes without end": (size) => {
    parseAtr(new Uint8Array(size).fill(0xf1).fill(0x3b, 0, 1), {}, core);
  },
  "APDU": (size) => {
    const apdu = new Uint8Array(size);
    apdu.set([0, 0, 0, 0, 0, (size - 7) >> 8, size - 7]);
    parseApdu(apdu, core);
  },
  "LRC": (size) => void lrc(new Uint8Array(size), core),
  "CRC": (size) => void crc(new Uint8Array(size), "13239", core),
  "faulty CRC": (size) => void crc(new Uint8Array(size), "arc-faulty", core),
  "T=1, command chain": (size) =>
    exchangeT1(
      new Uint8Array(size),
      (sent) => (sent[1] & 0x20) !== 0 ? acknowledge(sent) : LAST,
    ),
  "T=1, card chain": (size) =>
    exchangeT1(new Uint8Array(1), (_, turn) =>
      block(
        (turn & 1) << 6 | (turn * 8 < size ? 0x20 : 0),
        new Uint8Array(8),
      )),
  "T=1, a card that asks for time again and again": (size) =>
    exchangeT1(
      new Uint8Array(1),
      (_, turn) => turn < size ? block(0xc3, Uint8Array.of(1)) : LAST,
    ),
  "T=1, every answer damaged once": (size) => {
    let last: Uint8Array = NOTHING;
    exchangeT1(new Uint8Array(size), (sent) => {
      // The reader asks again for what was damaged by an R-block.
      if (sent[1] < 0x80) {
        last = sent;
        return Uint8Array.of(0, 0x80, 0, 0);
      }
      return (last[1] & 0x20) !== 0 ? acknowledge(last) : LAST;
    });
  },
  "T=0, byte by byte": (size) => readT0(size, 0),
  "T=0, NULL without end": (size) => readT0(256, size),
  "APDU over T=0, one byte at a time": drip,
};
