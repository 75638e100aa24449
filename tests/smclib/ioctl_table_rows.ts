/**
 * The rows of the IOCTL table: every control code with every state, slot and buffer.
 *
 * @module
 */

import { ATTRIBUTES, UNKNOWN_TAGS } from "./ioctl_table_attributes.ts";
import { slotOf } from "./ioctl_table_oracle.ts";
import {
  answerRows,
  type Buffer,
  lengths,
  NO_DATA,
  outRows,
  product,
  row,
  valued,
} from "./ioctl_table_parts.ts";
import {
  CARDS,
  setProtocolMore,
  TELLS,
  transmitInputs,
  transmitMore,
} from "./ioctl_table_protocols.ts";
import {
  type Card,
  DONE,
  inState,
  RICH_CARD,
  RICH_SPECIFIC_CARD,
  type Row,
  STATES,
  T0,
  T1,
  word,
} from "./ioctl_table.ts";

/** A family of rows: one name of the catalogue, its codes, and its buffers. */
export interface Family {
  /** Name in the catalogue of smclib.md 7. */
  readonly name: string;
  /** Control codes. */
  readonly codes: readonly number[];
  /** Buffers; each meets every state with the slot filled and empty. */
  readonly buffers: readonly Buffer[];
  /** Rows beyond that product. */
  readonly more: (code: number) => Row[];
}

function attributeBuffers(): Buffer[] {
  const tags = ATTRIBUTES.flatMap(({ name, tag, source }): Buffer[] => {
    const sample = source.kind === "none" || source.kind === "written"
      ? 4
      : tag === 0x00090303
      ? 13
      : valueLength(source.value(row(0, 5, NO_DATA, { card: RICH_CARD })));
    return [...new Set([0, sample - 1, sample, sample + 1, 64])].map((
      capacity,
    ) => ({
      label: `${name}, capacity ${capacity}`,
      input: word(tag),
      capacity,
    }));
  });
  return [
    ...tags,
    ...product(valued("tag", UNKNOWN_TAGS, [4]), [0, 4, 64]),
    ...product(lengths(0, 1, 3), [0, 4]),
    ...product(valued("tag", [0x00010100, 0x00030121, 0x00090303], [5, 8, 9]), [
      0,
      64,
    ]),
  ];
}

function valueLength(value: Uint8Array | number): number {
  return typeof value === "number" ? 1 : value.length;
}

/** The cards that the attribute rows meet: everything spelt out, and in specific mode once specific. */
function attributeCard(state: number): Card {
  return state === 6 ? RICH_SPECIFIC_CARD : inState(RICH_CARD, state);
}

function t14Attributes(code: number): Row[] {
  return STATES.flatMap((state) =>
    [0x00080201, 0x00090303, 0x00090304, 0x00030120].flatMap((tag) =>
      CARDS.map((card) =>
        row(code, state, {
          label: `tag 0x${tag.toString(16)}`,
          input: word(tag),
          capacity: 33,
        }, {
          card: inState(card, state),
        })
      )
    )
  );
}

const VENDOR_CODES = [
  0x00312000,
  0x00312004,
  0x00313520,
  0x00313FFC,
  0x00314000,
  0x0031FFFC,
]
  .concat([
    0x00320000,
    0x00330000,
    0x00330004,
    0x0033000C,
    0x40000000,
    0x7FFFFFFC,
  ])
  .concat([0x80000000, 0x80310004, 0xFFFFFFFC]);
const UNKNOWN_CODES = [
  0,
  4,
  0x00300000,
  0x00310000,
  0x00310034,
  0x00310044,
  0x00310048,
]
  .concat([0x0031018C, 0x003101AC, 0x00311000, 0x00311FFC]);
const ODD_CODES = [
  0x00310004,
  0x00310008,
  0x00310014,
  0x00310028,
  0x0031002C,
  0x00310030,
]
  .concat([
    0x00310038,
    0x00310040,
    0x00312000,
    0x00330000,
    0x80000000,
    0xFFFFFFFC,
  ])
  .flatMap((code) => [code + 1, code + 2, code + 3]);

const small = product(lengths(0, 3, 4, 9), [0, 1, 8]);
const ulongs = product(lengths(0, 4, 9), [0, 1, 3, 4, 5, 64]);

/** The whole catalogue. */
export const FAMILIES: readonly Family[] = [
  {
    name: "POWER",
    codes: [0x00310004],
    buffers: product([
      ...lengths(0, 3),
      ...valued("action", [0, 1, 2, 3, 0x100, 0x01000001, 0xFFFFFFFF], [
        4,
        5,
        8,
      ]),
    ], [0, 32, 33, 34, 300]),
    more: answerRows({ label: "cold reset", input: word(1), capacity: 33 }),
  },
  {
    name: "GET_ATTRIBUTE",
    codes: [0x00310008],
    buffers: attributeBuffers(),
    more: (code) => t14Attributes(code).concat(outRows(NO_DATA)(code)),
  },
  {
    name: "SET_ATTRIBUTE",
    codes: [0x0031000C],
    buffers: product([
      ...lengths(0, 1, 3),
      ...valued("tag", ATTRIBUTES.map(({ tag }) => tag), [4, 8]),
      ...valued("tag", UNKNOWN_TAGS, [4, 8]),
      ...valued("tag", [0x7FFF0002, 0x7FFF0007], [5, 7, 9]),
    ], [0, 1, 4, 64]),
    more: outRows(NO_DATA),
  },
  {
    name: "CONFISCATE",
    codes: [0x00310010],
    buffers: small,
    more: answerRows(small[8]),
  },
  {
    name: "TRANSMIT",
    codes: [0x00310014],
    buffers: product([...lengths(0, 3, 4, 5, 7), ...transmitInputs([T1, T0])], [
      0,
      7,
      8,
      20,
    ]),
    more: transmitMore,
  },
  {
    name: "EJECT",
    codes: [0x00310018],
    buffers: small,
    more: answerRows(small[8]),
  },
  {
    name: "SWALLOW",
    codes: [0x0031001C],
    buffers: small,
    more: answerRows(small[8]),
  },
  {
    name: "READ and WRITE",
    codes: [0x00310020, 0x00310024],
    buffers: small,
    more: outRows(NO_DATA),
  },
  {
    name: "IS_PRESENT",
    codes: [0x00310028],
    buffers: small,
    more: answerRows(small[8]),
  },
  {
    name: "IS_ABSENT",
    codes: [0x0031002C],
    buffers: small,
    more: answerRows(small[8]),
  },
  {
    name: "SET_PROTOCOL",
    codes: [0x00310030],
    buffers: product(
      [...lengths(0, 3), ...valued("mask", [0, 4, T0, T1], [4, 5, 8])],
      [0, 3, 4, 5],
    ),
    more: setProtocolMore,
  },
  {
    name: "GET_STATE",
    codes: [0x00310038],
    buffers: ulongs,
    more: outRows(ulongs[3]),
  },
  {
    name: "GET_LAST_ERROR",
    codes: [0x0031003C],
    buffers: ulongs,
    more: outRows(ulongs[3]),
  },
  {
    name: "GET_PERF_CNTR",
    codes: [0x00310040],
    buffers: small,
    more: outRows(NO_DATA),
  },
  {
    name: "smcdbg",
    codes: [0x90, 0x94, 0x98, 0x9C, 0xA0, 0xA4, 0xA8].map((low) =>
      0x00310100 + low
    ),
    buffers: small,
    more: outRows(NO_DATA),
  },
  {
    name: "vendor",
    codes: VENDOR_CODES,
    buffers: small,
    more: (code) =>
      (code & 0x000FFFFF) === 0 || code === 0x00312000
        ? answerRows(small[8])(code)
        : [],
  },
  {
    name: "unknown codes",
    codes: UNKNOWN_CODES,
    buffers: small,
    more: outRows(NO_DATA),
  },
  {
    name: "codes with method bits",
    codes: ODD_CODES,
    buffers: product(lengths(0, 4), [0, 33]),
    more: outRows(NO_DATA),
  },
];

/** The rows of a family: the full product of code, state, slot and buffer, and what is beyond it. */
export function rowsOf(family: Family): Row[] {
  const isAttribute = family.name.endsWith("_ATTRIBUTE");
  return family.codes.flatMap((code) =>
    STATES.flatMap((state) =>
      [true, false].flatMap((isSlotFilled) =>
        family.buffers.map((buffer) =>
          row(code, state, buffer, {
            isSlotFilled,
            answer: slotOf(code) === 5 ? TELLS[0] : DONE,
            ...(isAttribute ? { card: attributeCard(state) } : {}),
          })
        )
      )
    ).concat(family.more(code))
  );
}
