/**
 * The words of the IOCTL table: what a row is, what its outcome is, and the cards and callback answers it is made of.
 *
 * @module
 */

/** A card in the reader: its ATR and what smclib.md 12 makes of it. */
export interface Card {
  /** Short name for failure messages. */
  readonly name: string;
  /** Answer to reset, in hexadecimal. */
  readonly atr: string;
  /** SCARD_PROTOCOL_T0 and _T1 that the ATR names. */
  readonly offers: number;
  /** Whether the reader, and so every card in it, has SCARD_PROTOCOL_RAW. */
  readonly hasRaw: boolean;
  /** `protocol.selected` of the session; UNDEFINED while negotiable. */
  readonly selected: number;
}

/** What a callback does when it is called. */
export interface Answer {
  /** Short name for failure messages. */
  readonly name: string;
  /** NTSTATUS that it gives, or how it fails. */
  readonly status: number | "throws" | "rejects";
  /** Whether the NTSTATUS comes in a promise. */
  readonly isPromised?: boolean;
  /** What it leaves in `ioRequest.information`; its output is filled with 0xA5. */
  readonly information: number;
  /** RDF_SET_PROTOCOL only: which members get the best protocol of mask and card. */
  readonly tells?: "both" | "selected" | "reply" | "neither";
}

/** One row: a request, and the reader that it meets. */
export interface Row {
  /** Control code. */
  readonly code: number;
  /** `readerCapabilities.currentState`. */
  readonly state: number;
  /** Whether the slot that serves the request is filled; all others are. */
  readonly isSlotFilled: boolean;
  /** Class of the buffers, for messages and for the count of classes. */
  readonly buffer: string;
  /** Input bytes. */
  readonly input: Uint8Array<ArrayBuffer>;
  /** Capacity for output, in bytes. */
  readonly capacity: number;
  /** The session that is there before the request. */
  readonly card: Card;
  /** What the callback does. */
  readonly answer: Answer;
  /** What RDF_ATR_PARSE does; its slot is empty without. */
  readonly atrParse?: Answer;
  /** What else is out when the request comes: a tracking request, or a request whose callback gave PENDING. */
  readonly out?: "tracking" | "pending";
}

/** A call of a callback. */
export interface Call {
  /** Index in `readerFunction`. */
  readonly slot: number;
  /** `majorIoControlCode`; null where the callback may not look at it. */
  readonly major: number | null;
  /** `minorIoControlCode`; null where the callback may not look at it. */
  readonly minor: number | null;
}

/** What the reference says about a row. */
export interface Outcome {
  /** NTSTATUS that the request ends with, or STATUS_PENDING. */
  readonly status: number;
  /** Bytes delivered; null when only `information` is said. */
  readonly bytes: Uint8Array | null;
  /** `ioStatus.information` of the finished request. */
  readonly information: number;
  /** Callbacks called, in order. */
  readonly calls: readonly Call[];
  /** The session afterwards: as it was, forgotten (10.4), or the driver's business. */
  readonly session: "kept" | "forgotten" | "driver";
  /** `protocol.selected` afterwards, where the row decides it. */
  readonly selected?: number;
  /** `ptsData.type` that RDF_SET_PROTOCOL finds, where the row decides it. */
  readonly ptsType?: number;
}

/** The seven reader states, in their order (smclib.md 4.3). */
export const STATES: readonly number[] = [0, 1, 2, 3, 4, 5, 6];
/** Their names, for messages. */
export const STATE_NAMES: readonly string[] = [
  "UNKNOWN",
  "ABSENT",
  "PRESENT",
  "SWALLOWED",
  "POWERED",
  "NEGOTIABLE",
  "SPECIFIC",
];

/** The byte that callbacks fill their output with. */
export const FILLER = 0xA5;
/** No protocol (smclib.md 4.4). */
export const UNDEFINED = 0;
/** Protocol bit of T=0. */
export const T0 = 1;
/** Protocol bit of T=1. */
export const T1 = 2;
/** Protocol bit of raw. */
export const RAW = 0x10000;

/** NTSTATUS values as smclib.md 4.7 lists them, for the oracle alone. */
export const NT = {
  SUCCESS: 0,
  TIMEOUT: 0x102,
  PENDING: 0x103,
  BUFFER_OVERFLOW: 0x80000005,
  DEVICE_POWERED_OFF: 0x8000000F,
  DEVICE_BUSY: 0x80000011,
  UNSUCCESSFUL: 0xC0000001,
  INVALID_PARAMETER: 0xC000000D,
  INVALID_DEVICE_REQUEST: 0xC0000010,
  BUFFER_TOO_SMALL: 0xC0000023,
  IO_TIMEOUT: 0xC00000B5,
  NOT_SUPPORTED: 0xC00000BB,
  NO_MEDIA: 0xC0000178,
  INVALID_DEVICE_STATE: 0xC0000184,
} as const;

/** A negotiable T=1 card in a reader with raw; `selected` as a finished session would have it. */
export const T1_CARD: Card = {
  name: "T=1",
  atr: "3B 90 18 81 11 FE E6",
  offers: T1,
  hasRaw: true,
  selected: T1,
};
/** The same for T=0. */
export const T0_CARD: Card = {
  name: "T=0",
  atr: "3B 12 18 14 50",
  offers: T0,
  hasRaw: true,
  selected: T0,
};
/** The same for both protocols. */
export const BOTH_CARD: Card = {
  name: "T=0 and T=1",
  atr: "3B 80 80 01 01",
  offers: T0 | T1,
  hasRaw: true,
  selected: T1,
};
/** Everything spelt out, both protocols: N 5, WI 20, IFSC 128, BWI 6, CWI 7, CRC. */
export const RICH_CARD: Card = {
  name: "rich",
  atr: "3B D2 18 05 C0 14 71 80 67 01 41 42 8F",
  offers: T0 | T1,
  hasRaw: true,
  selected: UNDEFINED,
};
/** The same in specific mode: T=1 with F 372 and D 12. */
export const RICH_SPECIFIC_CARD: Card = {
  name: "rich, specific mode",
  atr: "3B D2 18 05 D1 01 14 71 80 67 01 41 42 9F",
  offers: T1,
  hasRaw: true,
  selected: T1,
};
/** A card that names T=14 alone. */
export const T14_CARD: Card = {
  name: "T=14",
  atr: "3B 80 0E 8E",
  offers: 0,
  hasRaw: true,
  selected: RAW,
};

/** A card as it stands in a state: before SPECIFIC no protocol is selected. */
export function inState(card: Card, state: number): Card {
  return state === 6 ? card : { ...card, selected: UNDEFINED };
}

/** The plain answer: SUCCESS, nothing delivered. */
export const DONE: Answer = { name: "success", status: 0, information: 0 };

/** A ULONG, little-endian. */
export function word(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** Bytes of a given length that begin with ULONGs; what does not fit is cut off. */
export function words(length: number, ...values: number[]): Uint8Array<
  ArrayBuffer
> {
  const bytes = new Uint8Array(length).fill(0x5A);
  values.forEach((value, index) =>
    bytes.set(
      word(value).subarray(0, Math.max(0, length - 4 * index)),
      4 * index,
    )
  );
  return bytes;
}

/** A request that the library ends itself and that changes nothing. */
export function ends(
  status: number,
  bytes: Uint8Array = new Uint8Array(0),
): Outcome {
  return {
    status,
    bytes,
    information: bytes.length,
    calls: [],
    session: "kept",
  };
}

/** A row in one line, for failure messages. */
export function describe(row: Row): string {
  return [
    `0x${row.code.toString(16).padStart(8, "0")}`,
    STATE_NAMES[row.state],
    row.isSlotFilled ? "slot filled" : "slot empty",
    row.buffer,
    `card ${row.card.name}${
      row.card.hasRaw ? " + raw" : ""
    }, selected ${row.card.selected}`,
    `callback ${row.answer.name}`,
    ...(row.atrParse ? [`ATR parser ${row.atrParse.name}`] : []),
    ...(row.out ? [`${row.out} request out`] : []),
  ].join(" | ");
}
