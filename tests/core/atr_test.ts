// Invariant: any bytes give a verdict, without a trap, and only bytes that are there are used.
import assert from "node:assert/strict";
import fc from "fast-check";
import { DI_TABLE, FI_TABLE, parseAtr } from "../../src/core/mod.ts";
import { fromHex, toHex } from "../../src/bytes.ts";
import sample from "../data/atr-sample.json" with { type: "json" };
import { bothCores, eachCore, SEED } from "./cores.ts";

interface Sample {
  atr: string;
  expected: Record<string, unknown>;
}

const { atrs } = sample as { atrs: Sample[] };

eachCore(
  "parseAtr agrees with an independent decoder on 300 real ATRs",
  (core) => {
    assert.equal(atrs.length, 300);
    for (const { atr, expected } of atrs) {
      const read = parseAtr(fromHex(atr), {}, core);
      const found: Record<string, unknown> = {
        problems: read.problems,
        convention: read.convention,
        historical: toHex(read.historical),
        tck_required: read.tckRequired,
        tck_present: read.tckPresent,
        tck: read.tck,
        tck_ok: read.tckOk,
        length_used: read.lengthUsed,
        extra_bytes: read.extraBytes,
        protocols: read.protocols,
        first_offered: read.firstOffered,
        Fi: read.fi,
        Di: read.di,
        N: read.n,
        mode: read.mode,
        WI: read.wi,
        IFSC: read.ifscBytes,
        BWI: read.bwi,
        CWI: read.cwi,
        EDC: read.edc,
        class: read.voltageClass,
        clock_stop: read.clockStop,
        SPU: read.spu,
        valid: read.valid,
        specific: read.specific && {
          T: read.specific.protocol,
          implicit_params: read.specific.implicitParameters,
          can_change: read.specific.canChange,
        },
        protocols_if_specific_honoured:
          read.specific && read.protocols.includes(read.specific.protocol)
            ? [read.specific.protocol]
            : read.protocols,
      };
      for (const [field, value] of Object.entries(expected)) {
        assert.deepEqual(found[field], value, `${atr}: ${field}`);
      }
    }
  },
);

/** Each malformed class of an ATR: bytes, problems, strict and tolerant acceptance. */
const MALFORMED: [string, string, string[], boolean, boolean][] = [
  ["TS is neither 3B nor 3F", "3A00", ["bad_TS"], false, false],
  ["raw inverse TS is not decoded", "0300", ["bad_TS"], false, false],
  ["empty", "", ["too_short"], false, false],
  ["TS alone", "3B", ["too_short"], false, false],
  [
    "34 bytes",
    "3B0F" + "00".repeat(32),
    ["too_long", "extra_bytes_17"],
    false,
    false,
  ],
  [
    "interface bytes missing",
    "3BF011",
    ["truncated_in_interface_bytes"],
    false,
    false,
  ],
  [
    "TD announced and missing",
    "3B80",
    ["truncated_in_interface_bytes"],
    false,
    false,
  ],
  [
    "historical bytes missing",
    "3B031450",
    ["truncated_in_historical"],
    false,
    true,
  ],
  ["TCK missing", "3B8001", ["missing_TCK"], false, true],
  ["TCK wrong", "3B800101", ["bad_TCK"], false, true],
  ["T=0 and T=15 without TCK", "3B80801F43", ["missing_TCK"], false, true],
  ["T=15 in TD1", "3B800F8F", ["T15_in_TD1"], false, false],
  ["extra bytes", "3B0102FF", ["extra_bytes_1"], true, true],
  ["RFU Fi, negotiable", "3B1071", ["RFU_Fi"], true, true],
  ["RFU Di, negotiable", "3B101A", ["RFU_Di"], true, true],
  ["T=14 only", "3B800E8E", ["protocol_T14_not_supported_or_RFU"], true, true],
  ["WI 0", "3B804000", ["WI_RFU_00"], true, true],
];

eachCore("parseAtr gives each malformed class its verdict", (core) => {
  for (const [name, hex, problems, strict, tolerant] of MALFORMED) {
    const read = parseAtr(fromHex(hex), {}, core);
    assert.deepEqual(read.problems, problems, name);
    assert.equal(read.accepted, strict, `${name}, strict`);
    assert.equal(
      parseAtr(fromHex(hex), { tolerant: true }, core).accepted,
      tolerant,
      `${name}, tolerant`,
    );
  }
});

/** T0 to the end with TCK appended where needed. */
function withTck(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  let sum = 0;
  for (const byte of bytes.subarray(1)) sum ^= byte;
  return Uint8Array.of(...bytes, sum);
}

eachCore(
  "reserved factors are refused only where no way leads around them",
  (core) => {
    // TA1 71, TD1 10 announcing TA2: specific mode, T=0.
    const explicit = parseAtr(fromHex("3B90711000"), {}, core);
    assert.equal(explicit.mode, "specific");
    assert.equal(explicit.valid, true);
    assert.equal(explicit.accepted, false);
    const implicit = parseAtr(fromHex("3B90711010"), {}, core);
    assert.equal(implicit.specific?.implicitParameters, true);
    assert.equal(implicit.accepted, true);
  },
);

eachCore(
  "interface bytes above group 2 count by the T that announced them",
  (core) => {
    // TD1 81, TD2 31: the second T=1 group carries IFSC and BWI/CWI.
    const read = parseAtr(withTck("3B8081312045"), {}, core);
    assert.deepEqual(read.problems, []);
    assert.deepEqual(read.protocols, [1]);
    assert.deepEqual([read.ifscBytes, read.bwi, read.cwi], [0x20, 4, 5]);
    // A TB under T=15 is the use of C6, not BWI and CWI.
    const spu = parseAtr(withTck("3B80802F82"), {}, core);
    assert.deepEqual([spu.spu, spu.bwi, spu.cwi], [0x82, 4, 13]);
    assert.deepEqual(spu.protocols, [0]);
    assert.equal(spu.tckRequired, true);
    // Only the first group of its kind counts.
    const twice = parseAtr(withTck("3B80819110911520"), {}, core);
    assert.equal(twice.ifscBytes, 0x10);
    // CRC, and the two reserved IFSC values.
    assert.equal(parseAtr(withTck("3B80814101"), {}, core).edc, "CRC");
    assert.deepEqual(parseAtr(withTck("3B80811100"), {}, core).problems, [
      "IFSC_RFU_00",
    ]);
    assert.deepEqual(parseAtr(withTck("3B808111FF"), {}, core).problems, [
      "IFSC_RFU_FF",
    ]);
  },
);

eachCore("clock stop and class are read from T=15", (core) => {
  const read = parseAtr(withTck("3B80801FC7"), {}, core);
  assert.deepEqual([read.clockStop, read.voltageClass], [3, 7]);
  const rfu = parseAtr(withTck("3B80801F45"), {}, core);
  assert.deepEqual(rfu.problems, ["class_RFU"]);
});

eachCore("inverse convention and withdrawn TB bytes are read", (core) => {
  const read = parseAtr(
    fromHex("3F2F008069AF0307066800000A0E833E9F16"),
    {},
    core,
  );
  assert.equal(read.convention, "inverse");
  assert.deepEqual(read.vpp, { ii: 0, pi1: 0, pi2: null });
  const voltage = parseAtr(fromHex("3BA065A07D00"), {}, core);
  assert.deepEqual(voltage.problems.includes("bad_TCK"), false);
});

eachCore(
  "the factors of the core are those of the published tables",
  (core) => {
    for (let ta1 = 0; ta1 < 256; ta1++) {
      const { fi, di } = parseAtr(Uint8Array.of(0x3b, 0x10, ta1), {}, core);
      assert.equal(fi, FI_TABLE[ta1 >> 4].f);
      assert.equal(di, DI_TABLE[ta1 & 15]);
    }
  },
);

eachCore("of an ATR that ends too early counts what is there", (core) => {
  const factors = parseAtr(fromHex("3BF096"), {}, core);
  assert.deepEqual([factors.fi, factors.di, factors.lengthUsed], [512, 32, 3]);
  const protocol = parseAtr(fromHex("3B8181"), {}, core);
  assert.deepEqual([protocol.protocols, protocol.tckRequired], [[1], true]);
  assert.equal(protocol.historical.length, 0);
});

eachCore("arbitrary bytes never trap and use only what is there", (core) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, ts) => {
      if (ts && bytes.length > 0) bytes[0] = 0x3b;
      const read = parseAtr(bytes, { tolerant: true }, core);
      assert.ok(read.lengthUsed <= bytes.length);
      assert.ok(read.historical.length <= 15);
      assert.deepEqual(read.raw, bytes);
      assert.ok(
        !read.valid || read.lengthUsed + read.extraBytes === bytes.length,
      );
    }),
    { seed: SEED, numRuns: 2000 },
  );
});

Deno.test("WASM and twin agree on mutated real ATRs", () => {
  const [wasm, twin] = bothCores();
  fc.assert(
    fc.property(
      fc.constantFrom(...atrs.map(({ atr }) => atr)),
      fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 3 }),
      fc.nat(40),
      (atr, changes, cut) => {
        const bytes = fromHex(atr);
        for (const [at, value] of changes) {
          if (at < bytes.length) bytes[at] = value;
        }
        const mutated = bytes.subarray(0, Math.max(1, cut));
        assert.deepEqual(
          parseAtr(mutated, {}, wasm),
          parseAtr(mutated, {}, twin),
        );
      },
    ),
    { seed: SEED, numRuns: 3000 },
  );
});
