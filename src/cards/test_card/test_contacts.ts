/**
 * The contacts of the test card: what it hears, and the faults that it makes.
 *
 * @module
 */

import { fromHex, type MaybePromise } from "../../bytes.ts";
import type { CardOutput, ContactCard } from "../contact_card.ts";
import { invertCharacters, type ProtocolCard } from "../protocol_card.ts";
import type { TestCardApplication } from "./test_application.ts";

/** What the test card sends at a reset: its ATR, nothing, or something that is no ATR. */
export type TestCardReset = "good" | "mute" | "garbage";

/** What happened to the test card. */
export type TestCardEvent = "cold" | "warm" | "off";

/** What the test card can be stopped at: its ATR, its PPS response, and the loss of its power. */
export type TestCardMoment = "atr" | "pps" | "off";

/** T=1 announced, and a TCK that is wrong. */
export const GARBAGE_ATR: Uint8Array = fromHex("3B800102");

/** Characters kept since the last reset. */
const HEARD_BYTES = 4096;
const T1 = 1;
const NULL_BYTE = 0x60;
/** PPSS, the first byte of a PPS request (ISO/IEC 7816-3 9.2). */
const PPSS = 0xFF;

/** Stands between the reader and the card's protocols. */
export class TestCardContacts implements ContactCard {
  readonly #card: ProtocolCard;
  readonly #application: TestCardApplication;
  readonly #resetKind: TestCardReset;
  readonly #isInverse: boolean;
  readonly #heard = new Uint8Array(HEARD_BYTES);
  #heardLength = 0;
  #output: CardOutput | null = null;
  /** Resets and power cuts in the card's life. */
  readonly history: TestCardEvent[] = [];
  /** The moment that is to be held next, and who is told when it has come. */
  #next: { moment: TestCardMoment; reached: () => void } | null = null;
  /** What is kept back: pieces to be sent. */
  #kept: Uint8Array[] | null = null;

  /** Stands before `card`, whose application says when it is mute and what is to be damaged. */
  constructor(
    card: ProtocolCard,
    application: TestCardApplication,
    resetKind: TestCardReset,
  ) {
    this.#card = card;
    this.#application = application;
    this.#resetKind = resetKind;
    this.#isInverse = card.atr[0] === 0x3F;
  }

  /** A copy of the characters that came since the last reset, in logical values. */
  get heard(): Uint8Array {
    const heard = this.#heard.slice(0, this.#heardLength);
    return this.#isInverse ? invertCharacters(heard) : heard;
  }

  /** Whether the card has power and can be spoken to. */
  get isAlive(): boolean {
    return this.#card.isPowered && !this.#application.isMute &&
      this.#resetKind === "good";
  }

  /** Registers where characters go; null takes the power away, too. */
  attach(output: CardOutput | null): void {
    if (output === null) this.powerOff();
    this.#output = output;
    this.#card.attach(output === null ? null : (bytes) => this.#send(bytes));
  }

  /** The next of these moments is held until the application's `release`. */
  holdNext(moment: TestCardMoment, reached: () => void = () => {}): void {
    this.#next = { moment, reached };
  }

  /** Sends NULL of T=0. */
  sendNull(): void {
    const bytes = Uint8Array.of(NULL_BYTE);
    this.#output?.(this.#isInverse ? invertCharacters(bytes) : bytes);
  }

  /** Resets the card; what comes out depends on the options. A promise lasts as long as the ATR is held. */
  reset(kind: "cold" | "warm"): MaybePromise<void> {
    this.history.push(kind);
    this.#heardLength = 0;
    this.#kept = null;
    return this.#holding("atr", () => {
      if (this.#resetKind === "garbage") this.#output?.(GARBAGE_ATR);
      this.#card.reset(kind);
    });
  }

  /** The card forgets all but the number of its resets. */
  powerOff(): void {
    const wasPowered = this.#card.isPowered;
    if (wasPowered) this.history.push("off");
    this.#kept = null;
    this.#card.powerOff();
    this.#application.forget();
    if (wasPowered && this.#next?.moment === "off") this.#reach();
  }

  /** Characters from the reader; a mute card hears nothing. */
  receive(bytes: Uint8Array): MaybePromise<void> {
    if (!this.isAlive) return;
    const room = Math.min(bytes.length, HEARD_BYTES - this.#heardLength);
    this.#heard.set(bytes.subarray(0, room), this.#heardLength);
    this.#heardLength += room;
    // Only a card that has settled nothing yet takes PPS.
    const isPps = this.#card.agreement === null && this.heard[0] === PPSS;
    const receive = () => this.#card.receive(bytes);
    return isPps ? this.#holding("pps", receive) : receive();
  }

  /** Runs `act`; what the card sends meanwhile is kept back where `moment` is the next to be held. */
  #holding(
    moment: TestCardMoment,
    act: () => MaybePromise<void>,
  ): MaybePromise<void> {
    if (this.#next?.moment !== moment) return act();
    const kept: Uint8Array[] = [];
    this.#kept = kept;
    act();
    // The rest of a request that came in pieces is still to come.
    if (moment === "pps" && kept.length === 0) {
      this.#kept = null;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#application.hold(() => {
      // Null or another one: the card has lost its power, or was reset.
      if (this.#kept === kept) {
        this.#kept = null;
        for (const bytes of kept) this.#output?.(bytes);
      }
      resolve();
    });
    this.#reach();
    return promise;
  }

  #reach(): void {
    const next = this.#next;
    this.#next = null;
    next?.reached();
  }

  #send(bytes: Uint8Array): void {
    if (this.#resetKind !== "good" || this.#application.isMute) return;
    if (this.#kept !== null) {
      this.#kept.push(bytes.slice());
      return;
    }
    const isDamaged = this.#card.agreement?.protocol === T1 &&
      this.#application.nextBlockIsDamaged();
    this.#output?.(isDamaged ? damaged(bytes) : bytes);
  }
}

function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length - 1] ^= 0x01;
  return copy;
}
