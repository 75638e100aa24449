/**
 * One direction of a faulty link: characters in, characters out.
 *
 * @module
 */

import { fromHex } from "../bytes.ts";
import type { FaultDirection } from "./faults.ts";
import type { ArmedFault } from "./faults_armed.ts";
import { CharacterFaults } from "./faults_characters.ts";
import type { LinePosition } from "./faults_counts.ts";
import { isWholeBlock, otherNumber } from "./faults_edc.ts";
import { FaultStrikes, type LineHost } from "./faults_strikes.ts";

/** One direction. */
export class FaultyLine {
  /** Where it stands. */
  readonly position: LinePosition;
  /** A fault has the card taken out: nothing passes until the next reset. */
  isCardGone = false;
  readonly #host: LineHost;
  readonly #direction: FaultDirection;
  readonly #emit: (character: number) => void;
  readonly #strikes: FaultStrikes;
  readonly #character: CharacterFaults;
  #faults: readonly ArmedFault[] = [];
  /** Whether the faults have had their say on the present block. */
  #isBlockDrawn = false;
  #keep = Infinity;
  #cutter: ArmedFault | null = null;
  /** Faults that want the whole block, and what has come of it. */
  #whole: ArmedFault[] = [];
  #held: number[] = [];
  #isLateDrawn = false;

  /** Makes a line without faults. @param emit takes each character that arrives */
  constructor(
    direction: FaultDirection,
    host: LineHost,
    emit: (character: number) => void,
  ) {
    this.#direction = direction;
    this.#host = host;
    this.#emit = emit;
    this.position = direction === "to-card"
      ? host.counts.toCard
      : host.counts.fromCard;
    this.#strikes = new FaultStrikes(host, this.position);
    this.#character = new CharacterFaults(host, this.#strikes);
  }

  /** Whether what passes now is not to be looked at. */
  get isClear(): boolean {
    return this.#faults.length === 0 && !this.isCardGone;
  }

  /** Whether characters are held back until the block is whole. */
  get isHolding(): boolean {
    return this.#whole.length > 0;
  }

  /** Whether what is held back is a whole block, as far as the protocol tells; without T=1 anything is. */
  get isWhole(): boolean {
    return this.#host.protocol() !== "t1" ||
      isWholeBlock(this.#held, this.#host.counts.isInverse);
  }

  /** Takes those of `faults` that strike in this direction in place of the ones before. */
  set(faults: readonly ArmedFault[]): void {
    this.#faults = faults.filter(({ direction }) =>
      direction === this.#direction
    );
    const held = this.#held;
    this.#endBlock();
    for (const character of held) this.#emit(character);
  }

  /** The card is reset. */
  reset(): void {
    this.isCardGone = false;
    this.position.reset(this.#direction === "from-card");
    this.#endBlock();
  }

  /** A block begins. */
  beginBlock(): void {
    this.position.beginBlock();
    this.#endBlock();
  }

  /** An exchange begins. */
  beginExchange(): void {
    this.position.beginExchange();
    this.#prune();
  }

  /** Characters went by without being looked at. */
  count(source: Uint8Array, offset: number, count: number): void {
    if (count <= 0) return;
    this.#noteConvention(source[offset]);
    this.position.passed(count);
  }

  /** The first `count` characters of `source` come. */
  feed(source: Uint8Array, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#noteConvention(source[i]);
      if (!this.#isBlockDrawn) this.#drawBlock();
      if (this.isHolding) this.#held.push(source[i]);
      else this.#pass(source[i]);
    }
  }

  /** No more of the block comes: what was held back goes on its way. */
  release(): void {
    if (!this.isHolding) return;
    let block = this.#held;
    let copies = 0;
    for (const fault of this.#whole) {
      if (fault.fault.what.kind === "duplicate") {
        copies += this.#strikesWhole(fault) ? 1 : 0;
        continue;
      }
      const changed = this.#otherNumber(fault, block);
      if (changed !== null && this.#strikesWhole(fault)) block = changed;
    }
    this.#whole = [];
    this.#held = [];
    for (const character of block) this.#pass(character);
    // The sender has not sent them: they do not count, and no other fault strikes them.
    for (; copies > 0 && this.#isPassing; copies--) block.forEach(this.#emit);
  }

  /** Characters that were sent get lost past all faults. */
  miss(count: number): void {
    for (let i = 0; i < count; i++) this.#next();
  }

  /** How long the answer is late, in waits: drawn once for a block, 0 for not at all. */
  drawLate(): number {
    if (this.#isLateDrawn) return 0;
    this.#isLateDrawn = true;
    for (const fault of this.#faults) {
      const { what } = fault.fault;
      if (what.kind === "late" && this.#strikes.isDue(fault)) {
        this.#strikes.strikeBlock(fault);
        return what.waits;
      }
    }
    return 0;
  }

  /** Forgets the faults that are over. */
  #prune(): void {
    if (this.#faults.length === 0) return;
    if (this.#faults.some(({ isOver }) => isOver)) {
      this.#faults = this.#faults.filter(({ isOver }) => !isOver);
    }
  }

  #endBlock(): void {
    this.#prune();
    this.#isBlockDrawn = this.#isLateDrawn = false;
    this.#keep = Infinity;
    this.#cutter = null;
    if (this.#whole.length > 0) this.#whole = [];
    if (this.#held.length > 0) this.#held = [];
  }

  #noteConvention(character: number): void {
    if (this.#direction === "from-card" && this.#held.length === 0) {
      this.#host.counts.noteConvention(character);
    }
  }

  /** The first character of a block is here. */
  #drawBlock(): void {
    this.#isBlockDrawn = true;
    if (this.isCardGone) return;
    for (const fault of this.#faults) {
      const { what } = fault.fault;
      switch (what.kind) {
        case "mute":
          if (!this.#strikes.isDue(fault)) break;
          this.#keep = 0;
          this.#strikes.strikeBlock(fault);
          break;
        case "truncate":
          if (what.keep >= this.#keep || !this.#strikes.isDue(fault)) break;
          this.#keep = what.keep;
          this.#cutter = fault;
          break;
        case "noise":
          if (!this.#strikes.isDue(fault)) break;
          for (const character of fromHex(what.hex)) this.#emit(character);
          this.#strikes.strikeBlock(fault);
          break;
        case "sequence":
        case "duplicate":
          if (!fault.isOver && fault.fits(this.position)) {
            this.#whole.push(fault);
          }
          break;
      }
    }
  }

  #otherNumber(
    { fault: { what } }: ArmedFault,
    block: readonly number[],
  ): number[] | null {
    return what.kind === "sequence"
      ? otherNumber(block, this.#host.counts.isInverse, what.number)
      : null;
  }

  /** Whether a fault strikes the block that fitted when it began. */
  #strikesWhole(fault: ArmedFault): boolean {
    if (fault.isOver || !fault.draw()) return false;
    this.#strikes.strikeBlock(fault);
    return true;
  }

  /** Whether characters of the present block still arrive. */
  get #isPassing(): boolean {
    return !this.isCardGone && this.position.byteOfBlock < this.#keep;
  }

  /** The place moves on by a character. */
  #next(): void {
    for (const fault of this.#faults) fault.passed();
    this.position.passed(1);
  }

  /** A character goes on its way. */
  #pass(character: number): void {
    const isPassing = this.#isPassing;
    if (!isPassing) this.#cut();
    const fate = this.#character;
    // Whoever has gone cannot go again.
    const faults = this.isCardGone ? [] : this.#faults;
    fate.pass(character, isPassing ? 1 : 0, faults);
    if (fate.isLast) this.isCardGone = true;
    this.#next();
    for (let left = fate.copies; left > 0; left--) this.#emit(fate.character);
  }

  #cut(): void {
    const cutter = this.#cutter;
    this.#cutter = null;
    if (cutter !== null && !this.isCardGone) this.#strikes.strikeBlock(cutter);
  }
}
