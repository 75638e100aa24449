/**
 * PINs: what ISCardVerify offers (ISO/IEC 7816-4 11.6).
 *
 * @module
 */

import type { CardChannel } from "./card_channel.ts";
import { type CommandApdu, commandName } from "./command_apdu.ts";
import {
  changeReferenceData,
  forgetVerification,
  resetRetryCounter,
} from "./management_commands.ts";
import { encodePin, type PinFormat, type PinValue } from "./pin_format.ts";
import { SW_OK } from "./response_apdu.ts";
import type { SendOptions } from "./sender.ts";
import { CardStatusError } from "./status_error.ts";
import { retriesLeft } from "./status_words.ts";

/** How secrets are encoded, and what ends the waiting for the card. */
export interface VerificationOptions extends SendOptions {
  /** Format of the PIN; default that of the provider. */
  format?: PinFormat;
  /** Format of the resetting code; default that of the PIN. */
  resettingCodeFormat?: PinFormat;
}

/** State of a PIN, as the card tells it. */
export interface VerificationState {
  /** Whether it is verified. */
  readonly verified: boolean;
  /** Tries left, 0 when it is blocked; undefined when the card does not tell, as with a PIN that is verified. */
  readonly retriesLeft: number | undefined;
}

const SW_BLOCKED = 0x6983;
const UNSUPPORTED = new Set([0x6700, 0x6a81, 0x6a86, 0x6b00, 0x6d00]);

/**
 * PINs of a card, by the reference that P2 carries: b8 a specific one, b5..b1 its number, 0 the
 * only one. Every method rejects with CardStatusError when the card refuses: `retriesLeft`
 * tells how often it may be tried again. Secrets of the wrong length never reach the card.
 * Bytes made of secrets are wiped; a string cannot be.
 */
export class CardholderVerification {
  readonly #channel: CardChannel;
  readonly #format: PinFormat;

  /**
   * Over the channel of a service.
   *
   * @param format of secrets, unless a call says otherwise
   */
  constructor(channel: CardChannel, format: PinFormat = {}) {
    this.#channel = channel;
    this.#format = format;
  }

  /** Proves the cardholder to the card (VERIFY). */
  async verify(
    reference: number,
    pin: PinValue,
    options: VerificationOptions = {},
  ): Promise<void> {
    const { format = this.#format } = options;
    await this.#send(
      [encodePin(pin, format)],
      options,
      ([bytes]) => this.#channel.commands.verify(bytes!, reference),
    );
  }

  /** Asks for the state without a try (VERIFY without data). */
  async getState(
    reference: number,
    options: VerificationOptions = {},
  ): Promise<VerificationState> {
    const command = this.#channel.commands.verify(undefined, reference);
    const { sw } = await this.#channel.exchange(command, limitsOf(options));
    if (sw === SW_OK) return { verified: true, retriesLeft: undefined };
    if (sw === SW_BLOCKED) return { verified: false, retriesLeft: 0 };
    const left = retriesLeft(sw);
    if (left === undefined) throw new CardStatusError(commandName(command), sw);
    return { verified: false, retriesLeft: left };
  }

  /** ChangeCode: a new PIN for the old one. @param previous null: the card does not want it again */
  async change(
    reference: number,
    previous: PinValue | null,
    next: PinValue,
    options: VerificationOptions = {},
  ): Promise<void> {
    const { format = this.#format } = options;
    const secrets = encodeAll([[previous, format], [next, format]]);
    await this.#send(
      secrets,
      options,
      ([before, after]) =>
        changeReferenceData(this.#cla, reference, before, after!),
    );
  }

  /**
   * Unblock: resets the retry counter (RESET RETRY COUNTER).
   *
   * @param resettingCode null: the card does not want it
   * @param next a new PIN; null: it stays the old one
   */
  async unblock(
    reference: number,
    resettingCode: PinValue | null,
    next: PinValue | null = null,
    options: VerificationOptions = {},
  ): Promise<void> {
    const { format = this.#format } = options;
    const { resettingCodeFormat = format } = options;
    const secrets = encodeAll([
      [resettingCode, resettingCodeFormat],
      [next, format],
    ]);
    await this.#send(
      secrets,
      options,
      ([code, after]) => resetRetryCounter(this.#cla, reference, code, after),
    );
  }

  /**
   * ResetSecurityState: the card forgets that the PIN was verified. A card that cannot do
   * that (VERIFY with P1 = FF) is reset.
   *
   * @throws {DOMException} InvalidStateError when it would be reset while the service is locked
   */
  async resetSecurityState(
    reference: number,
    options: VerificationOptions = {},
  ): Promise<void> {
    const limits = limitsOf(options);
    const command = forgetVerification(this.#cla, reference);
    const { sw } = await this.#channel.exchange(command, limits);
    if (sw === SW_OK) return;
    if (!UNSUPPORTED.has(sw)) {
      throw new CardStatusError(commandName(command), sw);
    }
    await this.#channel.reset(limits);
  }

  get #cla(): number {
    return this.#channel.commands.defaultClassId;
  }

  /** Sends the command that `build` makes of secrets, which are wiped, as is what it made. */
  async #send(
    secrets: readonly (Uint8Array | null)[],
    options: VerificationOptions,
    build: (secrets: readonly (Uint8Array | null)[]) => CommandApdu,
  ): Promise<void> {
    let command: CommandApdu | null = null;
    try {
      command = build(secrets);
      await this.#channel.request(command, limitsOf(options));
    } finally {
      for (const secret of secrets) secret?.fill(0);
      command?.data?.fill(0);
    }
  }
}

function encodeAll(
  values: readonly (readonly [PinValue | null, PinFormat])[],
): (Uint8Array | null)[] {
  const encoded: (Uint8Array | null)[] = [];
  try {
    for (const [value, format] of values) {
      encoded.push(value === null ? null : encodePin(value, format));
    }
    return encoded;
  } catch (error) {
    for (const bytes of encoded) bytes?.fill(0);
    throw error;
  }
}

function limitsOf({ signal, timeout }: VerificationOptions): SendOptions {
  return { signal, timeout };
}
