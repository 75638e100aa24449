/**
 * Which of many ATRs and masks match a card's ATR.
 *
 * Those with the same mask are kept in one table by their bytes, so that a card costs
 * one look-up for each different mask, however many ATRs there are.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import type { AtrMask } from "./atr_mask.ts";

/** ATRs under one mask. */
interface MaskTable {
  /** Null: every bit counts. */
  readonly mask: Uint8Array | null;
  /** Positions in the list, ascending, by {@linkcode maskedKey}. */
  readonly positions: Map<string, number[]>;
}

/** A list of ATRs and masks, prepared. */
export class AtrMatcher {
  #tables = new Map<number, MaskTable[]>();

  /**
   * Prepares a list.
   *
   * @param masks copied; not checked: one with bits outside its mask matches nothing
   */
  constructor(masks: Iterable<AtrMask>) {
    const tables = new Map<string, MaskTable>();
    let position = 0;
    for (const { atr, mask = null } of masks) {
      const id = `${atr.length} ${mask === null ? "" : toHex(mask)}`;
      let table = tables.get(id);
      if (table === undefined) {
        table = { mask: mask?.slice() ?? null, positions: new Map() };
        tables.set(id, table);
        const sameLength = this.#tables.get(atr.length);
        if (sameLength === undefined) this.#tables.set(atr.length, [table]);
        else sameLength.push(table);
      }
      const key = maskedKey(atr, null);
      const positions = table.positions.get(key);
      if (positions === undefined) table.positions.set(key, [position]);
      else positions.push(position);
      position++;
    }
  }

  /** Positions in the list of those that match, ascending. */
  matches(cardAtr: Uint8Array): number[] {
    const found: number[] = [];
    for (const { mask, positions } of this.#tables.get(cardAtr.length) ?? []) {
      const matching = positions.get(maskedKey(cardAtr, mask));
      if (matching !== undefined) found.push(...matching);
    }
    return found.sort((a, b) => a - b);
  }

  /** Whether one matches. */
  some(cardAtr: Uint8Array): boolean {
    const tables = this.#tables.get(cardAtr.length) ?? [];
    return tables.some(({ mask, positions }) =>
      positions.has(maskedKey(cardAtr, mask))
    );
  }
}

/** The bytes that count, as text; one character a byte. */
function maskedKey(atr: Uint8Array, mask: Uint8Array | null): string {
  let key = "";
  for (let i = 0; i < atr.length; i++) {
    key += String.fromCharCode(mask === null ? atr[i] : atr[i] & mask[i]);
  }
  return key;
}
