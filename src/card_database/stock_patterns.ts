/**
 * How the stock of card types is written down.
 *
 * @module
 */

import { fromHex } from "../bytes.ts";
import type { AtrMask } from "./atr_mask.ts";

/**
 * How far an ATR of the stock is to be trusted: it follows from a standard; the maker or
 * several independent programs name it; it was read off cards and reported.
 */
export type StockSource = "standard" | "documented" | "observed";

/** Name, ATR in hexadecimal with a point for each digit that does not count, source. */
export type StockRow = readonly [
  name: string,
  pattern: string,
  source: StockSource,
];

/** ATR and mask of a pattern; the mask is null when every digit counts. */
export function patternMask(
  pattern: string,
): AtrMask & { mask: Uint8Array | null } {
  const atr = fromHex(pattern.replaceAll(".", "0"));
  if (!pattern.includes(".")) return { atr, mask: null };
  const mask = pattern.replace(/[^.]/g, "F").replaceAll(".", "0");
  return { atr, mask: fromHex(mask) };
}
