/**
 * Sizes that both ends of the protocol agree on (pcsclite.h, winscard_msg.h).
 *
 * @module
 */

/** Longest reader name on the wire, its NUL included, in bytes (MAX_READERNAME). */
export const MAX_READER_NAME_BYTES = 128;
/** Longest ATR, in bytes (MAX_ATR_SIZE). */
export const MAX_ATR_BYTES = 33;
/** Longest attribute, in bytes (MAX_BUFFER_SIZE). */
export const MAX_ATTRIBUTE_BYTES = 264;
/** Longest command or answer of TRANSMIT and CONTROL, in bytes (MAX_BUFFER_SIZE_EXTENDED). */
export const MAX_PAYLOAD_BYTES = 65_548;
/** Entries of the state array of fixed length (PCSCLITE_MAX_READERS_CONTEXTS). */
export const FIXED_READER_SLOTS = 16;
/** Clients at a time (PCSC_MAX_CONTEXT_THREADS). */
export const MAX_CLIENTS = 200;
/** Connections of one context (PCSC_MAX_CONTEXT_CARD_HANDLES). */
export const MAX_CARDS_PER_CONTEXT = 200;
/** Connections of all contexts to one reader (PCSC_MAX_READER_HANDLES). */
export const MAX_CARDS_PER_READER = 200;
