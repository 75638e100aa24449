/**
 * A card as the contacts see it.
 *
 * @module
 */

/**
 * A card as the contacts see it. Characters are what a direct-convention UART
 * reads: an inverse-convention card sends '03' first and every later character, in
 * both directions, bit-reversed and complemented (ISO/IEC 7816-3 8.1).
 */
export interface ContactCard {
  /**
   * The reader registers where the card's characters go: called at insertion,
   * with null at removal. The bytes that `output` gets are the card's own: they
   * are not to be changed, and valid only until `output` returns or hands
   * characters to the card. Who needs them longer copies them.
   */
  attach(output: ((bytes: Uint8Array) => void) | null): void;

  /**
   * VCC and CLK on and RST released (cold), or RST pulsed with power kept (warm). The
   * card then outputs its ATR, by the time that a promise settles.
   */
  reset(kind: "cold" | "warm"): void | Promise<void>;

  /** Power is taken away: the card forgets all but its files and is mute until the next cold reset. */
  powerOff(): void;

  /**
   * Characters from the reader. Returns nothing when the card answered at
   * once; a promise settles when the card has nothing more to say until the
   * reader sends again. Never throws and never rejects for what a reader sends.
   * What the card keeps of `bytes` it has copied when the call returns.
   */
  receive(bytes: Uint8Array): void | Promise<void>;
}

/** Where a card or an endpoint puts its characters, which are valid during the call only. */
export type CardOutput = (bytes: Uint8Array) => void;
