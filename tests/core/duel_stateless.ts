/**
 * PPS, APDU cases, check bytes and times: the core against the oracles.
 *
 * @module
 */

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import {
  buildPpsRequest,
  cardTiming,
  checkPpsResponse,
  type Core,
  crc,
  lrc,
  parseApdu,
  type Times,
} from "../../src/core/mod.ts";
import { apduCase } from "../oracle/apdu.ts";
import { blockCheck } from "../oracle/crc.ts";
import { judgePps, ppsRequest } from "../oracle/pps.ts";
import { times } from "../oracle/timing.ts";
import {
  DuelInput,
  type Feature,
  featureOf,
  ignoreFeature,
} from "./duel_input.ts";

/** Plays `bytes` as a proposal and the response to it. @throws {AssertionError} on a difference */
export function duelPps(
  bytes: Uint8Array,
  cores: readonly Core[],
  feature: Feature = ignoreFeature,
): void {
  const input = new DuelInput(bytes);
  const present = input.byte();
  const protocol = input.below(15);
  const pps1 = (present & 1) !== 0 ? input.byte() : undefined;
  const pps2 = (present & 2) !== 0 ? input.byte() : undefined;
  const pps3 = (present & 4) !== 0 ? input.byte() : undefined;
  const request = ppsRequest(
    protocol,
    pps1 ?? null,
    pps2 ?? null,
    pps3 ?? null,
  );
  const response = ppsAnswer(input, request);
  const expected = judgePps(request, response);
  for (const core of cores) {
    const built = buildPpsRequest({
      protocol,
      ...(pps1 === undefined ? {} : { fiIndex: pps1 >> 4, diIndex: pps1 & 15 }),
      pps2,
      pps3,
    }, core);
    assert.equal(toHex(built), toHex(request));
    const { code, problem, ...found } = checkPpsResponse(
      request,
      response,
      core,
    );
    const log = `${toHex(request)} ${toHex(response)}`;
    assert.deepEqual(found, expected, log);
    assert.equal(code === null, expected.accepted, log);
    assert.equal(problem === null, expected.accepted, log);
    feature(featureOf(present & 7, code?.length ?? 0, response[1] ?? 0));
  }
}

/** The card's response: an echo, an echo with fields left out or changed, or anything. */
function ppsAnswer(input: DuelInput, request: Uint8Array): Uint8Array {
  const choice = input.below(8);
  if (choice === 0) return input.rest();
  const pps0 = request[1] & (choice < 4 ? 0xff : input.byte() | 0x0f);
  const fields: number[] = [];
  let from = 2;
  for (const bit of [0x10, 0x20, 0x40]) {
    if ((pps0 & bit) !== 0) fields.push(request[from]);
    if ((request[1] & bit) !== 0) from++;
  }
  const body = [0xff, pps0, ...fields];
  body.push(body.reduce((sum, byte) => sum ^ byte, 0));
  if (choice === 3 || choice === 7) {
    body[input.below(body.length)] ^= 1 << input.below(8);
  }
  if (choice === 6) body[body.length - 1] ^= body[1] ^ (body[1] = input.byte());
  return Uint8Array.from(body);
}

/** Plays `bytes` as an APDU. @throws {AssertionError} on a difference */
export function duelApdu(
  bytes: Uint8Array,
  cores: readonly Core[],
  feature: Feature = ignoreFeature,
): void {
  const expected = apduCase(bytes);
  for (const core of cores) {
    if (expected === null) {
      assert.throws(() => parseApdu(bytes, core), RangeError, toHex(bytes));
      continue;
    }
    const found = parseApdu(bytes, core);
    assert.deepEqual(
      {
        case: found.case,
        nc: found.nc,
        ne: found.ne,
        // Where there are no data, no place of theirs can be wrong.
        dataOffset: found.nc === 0 ? 0 : found.dataOffset,
      },
      expected,
      toHex(bytes),
    );
  }
  const kind = expected === null ? 0 : "1234".indexOf(expected.case[0]) + 1;
  feature(featureOf(kind, expected?.case.length ?? 0, bytes.length));
  feature(featureOf(5, kind, bytes[4] ?? 256));
}

const VARIANTS = [
  "13239",
  "no-complement",
  "arc-faulty",
  "arc",
  "zero-start",
] as const;

/** Plays `bytes` as what check bytes are made of. @throws {AssertionError} on a difference */
export function duelEdc(bytes: Uint8Array, cores: readonly Core[]): void {
  for (const core of cores) {
    assert.equal(lrc(bytes, core), blockCheck("LRC", bytes)[0]);
    for (const variant of VARIANTS) {
      const [high, low] = blockCheck(variant, bytes);
      assert.equal(crc(bytes, variant, core), high << 8 | low, toHex(bytes));
    }
  }
}

const FS = [372, 558, 744, 1116, 1488, 1860, 512, 768, 1024, 1536, 2048];
const DS = [1, 2, 4, 8, 16, 32, 64, 12, 20];

/** Plays `bytes` as parameters of a card. @throws {AssertionError} on a difference */
export function duelTiming(bytes: Uint8Array, cores: readonly Core[]): void {
  const input = new DuelInput(bytes);
  const parameters = {
    f: FS[input.below(FS.length)],
    d: DS[input.below(DS.length)],
    fi: FS[input.below(FS.length)],
    di: DS[input.below(DS.length)],
    clockKhz: 1 + input.below(20_000),
    n: input.byte(),
    wi: input.byte(),
    bwi: input.below(10),
    cwi: input.below(16),
    hasT15: input.below(2) === 0,
    protocol: ([0, 1, null] as const)[input.below(3)],
  };
  const isEmv = input.below(2) === 0;
  const expected = times({ ...parameters, emv: isEmv });
  for (const core of cores) {
    const { inEtu, ...found } = cardTiming(
      { ...parameters, profile: isEmv ? "emv" : "iso" },
      core,
    );
    for (const name of Object.keys(expected) as (keyof Times)[]) {
      const log = `${name} of ${JSON.stringify(parameters)}`;
      assert.equal(found[name], expected[name].microseconds, log);
      const error = Math.abs(inEtu[name] / expected[name].etu - 1);
      assert.ok(error < 1e-12, log);
    }
  }
}
