/**
 * A card that gives every command the same answer at once, as the rival's card
 * does: what is measured then is the way to the card and back.
 *
 * @module
 */

import { fromHex } from "../src/bytes.ts";
import type { InsertableCard } from "../src/drivers/virtual/mod.ts";
import { ANSWER, COMMAND, type Protocol } from "./house.ts";
import { block } from "./t1_recording.ts";

/** One protocol, no TA1: the reader has nothing to negotiate. T=1 with IFSC 254. */
const ATRS: Readonly<Record<Protocol, Uint8Array>> = {
  t0: fromHex("3B00"),
  t1: fromHex("3B808111FEEE"),
};
const S_IFS_REQUEST = 0xc1;
const S_IFS_RESPONSE = 0xe1;

/** Answers from blocks made beforehand. */
export class AnsweringCard implements InsertableCard {
  readonly #protocol: Protocol;
  readonly #t0Answer: Uint8Array = Uint8Array.of(COMMAND[1], ...ANSWER);
  /** By N(S), which both sides count alike. */
  readonly #t1Answers: readonly Uint8Array[] = [
    block(0x00, ANSWER, false),
    block(0x40, ANSWER, false),
  ];
  #output: ((bytes: Uint8Array) => void) | null = null;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  attach(output: ((bytes: Uint8Array) => void) | null): void {
    this.#output = output;
  }

  reset(): void {
    this.#output?.(ATRS[this.#protocol]);
  }

  powerOff(): void {}

  receive(bytes: Uint8Array): void {
    if (this.#protocol === "t0") return this.#output?.(this.#t0Answer);
    const pcb = bytes[1];
    if (pcb === S_IFS_REQUEST) {
      return this.#output?.(
        block(S_IFS_RESPONSE, bytes.subarray(3, 4), false),
      );
    }
    this.#output?.(this.#t1Answers[pcb >> 6]);
  }
}
