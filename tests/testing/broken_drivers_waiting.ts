/**
 * Drivers that are wrong about cards that take their time.
 *
 * @module
 */

import { type BrokenDriver, brokenLink } from "./broken_driver.ts";

/** Longer than BWT with BWI 0 and WT with WI 1 at 4 MHz, which are 90 ms, and shorter than twice that. */
const CAP_MS = 120;
/** CLA of the commands of the test card. */
const TEST_CLA = 0x80;

/** Drivers that are wrong about waiting times. */
export const brokenWaitingDrivers: readonly BrokenDriver[] = [
  brokenLink(
    "WTX stretches no wait",
    "T=1 waits as much longer as the card was granted",
    (link) => ({
      receive: (target, offset, wanted, waitMicroseconds, gap) =>
        link.receive(
          target,
          offset,
          wanted,
          Math.min(waitMicroseconds, CAP_MS * 1000),
          gap,
        ),
    }),
  ),
  brokenLink(
    "NULL does not begin another WT",
    "T=0 waits another WT after each NULL",
    (link) => {
      let sentAt = 0;
      let isHeader = false;
      return {
        send(bytes) {
          sentAt = performance.now();
          isHeader = bytes.length === 5 && bytes[0] === TEST_CLA;
          return link.send(bytes);
        },
        receive(target, offset, wanted, waitMicroseconds, gap) {
          const left = Math.max(0, CAP_MS - (performance.now() - sentAt));
          const wait = isHeader
            ? Math.min(waitMicroseconds, left * 1000)
            : waitMicroseconds;
          return link.receive(target, offset, wanted, wait, gap);
        },
      };
    },
  ),
];
