// Invariant: every code that the core can answer has a name and a sentence.
import assert from "node:assert/strict";
import * as abi from "../../core-as/abi.ts";
import {
  ATR_PROBLEM_BITS,
  checkPpsResponse,
  describeAtrProblem,
  describeMachineError,
  MACHINE_ERRORS,
  machineErrorName,
  parseAtr,
} from "../../src/core/mod.ts";
import { fromHex } from "../../src/bytes.ts";

/** Constants of the layout whose names begin with `prefix`. */
function constants(prefix: string): [name: string, value: number][] {
  return Object.entries(abi).filter(([name]) => name.startsWith(prefix));
}

Deno.test("errors of the machines", () => {
  const codes = constants("MACHINE_E_");
  assert.equal(Object.keys(MACHINE_ERRORS).length, codes.length);
  const sentences = new Set<string>();
  for (const [name, code] of codes) {
    assert.equal(machineErrorName(code), name.slice("MACHINE_E_".length));
    const sentence = describeMachineError(code);
    assert.match(sentence, / /, name);
    sentences.add(sentence);
  }
  assert.equal(sentences.size, codes.length);
  assert.equal(machineErrorName(abi.MACHINE_DONE), "DONE");
  assert.equal(machineErrorName(abi.MACHINE_TRANSFER), "TRANSFER");
  assert.equal(describeMachineError(0), "the exchange is over");
  assert.equal(describeMachineError(1), "the exchange goes on");
  assert.equal(describeMachineError(-99), "unknown code -99");
});

Deno.test("problems of an ATR", () => {
  const bits = constants("ATR_P_").map(([, bit]) => bit).sort();
  assert.deepEqual(Object.values(ATR_PROBLEM_BITS).sort(), bits);
  for (const code of Object.keys(ATR_PROBLEM_BITS)) {
    assert.match(describeAtrProblem(code), / /, code);
  }
  assert.equal(
    describeAtrProblem("extra_bytes_2"),
    "2 bytes stand behind its end",
  );
  assert.equal(describeAtrProblem("unheard of"), "unheard of");
});

/** An ATR for each reason of an EMV terminal. */
const REJECTED: Readonly<Record<string, string>> = {
  EMV_TA1: "3B90181000",
  EMV_TB1: "3B00",
  EMV_TD1: "3B8002",
  EMV_TA2: "3B801010",
  EMV_TB2: "3B802000",
  EMV_TC2: "3B804000",
  EMV_TD2: "3B80810F",
  EMV_IFSC: "3B8081710F4500",
  EMV_BWI: "3B808171FE5500",
  EMV_CWI: "3B808171FE4600",
  EMV_CWT: "3BC020812105",
  EMV_TB3_MISSING: "3B8001",
  EMV_TC3: "3B808171FE4501",
};

Deno.test("what EMV rejects in an ATR", () => {
  const codes = constants("EMV_P_").map(([name]) => name.replace("_P", ""));
  assert.deepEqual(Object.keys(REJECTED).sort(), codes.sort());
  for (const [code, hex] of Object.entries(REJECTED)) {
    const { problems } = parseAtr(fromHex(hex), { emv: "cold" });
    assert.ok(problems.includes(code), `${code}: ${problems}`);
    assert.match(describeAtrProblem(code), /^EMV: /);
  }
  // TB1 00 and the times of T=1, with a right TCK.
  const fine = fromHex("3BE000008131FE4594");
  fine[fine.length - 1] = fine.slice(1, -1).reduce((sum, byte) => sum ^ byte);
  const accepted = parseAtr(fine, { emv: "cold" });
  assert.deepEqual(accepted.problems, []);
  assert.equal(accepted.accepted, true);
});

/** A response to the proposal FF 11 96 78 for each rule that one can break; every check byte but one is right. */
const PPS_RESPONSES: Readonly<Record<string, string>> = {
  LENGTH: "FF11967800",
  PPSS: "FE119679",
  PCK: "FF119679",
  PROTOCOL: "FF12967B",
  RFU: "FF9196F8",
  NOT_ASKED: "FF31960058",
  VALUE: "FF11957B",
};

Deno.test("what breaks the rules of PPS", () => {
  const codes = constants("PPS_E_");
  const names = codes.map(([name]) => name.slice("PPS_E_".length));
  assert.deepEqual(Object.keys(PPS_RESPONSES).sort(), names.sort());
  const request = fromHex("FF119678");
  const sentences = new Set<string>();
  for (const [name, hex] of Object.entries(PPS_RESPONSES)) {
    const { code, problem } = checkPpsResponse(request, fromHex(hex));
    assert.equal(code, name, hex);
    assert.match(problem ?? "", / /, name);
    sentences.add(problem ?? "");
  }
  assert.equal(sentences.size, codes.length);
  const { code, problem } = checkPpsResponse(request, request);
  assert.deepEqual([code, problem], [null, null]);
});
