/**
 * Numbers of the PC/SC application interface (winscard.h, winsmcrd.h).
 * Numbers that readers understand too live in the driver library.
 *
 * @module
 */

/** Nobody else may connect. */
export const SCARD_SHARE_EXCLUSIVE = 1;
/** Others may connect, too. */
export const SCARD_SHARE_SHARED = 2;
/** A connection to the reader, with or without a card. */
export const SCARD_SHARE_DIRECT = 3;

/** Leave the card as it is. */
export const SCARD_LEAVE_CARD = 0;
/** Warm reset. */
export const SCARD_RESET_CARD = 1;
/** Power down; as an initialization, a cold reset. */
export const SCARD_UNPOWER_CARD = 2;
/** Power down and eject where the mechanics can. */
export const SCARD_EJECT_CARD = 3;

/** The caller knows nothing and wants the state at once. */
export const SCARD_STATE_UNAWARE = 0x0000;
/** The entry is not considered. */
export const SCARD_STATE_IGNORE = 0x0001;
/** The state differs from what the caller believed. */
export const SCARD_STATE_CHANGED = 0x0002;
/** No reader has this name; CHANGED and IGNORE are set as well. */
export const SCARD_STATE_UNKNOWN = 0x0004;
/** The reader cannot be used. */
export const SCARD_STATE_UNAVAILABLE = 0x0008;
/** There is no card in the reader. */
export const SCARD_STATE_EMPTY = 0x0010;
/** There is a card in the reader. */
export const SCARD_STATE_PRESENT = 0x0020;
/** The card's ATR is one that was looked for. */
export const SCARD_STATE_ATRMATCH = 0x0040;
/** Somebody holds the card exclusively. */
export const SCARD_STATE_EXCLUSIVE = 0x0080;
/** At least one connection, and others may join. */
export const SCARD_STATE_INUSE = 0x0100;
/** The card does not answer a reset. */
export const SCARD_STATE_MUTE = 0x0200;
/** The card has no power. */
export const SCARD_STATE_UNPOWERED = 0x0400;

/** Reader name that stands for the list of readers in a status request. */
export const PNP_NOTIFICATION = "\\\\?PnP?\\Notification";

/** Longest answer to one APDU, in bytes: 65 536 data bytes, SW1, SW2. */
export const MAX_RESPONSE_BYTES = 65_538;
/** Longest command APDU, in bytes: extended header, 65 535 data bytes, extended Le. */
export const MAX_COMMAND_BYTES = 65_544;
/** Shortest command APDU, in bytes: CLA INS P1 P2. */
export const MIN_COMMAND_BYTES = 4;
