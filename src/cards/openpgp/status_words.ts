/**
 * Status words of the OpenPGP card application (specification 3.4, 7.1).
 *
 * @module
 */

/** The status words that the card answers with. */
export const SW = {
  OK: 0x9000,
  /** With the number of bytes that GET RESPONSE will find in the low byte, 00 for 256 or more. */
  MORE_DATA: 0x6100,
  TERMINATED: 0x6285,
  /** With the tries that are left in the low four bits. */
  NOT_VERIFIED: 0x63c0,
  MEMORY_FAILURE: 0x6581,
  WRONG_LENGTH: 0x6700,
  LOGICAL_CHANNEL_NOT_SUPPORTED: 0x6881,
  SECURE_MESSAGING_NOT_SUPPORTED: 0x6882,
  SECURITY_STATUS_NOT_SATISFIED: 0x6982,
  AUTHENTICATION_METHOD_BLOCKED: 0x6983,
  CONDITIONS_OF_USE_NOT_SATISFIED: 0x6985,
  INCORRECT_DATA: 0x6a80,
  FILE_NOT_FOUND: 0x6a82,
  REFERENCED_DATA_NOT_FOUND: 0x6a88,
  WRONG_PARAMETERS: 0x6b00,
  INSTRUCTION_NOT_SUPPORTED: 0x6d00,
  CLASS_NOT_SUPPORTED: 0x6e00,
} as const;
