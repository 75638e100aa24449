/**
 * A card application above any protocol: for readers that exchange APDUs, not characters.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { ApduCard } from "./apdu_card.ts";
import { type CardApplication, runApplication } from "./application.ts";
import { buildAtr, type CardAtrOptions } from "./atr_builder.ts";
import type { CardData } from "./file_system/card_data.ts";
import { createCard, type FileSystemCardOptions } from "./file_system_card.ts";

/** How an application appears to a reader that takes APDUs. */
export interface ApduFaceOptions {
  /** The ATR, as options or as bytes in logical values (TS '3B' or '3F'), cold and warm. Default: a plain one, T=0. */
  readonly atr?: CardAtrOptions | Uint8Array;
}

/** What of a file-system card shows above its protocol. */
export type ApduCardOptions = Pick<
  FileSystemCardOptions,
  "atr" | "protocols" | "random"
>;

/**
 * Gives an application an ATR, and neither protocol nor time: each command is its own
 * copy, as {@linkcode CardApplication} wants it, and an application that fails answers 6F00.
 * Without power the card is silent: `transmit` throws.
 *
 * @param application runs the commands; the face resets it at each power on and reset
 * @param options see {@linkcode ApduFaceOptions}
 * @throws {RangeError} when the ATR cannot be built, or has not 2 to 33 bytes
 */
export function apduFace(
  application: CardApplication,
  options: ApduFaceOptions = {},
): ApduCard {
  return new ApduFace(application, atrBytes(options.atr));
}

/**
 * The file-system card as {@linkcode createCard} makes it, seen above its protocol.
 *
 * @param data files and PINs; default `DEFAULT_CARD`
 * @param options the ATR, or the protocols that it offers, and the source of challenges
 * @throws {TypeError | RangeError} naming the place in `data` that is wrong
 */
export function createApduCard(
  data?: CardData,
  options: ApduCardOptions = {},
): ApduCard {
  const { application, atr } = createCard(data, options);
  return apduFace(application, { atr });
}

const MINIMUM_ATR_BYTES = 2;
const MAXIMUM_ATR_BYTES = 33;

class ApduFace implements ApduCard {
  readonly #application: CardApplication;
  readonly #atr: Uint8Array;
  #isPowered = false;

  constructor(application: CardApplication, atr: Uint8Array) {
    this.#application = application;
    this.#atr = atr;
  }

  get atr(): Uint8Array {
    return this.#atr.slice();
  }

  powerOn(): void {
    this.#isPowered = true;
    this.#application.reset();
  }

  /** Without power there is nothing that a reset could reach. */
  reset(): void {
    if (this.#isPowered) this.#application.reset();
  }

  powerOff(): void {
    this.#isPowered = false;
  }

  transmit(command: Uint8Array): MaybePromise<Uint8Array> {
    if (!this.#isPowered) {
      throw new Error(
        "Cannot transmit: the card has no power, expected a power on",
      );
    }
    return runApplication(this.#application, command.slice());
  }
}

function atrBytes(atr: CardAtrOptions | Uint8Array | undefined): Uint8Array {
  if (!(atr instanceof Uint8Array)) return buildAtr(atr);
  const { length } = atr;
  if (length >= MINIMUM_ATR_BYTES && length <= MAXIMUM_ATR_BYTES) {
    return atr.slice();
  }
  throw new RangeError(
    `Cannot make APDU card: the ATR has ${length} bytes, expected ${MINIMUM_ATR_BYTES} to ${MAXIMUM_ATR_BYTES}`,
  );
}
