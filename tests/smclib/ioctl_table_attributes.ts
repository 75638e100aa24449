/**
 * The attribute half of the IOCTL table's oracle: smclib.md 15.2 as data, for the reader that the table builds.
 *
 * @module
 */

import { fromHex } from "../../src/bytes.ts";
import { ends, NT, type Outcome, type Row, word } from "./ioctl_table.ts";

/** What stands behind a tag: a value that is always there, one of a reset card, one to be written, or nothing. */
type Source =
  | {
    readonly kind: "always";
    readonly value: (row: Row) => Uint8Array | number;
  }
  | { readonly kind: "card"; readonly value: (row: Row) => Uint8Array }
  | { readonly kind: "written" }
  | { readonly kind: "none" };

/** One line of 15.2. */
export interface Attribute {
  /** Name without SCARD_ATTR_. */
  readonly name: string;
  /** Tag. */
  readonly tag: number;
  /** Where its value comes from. */
  readonly source: Source;
}

const NONE: Source = { kind: "none" };
const WRITTEN: Source = { kind: "written" };

function always(bytes: Uint8Array): Source {
  return { kind: "always", value: () => bytes };
}

function ofCard(value: number | ((row: Row) => number)): Source {
  return {
    kind: "card",
    value: (row) => word(typeof value === "number" ? value : value(row)),
  };
}

function ansi(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** ICC_PRESENCE: the table's reader swallows, so a card that is merely present counts as 1. */
function presence(row: Row): Uint8Array | number {
  if (row.state === 0) return NT.INVALID_DEVICE_STATE;
  return Uint8Array.of([0, 0, 1, 2, 2, 2, 2][row.state]);
}

/** Every tag of 15.2, with what the reader of `ioctl_table_run.ts` and its card say. */
export const ATTRIBUTES: readonly Attribute[] = [
  { name: "VENDOR_NAME", tag: 0x00010100, source: always(ansi("Maker")) },
  { name: "VENDOR_IFD_TYPE", tag: 0x00010101, source: always(ansi("Model 1")) },
  {
    name: "VENDOR_IFD_VERSION",
    tag: 0x00010102,
    source: always(word(0x06051234)),
  },
  {
    name: "VENDOR_IFD_SERIAL_NO",
    tag: 0x00010103,
    source: always(ansi("S-77")),
  },
  { name: "CHANNEL_ID", tag: 0x00020110, source: always(word(0x00200002)) },
  {
    name: "PROTOCOL_TYPES",
    tag: 0x00030120,
    source: {
      kind: "always",
      value: (row) => word(row.card.hasRaw ? 0x10003 : 3),
    },
  },
  { name: "DEFAULT_CLK", tag: 0x00030121, source: always(word(4000)) },
  { name: "MAX_CLK", tag: 0x00030122, source: always(word(4800)) },
  { name: "DEFAULT_DATA_RATE", tag: 0x00030123, source: always(word(10753)) },
  { name: "MAX_DATA_RATE", tag: 0x00030124, source: always(word(129032)) },
  { name: "MAX_IFSD", tag: 0x00030125, source: always(word(200)) },
  { name: "SYNC_PROTOCOL_TYPES", tag: 0x00030126, source: NONE },
  { name: "POWER_MGMT_SUPPORT", tag: 0x00040131, source: always(word(7)) },
  { name: "USER_TO_CARD_AUTH_DEVICE", tag: 0x00050140, source: NONE },
  { name: "USER_AUTH_INPUT_DEVICE", tag: 0x00050142, source: NONE },
  { name: "CHARACTERISTICS", tag: 0x00060150, source: always(word(1)) },
  {
    name: "CURRENT_PROTOCOL_TYPE",
    tag: 0x00080201,
    source: ofCard((row) => row.card.selected),
  },
  { name: "CURRENT_CLK", tag: 0x00080202, source: ofCard(4000) },
  { name: "CURRENT_F", tag: 0x00080203, source: ofCard(372) },
  // The card is in specific mode with TA1 = 18 when SPECIFIC, and still at the default when not.
  {
    name: "CURRENT_D",
    tag: 0x00080204,
    source: ofCard((row) => row.state === 6 ? 12 : 1),
  },
  { name: "CURRENT_N", tag: 0x00080205, source: ofCard(5) },
  { name: "CURRENT_W", tag: 0x00080206, source: ofCard(20) },
  { name: "CURRENT_IFSC", tag: 0x00080207, source: ofCard(128) },
  { name: "CURRENT_IFSD", tag: 0x00080208, source: ofCard(200) },
  { name: "CURRENT_BWT", tag: 0x00080209, source: ofCard(6) },
  { name: "CURRENT_CWT", tag: 0x0008020A, source: ofCard(7) },
  { name: "CURRENT_EBC_ENCODING", tag: 0x0008020B, source: ofCard(1) },
  { name: "EXTENDED_BWT", tag: 0x0008020C, source: ofCard(0) },
  {
    name: "ICC_PRESENCE",
    tag: 0x00090300,
    source: { kind: "always", value: presence },
  },
  {
    name: "ICC_INTERFACE_STATUS",
    tag: 0x00090301,
    source: {
      kind: "always",
      value: (row) => Uint8Array.of(row.state > 3 ? 1 : 0),
    },
  },
  { name: "CURRENT_IO_STATE", tag: 0x00090302, source: NONE },
  {
    name: "ATR_STRING",
    tag: 0x00090303,
    source: { kind: "card", value: (row) => fromHex(row.card.atr) },
  },
  {
    name: "ICC_TYPE_PER_ATR",
    tag: 0x00090304,
    source: {
      kind: "card",
      value: (row) => Uint8Array.of(row.card.offers === 0 ? 0 : 1),
    },
  },
  { name: "ESC_RESET", tag: 0x0007A000, source: NONE },
  { name: "ESC_CANCEL", tag: 0x0007A003, source: NONE },
  { name: "ESC_AUTHREQUEST", tag: 0x0007A005, source: NONE },
  { name: "MAXINPUT", tag: 0x0007A007, source: NONE },
  { name: "DEVICE_UNIT", tag: 0x7FFF0001, source: always(word(3)) },
  { name: "DEVICE_IN_USE", tag: 0x7FFF0002, source: WRITTEN },
  { name: "DEVICE_FRIENDLY_NAME_A", tag: 0x7FFF0003, source: NONE },
  { name: "DEVICE_SYSTEM_NAME_A", tag: 0x7FFF0004, source: NONE },
  { name: "DEVICE_FRIENDLY_NAME_W", tag: 0x7FFF0005, source: NONE },
  { name: "DEVICE_SYSTEM_NAME_W", tag: 0x7FFF0006, source: NONE },
  { name: "SUPRESS_T1_IFS_REQUEST", tag: 0x7FFF0007, source: WRITTEN },
  // Outside debug mode (smclib.md 15.2).
  { name: "PERF_NUM_TRANSMISSIONS", tag: 0x7FFE0001, source: NONE },
  { name: "PERF_BYTES_TRANSMITTED", tag: 0x7FFE0002, source: NONE },
  { name: "PERF_TRANSMISSION_TIME", tag: 0x7FFE0003, source: NONE },
];

/** Tags that nobody has defined: neighbours of real ones, and odd bit patterns. */
export const UNKNOWN_TAGS: readonly number[] = [
  0,
  1,
  0x00010104,
  0x0003011F,
  0x00080200,
  0x0008020D,
  0x00090305,
  0x0007FFFF,
  0x7FFE0000,
  0x7FFE0004,
  0x7FFF0000,
  0x7FFF0008,
  0x80010100,
  0xFFFFFFFF,
];

const BY_TAG: ReadonlyMap<number, Attribute> = new Map(
  ATTRIBUTES.map((attribute) => [attribute.tag, attribute]),
);

function tagOf(row: Row): number {
  return new DataView(row.input.buffer).getUint32(0, true);
}

/** 15.1 with the order of 8.0: input, tag, capacity, card state. */
export function attributeOutcome(row: Row): Outcome {
  if (row.input.length !== 4) return ends(NT.INVALID_PARAMETER);
  const source = BY_TAG.get(tagOf(row))?.source ?? NONE;
  if (source.kind === "none" || source.kind === "written") {
    return ends(NT.NOT_SUPPORTED);
  }
  const value = source.value(row);
  const isAtr = tagOf(row) === 0x00090303;
  const length = typeof value === "number" ? 1 : value.length;
  const isReset = row.state >= 5;
  // Without a reset card there is no ATR whose length the capacity could fall short of.
  if (row.capacity < length && (isReset || !isAtr)) {
    return ends(NT.BUFFER_TOO_SMALL);
  }
  if (source.kind === "card" && !isReset) {
    return ends(row.state === 1 ? NT.NO_MEDIA : NT.INVALID_DEVICE_STATE);
  }
  return typeof value === "number" ? ends(value) : ends(NT.SUCCESS, value);
}

/** 15.3: two tags can be written, everything else cannot. */
export function setAttributeOutcome(row: Row): Outcome {
  if (row.input.length < 4) return ends(NT.INVALID_PARAMETER);
  if (BY_TAG.get(tagOf(row))?.source !== WRITTEN) return ends(NT.NOT_SUPPORTED);
  return {
    ...ends(NT.SUCCESS),
    bytes: null,
    information: Math.min(4, row.capacity),
    session: tagOf(row) === 0x7FFF0007 ? "driver" : "kept",
  };
}
