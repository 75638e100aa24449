/**
 * A reader after a reset, with the answer to reset evaluated.
 *
 * @module
 */

import { fromHex, toHex } from "../../src/bytes.ts";
import {
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SmartcardInitializeCardCapabilities,
  SmartcardUpdateCardCapabilities,
} from "../../src/smclib/mod.ts";
import { bareReader } from "./fake_reader.ts";

/** Evaluates an ATR in a reader without RAW; the clock is in kHz. */
export function withAtr(atr: string, clockKhz = 4000) {
  const ext = bareReader();
  ext.readerCapabilities.currentState = SCARD_PRESENT;
  ext.readerCapabilities.supportedProtocols = SCARD_PROTOCOL_T0 |
    SCARD_PROTOCOL_T1;
  ext.readerCapabilities.clkFrequency.default = clockKhz;
  SmartcardInitializeCardCapabilities(ext);
  ext.cardCapabilities.setAtr(fromHex(atr));
  return { ext, status: SmartcardUpdateCardCapabilities(ext) };
}

/** Appends TCK. */
export function checked(atr: string): string {
  const bytes = fromHex(atr);
  return atr + toHex(Uint8Array.of(bytes.slice(1).reduce((a, b) => a ^ b, 0)));
}
