/**
 * Control codes for `SCardControl` by their official names (winsmcrd.h).
 *
 * @module
 */

/** Highest function number of a control code. */
const MAX_FUNCTION = 4095;

/**
 * The control code of a function number: device type 0x31, buffered, any access.
 *
 * @param functionNumber 0 to 4095; vendors' own begin at 2048
 * @throws {RangeError} when it is no function number
 */
export function SCARD_CTL_CODE(functionNumber: number): number {
  if (
    !Number.isInteger(functionNumber) || functionNumber < 0 ||
    functionNumber > MAX_FUNCTION
  ) {
    throw new RangeError(
      `Cannot make a control code: function number ${functionNumber}, expected 0 to ${MAX_FUNCTION}`,
    );
  }
  return 0x00310000 | functionNumber << 2;
}

/** Powers the card by a minor code: SCARD_POWER_DOWN, SCARD_COLD_RESET, SCARD_WARM_RESET. */
export const IOCTL_SMARTCARD_POWER = 0x00310004;
/** Reads an attribute. */
export const IOCTL_SMARTCARD_GET_ATTRIBUTE = 0x00310008;
/** Sets an attribute. */
export const IOCTL_SMARTCARD_SET_ATTRIBUTE = 0x0031000C;
/** Keeps the card. */
export const IOCTL_SMARTCARD_CONFISCATE = 0x00310010;
/** Sends a command to the card. */
export const IOCTL_SMARTCARD_TRANSMIT = 0x00310014;
/** Ejects the card. */
export const IOCTL_SMARTCARD_EJECT = 0x00310018;
/** Draws the card in. */
export const IOCTL_SMARTCARD_SWALLOW = 0x0031001C;
/** Waits for a card; the resource manager's own, refused by `SCardControl`. */
export const IOCTL_SMARTCARD_IS_PRESENT = 0x00310028;
/** Waits for the card to go; the resource manager's own, refused by `SCardControl`. */
export const IOCTL_SMARTCARD_IS_ABSENT = 0x0031002C;
/** Negotiates one of the protocols of a mask. */
export const IOCTL_SMARTCARD_SET_PROTOCOL = 0x00310030;
/** Reads the state of the card. */
export const IOCTL_SMARTCARD_GET_STATE = 0x00310038;
/** Reads how the last request ended. */
export const IOCTL_SMARTCARD_GET_LAST_ERROR = 0x0031003C;
/** Reads the performance counters. */
export const IOCTL_SMARTCARD_GET_PERF_CNTR = 0x00310040;
/** Asks for the reader's features (PC/SC part 10). */
export const CM_IOCTL_GET_FEATURE_REQUEST = 0x00313520;

/** Minor code of IOCTL_SMARTCARD_POWER: powers the card down. */
export const SCARD_POWER_DOWN = 0;
/** Minor code of IOCTL_SMARTCARD_POWER: cold reset. */
export const SCARD_COLD_RESET = 1;
/** Minor code of IOCTL_SMARTCARD_POWER: warm reset. */
export const SCARD_WARM_RESET = 2;
