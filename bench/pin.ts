/**
 * Everything on one processor: processes that only ever wait for each other are
 * fastest there, since nobody has to wake a sleeping processor.
 *
 * @module
 */

/** Bytes of glibc's cpu_set_t. */
const SET_BYTES = 128;
const PARAMETERS = ["i32", "usize", "buffer"] as const;
const SYMBOLS = {
  sched_getaffinity: { parameters: PARAMETERS, result: "i32" },
  sched_setaffinity: { parameters: PARAMETERS, result: "i32" },
} as const;

/**
 * Binds this thread, and processes that it starts from now on, to one of its
 * processors, until the result is disposed of. Null where that cannot be done.
 */
export function pinToOneProcessor(): Disposable | null {
  if (Deno.build.os !== "linux") return null;
  const libc = Deno.dlopen("libc.so.6", SYMBOLS);
  const size = BigInt(SET_BYTES);
  const allowed = new Uint8Array(SET_BYTES);
  const { sched_getaffinity, sched_setaffinity } = libc.symbols;
  sched_getaffinity(0, size, allowed);
  const one = new Uint8Array(SET_BYTES);
  const byte = allowed.findIndex((bits) => bits !== 0);
  if (byte >= 0) one[byte] = allowed[byte] & -allowed[byte];
  if (byte < 0 || sched_setaffinity(0, size, one) !== 0) {
    libc.close();
    return null;
  }
  return {
    [Symbol.dispose]() {
      sched_setaffinity(0, size, allowed);
      libc.close();
    },
  };
}
