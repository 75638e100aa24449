/**
 * Check bytes of T=1 (ISO/IEC 7816-3 11.4.4).
 *
 * @module
 */

import {
  BUFFER_BYTES,
  CRC_13239,
  CRC_ARC,
  CRC_ARC_FAULTY,
  CRC_NO_COMPLEMENT,
  CRC_ZERO_START,
  SCRATCH,
} from "../../core-as/abi.ts";
import { type Core, sharedCore } from "./instance.ts";

/**
 * How the CRC of T=1 is computed and ordered. ISO/IEC 7816-3 names ISO/IEC 13239;
 * the field reads that in these ways.
 */
export type CrcVariant =
  | "13239"
  | "no-complement"
  | "arc-faulty"
  | "arc"
  | "zero-start";

/** Numbers of the variants in the core. */
export const CRC_VARIANT_CODES: Readonly<Record<CrcVariant, number>> = {
  "13239": CRC_13239,
  "no-complement": CRC_NO_COMPLEMENT,
  "arc-faulty": CRC_ARC_FAULTY,
  "arc": CRC_ARC,
  "zero-start": CRC_ZERO_START,
};

/** Puts `bytes` where stateless calls read. @throws {RangeError} when they are too many */
export function toScratch(core: Core, bytes: Uint8Array, what: string): void {
  if (bytes.length > BUFFER_BYTES) {
    throw new RangeError(
      `Cannot process ${what}: ${bytes.length} bytes found, expected at most ${BUFFER_BYTES}`,
    );
  }
  core.bytes.set(bytes, SCRATCH);
}

/** XOR of all bytes. */
export function lrc(bytes: Uint8Array, core: Core = sharedCore()): number {
  toScratch(core, bytes, "LRC");
  return core.exports.edc_lrc(bytes.length);
}

/** CRC of `bytes`; the byte that is sent first is the high one of the 16-bit result. */
export function crc(
  bytes: Uint8Array,
  variant: CrcVariant,
  core: Core = sharedCore(),
): number {
  if (!Object.hasOwn(CRC_VARIANT_CODES, variant)) {
    throw new RangeError(
      `Cannot compute CRC: variant ${variant} found, expected ${
        Object.keys(CRC_VARIANT_CODES).join(", ")
      }`,
    );
  }
  toScratch(core, bytes, "CRC");
  return core.exports.edc_crc(CRC_VARIANT_CODES[variant], bytes.length);
}
