/**
 * Cards that misbehave, for whoever has to survive them.
 *
 * @module
 */
import { buildAtr } from "./atr_builder.ts";
import type { CardOutput, ContactCard } from "./contact_card.ts";

/** What the faulty cards have in common. */
export interface FaultyCardOptions {
  /** The ATR as bytes on the wire; default that of a plain T=1 card. */
  readonly atr?: Uint8Array;
}

/** A card that does nothing at all: no ATR, no answer. */
export class MuteCard implements ContactCard {
  /** Nothing will ever come. */
  attach(_output: CardOutput | null): void {}
  /** No ATR. */
  reset(_kind: "cold" | "warm"): void {}
  /** Nothing to forget. */
  powerOff(): void {}
  /** Nothing is heard. */
  receive(_bytes: Uint8Array): void {}
}

/** A card that sends its ATR and then never answers. */
export class SilentCard implements ContactCard {
  readonly #atr: Uint8Array;
  #output: CardOutput | null = null;
  #isPowered = false;

  /** Sends the ATR of the options. */
  constructor(options: FaultyCardOptions = {}) {
    this.#atr = (options.atr ?? buildAtr({ protocols: [1] })).slice();
  }

  /** Registers where characters go. */
  attach(output: CardOutput | null): void {
    this.#output = output;
    if (output === null) this.#isPowered = false;
  }

  /** Sends the ATR. */
  reset(_kind: "cold" | "warm"): void {
    this.#isPowered = true;
    this.sendAtr();
  }

  /** The card goes mute. */
  powerOff(): void {
    this.#isPowered = false;
  }

  /** Gives what {@linkcode answer} makes of the characters. */
  receive(bytes: Uint8Array): void {
    if (this.#isPowered && bytes.length > 0) this.answer(bytes);
  }

  /** Says nothing; the other faulty cards do. */
  protected answer(_bytes: Uint8Array): void {}

  /** Sends the ATR. */
  protected sendAtr(): void {
    this.send(this.#atr);
  }

  /** Sends characters while there is power. */
  protected send(bytes: Uint8Array): void {
    if (this.#isPowered && bytes.length > 0) this.#output?.(bytes.slice());
  }
}

/** How much garbage. */
export interface GarbageCardOptions extends FaultyCardOptions {
  /** Start of the pseudo-random sequence, so that a run can be repeated; default 1. */
  readonly seed?: number;
  /** Most bytes of one answer, 1..65 536; default 300. */
  readonly maxBytes?: number;
  /** The ATR is garbage too; default false. */
  readonly garbageAtr?: boolean;
}

/** A card that answers everything with 0 to `maxBytes` pseudo-random bytes. */
export class GarbageCard extends SilentCard {
  readonly #maxBytes: number;
  readonly #garbageAtr: boolean;
  #state: number;

  /** Makes the card. @throws {RangeError} when `maxBytes` is out of range */
  constructor(options: GarbageCardOptions = {}) {
    super(options);
    this.#maxBytes = checkBytes("maxBytes", options.maxBytes ?? 300);
    this.#garbageAtr = options.garbageAtr ?? false;
    this.#state = options.seed ?? 1;
  }

  /** Sends garbage. */
  protected override answer(_bytes: Uint8Array): void {
    this.#sendGarbage();
  }

  /** Sends the ATR, or garbage in its place. */
  protected override sendAtr(): void {
    if (this.#garbageAtr) this.#sendGarbage();
    else super.sendAtr();
  }

  #sendGarbage(): void {
    const length = this.#random() % (this.#maxBytes + 1);
    this.send(Uint8Array.from({ length }, () => this.#random() & 0xff));
  }

  /** Mulberry32: small, and the same everywhere. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return (mixed ^ mixed >>> 14) >>> 0;
  }
}

/** How much babble. */
export interface BabblingCardOptions extends FaultyCardOptions {
  /** Bytes of every answer, 1..65 536; default 65 536. */
  readonly bytesPerAnswer?: number;
  /** The byte said over and over; default NULL of T=0, '60'. */
  readonly byte?: number;
}

/** A card that answers everything with far more than anybody asked for. */
export class BabblingCard extends SilentCard {
  readonly #babble: Uint8Array;

  /** Makes the card. @throws {RangeError} when `bytesPerAnswer` is out of range */
  constructor(options: BabblingCardOptions = {}) {
    super(options);
    const length = options.bytesPerAnswer ?? 65_536;
    checkBytes("bytesPerAnswer", length);
    this.#babble = new Uint8Array(length).fill(options.byte ?? 0x60);
  }

  /** Babbles. */
  protected override answer(_bytes: Uint8Array): void {
    this.send(this.#babble);
  }
}

function checkBytes(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= 65_536) return value;
  throw new RangeError(
    `Cannot set ${name} of a faulty card: ${value} found, expected 1 to 65536`,
  );
}
