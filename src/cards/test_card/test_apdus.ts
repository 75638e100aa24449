/**
 * The test card above its protocol.
 *
 * @module
 */

import { type MaybePromise, NO_BYTES } from "../../bytes.ts";
import type { ApduCard } from "../apdu_card.ts";
import type { TestCardApplication } from "./test_application.ts";
import {
  GARBAGE_ATR,
  type TestCardContacts,
  type TestCardReset,
} from "./test_contacts.ts";

/** The same card without its protocol: power and resets are those of the contacts. */
export class TestCardApdus implements ApduCard {
  /** The ATR of the next reset, in logical values. */
  readonly atr: Uint8Array;
  readonly #contacts: TestCardContacts;
  readonly #application: TestCardApplication;

  /** The card behind `contacts`, whose ATR is `atr` when its resets are good. */
  constructor(
    contacts: TestCardContacts,
    application: TestCardApplication,
    atr: Uint8Array,
    resetKind: TestCardReset,
  ) {
    this.#contacts = contacts;
    this.#application = application;
    this.atr = resetKind === "good"
      ? atr
      : resetKind === "garbage"
      ? GARBAGE_ATR
      : NO_BYTES;
  }

  /** A cold reset; lasts as long as its ATR is held. */
  powerOn(): MaybePromise<void> {
    return this.#contacts.reset("cold");
  }

  /** A warm reset; lasts as long as its ATR is held. */
  reset(): MaybePromise<void> {
    return this.#contacts.reset("warm");
  }

  /** The card forgets all but the number of its resets. */
  powerOff(): void {
    this.#contacts.powerOff();
  }

  /** Runs one command. Rejects where the card is silent: without power, mute, or reset meanwhile. */
  async transmit(command: Uint8Array): Promise<Uint8Array> {
    if (!this.#contacts.isAlive) throw silence();
    const { resets } = this.#application;
    const response = await this.#application.process(command.slice());
    if (!this.#contacts.isAlive || this.#application.resets !== resets) {
      throw silence();
    }
    return response;
  }
}

function silence(): Error {
  return new Error(
    "Cannot answer a command: the test card is mute or without power, expected one that was reset",
  );
}
