/**
 * Status words of the PIV card (NIST SP 800-73-4 Part 2, table 6), and those of ISO/IEC 7816-4
 * for commands that are none of PIV's.
 *
 * @module
 */

/** Status words that the card answers with, beside 61xx and 63Cx. */
export const SW = {
  /** Successful. */
  OK: 0x9000,
  /** xx more bytes for GET RESPONSE, 00 for 256 or more. */
  MORE_DATA: 0x6100,
  /** Verification failed, x further tries. */
  TRIES_LEFT: 0x63c0,
  /** The state could not be saved; nothing has changed but a counter. */
  MEMORY_FAILURE: 0x6581,
  WRONG_LENGTH: 0x6700,
  LOGICAL_CHANNEL_NOT_SUPPORTED: 0x6881,
  SECURE_MESSAGING_NOT_SUPPORTED: 0x6882,
  SECURITY_STATUS_NOT_SATISFIED: 0x6982,
  AUTHENTICATION_METHOD_BLOCKED: 0x6983,
  /** GET RESPONSE when there is none, or a command that a reset has overtaken. */
  CONDITIONS_OF_USE_NOT_SATISFIED: 0x6985,
  INCORRECT_DATA: 0x6a80,
  FUNCTION_NOT_SUPPORTED: 0x6a81,
  NOT_FOUND: 0x6a82,
  NOT_ENOUGH_MEMORY: 0x6a84,
  INCORRECT_P1_P2: 0x6a86,
  REFERENCE_NOT_FOUND: 0x6a88,
  INSTRUCTION_NOT_SUPPORTED: 0x6d00,
  CLASS_NOT_SUPPORTED: 0x6e00,
} as const;
