/**
 * Requests of every control code, well formed and not, as data.
 *
 * @module
 */

import fc from "fast-check";
import { writeU32le } from "../../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_CONFISCATE,
  IOCTL_SMARTCARD_EJECT,
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_GET_LAST_ERROR,
  IOCTL_SMARTCARD_GET_PERF_CNTR,
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_READ,
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_SWALLOW,
  IOCTL_SMARTCARD_TRANSMIT,
  IOCTL_SMARTCARD_VENDOR_FIRST,
  IOCTL_SMARTCARD_WRITE,
  IOCTL_SMCLIB_GET_T1_REPLY,
  ioctlName,
  SCARD_ATTR_CURRENT_PROTOCOL_TYPE,
  SCARD_ATTR_DEVICE_IN_USE,
  SCARD_ATTR_DEVICE_UNIT,
  SCARD_ATTR_ICC_PRESENCE,
  SCARD_ATTR_VENDOR_NAME,
  SCARD_PROTOCOL_DEFAULT,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
} from "../../../src/smclib/mod.ts";

/** What a caller asks for. */
export interface RequestShape {
  /** The control code. */
  readonly code: number;
  /** ULONGs of the input, in order. */
  readonly words: readonly number[];
  /** Bytes of the input: those of `words`, cut or zero-filled. */
  readonly inputBytes: number;
  /** Capacity for output in bytes. */
  readonly capacityBytes: number;
}

/** The shape as a line of a counterexample. */
export function shapeText(shape: RequestShape): string {
  const words = shape.words.map((word) => `0x${word.toString(16)}`).join(" ");
  return `${
    ioctlName(shape.code)
  }(${words}; in ${shape.inputBytes}, out ${shape.capacityBytes})`;
}

/** The buffer that input and output of a shape share. */
export function shapeBuffer(shape: RequestShape): Uint8Array {
  const words = new Uint8Array(4 * shape.words.length);
  shape.words.forEach((word, i) => writeU32le(words, 4 * i, word));
  const buffer = new Uint8Array(
    Math.max(shape.inputBytes, shape.capacityBytes),
  );
  buffer.set(words.subarray(0, shape.inputBytes));
  return buffer;
}

function plain(...codes: number[]): fc.Arbitrary<RequestShape> {
  return fc.record({
    code: fc.constantFrom(...codes),
    words: fc.constant([]),
    inputBytes: fc.constant(0),
    capacityBytes: fc.constantFrom(8, 4, 0),
  });
}

function ulong(
  code: number,
  values: readonly number[],
  capacities: readonly number[],
): fc.Arbitrary<RequestShape> {
  return fc.record({
    code: fc.constant(code),
    words: fc.constantFrom(...values).map((value) => [value]),
    inputBytes: fc.constantFrom(4, 4, 4, 4, 4, 4, 4, 3),
    capacityBytes: fc.constantFrom(...capacities),
  });
}

const transmit: fc.Arbitrary<RequestShape> = fc.record({
  code: fc.constant(IOCTL_SMARTCARD_TRANSMIT),
  words: fc.tuple(
    fc.constantFrom(
      ...Array(6).fill(SCARD_PROTOCOL_T1),
      SCARD_PROTOCOL_T0,
    ),
    fc.constantFrom(...Array(8).fill(8), 40, 4),
  ),
  inputBytes: fc.constantFrom(...Array(8).fill(13), 7),
  capacityBytes: fc.constantFrom(...Array(8).fill(64), 8, 4),
});

const setAttribute: fc.Arbitrary<RequestShape> = fc.record({
  code: fc.constant(IOCTL_SMARTCARD_SET_ATTRIBUTE),
  words: fc.tuple(
    fc.constantFrom(SCARD_ATTR_DEVICE_IN_USE, SCARD_ATTR_VENDOR_NAME),
    fc.constant(1),
  ),
  inputBytes: fc.constantFrom(8, 8, 3),
  capacityBytes: fc.constantFrom(0, 4),
});

/** A request that reaches the vendor callback. */
export const vendorShape: fc.Arbitrary<RequestShape> = plain(
  IOCTL_SMARTCARD_VENDOR_FIRST,
  IOCTL_SMARTCARD_VENDOR_FIRST,
  0x00330004,
);

/** A request of any kind; those that reach the driver come often. */
export const anyShape: fc.Arbitrary<RequestShape> = fc.oneof(
  { weight: 6, arbitrary: vendorShape },
  { weight: 4, arbitrary: transmit },
  {
    weight: 6,
    arbitrary: plain(IOCTL_SMARTCARD_IS_PRESENT, IOCTL_SMARTCARD_IS_ABSENT),
  },
  {
    weight: 3,
    arbitrary: plain(
      IOCTL_SMARTCARD_GET_STATE,
      IOCTL_SMARTCARD_GET_LAST_ERROR,
    ),
  },
  {
    weight: 2,
    arbitrary: plain(
      IOCTL_SMARTCARD_EJECT,
      IOCTL_SMARTCARD_SWALLOW,
      IOCTL_SMARTCARD_CONFISCATE,
    ),
  },
  {
    weight: 2,
    arbitrary: ulong(IOCTL_SMARTCARD_POWER, [1, 0, 1, 2, 1, 3], [
      33,
      64,
      33,
      64,
      10,
    ]),
  },
  {
    weight: 2,
    arbitrary: ulong(IOCTL_SMARTCARD_SET_PROTOCOL, [
      SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
      SCARD_PROTOCOL_T1,
      SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
      SCARD_PROTOCOL_T0,
      SCARD_PROTOCOL_RAW,
      SCARD_PROTOCOL_DEFAULT,
    ], [4, 4, 4, 4, 0]),
  },
  {
    weight: 1,
    arbitrary: ulong(IOCTL_SMARTCARD_GET_ATTRIBUTE, [
      SCARD_ATTR_DEVICE_UNIT,
      SCARD_ATTR_VENDOR_NAME,
      SCARD_ATTR_ICC_PRESENCE,
      SCARD_ATTR_CURRENT_PROTOCOL_TYPE,
      0x00010999,
    ], [32, 4, 0]),
  },
  { weight: 1, arbitrary: setAttribute },
  {
    weight: 1,
    arbitrary: plain(
      IOCTL_SMARTCARD_READ,
      IOCTL_SMARTCARD_WRITE,
      IOCTL_SMARTCARD_GET_PERF_CNTR,
      IOCTL_SMCLIB_GET_T1_REPLY,
      IOCTL_SMARTCARD_IS_PRESENT + 1,
      0x00310034,
      0,
    ),
  },
);
