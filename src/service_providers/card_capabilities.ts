/**
 * What a card says of itself in the historical bytes (ISO/IEC 7816-3 8.2, 7816-4 8.1.1).
 *
 * @module
 */

/** What a card can do, as far as its ATR says. */
export interface CardCapabilities {
  /** Files can be selected by path; undefined: unknown. */
  readonly path: boolean | undefined;
  /** Lc and Le may be of extended length. */
  readonly extended: boolean;
  /** Command chaining. */
  readonly chaining: boolean;
}

const UNKNOWN: CardCapabilities = {
  path: undefined,
  extended: false,
  chaining: false,
};

/** Most historical bytes (8.2.4). */
const MAX_HISTORICAL_BYTES = 15;

/**
 * The historical bytes of an ATR; fewer than T0 says when the ATR is cut.
 *
 * @param atr in logical values, direct or inverse convention does not matter
 */
export function historicalBytes(atr: Uint8Array): Uint8Array {
  const count = (atr[1] ?? 0) & MAX_HISTORICAL_BYTES;
  // T0 and every TD announce the interface bytes behind them by b5..b8.
  let at = 1;
  let announced = (atr[1] ?? 0) >> 4;
  while (at < atr.length) {
    at += (announced & 1) + (announced >> 1 & 1) + (announced >> 2 & 1);
    if ((announced & 8) === 0) break;
    announced = (atr[++at] ?? 0) >> 4;
  }
  return atr.subarray(at + 1, at + 1 + count);
}

/**
 * Capabilities from the card capabilities object 7x of the historical bytes, category 00
 * or 80; all unknown when there is none. Takes any bytes.
 */
export function cardCapabilities(atr: Uint8Array): CardCapabilities {
  const historical = historicalBytes(atr);
  const category = historical[0];
  if (category !== 0x00 && category !== 0x80) return UNKNOWN;
  // Of category 00 the last three bytes are the status.
  const end = category === 0x00 ? historical.length - 3 : historical.length;
  for (let at = 1; at < end;) {
    const tag = historical[at] >> 4;
    const value = historical.subarray(
      at + 1,
      Math.min(at + 1 + (historical[at] & 15), end),
    );
    if (tag === 7) return softwareFunctions(value);
    at += 1 + (historical[at] & 15);
  }
  return UNKNOWN;
}

/** The three software function tables (7816-4 8.1.1.2.7). */
function softwareFunctions(tables: Uint8Array): CardCapabilities {
  const [selection, , lengths = 0] = tables;
  return {
    path: selection === undefined ? undefined : (selection & 0x20) !== 0,
    extended: (lengths & 0x40) !== 0,
    chaining: (lengths & 0x80) !== 0,
  };
}
