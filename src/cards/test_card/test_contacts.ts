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

/** T=1 announced, and a TCK that is wrong. */
export const GARBAGE_ATR: Uint8Array = fromHex("3B800102");

/** Characters kept since the last reset. */
const HEARD_BYTES = 4096;
const T1 = 1;

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

  /** Resets the card; what comes out depends on the options. */
  reset(kind: "cold" | "warm"): void {
    this.history.push(kind);
    this.#heardLength = 0;
    if (this.#resetKind === "garbage") this.#output?.(GARBAGE_ATR);
    this.#card.reset(kind);
  }

  /** The card forgets all but the number of its resets. */
  powerOff(): void {
    if (this.#card.isPowered) this.history.push("off");
    this.#card.powerOff();
    this.#application.forget();
  }

  /** Characters from the reader; a mute card hears nothing. */
  receive(bytes: Uint8Array): MaybePromise<void> {
    if (!this.isAlive) return;
    const room = Math.min(bytes.length, HEARD_BYTES - this.#heardLength);
    this.#heard.set(bytes.subarray(0, room), this.#heardLength);
    this.#heardLength += room;
    return this.#card.receive(bytes);
  }

  #send(bytes: Uint8Array): void {
    if (this.#resetKind !== "good" || this.#application.isMute) return;
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
