/**
 * Compares what callers are told with what the model says, to the letter.
 *
 * @module
 */

import assert from "node:assert/strict";
import { apply } from "./apply.ts";
import type { Bench } from "./bench.ts";
import { Model } from "./model.ts";
import { describe } from "./operations.ts";

/** From now on each operation of `bench` is compared, after everything has settled. */
export function compareWithModel(bench: Bench): void {
  const model = new Model(bench.rules);
  const { calls, traces } = bench.witness;
  // Of a call beside a reconnect of its connection nothing tells which comes first.
  bench.mayUse = (handle) =>
    !bench.witness.pending.some((call) =>
      call.handle === handle && call.operation.kind === "reconnect"
    );
  bench.observe = async (call) => {
    apply(model, call.number, call.operation, call.believed);
    await bench.settle();
    forgetWatches(bench, model);
    const told = calls.flatMap(({ number, outcome, operation }) =>
      outcome === null || outcome === "done" ||
        operation.kind === "watch" && outcome.startsWith("ok")
        ? []
        : [[number, outcome] as const]
    );
    const expected = [...model.outcomes].filter(([number, outcome]) =>
      calls[number].operation.kind !== "watch" || !outcome.startsWith("ok")
    ).sort(([a], [b]) => a - b);
    const after = `after: ${describe(call.operation)}`;
    assert.deepEqual(told, expected, after);
    assert.equal(bench.reader?.state.flags ?? null, model.flags, after);
    const owner = bench.reader?.lock.owner ?? null;
    const found = [...traces.values()].find(({ connection }) =>
      connection === owner
    );
    assert.equal(found?.number, model.owner?.id, after);
    assert.equal(bench.reader?.lock.depth ?? 0, model.depth, after);
  };
}

/**
 * A status request may be answered with a state that lasts for a moment only, while one
 * connection goes and the next comes; but one that the model answers is answered.
 */
function forgetWatches({ witness }: Bench, model: Model): void {
  const isTold = (call: number) =>
    witness.calls[call].outcome?.startsWith("ok") === true;
  model.watches = model.watches.filter(({ call }) => !isTold(call));
  for (const [call, outcome] of model.outcomes) {
    const isNews = witness.calls[call].operation.kind === "watch" &&
      outcome.startsWith("ok");
    if (isNews) assert(isTold(call), `call ${call} (watch) was not answered`);
  }
}
