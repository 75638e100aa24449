// Invariant: whatever comes, the core does what oracles written apart from the reference do, compiled and as TypeScript.
import fc from "fast-check";
import { fromHex } from "../../src/bytes.ts";
import sample from "../data/atr-sample.json" with { type: "json" };
import { bothCores, SEED } from "./cores.ts";
import { duelAtr } from "./duel_atr.ts";
import { duelApdu, duelEdc, duelPps, duelTiming } from "./duel_stateless.ts";
import { T0Duel } from "./duel_t0.ts";
import { T1Duel } from "./duel_t1.ts";

const cores = bothCores();
const realAtrs = (sample as { atrs: { atr: string }[] }).atrs.map(({ atr }) =>
  fromHex(atr)
);

function check(
  arbitrary: fc.Arbitrary<Uint8Array>,
  numRuns: number,
  duel: (bytes: Uint8Array) => void,
): void {
  fc.assert(fc.property(arbitrary, duel), { seed: SEED, numRuns });
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: "max" });

/** A real ATR with some bytes replaced, cut, or lengthened. */
const mutatedAtr = fc.tuple(
  fc.constantFrom(...realAtrs),
  fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 4 }),
  fc.option(fc.nat(40), { nil: 40 }),
  fc.uint8Array({ maxLength: 3 }),
).map(([atr, changes, length, more]) => {
  const changed = Uint8Array.of(...atr.subarray(0, length), ...more);
  for (const [at, value] of changes) {
    if (at < changed.length) changed[at] = value;
  }
  return changed;
});

Deno.test("ATR: core and oracle agree on random and mutated real ones", () => {
  for (const atr of realAtrs) duelAtr(atr, cores);
  check(mutatedAtr, 4000, (atr) => duelAtr(atr, cores));
  check(bytes(40), 2000, (atr) => duelAtr(atr, cores));
});

Deno.test("T=1: core and oracle send the same blocks", () => {
  const duel = new T1Duel(cores);
  check(bytes(200), 4000, (script) => duel.run(script));
  duel.dispose();
});

Deno.test("T=0: core and oracle exchange the same characters", () => {
  const duel = new T0Duel(cores);
  check(bytes(200), 3000, (script) => duel.runTpdus(script));
  duel.dispose();
});

Deno.test("APDUs over T=0: core and oracle exchange the same TPDUs", () => {
  const duel = new T0Duel(cores);
  check(bytes(300), 3000, (script) => duel.runApdus(script));
  duel.dispose();
});

Deno.test("APDU cases, PPS, check bytes and times: core and oracle agree", () => {
  check(bytes(20), 2000, (apdu) => duelApdu(apdu, cores));
  check(bytes(300), 1000, (apdu) => duelApdu(apdu, cores));
  check(bytes(24), 4000, (script) => duelPps(script, cores));
  check(bytes(300), 500, (script) => duelEdc(script, cores));
  check(bytes(16), 3000, (script) => duelTiming(script, cores));
});
