/**
 * Checks of option values, with messages that name the option.
 *
 * @module
 */

/** Longest delay that a timer can keep, in milliseconds. */
export const MAXIMUM_TIMEOUT_MS = 0x7FFFFFFF;

/** @throws {RangeError} when `value` is not an integer within `minimum` to `maximum` */
export function checkInteger(
  task: string,
  name: string,
  value: number,
  minimum: number,
  maximum: number,
): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) {
    return value;
  }
  throw new RangeError(
    `Cannot ${task}: ${name} is ${value}, expected ${minimum} to ${maximum}`,
  );
}

/**
 * Whoever connects is believed, and every byte goes in the clear: so nobody outside may take part, unless
 * it was the caller who named him and said that it is meant.
 *
 * @returns the address; `127.0.0.1` for `localhost`
 * @throws {RangeError} when the address is not loopback, and `allowRemote` false
 */
export function checkHostname(
  task: string,
  hostname: string,
  allowRemote: boolean,
): string {
  if (hostname === "localhost") return "127.0.0.1";
  const isLoopback = hostname === "::1" ||
    /^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(hostname);
  if (isLoopback || allowRemote && hostname !== "") return hostname;
  throw new RangeError(
    `Cannot ${task}: hostname is ${JSON.stringify(hostname)}, expected ${
      allowRemote ? "a name" : "a loopback address"
    }`,
  );
}
