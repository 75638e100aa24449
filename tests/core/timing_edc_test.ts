import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../src/bytes.ts";
import {
  cardTiming,
  crc,
  type CrcVariant,
  lrc,
  type TimingParameters,
} from "../../src/core/mod.ts";
import { blockCheck } from "../oracle/crc.ts";
import { eachCore, SEED } from "./cores.ts";

const DEFAULTS: TimingParameters = {
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
  protocol: null,
};

/** Times at the defaults, whatever the clock. */
const IN_ETU = {
  etu: 1,
  gt: 12,
  wt: 9600,
  cwt: 8203,
  bwt: 11 + 16 * 960,
  bgt: 22,
};

eachCore("times have the values of the standard's formulas", (core) => {
  const at = (changes: Partial<TimingParameters>) =>
    cardTiming({ ...DEFAULTS, ...changes }, core);
  assert.deepEqual(at({ clockKhz: 3580 }), {
    etu: 104,
    gt: 1247,
    wt: 997_542,
    cwt: 852_379,
    bwt: 1_597_211,
    bgt: 2287,
    inEtu: IN_ETU,
  });
  assert.deepEqual(at({}), {
    etu: 93,
    gt: 1116,
    wt: 892_800,
    cwt: 762_879,
    bwt: 1_429_503,
    bgt: 2046,
    inEtu: IN_ETU,
  });
  assert.deepEqual(at({ clockKhz: 5000 }), {
    etu: 75,
    gt: 893,
    wt: 714_240,
    cwt: 610_304,
    bwt: 1_143_603,
    bgt: 1637,
    inEtu: IN_ETU,
  });
  assert.equal(at({ bwi: 9 }).bwt, 45_712_383);
  assert.equal(at({ bwi: 0 }).bwt, 90_303);
  const fast = at({ f: 512, d: 32, fi: 512, di: 32, cwi: 5 });
  assert.deepEqual(
    [fast.etu, fast.wt, fast.cwt, fast.bwt],
    [4, 1_228_800, 172, 1_428_524],
  );
});

eachCore("the extra guard time depends on N, T=15 and the protocol", (core) => {
  const gt = (changes: Partial<TimingParameters>) =>
    cardTiming({ ...DEFAULTS, ...changes }, core).gt;
  // N = 2 with TA1 96 and no PPS: R is F/D, or Fi/Di with a T=15.
  assert.equal(gt({ n: 2, fi: 512, di: 32 }), 1302);
  assert.equal(gt({ n: 2, fi: 512, di: 32, hasT15: true }), 1124);
  const fast = { f: 512, d: 32, fi: 512, di: 32, n: 255 };
  assert.equal(gt({ ...fast, protocol: 1 }), 44);
  assert.equal(gt({ ...fast, protocol: 0 }), 48);
  assert.equal(gt({ ...fast, protocol: null }), 48);
});

eachCore("times saturate, and bad parameters are refused", (core) => {
  assert.equal(
    cardTiming({ ...DEFAULTS, clockKhz: 1, bwi: 9 }, core).bwt,
    0x7fffffff,
  );
  assert.throws(
    () => cardTiming({ ...DEFAULTS, d: 0 }, core),
    /d is 0, expected 1 to 64/,
  );
});

eachCore("LRC is the XOR of all bytes", (core) => {
  assert.equal(lrc(fromHex("00C101FE"), core), 0x3e);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.equal(
        lrc(bytes, core),
        bytes.reduce((sum, byte) => sum ^ byte, 0),
      );
    }),
    { seed: SEED },
  );
});

/** S(IFS request 254) and "123456789" under each variant, first byte of the wire in the high half. */
const CRC_VECTORS: [CrcVariant, number, number][] = [
  ["13239", 0xb1ab, 0x6e90],
  ["no-complement", 0x544e, 0x6f91],
  ["arc-faulty", 0xecd1, 0x593c],
  ["arc", 0xecd1, 0xbb3d],
  ["zero-start", 0x90a8, 0x76de],
];

eachCore("the CRC variants give the check values of the field", (core) => {
  const digits = new TextEncoder().encode("123456789");
  for (const [variant, ifs, check] of CRC_VECTORS) {
    assert.equal(crc(digits, variant, core), check, variant);
    if (variant !== "arc") {
      assert.equal(crc(fromHex("00C101FE"), variant, core), ifs, variant);
    }
  }
});

eachCore("CRCs of any length are those of the definition", (core) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const [variant] of CRC_VECTORS) {
        const [first, second] = blockCheck(variant, bytes);
        assert.equal(crc(bytes, variant, core), first << 8 | second, variant);
      }
    }),
    { seed: SEED, numRuns: 300 },
  );
});
