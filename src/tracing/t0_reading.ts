/**
 * Follows the characters of T=0: headers, procedure bytes, data and status (ISO/IEC 7816-3 10.3).
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import { describeHeader } from "./apdu_words.ts";
import { type Blanked, blankWhere } from "./blanking.ts";
import { CommandScanner } from "./command_scanner.ts";
import { describeStatus } from "./status_words.ts";

const HEADER_BYTES = 5;
const P3_OF_ALL = 256;
const NULL_BYTE = 0x60;

/** Where a command is. */
interface T0State {
  readonly ins: number;
  readonly p3: number;
  /** Whether a command is under way. */
  isOpen: boolean;
  /** Data bytes transferred. */
  done: number;
  /** Data bytes that the last procedure byte called for and that are still to come. */
  owed: number;
  /** Whether they have begun to come from the card. */
  isIncoming: boolean;
  sw1: number | null;
  /** SW1 SW2 of the last command that ended. */
  status: number | null;
}

function newState(ins: number, p3: number, isOpen: boolean): T0State {
  const nothing = { done: 0, owed: 0, isIncoming: false };
  return { ins, p3, isOpen, ...nothing, sw1: null, status: null };
}

function count(bytes: number): string {
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}

/** Reads the characters of one card, from reset to reset. */
export class T0Reading {
  readonly #scanner = new CommandScanner();
  #state: T0State = newState(0, 0, false);

  /** Characters to the card. */
  sent(bytes: Uint8Array): Blanked & { words: string } {
    const state = this.#state;
    const isData = state.isOpen && state.owed >= bytes.length &&
      !state.isIncoming;
    if (isData) {
      state.done += bytes.length;
      state.owed -= bytes.length;
    } else {
      this.#scanner.begin();
      this.#state = newState(bytes[1] ?? 0, bytes[4] ?? 0, true);
    }
    const blanked = blankWhere(bytes, (byte) => this.#scanner.next(byte));
    if (isData) return { ...blanked, words: `data: ${count(bytes.length)}` };
    const words = bytes.length < HEADER_BYTES
      ? "incomplete header"
      : `T=0 header: ${describeHeader(bytes)}, P3 ${bytes[4]}`;
    return { ...blanked, words };
  }

  /** Whether characters from the card leave nothing open that they have begun: data, or a status. */
  isComplete(bytes: Uint8Array): boolean {
    const state = { ...this.#state };
    walk(state, bytes, []);
    return state.sw1 === null && !(state.isIncoming && state.owed > 0);
  }

  /** Characters from the card. */
  received(bytes: Uint8Array): Blanked & { words: string } {
    const { hasPin } = this.#scanner;
    const words: string[] = [];
    const isKnown = walk(this.#state, bytes, words);
    if (!this.#state.isOpen) this.#scanner.end(this.#state.status);
    if (this.#state.sw1 !== null) words.push("SW1 without SW2");
    const text = words.join(", ");
    return {
      // A card may repeat what it got.
      ...blankWhere(bytes, (_, at) => hasPin && !isKnown[at]),
      words: text.endsWith("ACK") ? `${text}: send the data` : text,
    };
  }

  /** The reader waited in vain: whatever it was, it is over. */
  silence(): void {
    this.#state = newState(0, 0, false);
    this.#scanner.end(null);
  }
}

/** Follows characters from the card. @returns for each whether it was a procedure byte or a status */
function walk(
  state: T0State,
  bytes: Uint8Array,
  words: string[],
): boolean[] {
  let data = 0;
  const isKnown = Array.from(bytes, (byte) => {
    if (takeData(state)) {
      data++;
      return false;
    }
    if (data > 0) words.push(count(data));
    data = 0;
    return procedure(state, byte, words);
  });
  if (data > 0) words.push(count(data));
  return isKnown;
}

/** A character behind ACK is data when the reader has sent nothing since. */
function takeData(state: T0State): boolean {
  if (state.owed === 0) return false;
  state.owed--;
  state.done++;
  state.isIncoming = state.owed > 0;
  return true;
}

/** A character where a procedure byte or SW2 stands. @returns whether it may stand there */
function procedure(state: T0State, byte: number, words: string[]): boolean {
  const remaining = (state.p3 || P3_OF_ALL) - state.done;
  if (state.sw1 !== null) {
    const sw = Uint8Array.of(state.sw1, byte);
    words.push(`SW ${toHex(sw)}: ${describeStatus(sw)}`);
    Object.assign(state, newState(0, 0, false));
    state.status = sw[0] << 8 | byte;
    return true;
  }
  if (!state.isOpen) {
    words.push("no procedure byte");
    return false;
  }
  if (byte === NULL_BYTE) words.push("NULL: wait");
  else if (byte === state.ins && remaining > 0) {
    words.push("ACK");
    state.owed = remaining;
  } else if (byte === (state.ins ^ 0xff) && remaining > 0) {
    words.push("~ACK: one byte");
    state.owed = 1;
  } else if (byte >> 4 === 6 || byte >> 4 === 9) state.sw1 = byte;
  else {
    words.push("no procedure byte");
    state.isOpen = false;
    return false;
  }
  return true;
}
