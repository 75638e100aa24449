/**
 * Card and application prove themselves to each other: what ISCardAuth offers
 * (ISO/IEC 7816-4 11.5).
 *
 * @module
 */

import type { CardChannel } from "./card_channel.ts";
import type { AuthenticationReference } from "./iso7816_commands.ts";
import { CardAnswerError } from "./response_apdu.ts";
import type { SendOptions } from "./sender.ts";

/** Algorithm, key, and what ends the waiting for the card. */
export interface AuthenticationOptions
  extends AuthenticationReference, SendOptions {}

/** Bytes of a challenge when nobody says otherwise. */
const DEFAULT_CHALLENGE_BYTES = 8;

/**
 * Authentication by challenge and response; the cryptography is the caller's. Every method
 * rejects with CardStatusError when the card refuses.
 */
export class CardAuthentication {
  readonly #channel: CardChannel;

  /** Over the channel of a service. */
  constructor(channel: CardChannel) {
    this.#channel = channel;
  }

  /**
   * Random bytes of the card, for one external authentication.
   *
   * @param bytes how many, default 8
   * @throws {CardAnswerError} when the card gives another number of them
   */
  async getChallenge(
    bytes: number = DEFAULT_CHALLENGE_BYTES,
    options: AuthenticationOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { algorithm, signal, timeout } = options;
    const command = this.#channel.commands.getChallenge(bytes, algorithm);
    const data = await this.#channel.request(command, { signal, timeout });
    if (data.length === bytes) return data.slice();
    throw new CardAnswerError(
      `Cannot get a challenge: ${data.length} bytes came, expected ${bytes}`,
    );
  }

  /**
   * The card's answer to a challenge of the application (INTERNAL AUTHENTICATE). Whether it is
   * right is for the caller to say.
   */
  async internalAuthenticate(
    challenge: Uint8Array,
    options: AuthenticationOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { signal, timeout, ...reference } = options;
    const { commands } = this.#channel;
    const command = commands.internalAuthenticate(challenge, reference);
    const data = await this.#channel.request(command, { signal, timeout });
    return data.slice();
  }

  /**
   * Proves the application to the card (EXTERNAL AUTHENTICATE): a challenge of the card, and
   * what `respond` makes of it, without another command between.
   *
   * @param respond the cryptogram for the challenge
   * @param challengeBytes default 8
   */
  async externalAuthenticate(
    respond: (challenge: Uint8Array) => Uint8Array | Promise<Uint8Array>,
    options: AuthenticationOptions = {},
    challengeBytes: number = DEFAULT_CHALLENGE_BYTES,
  ): Promise<void> {
    const { signal, timeout, ...reference } = options;
    const limits = { signal, timeout };
    await this.#channel.lock(async () => {
      const challenge = await this.getChallenge(challengeBytes, limits);
      const cryptogram = await respond(challenge);
      const { commands } = this.#channel;
      const command = commands.externalAuthenticate(cryptogram, reference);
      await this.#channel.request(command, limits);
    }, limits);
  }
}
