/**
 * A T=1 reader in TypeScript, written the usual way: a class with its own arrays,
 * loops for LRC and CRC, `set` for data. On the wire it does what the core does:
 * checks EDC, NAD, LEN and PCB of every block, numbers, chaining both ways,
 * S(IFS), S(WTX) and S(ABORT) of the card, repetitions and RESYNCH (ISO/IEC
 * 7816-3 11.6.3), and copies the response to the caller.
 *
 * @module
 */

import { crc, lrc } from "./edc_plain.ts";

const DONE = 0;
const TRANSFER = 1;
const FAILED = -1;
const TRIES = 3;
const MAX_REQUESTS = 1024;

/** The reader's side of T=1. */
export class PlainT1Reader {
  /** The block to send. */
  readonly send = new Uint8Array(512);
  /** Where the card's block is put. */
  readonly receive = new Uint8Array(512);
  readonly #response = new Uint8Array(65538);
  readonly #edc: number;
  #command = new Uint8Array(0);
  #ifsc: number;
  #ssn = 0;
  #rsn = 0;
  #pcb = 0;
  #value = 0;
  #more = false;
  #receiving = false;
  #infSent = 0;
  #sent = 0;
  #received = 0;
  #tries = 0;
  #resynchs = 0;
  #requests = 0;

  constructor(ifscBytes: number, withCrc: boolean) {
    this.#ifsc = ifscBytes;
    this.#edc = withCrc ? 2 : 1;
  }

  start(command: Uint8Array): number {
    if (this.#command.length !== command.length) {
      this.#command = new Uint8Array(command.length);
    }
    this.#command.set(command);
    this.#resynchs = this.#requests = 0;
    return this.#begin();
  }

  #begin(): number {
    this.#sent = this.#received = this.#tries = 0;
    this.#receiving = false;
    return this.#next();
  }

  #next(): number {
    const left = this.#command.length - this.#sent;
    this.#more = left > this.#ifsc;
    this.#infSent = this.#more ? this.#ifsc : left;
    this.#pcb = this.#ssn << 6 | (this.#more ? 0x20 : 0);
    return TRANSFER;
  }

  build(): number {
    const block = this.send;
    let length = 0;
    if ((this.#pcb & 0x80) === 0) {
      length = this.#infSent;
      block.set(this.#command.subarray(this.#sent, this.#sent + length), 3);
    } else if ((this.#pcb & 0xc1) === 0xc1) {
      block[3] = this.#value;
      length = 1;
    }
    block[0] = 0;
    block[1] = this.#pcb;
    block[2] = length;
    length += 3;
    if (this.#edc === 1) {
      block[length] = lrc(block, length);
      return length + 1;
    }
    const check = crc(block, length);
    block[length] = check;
    block[length + 1] = check >> 8;
    return length + 2;
  }

  /** 0 valid, 1 EDC wrong, 2 anything else. */
  #judge(length: number): number {
    const block = this.receive;
    if (length < 3 + this.#edc) return 2;
    const len = block[2];
    const pcb = block[1];
    if (len === 255 || length !== 3 + len + this.#edc) return 2;
    if (this.#edc === 1) {
      if (lrc(block, length) !== 0) return 1;
    } else {
      const check = crc(block, 3 + len);
      if (block[3 + len] !== (check & 0xff) || block[4 + len] !== check >> 8) {
        return 1;
      }
    }
    if (block[0] !== 0) return 2;
    if ((pcb & 0x80) === 0) return (pcb & 0x1f) === 0 ? 0 : 2;
    if ((pcb & 0x40) === 0) {
      return (pcb & 0x2c) === 0 && (pcb & 3) !== 3 && len === 0 ? 0 : 2;
    }
    switch (pcb) {
      case 0xe0:
      case 0xc2:
      case 0xe2:
        return len === 0 ? 0 : 2;
      case 0xc1:
      case 0xe1:
        return len === 1 && block[3] !== 0 && block[3] !== 255 ? 0 : 2;
      case 0xc3:
        return len === 1 ? 0 : 2;
      default:
        return 2;
    }
  }

  digest(length: number): number {
    const error = this.#judge(length);
    if (error !== 0) return this.#fail(error);
    const pcb = this.receive[1];
    if ((pcb & 0x80) !== 0) {
      return (pcb & 0x40) !== 0 ? this.#takeS(pcb) : this.#takeR(pcb);
    }
    if (pcb >> 6 !== this.#rsn || (this.#more && !this.#receiving)) {
      return this.#fail(2);
    }
    this.#tries = 0;
    return this.#take(pcb);
  }

  #take(pcb: number): number {
    const len = this.receive[2];
    if (!this.#receiving) {
      this.#ssn ^= 1;
      this.#receiving = true;
    }
    this.#rsn ^= 1;
    if (this.#received + len > this.#response.length) return FAILED;
    this.#response.set(this.receive.subarray(3, 3 + len), this.#received);
    this.#received += len;
    return (pcb & 0x20) !== 0 ? this.#sendR(0) : DONE;
  }

  #takeR(pcb: number): number {
    if ((pcb >> 4 & 1) === this.#ssn) {
      if (this.#receiving || ++this.#tries >= TRIES) return this.#fail(2);
      this.#pcb = this.#ssn << 6 | (this.#more ? 0x20 : 0);
      return TRANSFER;
    }
    if (!this.#more || this.#receiving) return this.#fail(2);
    this.#tries = 0;
    this.#sent += this.#infSent;
    this.#ssn ^= 1;
    return this.#next();
  }

  #takeS(pcb: number): number {
    if (pcb === 0xe0 && this.#pcb === 0xc0) {
      this.#ssn = this.#rsn = 0;
      return this.#begin();
    }
    if ((pcb & 0x20) !== 0) return this.#fail(2);
    if (++this.#requests > MAX_REQUESTS || pcb === 0xc2) return FAILED;
    this.#tries = 0;
    this.#value = this.receive[3];
    if (pcb === 0xc1) this.#ifsc = this.#value;
    this.#pcb = pcb | 0x20;
    return TRANSFER;
  }

  #sendR(error: number): number {
    this.#pcb = 0x80 | this.#rsn << 4 | error;
    return TRANSFER;
  }

  #fail(error: number): number {
    if (++this.#tries < TRIES) {
      return (this.#pcb & 0xe0) === 0xc0 ? TRANSFER : this.#sendR(error);
    }
    if (this.#pcb === 0xc0 || ++this.#resynchs > TRIES) return FAILED;
    this.#tries = 0;
    this.#pcb = 0xc0;
    return TRANSFER;
  }

  /** `start` and `build` in one; returns the length of the first block. */
  begin(command: Uint8Array): number {
    const event = this.start(command);
    return event === TRANSFER ? this.build() : event;
  }

  /** `digest` and `build` in one; returns the length of the next block, 0 at the end, or -1. */
  step(length: number): number {
    const event = this.digest(length);
    return event === TRANSFER ? this.build() : event;
  }

  /** Copies the response; returns its length. */
  copyResponse(target: Uint8Array): number {
    target.set(this.#response.subarray(0, this.#received));
    return this.#received;
  }
}
