/**
 * The oracles for PPS, APDU cases, times and check bytes against the tables of the standard, computed times and captured check bytes.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { apduCase } from "./apdu.ts";
import { type BlockCheck, blockCheck } from "./crc.ts";
import { judgePps, ppsRequest } from "./pps.ts";
import { times, type TimingInput } from "./timing.ts";

const SEED = { seed: 78163 };

function bytes(hex: string): Uint8Array {
  const pairs = hex.replaceAll(" ", "").match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}

Deno.test("judgePps follows the acceptance table", () => {
  const refused = { accepted: false, pps1: null, spuAgreed: false };
  const both = ppsRequest(1, 0x96, 0x01, null);
  assert.deepEqual(both, bytes("FF 31 96 01 59"));
  assert.deepEqual(ppsRequest(0, null, null, null), bytes("FF 00 FF"));
  assert.deepEqual(ppsRequest(0, null, null, 7), bytes("FF 40 07 B8"));
  const cases: [string, ReturnType<typeof judgePps>][] = [
    ["FF 31 96 01 59", { accepted: true, pps1: 0x96, spuAgreed: true }],
    ["FF 11 96 78", { accepted: true, pps1: 0x96, spuAgreed: false }],
    ["FF 21 01 DF", { accepted: true, pps1: null, spuAgreed: true }],
    ["FF 01 FE", { accepted: true, pps1: null, spuAgreed: false }],
    ["", refused],
    ["FF 01", refused], // shorter than 3
    ["FE 01 FF", refused], // PPSS
    ["FF 01 FF", refused], // PCK
    ["FF 01 00 FE", refused], // too long for PPS0
    ["FF 11 EE", refused], // too short for PPS0
    ["FF 00 FF", refused], // other T
    ["FF 81 7E", refused], // RFU bit
    ["FF 11 95 7B", refused], // other PPS1
    ["FF 21 02 DC", refused], // other PPS2
    ["FF 21 96 48", refused], // PPS2 holding the PPS1 of the request
    ["FF 41 01 BF", refused], // PPS3 nobody asked for
  ];
  for (const [response, wanted] of cases) {
    assert.deepEqual(judgePps(both, bytes(response)), wanted, response);
  }
  assert.deepEqual(judgePps(bytes("FF 01"), bytes("FF 01 FE")), refused);
});

Deno.test("apduCase follows the table", () => {
  const header = "00 A4 04 00";
  const cases: [string, string | null, number, number, number][] = [
    ["", "1", 0, 0, 0],
    ["00", "2S", 0, 256, 0],
    ["10", "2S", 0, 16, 0],
    ["02 3F 00", "3S", 2, 0, 5],
    ["02 3F 00 00", "4S", 2, 256, 5],
    ["01 3F 07", "4S", 1, 7, 5],
    ["00 00 00", "2E", 0, 65536, 0],
    ["00 01 00", "2E", 0, 256, 0],
    ["00 00 01 AA", "3E", 1, 0, 7],
    ["00 00 01 AA 00 00", "4E", 1, 65536, 7],
    ["00 00 01 AA 01 02", "4E", 1, 258, 7],
    ["00 00", null, 0, 0, 0],
    ["05 00", null, 0, 0, 0],
    ["00 00 01 AA 00", null, 0, 0, 0],
    ["00 00 00 00 00", null, 0, 0, 0],
  ];
  for (const [body, name, nc, ne, dataOffset] of cases) {
    const wanted = name === null ? null : { case: name, nc, ne, dataOffset };
    assert.deepEqual(apduCase(bytes(header + body)), wanted, body);
  }
  assert.equal(apduCase(bytes("00 A4 04")), null);
  const largest = new Uint8Array(65544);
  largest.set([0xff, 0xff], 5);
  assert.deepEqual(apduCase(largest), {
    case: "4E",
    nc: 65535,
    ne: 65536,
    dataOffset: 7,
  });
});

const DEFAULTS: TimingInput = {
  f: 372,
  d: 1,
  fi: 372,
  di: 1,
  clockKhz: 4000,
  n: 0,
  wi: 10,
  bwi: 4,
  cwi: 13,
  hasT15: false,
  protocol: 0,
  emv: false,
};

Deno.test("times gives the computed vectors", () => {
  const fast = { f: 512, d: 32, fi: 512, di: 32 };
  const us = (p: Partial<TimingInput>) => {
    const t = times({ ...DEFAULTS, ...p });
    return [t.etu, t.gt, t.wt, t.cwt, t.bwt].map((x) => x.microseconds);
  };
  assert.deepEqual(us({ ...fast, cwi: 5 }), [4, 48, 1228800, 172, 1428524]);
  assert.equal(us({ ...fast, n: 255, protocol: 1 })[1], 44);
  assert.equal(us({ ...fast, n: 255, protocol: 0 })[1], 48);
  assert.equal(us({ ...fast, n: 255, protocol: null })[1], 48);
  assert.deepEqual(us({}), [93, 1116, 892800, 762879, 1429503]);
  assert.equal(us({ bwi: 9 })[4], 45712383);
  assert.equal(us({ bwi: 0 })[4], 90303);
  assert.equal(us({ n: 2, fi: 512, di: 32 })[1], 1302);
  assert.equal(us({ n: 2, fi: 512, di: 32, hasT15: true })[1], 1124);
  // Rounded up, once: 372 / 5 MHz is 74.4 us and 12 of them 892.8 us.
  assert.deepEqual(us({ clockKhz: 5000 }).slice(0, 2), [75, 893]);
  assert.equal(us({ clockKhz: 1, bwi: 15 })[4], 0x7fffffff);
  assert.equal(us({ clockKhz: 0 })[0], 0x7fffffff);
  assert.deepEqual(us({ wi: 0, f: 0, d: 0, fi: 0, di: 64 }), us({}));
});

Deno.test("times counts in etu, with the EMV tolerances", () => {
  const fast = { ...DEFAULTS, f: 512, d: 32, fi: 512, di: 32, n: 2, cwi: 5 };
  const etu = (p: TimingInput) =>
    Object.fromEntries(Object.entries(times(p)).map(([k, v]) => [k, v.etu]));
  const iso = { etu: 1, gt: 14, wt: 307200, cwt: 43, bwt: 357131, bgt: 22 };
  assert.deepEqual(etu(fast), iso);
  assert.deepEqual(etu({ ...fast, emv: true }), {
    ...iso,
    wt: 960 * 32 * 10 + 480 * 32,
    cwt: 47,
    bwt: 357131 + 32 * 960,
  });
  // WT stands on the Fi offered, whatever F is in force.
  assert.equal(etu({ ...DEFAULTS, f: 558 }).wt, 6400);
  assert.equal(etu({ ...DEFAULTS, f: 512 }).wt, 6975);
});

Deno.test("blockCheck gives the captured and the catalogued check values", () => {
  const cases: [BlockCheck, string, string][] = [
    ["LRC", "00 C1 01 FE", "3E"],
    ["13239", "00 C1 01 FE", "B1 AB"],
    ["no-complement", "00 C1 01 FE", "54 4E"],
    ["arc-faulty", "00 C1 01 FE", "EC D1"],
    ["zero-start", "00 C1 01 FE", "90 A8"],
    ["13239", "313233343536373839", "6E 90"],
    ["no-complement", "313233343536373839", "6F 91"],
    ["arc", "313233343536373839", "BB 3D"],
    ["arc-faulty", "313233343536373839", "59 3C"],
    ["zero-start", "313233343536373839", "76 DE"],
    ["arc-faulty", "00 20 02 6A 88", "C6 86"],
    ["arc", "00 20 02 6A 88", "C6 84"],
  ];
  for (const [kind, block, check] of cases) {
    const actual = blockCheck(kind, bytes(block));
    assert.deepEqual(actual, bytes(check), `${kind} ${block}`);
  }
});

Deno.test("blockCheck over a block with its check leaves the known remainder", () => {
  const remainders: [BlockCheck, Uint8Array][] = [
    ["LRC", bytes("00")],
    ["13239", bytes("47 0F")], // F0B8 complemented, low byte first
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 260 }), (block) => {
      for (const [kind, left] of remainders) {
        const whole = Uint8Array.of(...block, ...blockCheck(kind, block));
        assert.deepEqual(blockCheck(kind, whole), left);
      }
    }),
    SEED,
  );
});
