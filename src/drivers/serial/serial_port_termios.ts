/**
 * `struct termios2` of Linux, and the characters that its PARMRK mode marks. The
 * numbers are those of x86_64 and aarch64, which share them.
 *
 * @module
 */

import { CHARACTER_DAMAGED, type SerialSettings } from "./serial_port.ts";

/** Four flag words, line discipline, 19 control characters, two speeds. */
export const TERMIOS2_BYTES = 44;

const INPCK = 0x10;
const PARMRK = 0x08;
const CS8 = 0x30;
const CSTOPB = 0x40;
const CREAD = 0x80;
const PARENB = 0x100;
const PARODD = 0x200;
const HUPCL = 0x400;
const CLOCAL = 0x800;
/** The speed stands in c_ospeed, as a number. */
const BOTHER = 0x1000;
/** Where c_cflag has the input speed. */
const IBSHIFT = 16;

const CFLAG = 8;
const CC = 17;
const VTIME = 5;
const VMIN = 6;
const ISPEED = 36;
const OSPEED = 40;

/** Raw mode with these settings: no flow control, no modem control, nothing translated. */
export function encodeTermios(
  settings: SerialSettings,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(TERMIOS2_BYTES);
  const view = new DataView(bytes.buffer);
  const { parity, stopBits, marksDamage } = settings;
  const baudRate = Math.round(settings.baudRate);
  view.setUint32(0, marksDamage ? INPCK | PARMRK : 0, true);
  const parityFlags = parity === "none"
    ? 0
    : PARENB | (parity === "odd" ? PARODD : 0);
  view.setUint32(
    CFLAG,
    BOTHER | BOTHER << IBSHIFT | CS8 | CREAD | HUPCL | CLOCAL | parityFlags |
      (stopBits === 2 ? CSTOPB : 0),
    true,
  );
  bytes[CC + VTIME] = 0;
  bytes[CC + VMIN] = 1;
  view.setUint32(ISPEED, baudRate, true);
  view.setUint32(OSPEED, baudRate, true);
  return bytes;
}

/** What a `struct termios2` says of speed and frame. A pseudo-terminal never has parity. */
export function decodeTermios(bytes: Uint8Array): SerialSettings {
  const view = new DataView(bytes.buffer, bytes.byteOffset, TERMIOS2_BYTES);
  const flags = view.getUint32(CFLAG, true);
  const odd = (flags & PARODD) !== 0 ? "odd" : "even";
  return {
    baudRate: view.getUint32(OSPEED, true),
    parity: (flags & PARENB) === 0 ? "none" : odd,
    stopBits: (flags & CSTOPB) === 0 ? 1 : 2,
    marksDamage: (view.getUint32(0, true) & PARMRK) !== 0,
  };
}

const MARK = 0xFF;

/**
 * Undoes PARMRK: 'FF FF' is 'FF', and 'FF 00 x' is a damaged 'x'. A mark may end in one
 * reception and go on in the next.
 */
export class MarkDecoder {
  #mark = 0;

  /** Forgets half a mark, after a flush. */
  reset(): void {
    this.#mark = 0;
  }

  /** Puts the characters of `bytes[0..count)` into `target`, which has room. @returns how many */
  decode(bytes: Uint8Array, count: number, target: Uint16Array): number {
    let length = 0;
    for (let i = 0; i < count; i++) {
      const byte = bytes[i];
      if (this.#mark === 0) {
        if (byte === MARK) this.#mark = 1;
        else target[length++] = byte;
      } else if (this.#mark === 1 && byte === 0) {
        this.#mark = 2;
      } else {
        target[length++] = this.#mark === 2 ? byte | CHARACTER_DAMAGED : byte;
        this.#mark = 0;
      }
    }
    return length;
  }
}
