/**
 * Response APDUs (ISO/IEC 7816-4 5.1).
 *
 * @module
 */

/** A response, taken apart. */
export interface ResponseApdu {
  /** The response data. */
  readonly data: Uint8Array;
  /** SW1 SW2 as one number. */
  readonly sw: number;
}

/** SW 9000: done, nothing to say. */
export const SW_OK = 0x9000;

/**
 * A card answered with something that cannot be an answer to the command, or would
 * never end.
 */
export class CardAnswerError extends Error {
  /** An error by its message. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CardAnswerError";
  }
}

/**
 * Takes a response apart.
 *
 * @param bytes data, SW1 and SW2; the data of the result are a view of them
 * @param attempt what was sent, for the message
 * @throws {CardAnswerError} when there is no SW1 SW2
 */
export function parseResponse(
  bytes: Uint8Array,
  attempt: string,
): ResponseApdu {
  const end = bytes.length - 2;
  if (end < 0) {
    throw new CardAnswerError(
      `Cannot read the answer to ${attempt}: ${bytes.length} bytes found, expected SW1 SW2 at least`,
    );
  }
  return {
    data: bytes.subarray(0, end),
    sw: bytes[end] << 8 | bytes[end + 1],
  };
}
