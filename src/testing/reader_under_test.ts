/**
 * What a reader driver has to offer so that the law book can judge it.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { ApduCard, ContactCard } from "../cards/mod.ts";
import type { ReaderDevice } from "../smclib/mod.ts";

/** One card in two shapes; a slot takes the one that it can use. */
export interface CardToInsert {
  /** At its contacts, character by character. */
  readonly contacts: ContactCard;
  /** Above its protocol, for slots that take APDUs. */
  readonly apdus: ApduCard;
}

/** A reader with somebody who puts cards in and takes them out. */
export interface ReaderUnderTest extends AsyncDisposable {
  /** The reader. */
  readonly device: ReaderDevice;
  /** Puts a card into the empty slot; settles when the hardware has it, which the driver may learn later. */
  insert(card: CardToInsert): MaybePromise<void>;
  /** Takes the card out, at any moment; settles when the hardware has lost it. */
  remove(): MaybePromise<void>;
}

/** Makes a reader with an empty slot, of its own for each law. */
export type MakeReader = () => MaybePromise<ReaderUnderTest>;
