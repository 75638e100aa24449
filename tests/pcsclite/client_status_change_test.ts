// Invariant: what a caller believes and what the state array says give the flags and the CHANGED bit of libpcsclite, row by row.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  PNP_NOTIFICATION,
  SCARD_ABSENT,
  SCARD_NEGOTIABLE,
  SCARD_POWERED,
  SCARD_PRESENT,
  SCARD_SPECIFIC,
  SCARD_STATE_CHANGED as CHANGED,
  SCARD_STATE_EMPTY as EMPTY,
  SCARD_STATE_EXCLUSIVE as EXCLUSIVE,
  SCARD_STATE_IGNORE as IGNORE,
  SCARD_STATE_INUSE as INUSE,
  SCARD_STATE_MUTE as MUTE,
  SCARD_STATE_PRESENT as PRESENT,
  SCARD_STATE_UNAVAILABLE as UNAVAILABLE,
  SCARD_STATE_UNKNOWN as UNKNOWN,
  SCARD_SWALLOWED,
  SCARD_UNKNOWN,
} from "../../src/resource_manager/mod.ts";
import type { ReaderStateEntry } from "../../src/pcsclite/wire/mod.ts";
import { cardStateOf } from "../../src/pcsclite/client/state_words.ts";
import { StatusComparison } from "../../src/pcsclite/client/status_change.ts";

const NAME = "Reader 00 00";
const ATR = Uint8Array.of(0x3B, 0);

function entry(
  readerState: number,
  readerSharing = 0,
  eventCounter = 5,
): ReaderStateEntry {
  return {
    readerName: NAME,
    eventCounter,
    readerState,
    readerSharing,
    cardAtr: ATR,
    cardAtrLength: 2,
    cardProtocol: 0,
  };
}

function look(
  currentState: number,
  found: ReaderStateEntry | null,
  currentCount?: number,
): number {
  const comparison = new StatusComparison([
    { readerName: NAME, currentState, currentCount },
  ]);
  const entries = found === null ? [] : [found];
  return comparison.look({ entries, events: 0 }).answers[0].eventState;
}

const ABSENT = 0x02;
const IN = 0x34;
const MUTED = 0x0C;
const BROKEN = 0x01;

/** Believed, the wire's state, its sharing, and what is told. */
const ROWS: readonly [number, number, number, number][] = [
  [0, ABSENT, 0, EMPTY | CHANGED],
  [0, IN, 0, PRESENT | CHANGED],
  [EMPTY, ABSENT, 0, EMPTY],
  [EMPTY | CHANGED, ABSENT, 0, EMPTY],
  [EMPTY, IN, 0, PRESENT | CHANGED],
  [PRESENT, ABSENT, 0, EMPTY | CHANGED],
  [PRESENT, IN, 0, PRESENT],
  [PRESENT, MUTED, 0, PRESENT | MUTE | CHANGED],
  [PRESENT | MUTE, MUTED, 0, PRESENT | MUTE],
  [PRESENT | MUTE, IN, 0, PRESENT | CHANGED],
  // That a reader comes into use is no change by itself.
  [PRESENT, IN, 1, PRESENT | INUSE],
  [PRESENT, IN, -1, PRESENT | EXCLUSIVE],
  [PRESENT | INUSE, IN, 2, PRESENT | INUSE],
  [PRESENT | INUSE, IN, -1, PRESENT | EXCLUSIVE | CHANGED],
  [PRESENT | INUSE, IN, 0, PRESENT | CHANGED],
  [PRESENT | EXCLUSIVE, IN, -1, PRESENT | EXCLUSIVE],
  [PRESENT | EXCLUSIVE, IN, 1, PRESENT | INUSE | CHANGED],
  [PRESENT | EXCLUSIVE, IN, 0, PRESENT | CHANGED],
  // Direct connections to an empty reader do not show.
  [EMPTY, ABSENT, 1, EMPTY],
  [PRESENT, BROKEN, 0, UNAVAILABLE | CHANGED],
  [UNAVAILABLE, BROKEN, 0, UNAVAILABLE],
  [UNAVAILABLE, ABSENT, 0, EMPTY | CHANGED],
  [UNKNOWN, ABSENT, 0, EMPTY | CHANGED],
  [IGNORE, IN, 0, 0],
  [IGNORE | EMPTY, IN, 0, 0],
];

Deno.test("beliefs against states", () => {
  for (const [believed, state, sharing, told] of ROWS) {
    assert.equal(
      look(believed, entry(state, sharing)),
      told,
      JSON.stringify([believed, state, sharing]),
    );
  }
});

Deno.test("a count other than 0 is compared, and makes UNAWARE aware", () => {
  for (const believed of [EMPTY, 0]) {
    assert.equal(look(believed, entry(ABSENT), 5), EMPTY);
    assert.equal(look(believed, entry(ABSENT), 4), EMPTY | CHANGED);
  }
  assert.equal(look(EMPTY, entry(ABSENT), 0), EMPTY);
  assert.equal(look(EMPTY, entry(ABSENT, 0, 0x1_0005), 5), EMPTY);
});

Deno.test("a reader that has left is unknown and unavailable, once", () => {
  const gone = UNKNOWN | UNAVAILABLE;
  assert.equal(look(PRESENT, null), gone | CHANGED);
  assert.equal(look(gone, null), gone);
});

Deno.test("the list of readers: by names, and by the service's count", () => {
  const readerName = PNP_NOTIFICATION.toUpperCase();
  const comparison = new StatusComparison([
    { readerName, currentState: 0, currentCount: 3 },
  ]);
  assert.equal(comparison.wantsEvents, true);
  const at = (entries: ReaderStateEntry[], events: number) =>
    comparison.look({ entries, events }).answers[0];
  assert.equal(at([], 3).eventState, 0);
  assert.equal(at([], 4).eventState, CHANGED);
  assert.equal(at([], 4).eventCount, 4);
  assert.equal(at([entry(ABSENT)], 3).eventState, CHANGED);
  assert.equal(at([], 3).eventState, 0);
});

Deno.test("property: who believes what was told learns nothing new", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(ABSENT, IN, MUTED, BROKEN, 0x04, 0),
      fc.constantFrom(-1, 0, 1, 2),
      fc.nat(0xFFFF),
      fc.nat(0x7FF),
      (state, sharing, counter, believed) => {
        const found = entry(state, sharing, counter);
        const request = { readerName: NAME, currentState: believed };
        const first = new StatusComparison([request])
          .look({ entries: [found], events: 0 });
        const { eventState, eventCount } = first.answers[0];
        assert.equal(
          first.isChanged,
          (eventState & CHANGED) !== 0,
        );
        const again = look(eventState, found, eventCount);
        // Without any flag and count there is nothing to believe in.
        const isUnaware = (eventState & ~CHANGED) === 0 && eventCount === 0 &&
          (eventState & CHANGED) === 0;
        if (!isUnaware) assert.equal(again & CHANGED, 0);
      },
    ),
    { seed: 78163 },
  );
});

Deno.test("one state of the card for the bits of the wire", () => {
  const rows: [number, number, number][] = [
    [0, 0, SCARD_UNKNOWN],
    [BROKEN, 0, SCARD_UNKNOWN],
    [ABSENT, 0, SCARD_ABSENT],
    [0x04, 0, SCARD_PRESENT],
    [MUTED, 0, SCARD_SWALLOWED],
    [0x14, 0, SCARD_POWERED],
    [IN, 0, SCARD_NEGOTIABLE],
    [IN, 2, SCARD_SPECIFIC],
    [0x74, 1, SCARD_SPECIFIC],
  ];
  for (const [readerState, cardProtocol, state] of rows) {
    const found = { ...entry(readerState), cardProtocol };
    assert.equal(cardStateOf(found), state);
  }
});
