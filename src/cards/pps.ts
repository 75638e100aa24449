/**
 * The card's end of the protocol and parameters selection (ISO/IEC 7816-3
 * clause 9).
 *
 * @module
 */
import type { CardAtr } from "./atr_reader.ts";

/**
 * What the card does with a good request: take it; take it but leave PPS1 out,
 * so 372/1 stay; say nothing; answer with another T, which refuses; answer
 * with a wrong PCK.
 */
export type PpsBehaviour =
  | "accept"
  | "drop-pps1"
  | "ignore"
  | "refuse"
  | "corrupt";

/** What was agreed. */
export interface PpsAgreement {
  /** The protocol in force. */
  readonly protocol: number;
  /** Index of F in force, 1 (372) when PPS1 was left out. */
  readonly fiIndex: number;
  /** Index of D in force, 1 when PPS1 was left out. */
  readonly diIndex: number;
}

/** A reply and what it agrees to; `reply` null is silence. */
export interface PpsReply {
  /** What the card sends. */
  readonly reply: Uint8Array | null;
  /** What holds from the end of the reply on; null: nothing was agreed. */
  readonly agreement: PpsAgreement | null;
}

const FI = [
  372,
  372,
  558,
  744,
  1116,
  1488,
  1860,
  0,
  0,
  512,
  768,
  1024,
  1536,
  2048,
  0,
  0,
];
const DI = [0, 1, 2, 4, 8, 16, 32, 64, 12, 20, 0, 0, 0, 0, 0, 0];

const PPSS = 0xff;
const SILENCE: PpsReply = { reply: null, agreement: null };

/** Collects a PPS request and decides about it. */
export class PpsResponder {
  readonly #atr: CardAtr;
  readonly #behaviour: PpsBehaviour;
  #request: number[] = [];

  /** Decides by what the ATR offers. */
  constructor(atr: CardAtr, behaviour: PpsBehaviour = "accept") {
    this.#atr = atr;
    this.#behaviour = behaviour;
  }

  /** Whether a request has begun and not ended. */
  get isInsideRequest(): boolean {
    return this.#request.length > 0;
  }

  /** Forgets an incomplete request. */
  drop(): void {
    this.#request = [];
  }

  /** Takes characters; null while the request is incomplete. Characters beyond its end spoil it. */
  push(bytes: Uint8Array): PpsReply | null {
    for (const byte of bytes.subarray(0, 8)) this.#request.push(byte);
    const request = this.#request;
    if (request.length < 2) return null;
    const length = 3 + (request[1] >> 4 & 1) + (request[1] >> 5 & 1) +
      (request[1] >> 6 & 1);
    if (request.length < length) return null;
    this.drop();
    return this.#decide(request, length);
  }

  #decide(request: number[], length: number): PpsReply {
    const pps0 = request[1];
    const isGood = request.length === length && request[0] === PPSS &&
      (pps0 & 0x80) === 0 && check(request) === 0;
    const protocol = pps0 & 15;
    // A request that cannot be met is left without an answer (9.1).
    if (!isGood || !this.#atr.protocols.includes(protocol)) return SILENCE;
    if (this.#behaviour === "ignore") return SILENCE;
    if (this.#behaviour === "refuse") {
      return { reply: reply([protocol ^ 1]), agreement: null };
    }
    return this.#agree(request, protocol);
  }

  #agree(request: number[], protocol: number): PpsReply {
    const pps0 = request[1];
    const parts = [protocol];
    let [fiIndex, diIndex] = [1, 1];
    const pps1 = (pps0 & 0x10) !== 0 ? request[2] : undefined;
    if (
      pps1 !== undefined && this.#behaviour !== "drop-pps1" &&
      this.#offers(pps1 >> 4, pps1 & 15)
    ) {
      parts[0] |= 0x10;
      parts.push(pps1);
      [fiIndex, diIndex] = [pps1 >> 4, pps1 & 15];
    }
    const pps2 = (pps0 & 0x20) !== 0
      ? request[pps1 === undefined ? 2 : 3]
      : undefined;
    if (pps2 !== undefined && pps2 === this.#atr.spu) {
      parts[0] |= 0x20;
      parts.push(pps2);
    }
    const answer = reply(parts);
    if (this.#behaviour !== "corrupt") {
      return { reply: answer, agreement: { protocol, fiIndex, diIndex } };
    }
    answer[answer.length - 1] ^= 0xff;
    return { reply: answer, agreement: null };
  }

  /** Whether F and D lie between the defaults and what the ATR offers. */
  #offers(fiIndex: number, diIndex: number): boolean {
    const [f, d] = [FI[fiIndex], DI[diIndex]];
    const { fiIndex: offeredFi, diIndex: offeredDi } = this.#atr;
    if (f === 0 || d === 0) return false;
    return f <= Math.max(FI[1], FI[offeredFi]) &&
      d <= Math.max(DI[1], DI[offeredDi]);
  }
}

function check(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum ^ byte, 0);
}

function reply(parts: readonly number[]): Uint8Array {
  const bytes = [PPSS, ...parts];
  return Uint8Array.from([...bytes, check(bytes)]);
}
