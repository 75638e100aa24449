/**
 * What others see of a reader.
 *
 * @module
 */

import type { CardSlot } from "./card_slot.ts";
import {
  SCARD_STATE_EMPTY,
  SCARD_STATE_EXCLUSIVE,
  SCARD_STATE_INUSE,
  SCARD_STATE_MUTE,
  SCARD_STATE_PRESENT,
  SCARD_STATE_UNAVAILABLE,
  SCARD_STATE_UNPOWERED,
} from "./constants.ts";
import type { Profile } from "./profiles.ts";
import type { SharingTally } from "./sharing_tally.ts";

/** A reader as status requests report it. */
export interface ReaderState {
  /** SCARD_STATE_* bits, without CHANGED. */
  readonly flags: number;
  /** Insertions and removals. */
  readonly eventCount: number;
  /** ATR of the card, when there is one that answers. */
  readonly atr: Uint8Array<ArrayBuffer> | null;
}

/** The parts of a reader that show. */
export interface Viewable {
  /** Whether the reader works. */
  readonly available: boolean;
  /** Who uses it. */
  readonly shown: SharingTally;
  /** Behaviour. */
  readonly profile: Profile;
}

/**
 * What is seen now.
 *
 * @param before what was seen last
 */
export function viewReader(
  slot: CardSlot,
  reader: Viewable,
  before: ReaderState,
): ReaderState {
  const { eventCount, atr } = slot;
  if (!reader.available) {
    return { flags: SCARD_STATE_UNAVAILABLE, eventCount, atr: null };
  }
  // A card shows only when its ATR is known: nobody has to look twice.
  if (slot.fresh) {
    return { ...before, flags: SCARD_STATE_EMPTY, atr: null };
  }
  if (!slot.present) return { flags: SCARD_STATE_EMPTY, eventCount, atr: null };
  let flags = SCARD_STATE_PRESENT | sharingFlags(reader);
  if (slot.mute) flags |= SCARD_STATE_MUTE;
  else if (!slot.powered) flags |= SCARD_STATE_UNPOWERED;
  return { flags, eventCount, atr };
}

/** SCARD_STATE_EXCLUSIVE, SCARD_STATE_INUSE or neither. */
function sharingFlags({ shown, profile }: Viewable): number {
  const alone = shown.count("exclusive") +
    (profile.directIsExclusive ? shown.count("direct") : 0);
  if (alone > 0) return SCARD_STATE_EXCLUSIVE;
  const others = shown.count("shared") + shown.count("direct");
  return others > 0 ? SCARD_STATE_INUSE : 0;
}
