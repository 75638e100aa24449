/**
 * The other end of the wire: a Phoenix adaptor with a slot, and the card in it.
 *
 * @module
 */

import type { ContactCard } from "../../../src/cards/mod.ts";
import {
  CHARACTER_DAMAGED,
  type InputLine,
  type LineState,
  type LineUse,
  type OutputLines,
  type SerialSettings,
} from "../../../src/drivers/serial/mod.ts";
import { CardSpeed } from "./card_speed.ts";
import type { Clock } from "./clocks.ts";

/** The adaptor. */
export interface SimulatedPhoenixOptions {
  readonly clock: Clock;
  /** Crystal, in kHz; default 3579.545. */
  readonly clockKhz?: number;
  /** Default RTS. */
  readonly reset?: LineUse;
  /** Default none. */
  readonly power?: LineUse;
  /** Line of the card contact; default CTS. */
  readonly detect?: { readonly line: InputLine; readonly inverted?: boolean };
  /** Clocks between reset and TS; default 1000. */
  readonly atrDelayClocks?: number;
  /** Whether characters take their time; default true. */
  readonly isPaced?: boolean;
  /** Whether the port tells of wrong parity; default true. */
  readonly hasParity?: boolean;
}

/** Changes a character on its way to the host, `0x100` damaging its parity; null drops it. `index` counts from 0. */
export type WireFault = (character: number, index: number) => number | null;

const LEAST_TURN_ETU = 22;
const SPEED_TOLERANCE = 0.025;
const EPSILON_MS = 1e-6;

/** A slot on a wire. The host's end is {@linkcode hostSends} and {@linkcode onCharacter}. */
export class SimulatedPhoenix {
  /** Takes the characters that come to the host. */
  onCharacter: (character: number) => void = () => {};
  /** Told when the card contact opens or closes. */
  onDetect: () => void = () => {};
  /** What happens to the card's characters. */
  cardFault: WireFault | null = null;
  /** What happens to the echo. */
  echoFault: WireFault | null = null;
  /** What the reader did wrong: speed, parity, guard times. */
  readonly violations: string[] = [];
  /** Every speed at which characters were sent to the card, in their order. */
  readonly hostSpeeds: number[] = [];
  /** The card's speed. */
  readonly speed: CardSpeed = new CardSpeed();
  /** Settings of the host's port. */
  settings: SerialSettings | null = null;
  readonly #options: SimulatedPhoenixOptions;
  readonly #clock: Clock;
  readonly #clockKhz: number;
  #card: ContactCard | null = null;
  #lines = { rts: false, dtr: false };
  #isReset = true;
  #isPowered = false;
  #wasReset = false;
  #changes = 0;
  /** Counts what cuts a card's characters off. */
  #epoch = 0;
  #hostFreeAt = 0;
  #cardFreeAt = 0;
  #lastHostStart = -Infinity;
  #lastCardStart = -Infinity;
  #cardIndex = 0;
  #echoIndex = 0;

  constructor(options: SimulatedPhoenixOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#clockKhz = options.clockKhz ?? 3579.545;
    this.#isPowered = options.power === undefined;
  }

  /** The card in the slot. */
  get card(): ContactCard | null {
    return this.#card;
  }

  /** Whether a card is held in reset. */
  get isReset(): boolean {
    return this.#isReset;
  }

  /** Whether the slot has power. */
  get isPowered(): boolean {
    return this.#isPowered;
  }

  /** Characters of the card, and of the echo, count from 0 again. */
  countAnew(): void {
    this.#cardIndex = 0;
    this.#echoIndex = 0;
  }

  /** Puts a card in. */
  insert(card: ContactCard): void {
    this.#card = card;
    this.#wasReset = false;
    this.#epoch++;
    card.attach((bytes) => this.#cardSays(bytes));
    this.#changes++;
    this.onDetect();
  }

  /** Takes the card out. */
  remove(): void {
    const card = this.#card;
    if (card === null) return;
    this.#card = null;
    this.#epoch++;
    card.attach(null);
    this.#changes++;
    this.onDetect();
  }

  /** The input lines of the port. */
  lineState(): LineState {
    const { line, inverted = false } = this.#options.detect ?? { line: "cts" };
    const off = { cts: false, dsr: false, cd: false, ri: false };
    const none = { cts: 0, dsr: 0, cd: 0, ri: 0 };
    return {
      ...off,
      [line]: (this.#card !== null) !== inverted,
      changes: { ...none, [line]: this.#changes },
    };
  }

  /** The host sets lines. */
  setLines(lines: OutputLines): void {
    this.#lines = { ...this.#lines, ...lines };
    const { power, reset = { line: "rts" } } = this.#options;
    const acts = ({ line, inverted = false }: LineUse) =>
      this.#lines[line] !== inverted;
    const isPowered = power === undefined || acts(power);
    const isReset = acts(reset);
    if (this.#isPowered && !isPowered) {
      this.#epoch++;
      this.#wasReset = false;
      this.#card?.powerOff();
    }
    if (!this.#isReset && isReset) this.#epoch++;
    const starts = isPowered && !isReset &&
      (this.#isReset || !this.#isPowered);
    this.#isPowered = isPowered;
    this.#isReset = isReset;
    if (starts) this.#start();
  }

  /** The host sends characters, one after the other, after those that it is sending. */
  hostSends(bytes: Uint8Array): void {
    for (const character of bytes) {
      const { settings } = this;
      if (settings === null) throw new Error("the port was not set up");
      const bitMs = 1000 / settings.baudRate;
      const frameBits = 9 + (settings.parity === "none" ? 0 : 1) +
        settings.stopBits;
      const start = Math.max(this.#clock.now, this.#hostFreeAt);
      this.#hostFreeAt = start + frameBits * bitMs;
      this.#at(start + 10.5 * bitMs, () => {
        this.#deliver(character, settings, this.echoFault, this.#echoIndex++);
        this.#cardHears(character, settings, start);
      });
    }
  }

  #start(): void {
    this.speed.reset();
    const epoch = ++this.#epoch;
    const kind = this.#wasReset ? "warm" : "cold";
    this.#wasReset = this.#card !== null;
    const delay = (this.#options.atrDelayClocks ?? 1000) / this.#clockKhz;
    this.#cardFreeAt = this.#clock.now;
    this.#at(this.#clock.now + delay, () => {
      if (epoch === this.#epoch) this.#card?.reset(kind);
    });
  }

  get #etuMs(): number {
    return this.speed.f / (this.speed.d * this.#clockKhz);
  }

  #cardHears(
    character: number,
    settings: SerialSettings,
    start: number,
  ): void {
    const card = this.#card;
    if (card === null || this.#isReset || !this.#isPowered) return;
    this.speed.atrIsOver();
    const { speed } = this;
    this.#judge(settings, start);
    const isHeard = this.#isAtSpeed(settings) &&
      settings.parity === (speed.isInverse ? "odd" : "even");
    speed.heard(character);
    const release = this.#clock.hold();
    const busy = card.receive(
      Uint8Array.of(isHeard ? character : character ^ 0x5A),
    );
    if (busy instanceof Promise) busy.finally(release);
    else release();
  }

  #judge(settings: SerialSettings, start: number): void {
    const { speed } = this;
    const etu = this.#etuMs;
    const { baudRate, parity } = settings;
    if (this.hostSpeeds.at(-1) !== baudRate) this.hostSpeeds.push(baudRate);
    if (!this.#isAtSpeed(settings)) {
      this.violations.push(`${baudRate} bit/s, the card has ${1000 / etu}`);
    }
    if (parity !== (speed.isInverse ? "odd" : "even")) {
      this.violations.push(`${parity} parity`);
    }
    if (this.#options.isPaced === false) return;
    // A tenth of a percent: crystal and port do not agree exactly.
    const guard = 0.998 * speed.guardEtu * etu - EPSILON_MS;
    if (start - this.#lastHostStart < guard) {
      this.violations.push(`guard ${(start - this.#lastHostStart) / etu} etu`);
    }
    const turn = Math.max(LEAST_TURN_ETU * etu - EPSILON_MS, guard);
    if (start - this.#lastCardStart < turn) {
      this.violations.push(`turn ${(start - this.#lastCardStart) / etu} etu`);
    }
    this.#lastHostStart = start;
  }

  #cardSays(bytes: Uint8Array): void {
    const epoch = this.#epoch;
    for (const character of bytes.slice()) {
      const etu = this.#etuMs;
      const start = Math.max(
        this.#clock.now,
        this.#cardFreeAt,
        this.#lastHostStart + LEAST_TURN_ETU * etu,
      );
      this.#cardFreeAt = start + 12 * etu;
      this.#at(start + 10.5 * etu, () => {
        if (epoch !== this.#epoch) return;
        this.#lastCardStart = start;
        this.#speak(character);
      });
    }
  }

  #speak(character: number): void {
    const { settings, speed } = this;
    // Before the speed changes: the last character of a PPS still has the old one.
    const isRight = settings !== null && this.#isAtSpeed(settings);
    speed.said(character);
    if (settings === null) return;
    const parity = speed.isInverse ? "odd" : "even";
    this.#deliver(
      isRight ? character : character ^ 0x5A,
      { ...settings, parity },
      this.cardFault,
      this.#cardIndex++,
    );
  }

  #isAtSpeed({ baudRate }: SerialSettings): boolean {
    return Math.abs(baudRate * this.#etuMs / 1000 - 1) < SPEED_TOLERANCE;
  }

  /** Brings a character sent with the parity of `sent` to the host. */
  #deliver(
    character: number,
    sent: SerialSettings,
    fault: WireFault | null,
    index: number,
  ): void {
    const received = fault === null ? character : fault(character, index);
    if (received === null) return;
    const { settings } = this;
    const isWrong = settings !== null && settings.parity !== sent.parity;
    const isMarked = (received & CHARACTER_DAMAGED) !== 0;
    const isVisible = settings?.marksDamage === true &&
      this.#options.hasParity !== false;
    this.onCharacter(
      (received & 0xFF) |
        (isVisible && isWrong !== isMarked ? CHARACTER_DAMAGED : 0),
    );
  }

  #at(time: number, run: () => void): void {
    if (this.#options.isPaced === false) run();
    else this.#clock.timer(Math.max(0, time - this.#clock.now), run);
  }
}
