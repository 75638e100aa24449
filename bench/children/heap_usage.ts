/**
 * What a run takes from the heap, in a process started with
 * `--v8-flags=--expose-gc` and a young generation in which no collection falls due.
 *
 * @module
 */

/** Runs before anything counts: compilers need memory, too. */
const WARM_UPS = 4;

/** Bytes of a run. */
export interface Usage {
  /** Allocated while it lasted. */
  allocated: number;
  /** Still there after the garbage was collected, outside the heap too. */
  left: number;
}

function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("Cannot measure without --expose-gc");
  gc();
}

/** Runs it until the compilers are done with it. */
export async function warmUp(run: () => void): Promise<void> {
  for (let i = 0; i < WARM_UPS; i++) {
    run();
    // Code compiled meanwhile is put in place between two turns.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What `run` takes, which must have been warmed up. */
export function usage(run: () => void): Usage {
  collectGarbage();
  const before = Deno.memoryUsage();
  run();
  const during = Deno.memoryUsage();
  collectGarbage();
  const after = Deno.memoryUsage();
  const left = after.heapUsed + after.external - before.heapUsed -
    before.external;
  return {
    allocated: during.heapUsed - before.heapUsed,
    left,
  };
}

/** What the control leaves behind. */
let kept: unknown;

/** Whether an object for each of `count` operations would be seen. @throws {Error} when it is not */
export async function checkMeasurement(count: number): Promise<void> {
  const control = () => {
    for (let i = 0; i < count; i++) kept = { i };
  };
  await warmUp(control);
  const { allocated } = usage(control);
  if (kept !== undefined && allocated >= 8 * count) return;
  throw new Error(
    `Cannot measure: ${allocated} bytes seen for ${count} objects, expected 8 for each at least`,
  );
}
