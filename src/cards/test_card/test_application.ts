/**
 * What the test card does with commands.
 *
 * @module
 */

import { type MaybePromise, NO_BYTES } from "../../bytes.ts";
import type {
  CardApplication,
  CardWaitingTime,
  CommandCase,
} from "../application.ts";
import { type CardCommand, parseCardCommand } from "../apdu.ts";
import * as ins from "./instructions.ts";

/** The state of the test card above its protocol: one, whichever face is used. */
export class TestCardApplication implements CardApplication {
  /** Resets in the card's life. */
  resets = 0;
  /** Commands run since the card was made. */
  commands = 0;
  /** Whether the card says nothing any more. */
  isMute = false;
  /** Blocks that stay whole before the next is damaged, and those to be damaged then. */
  #wholeBlocks = 0;
  #damagedBlocks = 0;
  readonly #held: Set<() => void> = new Set();
  #onHold: PromiseWithResolvers<void> = Promise.withResolvers();
  #ticks = 0;
  #chain: Uint8Array = NO_BYTES;
  #taken: Uint8Array = NO_BYTES;

  /** Settles when something is held; a new one after each `release`. */
  get whenHeld(): Promise<void> {
    return this.#onHold.promise;
  }

  /** Something is held from now on: `end` runs at the next `release`. */
  hold(end: () => void): void {
    this.#held.add(end);
    this.#onHold.resolve();
  }

  /** Lets what is held end. */
  release(): void {
    const held = [...this.#held];
    this.#held.clear();
    if (held.length > 0) this.#onHold = Promise.withResolvers();
    for (const end of held) end();
  }

  /** What does not survive a reset is forgotten. */
  reset(): void {
    this.resets++;
    this.forget();
  }

  /** Power is gone: all is forgotten but the number of resets. */
  forget(): void {
    this.isMute = false;
    this.#wholeBlocks = 0;
    this.#damagedBlocks = 0;
    this.#ticks = 0;
    this.#chain = NO_BYTES;
    this.#taken = NO_BYTES;
    this.release();
  }

  /** Counts a block that goes out; whether it is to be damaged. */
  nextBlockIsDamaged(): boolean {
    if (this.#wholeBlocks > 0) {
      this.#wholeBlocks--;
      return false;
    }
    if (this.#damagedBlocks === 0) return false;
    this.#damagedBlocks--;
    return true;
  }

  /** The case that T=0 needs to know; an unknown instruction is refused before its data come. */
  commandCase(header: Uint8Array): CommandCase {
    return ins.testCardCase(header[1]) ?? 2;
  }

  /** ECHO and HOLD may ask for time. */
  waitingTime(command: Uint8Array): CardWaitingTime | null {
    const isSlow = command[1] === ins.INS_ECHO || command[1] === ins.INS_HOLD;
    if (!isSlow || command[2] === 0) return null;
    return { times: command[2], multiplier: command[3] || 1 };
  }

  /** Runs one command. */
  process(bytes: Uint8Array): MaybePromise<Uint8Array> {
    this.commands++;
    const command = parseCardCommand(bytes);
    if (command === null) return answer(0x6700);
    const { cla } = command;
    const isChained = cla === (ins.TEST_CLA | ins.CHAINING);
    if (cla !== 0 && cla !== ins.TEST_CLA && !isChained) return answer(0x6E00);
    const data = joined(this.#chain, command.data);
    this.#chain = NO_BYTES;
    if (isChained) {
      if (command.ins !== ins.INS_ECHO) return answer(0x6884);
      this.#chain = data.slice();
      return answer(0x9000);
    }
    return this.#run(command, data);
  }

  #run(command: CardCommand, data: Uint8Array): MaybePromise<Uint8Array> {
    const { p1, p2, ne } = command;
    switch (command.ins) {
      case ins.INS_ECHO:
        return answer(0x9000, data);
      case ins.INS_GIVE:
        return answer(0x9000, testCardBytes(p1, ne));
      case ins.INS_GIVE_FIXED:
        return answer(0x9000, testCardBytes(p2, p1 || 256));
      case ins.INS_TAKE:
        this.#taken = data.slice();
        return answer(0x9000);
      case ins.INS_DIGEST:
        return answer(0x9000, testCardDigest(this.#taken));
      case ins.INS_MUTE:
        this.isMute = true;
        return answer(0x9000);
      case ins.INS_DAMAGE:
        // The answer to this command.
        this.#wholeBlocks = 1;
        this.#damagedBlocks = p1;
        return answer(0x9000);
      case ins.INS_COUNTERS:
        this.#ticks++;
        return answer(0x9000, pair(this.resets, this.#ticks));
      case ins.INS_NOTHING:
        return answer(0x9000);
      case ins.INS_HOLD:
        return this.#hold();
      case ins.INS_SELECT:
        return answer(isMasterFile(data) ? 0x9000 : 0x6A82);
      default:
        return answer(0x6D00);
    }
  }

  #hold(): Promise<Uint8Array> {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    this.hold(() => resolve(answer(0x9000)));
    return promise;
  }
}

/** What DIGEST tells about the bytes that TAKE got: number, exclusive OR, sum. */
export function testCardDigest(taken: Uint8Array): Uint8Array {
  let [mixed, sum] = [0, 0];
  for (const byte of taken) {
    mixed ^= byte;
    sum += byte;
  }
  return Uint8Array.of(taken.length >> 8, taken.length, mixed, sum);
}

/** `length` bytes counted up from `first`, as GIVE answers. */
export function testCardBytes(first: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => first + index);
}

function isMasterFile(data: Uint8Array): boolean {
  return data.length === 2 && data[0] === 0x3F && data[1] === 0;
}

function pair(first: number, second: number): Uint8Array {
  return Uint8Array.of(first >> 8, first, second >> 8, second);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

function answer(status: number, data: Uint8Array = NO_BYTES): Uint8Array {
  const bytes = new Uint8Array(data.length + 2);
  bytes.set(data);
  bytes[data.length] = status >> 8;
  bytes[data.length + 1] = status;
  return bytes;
}
