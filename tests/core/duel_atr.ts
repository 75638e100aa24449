/**
 * ATR: the core against the oracle, one ATR at a time and in a batch.
 *
 * @module
 */

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import {
  type Atr,
  ATR_COLUMNS,
  ATR_PROBLEM_BITS,
  ATR_ROW_WORDS,
  type Core,
  packAtrs,
  parseAtr,
  parseAtrs,
} from "../../src/core/mod.ts";
import { decodeAtr, type OracleAtr } from "../oracle/atr.ts";
import { emvProblems } from "../oracle/atr_emv.ts";
import { type Feature, featureOf, ignoreFeature } from "./duel_input.ts";

/** An ATR in the oracle's words. */
export function inOracleWords(atr: Atr): Omit<OracleAtr, "vpp"> {
  const { specific } = atr;
  const isHonoured = specific !== null &&
    atr.protocols.includes(specific.protocol);
  return {
    problems: [...atr.problems].sort(),
    convention: atr.convention,
    historical: toHex(atr.historical),
    tck_required: atr.tckRequired,
    tck_present: atr.tckPresent,
    ...(atr.tck === null ? {} : { tck: atr.tck }),
    tck_ok: atr.tckOk,
    length_used: atr.lengthUsed,
    extra_bytes: atr.extraBytes,
    protocols: atr.protocols,
    first_offered: atr.firstOffered,
    Fi: atr.fi,
    Di: atr.di,
    N: atr.n,
    mode: atr.mode,
    protocols_if_specific_honoured: isHonoured
      ? [specific.protocol]
      : atr.protocols,
    ...(specific === null ? {} : {
      specific: {
        T: specific.protocol,
        implicit_params: specific.implicitParameters,
        can_change: specific.canChange,
      },
    }),
    WI: atr.wi,
    IFSC: atr.ifscBytes,
    BWI: atr.bwi,
    CWI: atr.cwi,
    EDC: atr.edc,
    class: atr.voltageClass,
    clock_stop: atr.clockStop,
    SPU: atr.spu,
    valid: atr.valid,
  };
}

function checkVpp(atr: Atr, expected: OracleAtr["vpp"], hex: string): void {
  const found = atr.vpp && {
    // Without TB1 the oracle knows nothing, the core says 0.
    ii: expected?.ii === null ? null : atr.vpp.ii,
    pi1: expected?.pi1 === null ? null : atr.vpp.pi1,
    pi2: atr.vpp.pi2,
  };
  assert.deepEqual(found, expected, hex);
}

/** Reasons of an EMV terminal: what the core adds under `EMV_`, and what the strict mode refuses anyway. */
function checkEmv(
  bytes: Uint8Array,
  reset: "cold" | "warm",
  core: Core,
): void {
  const atr = parseAtr(bytes, { emv: reset }, core);
  const expected = emvProblems(bytes, reset);
  const hex = toHex(bytes);
  const emv = (codes: readonly string[]) =>
    codes.filter((code) => code.startsWith("EMV_")).sort();
  const isCut = atr.problems.some((code) =>
    code === "too_short" || code === "truncated_in_interface_bytes"
  );
  // Of an ATR without all its interface bytes nothing more is worth saying.
  if (!isCut) assert.deepEqual(emv(atr.problems), emv(expected), hex);
  const isReserved = atr.problems.some((code) => /^RFU_[FD]i$/.test(code));
  if (expected.length > 0) assert.equal(atr.accepted, false, hex);
  else if (!isReserved) assert.equal(atr.accepted, true, hex);
}

/** The rows of a batch say what `parseAtr` says. */
function checkRow(table: Int32Array, row: number, atr: Atr): void {
  const word = (column: keyof typeof ATR_COLUMNS) =>
    table[row * ATR_ROW_WORDS + ATR_COLUMNS[column]];
  const bits = atr.problems.reduce(
    (sum, code) =>
      sum | ATR_PROBLEM_BITS[code.replace(/^(extra_bytes)_\d+$/, "$1")],
    0,
  );
  const protocols = atr.protocols.reduce((sum, t) => sum | 1 << t, 0);
  const found = [
    word("problems"),
    word("protocols"),
    word("lengthUsed"),
    word("historicalLength"),
    word("tck"),
    word("fi"),
    word("di"),
  ];
  assert.deepEqual(found, [
    bits,
    protocols,
    atr.lengthUsed,
    atr.historical.length,
    atr.tck ?? -1,
    atr.fi,
    atr.di,
  ], toHex(atr.raw));
}

/** Plays `bytes` as an ATR. @throws {AssertionError} when a core does not say what the oracle says */
export function duelAtr(
  bytes: Uint8Array,
  cores: readonly Core[],
  feature: Feature = ignoreFeature,
): void {
  const { vpp, ...expected } = decodeAtr(bytes);
  expected.problems.sort();
  // The core files protocols by number, whatever their order in the ATR.
  expected.protocols.sort((a, b) => a - b);
  expected.protocols_if_specific_honoured.sort((a, b) => a - b);
  for (const core of cores) {
    const atr = parseAtr(bytes, {}, core);
    assert.deepEqual(inOracleWords(atr), expected, toHex(bytes));
    checkVpp(atr, vpp, toHex(bytes));
    checkEmv(bytes, "cold", core);
    checkEmv(bytes, "warm", core);
    if (bytes.length > 127) continue;
    const table = parseAtrs(packAtrs([bytes, bytes]), undefined, core);
    assert.equal(table.length, 2 * ATR_ROW_WORDS);
    checkRow(table, 1, atr);
  }
  for (const code of expected.problems) {
    const bit = ATR_PROBLEM_BITS[code.replace(/_\d+$/, "")] ?? 0;
    feature(featureOf(1, bit, expected.protocols.length));
  }
  feature(featureOf(2, bytes[1] >> 4, expected.length_used));
  feature(featureOf(3, expected.Fi, expected.Di));
  feature(featureOf(4, ...expected.protocols));
}
