/**
 * Makes a failing input shorter and emptier.
 *
 * @module
 */

/** Most runs spent on one input. */
const MAX_RUNS = 2000;

/**
 * A shorter input that still fails, then one with more zero bytes; greedy, at most
 * `maxRuns` calls of `fails`, which are given a copy each. `fails(input)` holds already.
 */
export function minimise(
  input: Uint8Array,
  fails: (candidate: Uint8Array) => boolean,
  maxRuns = MAX_RUNS,
): Uint8Array {
  let best = input;
  let runs = 0;

  /** Tries `change` on every chunk, the last one first, of half the input and smaller; returns whether one went. */
  const sweep = (
    change: (at: number, end: number) => Uint8Array | null,
  ): boolean => {
    let changed = false;
    let size = Math.ceil(best.length / 2);
    for (; size >= 1; size = Math.floor(size / 2)) {
      for (let end = best.length; end > 0 && runs < maxRuns; end -= size) {
        const candidate = change(Math.max(0, end - size), end);
        if (candidate === null) continue;
        runs++;
        if (!fails(candidate.slice())) continue;
        best = candidate;
        changed = true;
      }
    }
    return changed;
  };

  while (sweep((at, end) => without(best, at, end)));
  sweep((at, end) => zeroed(best, at, end));
  return best;
}

function without(bytes: Uint8Array, at: number, end: number): Uint8Array {
  const result = new Uint8Array(bytes.length - (end - at));
  result.set(bytes.subarray(0, at));
  result.set(bytes.subarray(end), at);
  return result;
}

/** Null if there are zeros alone already. */
function zeroed(
  bytes: Uint8Array,
  at: number,
  end: number,
): Uint8Array | null {
  if (bytes.subarray(at, end).every((byte) => byte === 0)) return null;
  return bytes.slice().fill(0, at, end);
}
