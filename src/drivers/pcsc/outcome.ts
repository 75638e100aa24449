/**
 * Outcomes of calls that bring bytes.
 *
 * @module
 */

import { NO_BYTES } from "../../bytes.ts";
import type { PcscOutcome } from "./context.ts";

/** An outcome with bytes: an answer, an ATR, the value of an attribute. */
export interface PcscBytes extends PcscOutcome {
  /** The bytes; none unless the code is SCARD_S_SUCCESS. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** An outcome without bytes. */
export function noBytes(code: number): PcscBytes {
  return { code, bytes: NO_BYTES };
}

/** Bytes of our own: the caller's may change, or be moved, while a thread reads them. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const own = new Uint8Array(new ArrayBuffer(bytes.length));
  own.set(bytes);
  return own;
}

/** The bytes that a call says it has written to `buffer`. */
export function measured(
  outcome: PcscOutcome | PcscOutcome & { readonly length: number },
  buffer: Uint8Array<ArrayBuffer>,
): PcscBytes {
  return {
    code: outcome.code,
    bytes: "length" in outcome ? buffer.subarray(0, outcome.length) : NO_BYTES,
  };
}
