/**
 * The rows of the IOCTL table where protocols meet: TRANSMIT and SET_PROTOCOL.
 *
 * @module
 */

import { answerRows, ANSWERS, type Input, row } from "./ioctl_table_parts.ts";
import {
  type Answer,
  BOTH_CARD,
  type Card,
  inState,
  NT,
  RAW,
  type Row,
  STATES,
  T0,
  T0_CARD,
  T1,
  T14_CARD,
  T1_CARD,
  word,
  words,
} from "./ioctl_table.ts";

const pciLengths = [0, 7, 8, 9, 12, 13, 14, 0x80000008, 0xFFFFFFFF];

/** Inputs of TRANSMIT: sizes, cbPciLength within and beyond them, and protocols. */
export function transmitInputs(protocols: readonly number[]): Input[] {
  return [8, 9, 12, 13].flatMap((size) =>
    pciLengths.flatMap((headerLength) =>
      protocols.map((protocol) =>
        [
          `${size} bytes, cbPciLength ${headerLength}, dwProtocol ${protocol}`,
          words(size, protocol, headerLength),
        ] as const
      )
    )
  );
}

/** TRANSMIT beyond the product: every card, every dwProtocol, every answer. */
export function transmitMore(code: number): Row[] {
  const protocols = [
    0,
    T0,
    T1,
    T0 | T1,
    RAW,
    RAW | T1,
    4,
    0x80000000 | T1,
    0x02000000,
  ];
  return [T0_CARD, T1_CARD, { ...BOTH_CARD, selected: T0 }, T14_CARD].flatMap((
    card,
  ) =>
    STATES.flatMap((state) =>
      protocols.map((protocol) =>
        row(code, state, {
          label: `dwProtocol 0x${(protocol >>> 0).toString(16)}`,
          input: words(13, protocol, 8),
          capacity: 20,
        }, { card: inState(card, state) })
      )
    )
  ).concat(
    answerRows({ label: "right", input: words(13, T1, 8), capacity: 20 })(code),
  );
}

const MASKS: readonly number[] = [0, 4, 0x40000, 0xFFFC]
  .concat([T0, T1, T0 | T1, RAW, T0 | RAW, T1 | RAW, T0 | T1 | RAW, T0 | 8])
  .flatMap((mask) => [mask, (mask | 0x80000000) >>> 0]);

/** What an RDF_SET_PROTOCOL may leave to the library. */
export const TELLS: readonly Answer[] = [
  { name: "tells all", status: 0, information: 4, tells: "both" },
  {
    name: "tells all but information",
    status: 0,
    information: 0,
    tells: "both",
  },
  {
    name: "tells selected alone",
    status: 0,
    information: 0,
    tells: "selected",
  },
  { name: "tells the reply alone", status: 0, information: 4, tells: "reply" },
  { name: "tells nothing", status: 0, information: 0, tells: "neither" },
  { name: "tells too much", status: 0, information: 8, tells: "both" },
  {
    name: "promises all",
    status: 0,
    information: 4,
    tells: "both",
    isPromised: true,
  },
];

/** A card of each kind, in a reader with raw and in one without. */
export const CARDS: readonly Card[] = [T0_CARD, T1_CARD, BOTH_CARD, T14_CARD]
  .flatMap((card) => [card, { ...card, hasRaw: false }]);

function selections(card: Card, state: number): Card[] {
  if (state !== 6) return [inState(card, state)];
  return [T0, T1, RAW]
    .filter((bit) => ((card.offers | (card.hasRaw ? RAW : 0)) & bit) !== 0)
    .map((selected) => ({ ...card, selected }));
}

/** SET_PROTOCOL beyond the product: masks, cards, selections and answers. */
export function setProtocolMore(code: number): Row[] {
  const combinations = CARDS.flatMap((base) =>
    STATES.flatMap((state) =>
      selections(base, state).flatMap((card) =>
        MASKS.flatMap((mask) =>
          TELLS.map((answer) =>
            row(code, state, {
              label: `mask 0x${mask.toString(16)}`,
              input: word(mask),
              capacity: 8,
            }, { card, answer })
          )
        )
      )
    )
  );
  const right = { label: "mask T1", input: word(T1), capacity: 9 };
  const answers = answerRows(right)(code)
    // What becomes of another success code is not said for this request.
    .filter(({ answer }) => answer.status !== NT.TIMEOUT)
    .map((one) => ({
      ...one,
      answer: { ...one.answer, tells: "both" as const },
    }));
  return combinations.concat(answers, parserRows(code));
}

/** RDF_ATR_PARSE: asked about the T=14 card and no other, and heard when it refuses. */
function parserRows(code: number): Row[] {
  const answer = TELLS[0];
  return CARDS.flatMap((base) =>
    STATES.flatMap((state) =>
      selections(base, state).flatMap((card) =>
        [T0 | T1, RAW, RAW | T1].flatMap((mask) =>
          ANSWERS.map((atrParse) =>
            row(code, state, {
              label: `mask 0x${mask.toString(16)}`,
              input: word(mask),
              capacity: 4,
            }, { card, answer, atrParse })
          )
        )
      )
    )
  );
}
