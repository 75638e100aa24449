/**
 * The ATR oracles against real ATRs with known results and against one example of each reason to complain.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeAtr, type OracleAtr } from "./atr.ts";
import { emvProblems } from "./atr_emv.ts";

interface Sample {
  atrs: {
    atr: string;
    expected: Partial<OracleAtr> & { problems: string[] };
  }[];
}

const sample: Sample = JSON.parse(
  Deno.readTextFileSync(new URL("../data/atr-sample.json", import.meta.url)),
);
const SEED = { seed: 78163 };

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(
    hex.match(/../g) ?? [],
    (pair) => parseInt(pair, 16),
  );
}

function problems(hex: string): string[] {
  return decodeAtr(bytes(hex)).problems.toSorted();
}

function emv(hex: string, reset: "cold" | "warm" = "cold"): string[] {
  return emvProblems(bytes(hex), reset).toSorted();
}

/** An ATR from all bytes but its TCK. */
function withTck(hex: string): string {
  const tck = bytes(hex).slice(1).reduce((xor, b) => xor ^ b, 0);
  return hex + tck.toString(16).padStart(2, "0");
}

Deno.test("decodeAtr agrees with the sample on every field", () => {
  assert.equal(sample.atrs.length, 300);
  for (const { atr, expected } of sample.atrs) {
    const actual: Record<string, unknown> = { ...decodeAtr(bytes(atr)) };
    delete actual.vpp;
    const wanted: Record<string, unknown> = { ...expected };
    if (expected.problems.includes("truncated_in_historical")) {
      // The sample stops at the truncation.
      for (const key in actual) if (!(key in wanted)) delete actual[key];
    }
    actual.problems = decodeAtr(bytes(atr)).problems.toSorted();
    wanted.problems = expected.problems.toSorted();
    assert.deepEqual(actual, wanted, atr);
  }
});

Deno.test("decodeAtr names what the sample has no example of", () => {
  const cases: [string, string[]][] = [
    ["", ["too_short"]],
    ["3B", ["too_short"]],
    ["0300", ["bad_TS"]],
    ["3BF01100", ["truncated_in_interface_bytes"]],
    ["3B80", ["truncated_in_interface_bytes"]],
    ["3B6F0000" + "00".repeat(30), ["extra_bytes_15", "too_long"]],
    ["3B6F0000" + "00".repeat(15), []],
    [withTck("3B808100"), ["protocols_not_ascending"]],
    [withTck("3B80808F01"), ["protocols_not_ascending"]],
    [withTck("3B808F01"), ["T15_in_TD1", "protocols_not_ascending"]],
    [withTck("3B8002"), ["protocol_T14_not_supported_or_RFU"]],
    ["3B804000", ["WI_RFU_00"]],
    [withTck("3B80811100"), ["IFSC_RFU_00"]],
    [withTck("3B808121A5"), ["BWI_RFU"]],
    [withTck("3B80814103"), ["TC_T1_RFU_bits"]],
    [withTck("3B80801F05"), ["class_RFU"]],
    ["3B801001", ["TA2_protocol_not_offered"]],
    ["3B80802020", ["T0_specific_bytes_i>2"]],
  ];
  for (const [atr, wanted] of cases) {
    assert.deepEqual(problems(atr), wanted, atr);
  }
});

Deno.test("decodeAtr keeps what a truncated ATR had", () => {
  const atr = decodeAtr(bytes("3BF0962540"));
  assert.deepEqual(
    [atr.Fi, atr.Di, atr.N, atr.protocols, atr.historical, atr.valid],
    [512, 32, 64, [0], "", false],
  );
  assert.equal(atr.length_used, 5);
  assert.deepEqual(atr.vpp, { ii: 1, pi1: 5, pi2: null });
  const cut = decodeAtr(bytes("3B828121453F"));
  assert.deepEqual([cut.BWI, cut.CWI, cut.tck_required], [4, 5, true]);
  assert.deepEqual(cut.problems, ["truncated_in_historical"]);
  assert.deepEqual([cut.historical, cut.tck_present], ["3F", false]);
  assert.deepEqual(decodeAtr(bytes("3B802064")).vpp, {
    ii: null,
    pi1: null,
    pi2: 0x64,
  });
  assert.equal(decodeAtr(bytes("3B00")).vpp, null);
});

Deno.test("decodeAtr never throws and its fields hold together", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (tail) => {
      const atr = decodeAtr(Uint8Array.of(0x3b, ...tail));
      assert.equal(atr.length_used + atr.extra_bytes, tail.length + 1);
      assert.equal(atr.tck !== undefined, atr.tck_present);
      assert.equal(atr.tck_ok !== null, atr.tck_present);
      assert.equal(new Set(atr.problems).size, atr.problems.length);
    }),
    SEED,
  );
});

Deno.test("emvProblems knows each reason", () => {
  const cases: [string, string[]][] = [
    ["3B2000", []],
    ["3B00", ["EMV_TB1"]],
    ["3B2001", ["EMV_TB1"]],
    [withTck("3BA0008131FE45"), []],
    ["3BA00081214500", ["bad_TCK"]],
    [withTck("3BA0008131FE65"), ["EMV_BWI"]],
    [withTck("3BA0008131FE46"), ["EMV_CWI"]],
    [withTck("3BA0008131FE40"), ["EMV_CWT"]],
    [withTck("3BE000FF8131FE40"), []],
    [withTck("3BE000038131FE42"), ["EMV_CWT"]],
    [withTck("3BE000038131FE43"), []],
    [withTck("3BA00081310F45"), ["EMV_IFSC"]],
    [withTck("3BA0008131FF45"), ["EMV_IFSC"]],
    [withTck("3BA0008171FE4501"), ["EMV_TC3"]],
    [withTck("3BA00001"), ["EMV_TB3_MISSING"]],
    [withTck("3BA0008111FE"), ["EMV_TB3_MISSING"]],
    [withTck("3BA0000E"), ["EMV_TD1"]],
    [withTck("3BA0000F"), ["EMV_TD1", "T15_in_TD1"]],
    [withTck("3BA000800E"), []],
    [withTck("3BA0008001"), ["EMV_TD2"]],
    [withTck("3BA000A1642145"), ["EMV_TB2"]],
    ["3BA0004000", ["EMV_TC2"]],
    ["3BA0001000", []],
    ["3BA0001010", ["EMV_TA2"]],
    ["3BA0001001", ["EMV_TA2"]],
    ["3BB013001000", []],
    ["3BB014001000", ["EMV_TA1"]],
    ["3BB014001010", ["EMV_TA2"]],
    ["3B301400", []],
    ["3BF0", ["truncated_in_interface_bytes"]],
    ["3B", ["too_short"]],
    ["3B2100", ["truncated_in_historical"]],
  ];
  for (const [atr, wanted] of cases) assert.deepEqual(emv(atr), wanted, atr);
  assert.deepEqual(emv("3B00", "warm"), []);
});
