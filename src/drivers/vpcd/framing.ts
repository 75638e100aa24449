/**
 * The frames of the vpcd protocol: a 16-bit big-endian length and that many bytes.
 *
 * @module
 */

/** Bytes of the length in front of every payload. */
export const VPCD_HEADER_BYTES = 2;
/** Longest payload that the 16-bit length can name, in bytes. */
export const VPCD_MAX_PAYLOAD_BYTES = 0xFFFF;

/** Control code: take the power from the card. No answer. */
export const VPCD_CTRL_OFF = 0;
/** Control code: power the card. No answer. */
export const VPCD_CTRL_ON = 1;
/** Control code: reset the card with its power kept. No answer. */
export const VPCD_CTRL_RESET = 2;
/** Control code: ask for the ATR, the one control code that is answered. */
export const VPCD_CTRL_ATR = 4;

/**
 * Writes a whole frame to the start of `target`, so that it can go out in one piece.
 *
 * @returns the length of the frame in bytes
 * @throws {RangeError} when the payload is too long for a frame, or the frame for `target`
 */
export function writeFrame(target: Uint8Array, payload: Uint8Array): number {
  const length = payload.length;
  if (length > VPCD_MAX_PAYLOAD_BYTES) {
    throw new RangeError(
      `Cannot write frame: payload has ${length} bytes, expected at most ${VPCD_MAX_PAYLOAD_BYTES}`,
    );
  }
  if (target.length < VPCD_HEADER_BYTES + length) {
    throw new RangeError(
      `Cannot write frame: target has ${target.length} bytes, expected at least ${
        VPCD_HEADER_BYTES + length
      }`,
    );
  }
  target[0] = length >>> 8;
  target[1] = length;
  target.set(payload, VPCD_HEADER_BYTES);
  return VPCD_HEADER_BYTES + length;
}

/**
 * A new frame around `payload`.
 *
 * @throws {RangeError} when the payload is longer than 65535 bytes
 */
export function encodeFrame(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(VPCD_HEADER_BYTES + payload.length);
  writeFrame(frame, payload);
  return frame;
}

/**
 * Takes one frame at a time out of a stream that comes in pieces of any size.
 *
 * It does no I/O and never throws for what the other side sent.
 */
export class FrameDecoder {
  readonly #buffer: Uint8Array;
  #limitBytes: number;
  #headerBytes = 0;
  #lengthBytes = 0;
  #filledBytes = 0;

  /**
   * Makes a decoder.
   *
   * @param capacityBytes longest payload ever accepted
   * @throws {RangeError} when `capacityBytes` is not within 0 to 65535
   */
  constructor(capacityBytes = VPCD_MAX_PAYLOAD_BYTES) {
    if (
      !Number.isInteger(capacityBytes) || capacityBytes < 0 ||
      capacityBytes > VPCD_MAX_PAYLOAD_BYTES
    ) {
      throw new RangeError(
        `Cannot make frame decoder: capacity is ${capacityBytes}, expected 0 to ${VPCD_MAX_PAYLOAD_BYTES}`,
      );
    }
    this.#buffer = new Uint8Array(capacityBytes);
    this.#limitBytes = capacityBytes;
  }

  /** Forgets the frame and begins the next one, which may carry `limitBytes` at most. */
  start(limitBytes: number = this.#buffer.length): void {
    this.#limitBytes = Math.min(limitBytes, this.#buffer.length);
    this.#headerBytes = 0;
    this.#lengthBytes = 0;
    this.#filledBytes = 0;
  }

  /**
   * Takes what belongs to the current frame.
   *
   * @returns bytes taken; fewer than given when the frame is complete or refused
   */
  push(bytes: Uint8Array): number {
    let taken = 0;
    while (this.#headerBytes < VPCD_HEADER_BYTES && taken < bytes.length) {
      this.#lengthBytes = this.#lengthBytes << 8 | bytes[taken++];
      this.#headerBytes++;
    }
    if (this.#headerBytes < VPCD_HEADER_BYTES || this.isRefused) return taken;
    const part = Math.min(
      bytes.length - taken,
      this.#lengthBytes - this.#filledBytes,
    );
    this.#buffer.set(bytes.subarray(taken, taken + part), this.#filledBytes);
    this.#filledBytes += part;
    return taken + part;
  }

  /** Whether the frame announces more than its limit; nothing more is taken then. */
  get isRefused(): boolean {
    return this.#headerBytes === VPCD_HEADER_BYTES &&
      this.#lengthBytes > this.#limitBytes;
  }

  /** Whether the whole frame is here. */
  get isComplete(): boolean {
    return this.#headerBytes === VPCD_HEADER_BYTES && !this.isRefused &&
      this.#filledBytes === this.#lengthBytes;
  }

  /** What has come of the payload: a view that holds until the next `start`. */
  get payload(): Uint8Array {
    return this.#buffer.subarray(0, this.#filledBytes);
  }
}
