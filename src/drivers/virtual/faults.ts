/**
 * The faults of a virtual reader's link, which is wrapped when the first one is given.
 *
 * @module
 */

import {
  type CardLink,
  type FaultyLink,
  faultyLink,
  type FaultyLinkOptions,
  LinkCounts,
  type LinkFault,
  parseLinkFaults,
} from "../../contact_reader/mod.ts";
import type { Contacts } from "./contacts.ts";

/** Faults between a reader and its contacts. Before the first one characters pass as if there could be none. */
export class ReaderFaults {
  readonly #contacts: Contacts;
  readonly #options: FaultyLinkOptions;
  readonly #counts = new LinkCounts();
  #faulty: FaultyLink | null = null;

  /**
   * Takes over the contacts.
   *
   * @param faults from the start
   * @param isWrapped whether the link must stay the same one, since somebody else wraps it
   * @throws {RangeError} when `faults` are none
   */
  constructor(
    contacts: Contacts,
    faults: readonly LinkFault[],
    isWrapped: boolean,
    options: FaultyLinkOptions,
  ) {
    this.#contacts = contacts;
    this.#options = options;
    contacts.counts = this.#counts;
    if (isWrapped) this.#wrap(faults);
    else this.inject(faults);
  }

  /** The link with its faults; another one once the first fault was given. */
  get link(): CardLink {
    return this.#faulty ?? this.#contacts;
  }

  /** The faults that are not over. */
  get faults(): readonly LinkFault[] {
    return this.#faulty?.faults ?? [];
  }

  /** Sets other faults in place of those before. @throws {RangeError} when they are none; those before stay then */
  inject(faults: readonly LinkFault[]): void {
    if (this.#faulty !== null) this.#faulty.inject(faults);
    else if (parseLinkFaults(faults).length > 0) this.#wrap(faults);
  }

  /** An exchange begins. */
  beginExchange(): void {
    if (this.#faulty === null) this.#counts.beginExchange();
    else this.#faulty.beginExchange();
  }

  /** The card is out of the slot. */
  cardGone(): void {
    this.#faulty?.cardGone();
  }

  #wrap(faults: readonly LinkFault[]): void {
    const options = { ...this.#options, counts: this.#counts };
    this.#faulty = faultyLink(this.#contacts, faults, options);
    // From here on the faulty link counts: characters as they were sent, before any fault.
    this.#contacts.counts = null;
  }
}
