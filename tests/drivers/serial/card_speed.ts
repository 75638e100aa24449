/**
 * At which speed a card is, told from what passes between it and the reader.
 *
 * @module
 */

import {
  type CardAtr,
  invertCharacters,
  readCardAtr,
} from "../../../src/cards/mod.ts";

// deno-fmt-ignore
const F = [372, 372, 558, 744, 1116, 1488, 1860, 0, 0, 512, 768, 1024, 1536, 2048, 0, 0];
const D = [0, 1, 2, 4, 8, 16, 32, 64, 12, 20, 0, 0, 0, 0, 0, 0];
const PPSS = 0xFF;

/** F, D, convention and guard time of a card since its reset. */
export class CardSpeed {
  f = 372;
  d = 1;
  isInverse = false;
  /** Guard time towards the card in etu: 12 + N. */
  guardEtu = 12;
  #said: number[] = [];
  #heard: number[] = [];
  #atr: CardAtr | null = null;

  /** After a reset. */
  reset(): void {
    [this.f, this.d, this.isInverse, this.guardEtu] = [372, 1, false, 12];
    [this.#said, this.#heard, this.#atr] = [[], [], null];
  }

  /** The card has said a character, as a direct-convention UART reads it. */
  said(character: number): void {
    if (this.#said.length === 0 && this.#atr === null) {
      this.isInverse = character === 0x03;
    }
    this.#said.push(this.#logical(character));
    if (this.#atr !== null) this.#lookForResponse();
  }

  /** The card has heard a character: the ATR is over. */
  heard(character: number): void {
    if (this.#atr === null) this.atrIsOver();
    this.#said = [];
    if (this.#heard.length < 6) this.#heard.push(this.#logical(character));
  }

  /** What the ATR fixes holds from here on. */
  atrIsOver(): void {
    if (this.#atr !== null || this.#said.length < 2) return;
    const bytes = Uint8Array.from(this.#said);
    this.#atr = readCardAtr(bytes);
    const { specificProtocol, fiIndex, diIndex, protocols } = this.#atr;
    const n = extraGuardTime(bytes);
    const isShort = n === 255 && protocols[0] === 1 &&
      (specificProtocol !== null || protocols.length === 1);
    this.guardEtu = n === 255 ? (isShort ? 11 : 12) : 12 + n;
    if (specificProtocol !== null) [this.f, this.d] = [F[fiIndex], D[diIndex]];
  }

  #lookForResponse(): void {
    const said = this.#said;
    if (this.#heard[0] !== PPSS || said[0] !== PPSS || said.length < 3) return;
    const bits = said[1] >> 4;
    const length = 3 + (bits & 1) + (bits >> 1 & 1) + (bits >> 2 & 1);
    if (said.length !== length) return;
    const check = said.reduce((sum, byte) => sum ^ byte, 0);
    const isGood = check === 0 && (said[1] & 15) === (this.#heard[1] & 15);
    // One PPS a reset: what follows is the protocol's.
    this.#heard = [0];
    if (!isGood || (bits & 1) === 0) return;
    [this.f, this.d] = [F[said[2] >> 4], D[said[2] & 15]];
  }

  #logical(character: number): number {
    return this.isInverse
      ? invertCharacters(Uint8Array.of(character))[0]
      : character;
  }
}

/** TC1, 0 where there is none. */
function extraGuardTime(atr: Uint8Array): number {
  const present = atr[1] >> 4;
  if ((present & 4) === 0) return 0;
  return atr[2 + (present & 1) + (present >> 1 & 1)];
}
