/**
 * A card as a reader sees it that runs the protocol itself.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";

/** A card above its transmission protocol: an ATR, and APDUs in and out. */
export interface ApduCard {
  /** The ATR of the next reset, 2 to 33 bytes, in direct convention; none when empty: the card is mute. */
  readonly atr: Uint8Array;
  /** Power on: a cold reset. */
  powerOn(): MaybePromise<void>;
  /** A warm reset. */
  reset(): MaybePromise<void>;
  /** Power off: the card forgets all but its files. */
  powerOff(): MaybePromise<void>;
  /**
   * One command.
   *
   * @param command the C-APDU, good during the call only
   * @returns the R-APDU; good until the next call. A card that throws or rejects is a silent one.
   */
  transmit(command: Uint8Array): MaybePromise<Uint8Array>;
}
