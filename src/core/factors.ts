/**
 * Factors of the elementary time unit (ISO/IEC 7816-3 8.3, tables 7 and 8).
 *
 * @module
 */

/** Clock rate conversion factor and highest clock, by the high nibble of TA1; f = 0 is reserved. */
export const FI_TABLE: readonly { f: number; maxHz: number }[] = [
  { f: 372, maxHz: 4_000_000 },
  { f: 372, maxHz: 5_000_000 },
  { f: 558, maxHz: 6_000_000 },
  { f: 744, maxHz: 8_000_000 },
  { f: 1116, maxHz: 12_000_000 },
  { f: 1488, maxHz: 16_000_000 },
  { f: 1860, maxHz: 20_000_000 },
  { f: 0, maxHz: 0 },
  { f: 0, maxHz: 0 },
  { f: 512, maxHz: 5_000_000 },
  { f: 768, maxHz: 7_500_000 },
  { f: 1024, maxHz: 10_000_000 },
  { f: 1536, maxHz: 15_000_000 },
  { f: 2048, maxHz: 20_000_000 },
  { f: 0, maxHz: 0 },
  { f: 0, maxHz: 0 },
];

/** Baud rate adjustment factor by the low nibble of TA1; 0 is reserved. */
// deno-fmt-ignore
export const DI_TABLE: readonly number[] = [
  0, 1, 2, 4, 8, 16, 32, 64, 12, 20, 0, 0, 0, 0, 0, 0,
];
