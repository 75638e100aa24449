// Invariant: whatever happens to the first blocks of a small T=1 exchange, the answer is exactly right or an error is told, the reader repeats nothing more than twice, and the next command is answered.
import assert from "node:assert/strict";
import { FaultWalk, replayPath } from "./fault_walk.ts";
import { allShapes, shapeName, shapeOf } from "./fault_walk_shapes.ts";

/** Here the first six blocks are damaged in every way, ten in `fault_walk_main.ts`. */
const SHORT_DEPTH = 6;

for (const duplicate of ["joined", "apart"] as const) {
  for (const afterResynch of ["repeat", "report"] as const) {
    Deno.test(`T=1 fault walk: duplicates ${duplicate}, after RESYNCH ${afterResynch}`, () => {
      for (const shape of allShapes(afterResynch, duplicate)) {
        using walk = new FaultWalk(shape);
        const { paths, right, errors } = walk.all(SHORT_DEPTH);
        const failed = errors.values().reduce((sum, count) => sum + count, 0);
        assert.equal(right + failed, paths, shapeName(shape));
      }
    });
  }
}

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
