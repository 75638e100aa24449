import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  buildPpsRequest,
  parseAtr,
  type ProtocolChoice,
  type ReaderAbilities,
  selectProtocol,
} from "../../src/core/mod.ts";
import { eachCore } from "./cores.ts";

/** `T0 direct 11`, `T1 pps 96`, or `refuse`, with `?` if a warm reset may help. */
function words(choice: ProtocolChoice): string {
  if (choice.action === "refuse") {
    return choice.warmResetMayHelp ? "refuse?" : "refuse";
  }
  const ta1 = choice.fiIndex << 4 | choice.diIndex;
  return `T${choice.protocol} ${choice.action} ${
    ta1.toString(16).padStart(2, "0")
  }`;
}

/** ATR without TCK, what the reader can, and the choice of ISO/IEC 7816-3 6.3. */
const CHOICES: [string, string, ReaderAbilities, string][] = [
  ["T=0 only, no TA1", "3B00", {}, "T0 direct 11"],
  ["T=0 only, default TA1", "3B1011", {}, "T0 direct 11"],
  ["T=1 only, no TA1", "3B8001", {}, "T1 direct 11"],
  ["both: T=1 is preferred", "3B808001", {}, "T1 pps 11"],
  ["both, only T=0 allowed", "3B808001", { protocols: [0] }, "T0 direct 11"],
  ["T=1 only, only T=0 allowed", "3B8001", { protocols: [0] }, "refuse"],
  ["T=14", "3B800E", {}, "refuse"],
  ["a faster card", "3B1096", {}, "T0 pps 96"],
  [
    "faster than the reader: one step down",
    "3B1097",
    { maxBitsPerSecond: 300_000 },
    "T0 pps 96",
  ],
  [
    "faster than the reader: many steps down",
    "3B1097",
    { maxBitsPerSecond: 20_000 },
    "T0 pps 92",
  ],
  [
    "the reader is slower still",
    "3B1097",
    { maxBitsPerSecond: 11_000 },
    "T0 direct 11",
  ],
  [
    "only rates that the reader lists, within 1 bit/s",
    "3B1096",
    { ratesBitsPerSecond: [9600, 62_501] },
    "T0 pps 94",
  ],
  ["no rate fits", "3B1096", { ratesBitsPerSecond: [9600] }, "T0 direct 11"],
  [
    "a clock that the card does not take",
    "3B1096",
    { clockKhz: 5001 },
    "refuse",
  ],
  ["reserved Fi", "3B1071", {}, "T0 direct 11"],
  ["reserved Di", "3B101A", {}, "T0 direct 11"],
  [
    "D = 12 lies between 8 and 16",
    "3B1018",
    { maxBitsPerSecond: 130_000 },
    "T0 pps 18",
  ],
  ["a card slower than 372/1 stays there", "3B10D1", {}, "T0 direct 11"],
  ["specific mode", "3B9096 10 80", {}, "T0 direct 96"],
  ["specific mode, no TA1", "3B80 10 81", {}, "T1 direct 11"],
  [
    "specific mode, protocol not allowed",
    "3B80 10 81",
    { protocols: [0] },
    "refuse",
  ],
  ["specific mode, may change", "3B80 10 01", { protocols: [0] }, "refuse?"],
  [
    "specific mode, too fast",
    "3B9097 10 80",
    { maxBitsPerSecond: 9600 },
    "refuse",
  ],
  ["specific mode, reserved factor", "3B9071 10 00", {}, "refuse?"],
  ["implicit parameters", "3B80 10 90", {}, "refuse"],
  [
    "implicit parameters that are known",
    "3B80 10 90",
    { knowsImplicitParameters: true },
    "T0 direct 11",
  ],
];

eachCore(
  "protocol and parameters are chosen by the standard's rules",
  (core) => {
    for (const [name, hex, reader, expected] of CHOICES) {
      const atr = parseAtr(fromHex(hex), { tolerant: true }, core);
      assert.equal(words(selectProtocol(atr, reader, core)), expected, name);
    }
  },
);

eachCore("a choice says what does not fit, and makes a PPS", (core) => {
  const atr = parseAtr(fromHex("3B8001"), {}, core);
  const refusal = selectProtocol(atr, { protocols: [0] }, core);
  assert.ok(refusal.action === "refuse");
  assert.equal(refusal.problem, "the card offers T=1, expected T=0");
  const choice = selectProtocol(
    parseAtr(fromHex("3B1096"), {}, core),
    {},
    core,
  );
  assert.ok(choice.action === "pps");
  assert.equal(toHex(buildPpsRequest(choice, core)), "FF109679");
});

eachCore("impossible abilities are refused", (core) => {
  const atr = parseAtr(fromHex("3B00"), {}, core);
  assert.throws(() => selectProtocol(atr, { clockKhz: 0 }, core), RangeError);
  assert.throws(
    () =>
      selectProtocol(
        atr,
        { ratesBitsPerSecond: new Array(1025).fill(9600) },
        core,
      ),
    RangeError,
  );
});
