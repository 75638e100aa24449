/**
 * What the card of a T=1 duel answers: sometimes what it should, often not.
 *
 * @module
 */

import type { DuelInput } from "./duel_input.ts";

/** What the card knows. */
export interface CardView {
  /** The reader's block. */
  readonly sent: Uint8Array;
  /** N(S) that the reader expects next. */
  readonly expected: number;
  /** The card's previous answer. */
  readonly before: Uint8Array;
  /** NAD of a right answer. */
  readonly nad: number;
  /** Puts the check bytes behind a block. */
  seal(body: Uint8Array): Uint8Array;
}

const S_PCBS = [0xc0, 0xc1, 0xc2, 0xc3, 0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xc5];
const EDGES = [0, 1, 0x0f, 0x10, 31, 32, 0xfd, 0xfe, 0xff];

function block(
  view: CardView,
  pcb: number,
  inf: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  const body = Uint8Array.of(view.nad, pcb, inf.length, ...inf);
  return Uint8Array.from(view.seal(body));
}

/** What a card that keeps the rules could answer. */
function fitting(
  view: CardView,
  more: boolean,
  inf: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const pcb = view.sent[1];
  if ((pcb & 0xe0) === 0xc0) {
    return block(view, pcb | 0x20, view.sent.subarray(3, 3 + view.sent[2]));
  }
  if ((pcb & 0xa0) === 0x20) return block(view, 0x80 | (~pcb & 0x40) >> 2);
  return block(view, view.expected << 6 | (more ? 0x20 : 0), inf);
}

/** Spoils a block in one of the ways of ISO/IEC 7816-3 11.6.3 (invalid blocks). */
function spoil(
  bytes: Uint8Array<ArrayBuffer>,
  how: number,
  view: CardView,
  input: DuelInput,
): Uint8Array<ArrayBuffer> {
  const body = bytes.slice(0, 3 + bytes[2]);
  switch (how) {
    case 0:
      bytes[input.below(bytes.length)] ^= 1 << input.below(8);
      return bytes;
    case 1:
      return bytes.slice(0, input.below(bytes.length));
    case 2:
      return Uint8Array.of(...bytes, ...input.bytes(1 + input.below(4)));
    case 3:
      body[0] ^= 1 << input.below(8);
      return Uint8Array.from(view.seal(body));
    case 4:
      body[2] = 255;
      return Uint8Array.from(view.seal(body));
    case 5:
      body[1] ^= 1 << input.below(8);
      return Uint8Array.from(view.seal(body));
    case 6:
      return Uint8Array.of(...bytes, ...bytes);
    default:
      return block(view, bytes[1], input.bytes(input.below(4)));
  }
}

/** The card's answer that `choice` and the next bytes of the input stand for. */
export function cardAnswer(
  choice: number,
  input: DuelInput,
  view: CardView,
): Uint8Array<ArrayBuffer> {
  const kind = choice & 31;
  if (kind < 8) {
    return fitting(view, (kind & 3) === 3, input.bytes(input.below(6)));
  }
  if (kind < 10) return fitting(view, kind === 9, Uint8Array.of(0x90, 0));
  if (kind < 13) {
    const number = (view.sent[1] >> 6 & 1) ^ (kind & 1);
    return block(view, 0x80 | number << 4 | choice >> 5 & 3);
  }
  if (kind < 15) {
    return block(view, 0x80 | (kind & 1) << 4 | choice >> 5 & 3);
  }
  if (kind < 17) {
    const wrong = view.expected ^ 1;
    return block(view, wrong << 6 | (kind & 1) << 5, input.bytes(1));
  }
  if (kind < 21) {
    const pcb = kind < 19
      ? S_PCBS[1 + 2 * (kind & 1)]
      : S_PCBS[input.below(S_PCBS.length)];
    const value = EDGES[input.below(EDGES.length)];
    const hasValue = (pcb & 1) === 1;
    return block(view, pcb, hasValue ? Uint8Array.of(value) : undefined);
  }
  if (kind < 23) return new Uint8Array(0);
  if (kind < 24) return view.before.slice();
  if (kind < 25) return block(view, 0xc2);
  if (kind < 26) {
    const length = [254, 253, 128, 33][input.below(4)];
    return fitting(view, choice > 127, input.bytes(length));
  }
  if (kind < 27) return input.bytes(input.below(12));
  const right = fitting(view, (choice & 64) !== 0, input.bytes(2));
  return spoil(right, input.below(8), view, input);
}
