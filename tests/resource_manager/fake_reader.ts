/** A reader device whose card, answers, delays and failures a test decides. */

import { fromHex, readU32le, writeU32le } from "../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_EJECT,
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
  type Irp,
  type ReaderDevice,
  SCARD_ABSENT,
  SCARD_ATTR_DEVICE_UNIT,
  SCARD_ATTR_VENDOR_IFD_TYPE,
  SCARD_ATTR_VENDOR_NAME,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_SPECIFIC,
  SCARD_SWALLOWED,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";

/** How requests other than tracking are answered. */
export type Pace = "sync" | "async" | "held";

/** ATR of a card with T=0 and T=1. */
export const TEST_ATR = fromHex("3BF0110081B1FE451F0F");

/** SW 9000 after an echo of the command. */
export function echo(apdu: Uint8Array): Uint8Array {
  return Uint8Array.of(...apdu, 0x90, 0x00);
}

export class FakeReader implements ReaderDevice {
  readonly deviceName = "\\Device\\Fake";
  vendor = "Fake";
  ifdType = "Reader";
  unit = 0;
  /** sync: answered in the call; async: one microtask later; held: by release(). */
  pace: Pace = "sync";
  state: number = SCARD_ABSENT;
  atr: Uint8Array = TEST_ATR;
  mute = false;
  supported = 3;
  selected = 0;
  /** Answers an APDU: bytes, or an NTSTATUS. */
  respond: (apdu: Uint8Array) => Uint8Array | number = echo;
  /** Answers codes that the fake does not know. */
  vendorControl: (code: number, input: Uint8Array) => Uint8Array | number =
    () => STATUS_NOT_SUPPORTED;
  /** What an IOCTL answers next, whatever the state. */
  readonly failures = new Map<number, number[]>();
  readonly log: number[] = [];
  readonly held: (() => void)[] = [];
  tracking: Irp | null = null;
  /** Requests the device works on at this moment: never more than one. */
  busy = 0;
  maxBusy = 0;
  cleanups = 0;

  count(code: number): number {
    return this.log.filter((entry) => entry === code).length;
  }

  failNext(code: number, ...statuses: number[]): void {
    this.failures.set(code, [...this.failures.get(code) ?? [], ...statuses]);
  }

  insert(atr: Uint8Array = TEST_ATR): void {
    this.atr = atr;
    this.state = SCARD_SWALLOWED;
    this.#event(IOCTL_SMARTCARD_IS_PRESENT);
  }

  remove(): void {
    this.state = SCARD_ABSENT;
    this.selected = 0;
    this.#event(IOCTL_SMARTCARD_IS_ABSENT);
  }

  /** Lets held requests go, all or the first ones. */
  release(count = this.held.length): void {
    for (const go of this.held.splice(0, count)) go();
  }

  cleanup(): void {
    this.cleanups++;
    this.endTracking(STATUS_CANCELLED);
  }

  endTracking(status: number): void {
    const irp = this.tracking;
    this.tracking = null;
    irp?.complete(status);
  }

  deviceControl(irp: Irp): number | Promise<number> {
    this.log.push(irp.ioControlCode);
    const isTracking = irp.ioControlCode === IOCTL_SMARTCARD_IS_PRESENT ||
      irp.ioControlCode === IOCTL_SMARTCARD_IS_ABSENT;
    if (isTracking) return this.#track(irp);
    this.busy++;
    this.maxBusy = Math.max(this.maxBusy, this.busy);
    const finish = () => {
      this.busy--;
      const failure = this.failures.get(irp.ioControlCode)?.shift();
      const answer = failure ?? this.#answer(irp);
      if (typeof answer === "number") {
        irp.complete(answer);
      } else if (answer.length > irp.outputLength) {
        irp.complete(STATUS_BUFFER_TOO_SMALL);
      } else {
        irp.systemBuffer.set(answer);
        irp.complete(STATUS_SUCCESS, answer.length);
      }
      return irp.ioStatus.status;
    };
    if (this.pace === "sync") return finish();
    if (this.pace === "async") return Promise.resolve().then(finish);
    this.held.push(finish);
    return STATUS_PENDING;
  }

  #event(kind: number): void {
    if (this.tracking?.ioControlCode === kind) this.endTracking(STATUS_SUCCESS);
  }

  #track(irp: Irp): number {
    const failure = this.failures.get(irp.ioControlCode)?.shift();
    const wantsCard = irp.ioControlCode === IOCTL_SMARTCARD_IS_PRESENT;
    const now = failure ??
      (this.tracking !== null
        ? STATUS_DEVICE_BUSY
        : wantsCard === (this.state > SCARD_ABSENT)
        ? STATUS_SUCCESS
        : STATUS_PENDING);
    if (now !== STATUS_PENDING) {
      irp.complete(now);
      return now;
    }
    this.tracking = irp;
    irp.signal?.addEventListener("abort", () => {
      if (this.tracking === irp) this.endTracking(STATUS_CANCELLED);
    });
    return STATUS_PENDING;
  }

  #answer(irp: Irp): Uint8Array | number {
    const input = irp.systemBuffer.slice(0, irp.inputLength);
    switch (irp.ioControlCode) {
      case IOCTL_SMARTCARD_GET_STATE:
        return ulong(this.state);
      case IOCTL_SMARTCARD_GET_ATTRIBUTE:
        return this.#attribute(readU32le(input, 0));
      case IOCTL_SMARTCARD_SET_ATTRIBUTE:
        return STATUS_SUCCESS;
      case IOCTL_SMARTCARD_POWER:
        return this.#power(readU32le(input, 0));
      case IOCTL_SMARTCARD_SET_PROTOCOL:
        return this.#setProtocol(readU32le(input, 0));
      case IOCTL_SMARTCARD_TRANSMIT: {
        if (this.state === SCARD_ABSENT) return STATUS_NO_MEDIA;
        const current = this.state === SCARD_SPECIFIC &&
          readU32le(input, 0) === this.selected;
        if (!current) return STATUS_INVALID_DEVICE_STATE;
        const answer = this.respond(input.subarray(8));
        if (typeof answer === "number") return answer;
        return Uint8Array.of(...input.subarray(0, 8), ...answer);
      }
      case IOCTL_SMARTCARD_EJECT:
        return STATUS_NOT_SUPPORTED;
      default:
        return this.vendorControl(irp.ioControlCode, input);
    }
  }

  #attribute(tag: number): Uint8Array | number {
    const text = (value: string) => new TextEncoder().encode(value);
    if (tag === SCARD_ATTR_VENDOR_NAME) return text(this.vendor);
    if (tag === SCARD_ATTR_VENDOR_IFD_TYPE) return text(this.ifdType);
    if (tag === SCARD_ATTR_DEVICE_UNIT) return ulong(this.unit);
    return STATUS_NOT_SUPPORTED;
  }

  #power(action: number): Uint8Array | number {
    if (this.state === SCARD_ABSENT) return STATUS_NO_MEDIA;
    this.selected = 0;
    this.state = SCARD_SWALLOWED;
    if (action === SCARD_POWER_DOWN) return STATUS_SUCCESS;
    if (this.mute) return 0xC00000B5;
    this.state = SCARD_NEGOTIABLE;
    return this.atr;
  }

  #setProtocol(mask: number): Uint8Array | number {
    if (this.state === SCARD_ABSENT) return STATUS_NO_MEDIA;
    if (this.state < SCARD_NEGOTIABLE) return STATUS_INVALID_DEVICE_STATE;
    const common = mask & this.supported;
    if (common === 0) return STATUS_NOT_SUPPORTED;
    if (this.state === SCARD_SPECIFIC) {
      if ((this.selected & mask) === 0) return STATUS_INVALID_DEVICE_STATE;
      return ulong(this.selected);
    }
    this.selected = (common & 2) !== 0 ? 2 : common & -common;
    this.state = SCARD_SPECIFIC;
    return ulong(this.selected);
  }
}

/** Lets every promise that can settle do so, without time passing. */
export async function settle(rounds = 60): Promise<void> {
  for (let i = 0; i < rounds; i++) await null;
}

function ulong(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32le(bytes, 0, value);
  return bytes;
}
