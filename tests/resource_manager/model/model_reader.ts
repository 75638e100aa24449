/**
 * A reader device that tells a witness what reaches it and when, and whose answers
 * come at once, after a turn of the microtask queue, or when a pacer lets them.
 *
 * @module
 */

import { fromHex, readU32le, writeU32le } from "../../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
  type Irp,
  type ReaderDevice,
  SCARD_ABSENT,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_SPECIFIC,
  SCARD_SWALLOWED,
  STATUS_CANCELLED,
  STATUS_DEVICE_REMOVED,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../../../src/smclib/mod.ts";

/** ATR of the card: T=0 and T=1. */
const ATR = fromHex("3BF0110081B1FE451F0F");

/** A control code of the vendor, that the device answers with its input. */
export const VENDOR_CODE = 0x312000;

/** When answers come. */
export type Pace = "sync" | "async" | { wait(label: string): Promise<void> };

/** Who is told. */
export interface DeviceWitness {
  /** A request other than tracking reaches the device; `input` is its own copy. */
  arrived(device: ModelReader, code: number, input: Uint8Array): void;
  /** Its answer is known, and what it did to the card is done. */
  answered(device: ModelReader, code: number, input: Uint8Array): void;
}

/** A reader with a card of two protocols. */
export class ModelReader implements ReaderDevice {
  /** Name for messages. */
  readonly deviceName = "\\Device\\Model";
  /** When answers come. */
  pace: Pace = "sync";
  /** SCARD_ABSENT, SCARD_SWALLOWED, SCARD_NEGOTIABLE or SCARD_SPECIFIC. */
  state: number = SCARD_ABSENT;
  /** Whether the card does not answer a reset. */
  mute = false;
  /** Whether the device has failed. */
  dead = false;
  /** SCARD_PROTOCOL_* bit in force. */
  selected = 0;
  /** Requests other than tracking that the device works on. */
  busy = 0;
  /** Insertions and removals. */
  events = 0;
  /** Removals. */
  session = 0;
  /** Resets and power-downs that reached a card. */
  resets = 0;
  #tracking: Irp | null = null;
  readonly #witness: DeviceWitness;

  /** A reader without a card. */
  constructor(witness: DeviceWitness) {
    this.#witness = witness;
  }

  /** Whether the manager waits for an event. */
  get tracked(): boolean {
    return this.#tracking !== null;
  }

  /** A card comes in. */
  insert(mute: boolean): void {
    this.events++;
    this.mute = mute;
    this.state = SCARD_SWALLOWED;
    this.#endTracking(IOCTL_SMARTCARD_IS_PRESENT, STATUS_SUCCESS);
  }

  /** The card goes. */
  remove(): void {
    this.events++;
    this.session++;
    this.state = SCARD_ABSENT;
    this.selected = 0;
    this.#endTracking(IOCTL_SMARTCARD_IS_ABSENT, STATUS_SUCCESS);
  }

  /** The device fails: nothing works until `dead` is false again. */
  die(): void {
    this.dead = true;
    this.#endTracking(null, STATUS_DEVICE_REMOVED);
  }

  cleanup(): void {
    this.#endTracking(null, STATUS_CANCELLED);
  }

  deviceControl(irp: Irp): number | Promise<number> {
    const code = irp.ioControlCode;
    if (isTracking(code)) return this.#track(irp);
    const input = irp.systemBuffer.slice(0, irp.inputLength);
    const { session } = this;
    this.busy++;
    this.#witness.arrived(this, code, input);
    const finish = () => {
      this.busy--;
      const answer = this.dead
        ? STATUS_DEVICE_REMOVED
        : session !== this.session && CARD_CODES.has(code)
        ? STATUS_NO_MEDIA
        : this.#answer(code, input);
      this.#witness.answered(this, code, input);
      if (typeof answer === "number") irp.complete(answer);
      else {
        irp.systemBuffer.set(answer);
        irp.complete(STATUS_SUCCESS, answer.length);
      }
      return irp.ioStatus.status;
    };
    if (this.pace === "sync") return finish();
    if (this.pace === "async") return Promise.resolve().then(finish);
    const word = REQUEST_WORDS.get(code) ?? "control";
    void this.pace.wait(`answer to ${word}`).then(finish);
    return STATUS_PENDING;
  }

  #endTracking(code: number | null, status: number): void {
    const irp = this.#tracking;
    if (irp === null || (code !== null && irp.ioControlCode !== code)) return;
    this.#tracking = null;
    irp.complete(status);
  }

  #track(irp: Irp): number {
    const wantsCard = irp.ioControlCode === IOCTL_SMARTCARD_IS_PRESENT;
    const isTrue = wantsCard === this.state > SCARD_ABSENT;
    if (this.dead || isTrue) {
      irp.complete(this.dead ? STATUS_DEVICE_REMOVED : STATUS_SUCCESS);
      return irp.ioStatus.status;
    }
    this.#tracking = irp;
    irp.signal?.addEventListener("abort", () => {
      if (this.#tracking === irp) this.#endTracking(null, STATUS_CANCELLED);
    });
    return STATUS_PENDING;
  }

  #answer(code: number, input: Uint8Array): Uint8Array | number {
    switch (code) {
      case IOCTL_SMARTCARD_GET_STATE:
        return ulong(this.state);
      case IOCTL_SMARTCARD_GET_ATTRIBUTE:
        return STATUS_NOT_SUPPORTED;
      case IOCTL_SMARTCARD_POWER:
        return this.#power(readU32le(input, 0));
      case IOCTL_SMARTCARD_SET_PROTOCOL:
        return this.#setProtocol(readU32le(input, 0));
      case IOCTL_SMARTCARD_TRANSMIT:
        return this.state === SCARD_ABSENT
          ? STATUS_NO_MEDIA
          : readU32le(input, 0) === this.selected
          ? Uint8Array.of(...input, 0x90, 0)
          : STATUS_INVALID_DEVICE_STATE;
      case VENDOR_CODE:
        return input;
      default:
        return STATUS_NOT_SUPPORTED;
    }
  }

  #power(action: number): Uint8Array | number {
    if (this.state === SCARD_ABSENT) return STATUS_NO_MEDIA;
    this.resets++;
    this.selected = 0;
    this.state = SCARD_SWALLOWED;
    if (action === SCARD_POWER_DOWN) return STATUS_SUCCESS;
    if (this.mute) return STATUS_IO_TIMEOUT;
    this.state = SCARD_NEGOTIABLE;
    return ATR;
  }

  #setProtocol(mask: number): Uint8Array | number {
    if (this.state === SCARD_ABSENT) return STATUS_NO_MEDIA;
    if (this.state < SCARD_NEGOTIABLE) return STATUS_INVALID_DEVICE_STATE;
    if (this.state === SCARD_SPECIFIC) {
      const fits = (this.selected & mask) !== 0;
      return fits ? ulong(this.selected) : STATUS_INVALID_DEVICE_STATE;
    }
    if ((mask & 3) === 0) return STATUS_NOT_SUPPORTED;
    this.selected = (mask & 2) !== 0 ? 2 : 1;
    this.state = SCARD_SPECIFIC;
    return ulong(this.selected);
  }
}

/** Requests to the card: one that it has left behind is not answered by the next. */
const CARD_CODES: ReadonlySet<number> = new Set([
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
]);

const REQUEST_WORDS: ReadonlyMap<number, string> = new Map([
  [IOCTL_SMARTCARD_GET_STATE, "state"],
  [IOCTL_SMARTCARD_GET_ATTRIBUTE, "attribute"],
  [IOCTL_SMARTCARD_POWER, "power"],
  [IOCTL_SMARTCARD_SET_PROTOCOL, "protocol"],
  [IOCTL_SMARTCARD_TRANSMIT, "transmit"],
]);

function isTracking(code: number): boolean {
  return code === IOCTL_SMARTCARD_IS_PRESENT ||
    code === IOCTL_SMARTCARD_IS_ABSENT;
}

function ulong(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32le(bytes, 0, value);
  return bytes;
}
