/**
 * Options of the card's T=1.
 *
 * @module
 */

import type { CardCrcVariant, EdcKind } from "./edc.ts";

/** An S request that the card makes of itself. */
export interface T1CardRequest {
  /**
   * The card's turn, counted from 0 at reset: a turn is every accepted I-block
   * of the reader and every acknowledgement of a block in the card's chain.
   * The request goes out before the I- or R-block of that turn.
   */
  readonly turn: number;
  /** What is asked: a new IFSC, more time, or the end of the chain (11.6.3.1 rules 4, 3, 9). */
  readonly request: "ifs" | "wtx" | "abort";
  /** The IFSC in bytes, 1..254, or the multiplier, 1..255; unused by abort. */
  readonly value?: number;
}

/** How the card's end of T=1 behaves. */
export interface T1EndpointOptions {
  /** Bytes of INF that the card takes until it announces otherwise, 1..254; default 32. */
  readonly ifscBytes?: number;
  /** Error detection code; default LRC. */
  readonly edc?: EdcKind;
  /** Reading of the CRC; default A (ISO/IEC 13239). */
  readonly crcVariant?: CardCrcVariant;
  /** The only NAD accepted; default: every legal one. */
  readonly nad?: number;
  /** Waiting time asked before every answer. */
  readonly wtx?: { readonly multiplier: number; readonly times: number };
  /** S requests at chosen turns. */
  readonly requests?: readonly T1CardRequest[];
  /** Invalid blocks in a row that are answered before the card goes silent (rule 7.4.3); default 2. */
  readonly errorAttempts?: number;
  /**
   * What a block that is incomplete at the end of `receive()` is: "wait" lets
   * the next characters complete it (default), "answer" takes it as broken at
   * once, for links that hand over whole blocks.
   */
  readonly incompleteBlocks?: "wait" | "answer";
}

const NO_REQUESTS: readonly T1CardRequest[] = [];

/** Checks the numbers in the options of T=1. @throws {RangeError} naming the option. */
export function checkT1Options(options: T1EndpointOptions): void {
  within("ifscBytes", options.ifscBytes, 1, 254);
  within("nad", options.nad, 0, 254);
  within("wtx.multiplier", options.wtx?.multiplier, 1, 255);
  within("wtx.times", options.wtx?.times, 0, 255);
  within("errorAttempts", options.errorAttempts, 0, 255);
  options.requests?.forEach(({ turn, request, value }, index) => {
    within(`requests[${index}].turn`, turn, 0, 0x7fffffff);
    if (request === "abort") return;
    const highest = request === "ifs" ? 254 : 255;
    within(`requests[${index}].value`, value ?? 0, 1, highest);
  });
}

/** What the options ask for at a turn, in their order. */
export function requestsOfTurn(
  options: T1EndpointOptions,
  turn: number,
): readonly T1CardRequest[] {
  return options.requests?.filter((request) => request.turn === turn) ??
    NO_REQUESTS;
}

/** A waiting time as the S requests that ask for it; none for null. */
export function waitRequests(
  wait: { readonly multiplier: number; readonly times: number } | null = null,
): readonly T1CardRequest[] {
  if (wait === null) return NO_REQUESTS;
  return Array.from(
    { length: wait.times },
    () => ({ turn: 0, request: "wtx", value: wait.multiplier }),
  );
}

function within(
  name: string,
  value: number | undefined,
  low: number,
  high: number,
): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(
      `Cannot set T=1 option ${name}: ${value} found, expected ${low} to ${high}`,
    );
  }
}
