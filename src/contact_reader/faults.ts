/**
 * Faults of a link of characters, as data: what goes wrong, and when it stops going
 * wrong.
 *
 * A *block* is what passes one way before the other way has its turn: what one
 * `send()` hands over, or what the card says between a reset or a `send()` and the
 * next one. Under T=1 that is a block of ISO/IEC 7816-3 11.3, under T=0 a header,
 * data, or procedure bytes with what follows them. An *exchange* begins where the
 * driver says so, mostly at RDF_TRANSMIT; exchange 0 begins at the reset and holds
 * ATR and PPS. All counts begin at 0 and are of characters as they were sent, before
 * any fault.
 *
 * @module
 */

/** Which way characters pass. */
export type FaultDirection = "to-card" | "from-card";

/** Which of the places that fit are struck. */
export type FaultWhich =
  /** Number `first` (default 0) and every `every`-th from there on, 1 to 1 000 000. */
  | {
    readonly kind: "every";
    readonly every: number;
    readonly first?: number;
  }
  /** As a pseudo-random sequence draws them; `seed` 0 to 4 294 967 295, `perMillion` 0 to 1 000 000. */
  | {
    readonly kind: "random";
    readonly seed: number;
    readonly perMillion: number;
  };

/** Which blocks a fault strikes; what is left out does not matter. */
export interface BlockPlace {
  /** Which way the block goes; default "from-card". */
  readonly direction?: FaultDirection;
  /** In the ATR alone, only after it (default), or in both. Counts since the reset begin where the phase does. */
  readonly phase?: "atr" | "after-atr" | "any";
  /** Only in exchange number so many since the reset. */
  readonly exchange?: number;
  /** Only block number so many of its direction, since the reset or, where `since` says so, since the exchange began. */
  readonly block?: number;
  /** Where counting begins; default "reset". */
  readonly since?: "reset" | "exchange";
  /** Which of the blocks that fit; default all. */
  readonly which?: FaultWhich;
}

/** Which characters a fault strikes; what is left out does not matter. */
export interface BytePlace extends Omit<BlockPlace, "since"> {
  /** Only character number so many of its direction, counted from `since` on. */
  readonly byte?: number;
  /** Where counting begins; default "block". `block` itself counts since the exchange where this is "exchange", else since the reset. */
  readonly since?: "reset" | "exchange" | "block";
}

/** What goes wrong with a character. Bits are numbered 0 to 7 as the link carries them, also where the card's convention is inverse. */
export type ByteFault =
  /** Bits are the other way round, and nothing tells of it. */
  | {
    readonly kind: "flip";
    readonly bit: number | readonly number[];
    readonly at?: BytePlace;
  }
  /** The character does not arrive. */
  | { readonly kind: "lose"; readonly at?: BytePlace }
  /** The character arrives twice. */
  | { readonly kind: "double"; readonly at?: BytePlace }
  /**
   * The character arrives `arrivals` times in a row (1 to 255, default 1) with `bit`
   * flipped and its parity wrong. Under T=0 the receiver asks for it again by the
   * error signal, up to three times; after that, and without T=0 in force at once, it
   * is delivered as it came: a link has no word for a parity error, so that only
   * T=1's check bytes find it.
   */
  | {
    readonly kind: "parity";
    readonly bit: number;
    readonly arrivals?: number;
    readonly at?: BytePlace;
  }
  /** The card is taken out: this character and all later ones do not arrive. */
  | { readonly kind: "remove"; readonly at?: BytePlace };

/** What goes wrong with a block. */
export type BlockFault =
  /** Nothing of it arrives. */
  | { readonly kind: "mute"; readonly at?: BlockPlace }
  /** Only its first `keep` characters arrive, 1 to 1023. */
  | {
    readonly kind: "truncate";
    readonly keep: number;
    readonly at?: BlockPlace;
  }
  /** It comes twice in a row. */
  | { readonly kind: "duplicate"; readonly at?: BlockPlace }
  /** Characters that nobody sent come before it: 1 to 255 bytes in hexadecimal, as the link carries them. */
  | {
    readonly kind: "noise";
    readonly hex: string;
    readonly at?: BlockPlace;
  }
  /**
   * N(S) of an I-block or N(R) of an R-block is the other one, and the check bytes are
   * right again. `number` names one of the two; default both. Other blocks, and blocks
   * whose check bytes were wrong before, are not struck.
   */
  | {
    readonly kind: "sequence";
    readonly number?: "N(S)" | "N(R)";
    readonly at?: BlockPlace;
  }
  /**
   * The answer is held back `waits` times as long as the reader waits for its first
   * character (more than 0, at most 1000): up to 1 it comes in time. Beyond that it
   * comes when nobody waits, or runs into the answer to the reader's next block; later
   * than that it is lost. From the card only.
   */
  | {
    readonly kind: "late";
    readonly waits: number;
    readonly at?: BlockPlace;
  };

/** When a fault stops. */
export type FaultEnd =
  /** After so many strikes, 1 to 1 000 000 000. */
  | { readonly kind: "times"; readonly times: number }
  /** After so many characters of its direction since it was set, 1 to 1 000 000 000; a block that was struck stays struck. */
  | { readonly kind: "bytes"; readonly bytes: number }
  /** After so many whole exchanges since it was set, exchange 0 included, 1 to 1 000 000 000; one under way counts for none. */
  | { readonly kind: "exchanges"; readonly exchanges: number }
  /** At the first reset after it struck. */
  | { readonly kind: "reset" }
  /** Not at all. */
  | { readonly kind: "never" };

/** One fault of a link. Plain data: JSON carries it. */
export interface LinkFault {
  /** What goes wrong, and where. */
  readonly what: ByteFault | BlockFault;
  /** When it stops going wrong. */
  readonly until: FaultEnd;
}

/** A fault has struck. */
export interface FaultStrike {
  /** Place of the fault in the list. */
  readonly index: number;
  /** The fault. */
  readonly fault: LinkFault;
  /** Which way the character or block went. */
  readonly direction: FaultDirection;
  /** Exchange since the reset. */
  readonly exchange: number;
  /** Block since the ATR, of its direction; 0 in the ATR. */
  readonly block: number;
  /** Character of the block; 0 where the whole block was struck. */
  readonly byte: number;
  /** Whether the fault is over with this strike. */
  readonly isLast: boolean;
  /** How often T=0's error signal asked for the character again. */
  readonly repetitions: number;
}
