/**
 * How long an ATR is by what it says itself (ISO/IEC 7816-3 8.2).
 *
 * @module
 */

/**
 * The length of the ATR at the start of `bytes`, or null when it ends before it is
 * complete. Says nothing about whether the ATR is right.
 */
export function atrLength(bytes: Uint8Array): number | null {
  // TS T0, then by the high nibble of T0 and of each TDi: TA, TB, TC, TD of the next group.
  let at = 1;
  let checked = false;
  let indicator: number | undefined = bytes[at++];
  if (indicator === undefined) return null;
  const historicalBytes = indicator & 0x0F;
  for (let first = true;; first = false) {
    // Any protocol but T=0 wants TCK.
    if (!first && (indicator & 0x0F) !== 0) checked = true;
    at += bitCount(indicator & 0x70);
    if ((indicator & 0x80) === 0) break;
    indicator = bytes[at++];
    if (indicator === undefined) return null;
  }
  const length = at + historicalBytes + (checked ? 1 : 0);
  return length <= bytes.length ? length : null;
}

function bitCount(nibble: number): number {
  return (nibble >> 4 & 1) + (nibble >> 5 & 1) + (nibble >> 6 & 1);
}
