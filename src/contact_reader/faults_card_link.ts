/**
 * The link behind `faultyLink`: both directions, and what waits between them.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import { type CardLink, type LinkSettings, systemTimer } from "./card_link.ts";
import type { LinkFault } from "./faults.ts";
import { ArmedFault } from "./faults_armed.ts";
import { FaultIntake } from "./faults_intake.ts";
import { LateAnswers } from "./faults_late.ts";
import { FaultyLine } from "./faults_line.ts";
import type { FaultyLink, FaultyLinkOptions } from "./faults_link.ts";
import { parseLinkFaults } from "./faults_parse.ts";
import { CharacterQueue } from "./faults_queue.ts";
import { lineHost } from "./faults_strikes.ts";

/** A reception under way. */
interface Reception {
  readonly target: Uint8Array;
  readonly offset: number;
  readonly wanted: number;
  readonly waitMicroseconds: number;
  readonly gapMicroseconds: number | undefined;
}

/** A link with faults; what it does is told at `faultyLink`. */
export class FaultyCardLink implements FaultyLink {
  /** The wrapped link's, if it has one. */
  readonly configure?: (settings: LinkSettings) => MaybePromise<void>;
  readonly #link: CardLink;
  readonly #remove: (() => void) | undefined;
  readonly #toCard: FaultyLine;
  readonly #fromCard: FaultyLine;
  readonly #sending = new CharacterQueue();
  readonly #queue = new CharacterQueue();
  readonly #intake: FaultIntake;
  readonly #late: LateAnswers;
  #armed: readonly ArmedFault[] = [];

  /** Wraps a link. @throws {RangeError} when the faults are none, or cannot be used */
  constructor(
    link: CardLink,
    faults: readonly LinkFault[],
    options: FaultyLinkOptions,
  ) {
    this.#link = link;
    this.#remove = options.remove;
    const host = lineHost(options);
    const arrive = (character: number) => this.#queue.push(character);
    this.#toCard = new FaultyLine(
      "to-card",
      host,
      (character) => this.#sending.push(character),
    );
    this.#fromCard = new FaultyLine("from-card", host, arrive);
    this.#intake = new FaultIntake(
      link,
      this.#fromCard,
      () => this.#takeOut(),
    );
    this.#late = new LateAnswers(
      options.timer ?? systemTimer,
      (held) => held.forEach(arrive),
    );
    if (link.configure !== undefined) {
      this.configure = (settings) => link.configure?.(settings);
    }
    this.inject(faults);
  }

  /** The faults that are not over. */
  get faults(): readonly LinkFault[] {
    return this.#armed.filter(({ isOver }) => !isOver)
      .map(({ fault }) => fault);
  }

  /** Sets other faults in place of those before. @throws {RangeError} when they are none, or cannot be used */
  inject(faults: readonly LinkFault[]): void {
    const checked = parseLinkFaults(faults);
    const index = checked.findIndex(({ what }) => what.kind === "remove");
    if (index >= 0 && this.#remove === undefined) {
      throw new RangeError(
        `Cannot use link fault: faults[${index}].what.kind is "remove" on a link that cannot take the card out, expected options.remove`,
      );
    }
    this.#armed = checked.map((fault, place) => new ArmedFault(fault, place));
    this.#toCard.set(this.#armed);
    this.#fromCard.set(this.#armed);
  }

  /** An exchange begins. */
  beginExchange(): void {
    for (const fault of this.#armed) fault.beginExchange();
    this.#toCard.beginExchange();
    this.#fromCard.beginExchange();
  }

  /** The card is out of the slot. */
  cardGone(): void {
    this.#queue.clear();
    this.#late.drop();
  }

  /** Resets the card; exchange 0 begins. */
  reset(kind: "cold" | "warm"): MaybePromise<void> {
    this.cardGone();
    for (const fault of this.#armed) fault.reset();
    this.#toCard.reset();
    this.#fromCard.reset();
    return this.#link.reset(kind);
  }

  /** Takes the power away. */
  powerOff(): MaybePromise<void> {
    this.cardGone();
    return this.#link.powerOff();
  }

  /** Characters that have come through the faults. */
  get available(): number {
    if (this.#isOpen) return this.#link.available;
    this.#drawLate();
    if (!this.#late.isHeldUp) {
      this.#intake.begin();
      void this.#intake.pump();
    }
    return this.#queue.length;
  }

  /** Sends what the faults leave of `bytes`. */
  send(bytes: Uint8Array): MaybePromise<void> {
    if (this.#queue.length > 0) this.#queue.clear();
    if (this.#late.isHeldUp || this.#late.isOvertaken) this.#overtake();
    this.#toCard.beginBlock();
    this.#fromCard.beginBlock();
    if (this.#toCard.isClear) {
      this.#toCard.count(bytes, 0, bytes.length);
      return this.#link.send(bytes);
    }
    this.#toCard.feed(bytes, bytes.length);
    this.#toCard.release();
    const arriving = this.#sending.takeAll();
    if (arriving.length > 0) {
      return chain(this.#link.send(arriving), () => this.#takeOut());
    }
    // Even if nothing arrives, what the card had sent before is dropped.
    this.#intake.takeAtHand();
    this.#takeOut();
  }

  /** Receives what the faults leave of the card's characters. */
  receive(
    target: Uint8Array,
    offset: number,
    wanted: number,
    waitMicroseconds: number,
    gapMicroseconds?: number,
  ): MaybePromise<number> {
    if (this.#isOpen) {
      const got = this.#link.receive(
        target,
        offset,
        wanted,
        waitMicroseconds,
        gapMicroseconds,
      );
      return got instanceof Promise
        ? got.then((count) => this.#count(target, offset, count))
        : this.#count(target, offset, got);
    }
    const reception: Reception = {
      target,
      offset,
      wanted,
      waitMicroseconds,
      gapMicroseconds,
    };
    this.#intake.begin();
    this.#drawLate();
    this.#late.start(waitMicroseconds);
    if (!this.#late.isHeldUp) return this.#collect(reception);
    return this.#late.wait(waitMicroseconds).then(() =>
      this.#late.isHeldUp ? this.#take(reception) : this.#collect(reception)
    );
  }

  /** Whether characters pass from the card without being looked at. */
  get #isOpen(): boolean {
    return this.#fromCard.isClear && this.#queue.length === 0 &&
      !this.#late.isHeldUp && !this.#late.isOvertaken && !this.#intake.isBusy;
  }

  #count(target: Uint8Array, offset: number, count: number): number {
    this.#fromCard.count(target, offset, count);
    return count;
  }

  /** The reader sends while an answer is late. */
  #overtake(): void {
    this.#late.overtake(() => {
      const held = this.#intake.takeAtHand();
      this.#fromCard.miss(held.length);
      return held;
    });
  }

  #drawLate(): void {
    this.#late.expect(this.#fromCard.drawLate());
  }

  /** Takes the card out once a fault wants it. */
  #takeOut(): void {
    if (this.#toCard.isCardGone === this.#fromCard.isCardGone) return;
    this.#toCard.isCardGone = this.#fromCard.isCardGone = true;
    this.#remove?.();
  }

  /** Collects until there is enough, or the card falls silent; synchronous as long as the link is. */
  #collect(reception: Reception): MaybePromise<number> {
    for (;;) {
      const isDone = chain(this.#intake.pump(), () => this.#pull(reception));
      if (isDone instanceof Promise) {
        return isDone.then((done) =>
          done ? this.#take(reception) : this.#collect(reception)
        );
      }
      if (isDone) return this.#take(reception);
    }
  }

  /** Receives what is missing, in its share of the time. @returns whether that was all */
  #pull(reception: Reception): MaybePromise<boolean> {
    const { wanted, waitMicroseconds, gapMicroseconds } = reception;
    const missing = wanted - this.#queue.length;
    if (missing <= 0) return true;
    const wait = waitMicroseconds * missing / wanted;
    const isOver = this.#intake.pull(missing, wait, gapMicroseconds);
    if (isOver instanceof Promise) return isOver;
    // A card that is not busy is silent at once; what is late may still come in.
    const mayCome = isOver && this.#late.isOvertaken &&
      this.#queue.length < wanted;
    return mayCome
      ? this.#late.wait(waitMicroseconds).then(() => true)
      : isOver;
  }

  #take({ target, offset, wanted }: Reception): number {
    return this.#queue.take(target, offset, wanted);
  }
}
