/**
 * Check bytes of T=1 (ISO/IEC 7816-3 11.4.4).
 *
 * @module
 */

import { BUFFER_BYTES, SCRATCH } from "../../core-as/abi.ts";
import { type Core, sharedCore } from "./instance.ts";
import { CRC_VARIANT_CODES, type CrcVariant } from "./t1_options.ts";

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
  toScratch(core, bytes, "CRC");
  return core.exports.edc_crc(CRC_VARIANT_CODES[variant], bytes.length);
}
