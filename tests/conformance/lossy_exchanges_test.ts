// Invariant: over a link that damages, loses, repeats and delays blocks, whatever the sizes, checks and requests, a T=1 command is answered exactly rightly or an error is told; without faults it is answered.
import assert from "node:assert/strict";
import { MACHINE_TRANSFER } from "../../src/core/mod.ts";
import { lossyExchanges, MOST_FLAWS, replayPair } from "./lossy_exchanges.ts";
import { LossyDirection } from "./lossy_exchanges_link.ts";
import { Random } from "../fuzz/random.ts";
import { TwoWayReader } from "./t1_two_ways.ts";

/** `lossy_exchanges_main.ts` runs a million. */
const SHORT_EXCHANGES = 20_000;
const SEED = 78163;

Deno.test("T=1 lossy exchanges", () => {
  const { totals, flaws } = lossyExchanges(SEED, SHORT_EXCHANGES);
  assert.deepEqual(flaws, [], `seed ${SEED}`);
  // The link is neither too good nor too bad for anything to be seen.
  assert.ok(totals.right > SHORT_EXCHANGES / 2, `${totals.right} right`);
  assert.ok(totals.mostRuns > 1, "RESYNCH never made a command run again");
  assert.deepEqual([...totals.errors.keys()].sort(), [
    "OUTCOME_UNKNOWN",
    "RESET_CARD",
  ]);
});

Deno.test("T=1 lossy exchanges: a seed determines everything", () => {
  const lines = replayPair(SEED);
  assert.deepEqual(replayPair(SEED), lines);
  assert.notDeepEqual(replayPair(SEED + 1), lines);
  assert.match(lines[0], /"ifscBytes":\d+/);
  assert.match(lines.at(-1) ?? "", /^= /);
});

Deno.test("T=1 lossy exchanges: no damage is overlooked and no block overtakes another", () => {
  const direction = new LossyDirection(new Random(SEED), "LRC", ">", null);
  direction.faultRate = 500;
  let newest = 0;
  let received = 0;
  for (let sent = 1; sent < 256; sent++) {
    direction.send(Uint8Array.of(0, 0, 1, sent, 1 ^ sent));
    for (const piece of direction.receiveAll()) {
      if (piece.reduce((sum, byte) => sum ^ byte, 0) !== 0) continue;
      if (piece.length !== 5 || piece[2] !== 1) continue;
      assert.deepEqual([...piece.subarray(0, 2)], [0, 0]);
      assert.ok(piece[3] >= newest && piece[3] <= sent);
      newest = piece[3];
      received++;
    }
  }
  assert.ok(received > 128, `${received} blocks received`);
});

Deno.test("T=1 lossy exchanges: where every command breaks an invariant, they end all the same", () => {
  const { digest } = TwoWayReader.prototype;
  // A reader that sends its first block again and again.
  TwoWayReader.prototype.digest = () => MACHINE_TRANSFER;
  try {
    const { totals, flaws } = lossyExchanges(SEED, SHORT_EXCHANGES);
    assert.equal(flaws.length, MOST_FLAWS);
    assert.match(flaws[0], /^the reader sends a block a fourth time: replay/);
    assert.equal(totals.exchanges, MOST_FLAWS);
    assert.equal(totals.right + totals.errors.size, 0);
    assert.equal(totals.longest, 4);
  } finally {
    TwoWayReader.prototype.digest = digest;
  }
});
