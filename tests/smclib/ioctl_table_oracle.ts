/**
 * The oracle of the IOCTL table: smclib.md 7 and 8 in words of its own, without a look at the implementation.
 *
 * @module
 */

import {
  attributeOutcome,
  setAttributeOutcome,
} from "./ioctl_table_attributes.ts";
import {
  type Call,
  ends,
  FILLER,
  NT,
  type Outcome,
  RAW,
  type Row,
  T0,
  T1,
  word,
} from "./ioctl_table.ts";

const UNKNOWN = 0;
const ABSENT = 1;
const POWERED = 4;
const NEGOTIABLE = 5;
const SPECIFIC = 6;
const DEFAULT = 0x80000000;
const PTS_DEFAULT = 0;
const PTS_OPTIMAL = 1;

/** The slot that serves a code, null where the library needs none (smclib.md 7). */
export function slotOf(code: number): number | null {
  if ((code & 3) !== 0) return null;
  if (code >= 0x00312000) return 8;
  return new Map([
    [0x00310004, 0],
    [0x00310010, 7],
    [0x00310014, 1],
    [0x00310018, 2],
    [0x0031001C, 3],
    [0x00310028, 4],
    [0x0031002C, 4],
    [0x00310030, 5],
  ]).get(code) ?? null;
}

/** Whether a code is IS_PRESENT or IS_ABSENT. */
export function isTracking(code: number): boolean {
  return code === 0x00310028 || code === 0x0031002C;
}

function ulongOf(bytes: Uint8Array, offset = 0): number {
  return bytes.length < offset + 4
    ? 0
    : new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}

function call(row: Row, slot: number): Call {
  return { slot, major: row.code, minor: ulongOf(row.input) };
}

/** 8.3: what becomes of a callback's answer; an error delivers no bytes, information never exceeds the capacity. */
function answered(
  row: Row,
  calls: readonly Call[],
  session: Outcome["session"],
): Outcome {
  const { answer } = row;
  const status = typeof answer.status === "number"
    ? answer.status
    : NT.UNSUCCESSFUL;
  const information = status >= 0xC0000000 || status === NT.PENDING
    ? 0
    : Math.min(answer.information, row.capacity);
  return {
    status,
    bytes: new Uint8Array(information).fill(FILLER),
    information,
    calls,
    session,
  };
}

/** 8.0: the card state rule for requests that need a card. */
function withoutCard(state: number): Outcome | null {
  if (state === UNKNOWN) return ends(NT.INVALID_DEVICE_STATE);
  return state === ABSENT ? ends(NT.NO_MEDIA) : null;
}

/** 8.2.1, 8.2.7: four bytes if they fit. */
function ulongOutcome(row: Row, value: number): Outcome {
  return row.capacity < 4
    ? ends(NT.BUFFER_TOO_SMALL)
    : ends(NT.SUCCESS, word(value));
}

/** 8.2.2 */
function power(row: Row): Outcome {
  if (row.input.length < 4) return ends(NT.INVALID_PARAMETER);
  const action = ulongOf(row.input);
  if (action > 2) return ends(NT.INVALID_PARAMETER);
  if (action !== 0 && row.capacity < 33) return ends(NT.BUFFER_TOO_SMALL);
  if (!row.isSlotFilled) return ends(NT.NOT_SUPPORTED);
  return withoutCard(row.state) ?? answered(row, [call(row, 0)], "forgotten");
}

/** 8.2.4 */
function transmit(row: Row): Outcome {
  const { input } = row;
  if (input.length < 8) return ends(NT.INVALID_PARAMETER);
  const headerLength = ulongOf(input, 4);
  if (headerLength < 8 || headerLength > input.length) {
    return ends(NT.INVALID_PARAMETER);
  }
  if (row.capacity < 8) return ends(NT.BUFFER_TOO_SMALL);
  if (!row.isSlotFilled) return ends(NT.NOT_SUPPORTED);
  const refused = withoutCard(row.state);
  if (refused !== null) return refused;
  if (row.state !== SPECIFIC || ulongOf(input) !== row.card.selected) {
    return ends(NT.INVALID_DEVICE_STATE);
  }
  return answered(row, [call(row, 1)], "kept");
}

/** 8.2.5 and 8.2.9: the callback decides alone. */
function passedTo(slot: number): (row: Row) => Outcome {
  return (row) =>
    row.isSlotFilled
      ? answered(row, [call(row, slot)], "kept")
      : ends(NT.NOT_SUPPORTED);
}

/** T=1 before T=0 before raw (9.5), as the table's own RDF_SET_PROTOCOL chooses. */
export function bestProtocol(row: Row): number {
  const open = ulongOf(row.input) &
    (row.card.offers | (row.card.hasRaw ? RAW : 0));
  if (row.state === SPECIFIC) return row.card.selected;
  return open & T1 || open & T0 || open & RAW;
}

/** 8.2.3 */
function setProtocol(row: Row): Outcome {
  if (row.input.length < 4) return ends(NT.INVALID_PARAMETER);
  const mask = ulongOf(row.input);
  if ((mask & (T0 | T1 | RAW)) === 0) return ends(NT.INVALID_DEVICE_REQUEST);
  if (row.capacity < 4) return ends(NT.BUFFER_TOO_SMALL);
  if (!row.isSlotFilled) return ends(NT.NOT_SUPPORTED);
  const refused = withoutCard(row.state);
  if (refused !== null) return refused;
  if (row.state <= POWERED) return ends(NT.INVALID_DEVICE_STATE);
  const calls: Call[] = [];
  if (row.card.offers === 0 && row.atrParse !== undefined) {
    calls.push(call(row, 9));
    const { status } = row.atrParse;
    if (status !== NT.SUCCESS) {
      const final = typeof status === "number" ? status : NT.UNSUCCESSFUL;
      return { ...ends(final), calls, session: "driver" };
    }
  }
  const supported = row.card.offers | (row.card.hasRaw ? RAW : 0);
  if ((mask & supported) === 0) return { ...ends(NT.NOT_SUPPORTED), calls };
  if (row.state === SPECIFIC && (row.card.selected & mask) === 0) {
    return { ...ends(NT.INVALID_DEVICE_STATE), calls };
  }
  return afterSetProtocol(row, [...calls, call(row, 5)]);
}

/** 8.2.3 steps 5 to 7. */
function afterSetProtocol(row: Row, calls: readonly Call[]): Outcome {
  const mask = ulongOf(row.input);
  // An ATR that says nothing is not evaluated again: what RDF_ATR_PARSE found would be lost (9.9).
  const isRecomputed = row.state === NEGOTIABLE && (mask & (T0 | T1)) !== 0 &&
    row.card.offers !== 0;
  const ptsType = isRecomputed
    ? (mask & DEFAULT) !== 0 ? PTS_DEFAULT : PTS_OPTIMAL
    : undefined;
  const outcome = { ...answered(row, calls, "driver"), ptsType };
  if (outcome.status !== NT.SUCCESS) return { ...outcome, bytes: null };
  const before = row.state === SPECIFIC ? row.card.selected : 0;
  const best = bestProtocol(row);
  const { tells } = row.answer;
  const told = tells === "both" || tells === "selected" ? best : before;
  const isReplied = tells === "both" || tells === "reply";
  const selected = told === 0 && isReplied ? best : told;
  const reply = row.answer.information === 4 && isReplied ? best : told;
  return { ...outcome, information: 4, bytes: word(reply), selected };
}

/** 8.2.8: the steps of a tracking request. */
function tracking(row: Row): Outcome {
  if (!row.isSlotFilled) return ends(NT.NOT_SUPPORTED);
  if (row.out === "tracking") return ends(NT.DEVICE_BUSY);
  if (row.state === UNKNOWN) return ends(NT.INVALID_DEVICE_STATE);
  const isCardIn = row.state > ABSENT;
  if (isCardIn === (row.code === 0x00310028)) return ends(NT.SUCCESS);
  const { status } = row.answer;
  return {
    ...ends(typeof status === "number" ? status : NT.UNSUCCESSFUL),
    calls: [{ slot: 4, major: null, minor: null }],
  };
}

const RULES: ReadonlyMap<number, (row: Row) => Outcome> = new Map([
  [0x00310004, power],
  [0x00310008, attributeOutcome],
  [0x0031000C, setAttributeOutcome],
  [0x00310010, passedTo(7)],
  [0x00310014, transmit],
  [0x00310018, passedTo(2)],
  [0x0031001C, passedTo(3)],
  [0x00310028, tracking],
  [0x0031002C, tracking],
  [0x00310030, setProtocol],
  [0x00310038, (row: Row) => ulongOutcome(row, row.state)],
  // The first request of a reader; what came before is the business of its own test.
  [0x0031003C, (row: Row) => ulongOutcome(row, NT.SUCCESS)],
  [0x00310040, () => ends(NT.NOT_SUPPORTED)],
  ...[0x90, 0x94, 0x98, 0x9C, 0xA0, 0xA4, 0xA8].map((low) =>
    [0x00310100 + low, () => ends(NT.NOT_SUPPORTED)] as const
  ),
]);

/** What smclib.md says about a row. */
export function oracle(row: Row): Outcome {
  if (row.out === "pending" && !isTracking(row.code)) {
    return ends(NT.DEVICE_BUSY);
  }
  if ((row.code & 3) !== 0) return ends(NT.INVALID_DEVICE_REQUEST);
  if (row.code >= 0x00312000) return passedTo(8)(row);
  return (RULES.get(row.code) ?? (() => ends(NT.INVALID_DEVICE_REQUEST)))(row);
}
