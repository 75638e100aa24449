/**
 * Laws about attributes.
 *
 * @module
 */

import * as lib from "../../smclib/mod.ts";
import { type Law, needsProtocols } from "../law.ts";
import { protocolBit } from "../law_bytes.ts";

/** 3.5795 MHz (logo requirement 5); kHz are whole numbers. */
const LEAST_CLOCK_KHZ = 3579;
/** Logo requirement 6. */
const LEAST_RATE_BITS_PER_SECOND = 9600;
const LONGEST_IFS_BYTES = 254;
const UNKNOWN_TAG = 0x0007FFF0;

/** A law about a range that a default and a maximum lie in. */
function speedLaw(
  name: string,
  source: string,
  tags: { default: number; max: number },
  least: number,
  what: string,
): Law {
  return {
    name,
    demands:
      `The highest ${what} is at least ${least}, the default not above it.`,
    source,
    async run(_, context) {
      const highest = await context.ulongAttribute(tags.max, `the ${what}`);
      context.expect(
        highest >= least,
        `the highest ${what} is ${highest}, expected at least ${least}`,
      );
      const usual = await context.ulongAttribute(
        tags.default,
        `the default ${what}`,
      );
      context.expect(
        usual > 0 && usual <= highest,
        `the default ${what} is ${usual}, expected 1 to ${highest}`,
      );
    },
  };
}

/** Laws about attributes. */
export const attributeLaws: readonly Law[] = [
  {
    name: "vendor and model have names",
    demands:
      "VENDOR_NAME and VENDOR_IFD_TYPE have 1 to 32 bytes and no terminating zero.",
    source: "IFDTest part B; smclib 5.2, 15.1",
    async run(_, context) {
      const strings = [
        ["VENDOR_NAME", lib.SCARD_ATTR_VENDOR_NAME],
        ["VENDOR_IFD_TYPE", lib.SCARD_ATTR_VENDOR_IFD_TYPE],
      ] as const;
      for (const [name, tag] of strings) {
        const outcome = await context.attribute(tag);
        context.expectStatus(outcome, `reading ${name}`, lib.STATUS_SUCCESS);
        const { length } = outcome.output;
        context.expect(
          length >= 1 && length <= 32,
          `${name} has ${length} bytes, expected 1 to 32`,
        );
        context.expect(
          !outcome.output.includes(0),
          `${name} has a zero byte, expected none`,
        );
      }
    },
  },
  {
    name: "the reader has a unit number",
    demands: "DEVICE_UNIT is a ULONG.",
    source: "IFDTest part B; smclib 5.2",
    async run(_, context) {
      await context.ulongAttribute(lib.SCARD_ATTR_DEVICE_UNIT, "DEVICE_UNIT");
    },
  },
  {
    name: "CHARACTERISTICS tells the mechanics",
    demands:
      "It is a ULONG that says whether the reader ejects and swallows, as the requests show.",
    source: "smclib 15.2, 4.5",
    async run(_, context) {
      const found = await context.ulongAttribute(
        lib.SCARD_ATTR_CHARACTERISTICS,
        "CHARACTERISTICS",
      );
      const { canEject, canSwallow } = context.settings;
      context.expectEqual(
        (found & lib.SCARD_READER_EJECTS) !== 0,
        canEject,
        "SCARD_READER_EJECTS in CHARACTERISTICS",
      );
      context.expectEqual(
        (found & lib.SCARD_READER_SWALLOWS) !== 0,
        canSwallow,
        "SCARD_READER_SWALLOWS in CHARACTERISTICS",
      );
    },
  },
  {
    name: "PROTOCOL_TYPES tells the protocols",
    demands: "It is a ULONG with a bit for each protocol of the reader.",
    source: "smclib 15.2; logo requirement 8",
    async run(_, context) {
      const found = await context.ulongAttribute(
        lib.SCARD_ATTR_PROTOCOL_TYPES,
        "PROTOCOL_TYPES",
      );
      const expected = context.settings.protocols.map(protocolBit).reduce(
        (mask, bit) => mask | bit,
        0,
      );
      context.expectEqual(
        found & lib.SCARD_PROTOCOL_Tx,
        expected,
        "T=0 and T=1 in PROTOCOL_TYPES",
      );
    },
  },
  speedLaw(
    "the clock is fast enough",
    "logo requirement 5 (SupportsMinClockFrequency)",
    { default: lib.SCARD_ATTR_DEFAULT_CLK, max: lib.SCARD_ATTR_MAX_CLK },
    LEAST_CLOCK_KHZ,
    "clock in kHz",
  ),
  speedLaw(
    "the data rate is high enough",
    "logo requirement 6 (SupportsMinDataRateOf9600bps)",
    {
      default: lib.SCARD_ATTR_DEFAULT_DATA_RATE,
      max: lib.SCARD_ATTR_MAX_DATA_RATE,
    },
    LEAST_RATE_BITS_PER_SECOND,
    "data rate in bit/s",
  ),
  {
    name: "MAX_IFSD is a length of T=1",
    demands: "It is a ULONG of 1 to 254.",
    source: "smclib 5.5, 15.2",
    leftOut: needsProtocols("t1"),
    async run(_, context) {
      const tag = lib.SCARD_ATTR_MAX_IFSD;
      const found = await context.ulongAttribute(tag, "MAX_IFSD");
      context.expect(
        found >= 1 && found <= LONGEST_IFS_BYTES,
        `MAX_IFSD is ${found}, expected 1 to ${LONGEST_IFS_BYTES}`,
      );
    },
  },
  {
    name: "an attribute read without output buffer ends cleanly",
    demands:
      "It is BUFFER_TOO_SMALL, delivers nothing, and the next read works.",
    source: "IFDTest part B; smclib 15.1",
    async run(_, context) {
      const tags = [
        lib.SCARD_ATTR_VENDOR_NAME,
        lib.SCARD_ATTR_CHARACTERISTICS,
      ];
      for (const tag of tags) {
        const what = `attribute ${tag.toString(16)}`;
        context.expectStatus(
          await context.attribute(tag, 0),
          `${what} without room`,
          lib.STATUS_BUFFER_TOO_SMALL,
        );
        context.expectStatus(
          await context.attribute(tag),
          `${what} after that`,
          lib.STATUS_SUCCESS,
        );
      }
    },
  },
  {
    name: "an unknown attribute is NOT_SUPPORTED",
    demands: "GET_ATTRIBUTE and SET_ATTRIBUTE refuse a tag that nobody knows.",
    source: "smclib 15.1, 15.3",
    async run(_, context) {
      context.expectStatus(
        await context.attribute(UNKNOWN_TAG),
        "an unknown attribute",
        lib.STATUS_NOT_SUPPORTED,
      );
    },
  },
];
