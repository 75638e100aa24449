/**
 * Status words (ISO/IEC 7816-4 5.6).
 *
 * @module
 */

/** Status words of ISO/IEC 7816-4 that the card uses. */
export const SW = {
  OK: 0x9000,
  END_OF_FILE_REACHED: 0x6282,
  WRONG_LENGTH: 0x6700,
  LOGICAL_CHANNEL_NOT_SUPPORTED: 0x6881,
  SECURE_MESSAGING_NOT_SUPPORTED: 0x6882,
  COMMAND_CHAINING_NOT_SUPPORTED: 0x6884,
  INCOMPATIBLE_FILE_STRUCTURE: 0x6981,
  SECURITY_STATUS_NOT_SATISFIED: 0x6982,
  AUTHENTICATION_METHOD_BLOCKED: 0x6983,
  CONDITIONS_OF_USE_NOT_SATISFIED: 0x6985,
  NO_CURRENT_FILE: 0x6986,
  INCORRECT_DATA: 0x6a80,
  FUNCTION_NOT_SUPPORTED: 0x6a81,
  FILE_NOT_FOUND: 0x6a82,
  RECORD_NOT_FOUND: 0x6a83,
  NOT_ENOUGH_MEMORY: 0x6a84,
  INCORRECT_P1_P2: 0x6a86,
  LENGTH_INCONSISTENT_WITH_P1_P2: 0x6a87,
  REFERENCED_DATA_NOT_FOUND: 0x6a88,
  WRONG_PARAMETERS: 0x6b00,
  INSTRUCTION_NOT_SUPPORTED: 0x6d00,
  CLASS_NOT_SUPPORTED: 0x6e00,
} as const;

/** Ends a command with a status; caught where commands are dispatched. */
export class StatusWordError extends Error {
  /** SW1 SW2. */
  readonly status: number;

  /** Carries SW1 SW2. */
  constructor(status: number) {
    super(`Status ${status.toString(16)}`);
    this.name = "StatusWordError";
    this.status = status;
  }
}

/** Ends the command with this status. */
export function fail(status: number): never {
  throw new StatusWordError(status);
}
