/**
 * What the rows of the IOCTL table are put together from: inputs, capacities, callback answers.
 *
 * @module
 */

import {
  type Answer,
  DONE,
  inState,
  NT,
  type Row,
  STATES,
  T1_CARD,
  words,
} from "./ioctl_table.ts";

/** A name for messages, and input bytes. */
export type Input = readonly [string, Uint8Array<ArrayBuffer>];

/** One way to fill the buffers of a request. */
export interface Buffer {
  /** Class, for messages and the count of classes. */
  readonly label: string;
  /** Input bytes. */
  readonly input: Uint8Array<ArrayBuffer>;
  /** Capacity for output, in bytes. */
  readonly capacity: number;
}

/** Every input with every capacity. */
export function product(
  inputs: readonly Input[],
  capacities: readonly number[],
): Buffer[] {
  return inputs.flatMap(([label, input]) =>
    capacities.map((capacity) => ({
      label: `input ${label}, capacity ${capacity}`,
      input,
      capacity,
    }))
  );
}

/** Inputs of these sizes, whatever they say. */
export function lengths(
  ...sizes: number[]
): Input[] {
  return sizes.map((size) => [`${size} bytes`, words(size)] as const);
}

/** Inputs that begin with each value, in each size. */
export function valued(
  name: string,
  values: readonly number[],
  sizes: readonly number[],
): Input[] {
  return values.flatMap((value) =>
    sizes.map((size) =>
      [
        `${name} 0x${value.toString(16)} in ${size} bytes`,
        words(size, value),
      ] as const
    )
  );
}

/** A row: slot filled, a T=1 card, and a callback that succeeds, unless told otherwise. */
export function row(
  code: number,
  state: number,
  buffer: Buffer,
  change: Partial<Row> = {},
): Row {
  return {
    code,
    state,
    isSlotFilled: true,
    buffer: buffer.label,
    input: buffer.input,
    capacity: buffer.capacity,
    card: inState(T1_CARD, state),
    answer: DONE,
    ...change,
  };
}

/** Every status class, every way to give it, and lengths that do not fit. */
export const ANSWERS: readonly Answer[] = [
  DONE,
  { name: "success with bytes", status: NT.SUCCESS, information: 5 },
  {
    name: "success beyond the capacity",
    status: NT.SUCCESS,
    information: 1000,
  },
  {
    name: "success with 0xFFFFFFFF",
    status: NT.SUCCESS,
    information: 0xFFFFFFFF,
  },
  { name: "another success code", status: NT.TIMEOUT, information: 3 },
  { name: "warning with bytes", status: NT.BUFFER_OVERFLOW, information: 6 },
  {
    name: "warning beyond the capacity",
    status: NT.DEVICE_POWERED_OFF,
    information: 1000,
  },
  { name: "warning DEVICE_BUSY", status: NT.DEVICE_BUSY, information: 0 },
  { name: "error", status: NT.NO_MEDIA, information: 0 },
  { name: "error with bytes", status: NT.IO_TIMEOUT, information: 7 },
  {
    name: "INVALID_DEVICE_REQUEST",
    status: NT.INVALID_DEVICE_REQUEST,
    information: 0,
  },
  { name: "throws", status: "throws", information: 4 },
  { name: "rejects", status: "rejects", information: 4, isPromised: true },
  {
    name: "promise of success",
    status: NT.SUCCESS,
    information: 5,
    isPromised: true,
  },
  {
    name: "promise of error",
    status: NT.NOT_SUPPORTED,
    information: 5,
    isPromised: true,
  },
  { name: "pending", status: NT.PENDING, information: 0 },
  {
    name: "promise of pending",
    status: NT.PENDING,
    information: 0,
    isPromised: true,
  },
];

/** Rows whose callback does everything a callback may do, in every state. */
export function answerRows(buffer: Buffer): (code: number) => Row[] {
  return (code) =>
    STATES.flatMap((state) =>
      ANSWERS.flatMap((answer) => [
        row(code, state, buffer, { answer }),
        row(code, state, buffer, { answer, out: "tracking" }),
        row(code, state, buffer, { answer, out: "pending" }),
      ])
    );
}

/** No input, no output. */
export const NO_DATA = product(lengths(0), [0])[0];

/** Rows that find a tracking or a pending request out. */
export function outRows(buffer: Buffer): (code: number) => Row[] {
  return (code) =>
    STATES.flatMap((state) => [
      row(code, state, buffer, { out: "tracking" }),
      row(code, state, buffer, { out: "pending" }),
    ]);
}
