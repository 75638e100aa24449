// Invariant: whatever happens to the first blocks of a small T=1 exchange, the answer is exactly right or an error is told, the reader repeats nothing more than twice, and the next command is answered.
import assert from "node:assert/strict";
import { FaultWalk, replayPath } from "./fault_walk.ts";
import { DUPLICATE } from "./fault_walk_link.ts";
import { allShapes, shapeName, shapeOf } from "./fault_walk_shapes.ts";
import shortCounts from "../data/fault-walk-short.json" with { type: "json" };

/** Here the first six blocks are damaged in every way, ten in `fault_walk_main.ts`. */
const SHORT_DEPTH = 6;

/** Paths, and those answered rightly, of each shape at this depth: what `deno task walk --depth 6` prints. They change with the behaviour of reader and card alone. */
const counts: Readonly<Record<string, number[]>> = shortCounts;

const DUPLICATES = ["joined", "apart"] as const;
const AFTER_RESYNCH = ["repeat", "report"] as const;

for (const duplicate of DUPLICATES) {
  for (const afterResynch of AFTER_RESYNCH) {
    Deno.test(`T=1 fault walk: duplicates ${duplicate}, after RESYNCH ${afterResynch}`, () => {
      for (const shape of allShapes(afterResynch, duplicate)) {
        using walk = new FaultWalk(shape);
        const { paths, right, errors } = walk.all(SHORT_DEPTH);
        const name = shapeName(shape);
        assert.deepEqual([paths, right], counts[name], name);
        assert.deepEqual(
          [...errors.keys()].sort(),
          afterResynch === "repeat"
            ? ["RESET_CARD"]
            : ["OUTCOME_UNKNOWN", "RESET_CARD"],
          name,
        );
      }
    });
  }
}

Deno.test("T=1 fault walk: one fault, wherever it is, is repaired", () => {
  for (const duplicate of DUPLICATES) {
    for (const afterResynch of AFTER_RESYNCH) {
      for (const shape of allShapes(afterResynch, duplicate)) {
        using walk = new FaultWalk(shape);
        let place = 0;
        // Until the exchange is over before the fault comes.
        for (let used = 1; used >= place; place++) {
          for (let fault = 1; fault <= DUPLICATE; fault++) {
            const digits = new Uint8Array(place + 1);
            digits[place] = fault;
            used = walk.path(digits);
          }
        }
        assert.ok(place > 2, shapeName(shape));
        assert.equal(walk.totals.right, walk.totals.paths, shapeName(shape));
      }
    }
  }
});

Deno.test("T=1 fault walk: one shape in full", () => {
  using walk = new FaultWalk(shapeOf("1x1 plain"));
  const { paths, mostRuns, errors } = walk.all();
  assert.ok(paths > 100_000, `${paths} paths`);
  assert.ok(mostRuns > 1, "RESYNCH never made the command run again");
  assert.deepEqual([...errors.keys()], ["RESET_CARD"]);
});

Deno.test("T=1 fault walk: a path that uses two digits stands for all that begin with them", () => {
  using walk = new FaultWalk(shapeOf("1x1 plain"));
  assert.equal(walk.path(Uint8Array.of(0, 0, 3, 3)), 2);
  assert.equal(walk.path(Uint8Array.of(0, 1, 0, 0, 3, 3)), 4);
});

Deno.test("T=1 fault walk: without faults the reader neither complains nor resynchronises", () => {
  for (const shape of allShapes("repeat", "joined")) {
    const lines = replayPath(shapeName(shape), "");
    const stray = lines.filter((line) => /^> 00 ([89][12]|C0)/.test(line));
    assert.deepEqual(stray, [], shapeName(shape));
    assert.equal(lines.filter((line) => line === "= DONE").length, 2);
  }
});

Deno.test("T=1 fault walk: a transcript", () => {
  const kinds = replayPath("1x1 plain", "0120").map((line) =>
    line.replace(/^([<>] 00 ..)( [0-9A-F]{2})*/, "$1")
  );
  assert.deepEqual(kinds, [
    "> 00 00",
    "< 00 00 corrupted",
    "> 00 81 dropped",
    "> 00 81",
    "< 00 00",
    "= DONE",
    "> 00 40",
    "< 00 40",
    "= DONE",
  ]);
});

Deno.test("T=1 fault walk: a shape that is none is refused", () => {
  assert.throws(() => shapeOf("4x1 plain"), {
    name: "RangeError",
    message:
      'Cannot walk "4x1 plain": expected such as "2x3 ifs+wtx report apart"',
  });
});
