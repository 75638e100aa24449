/**
 * Whether tests are wanted that have pcscd to themselves, one after the other, for
 * minutes: where programs are required, and on demand.
 *
 * @module
 */

/** Whether they run. */
export const isLongInteropWanted: boolean = [
  "SMARTCARD_REQUIRE_PROGRAMS",
  "SMARTCARD_LONG_INTEROP",
].some((variable) => Deno.env.get(variable) === "1");

/** What they say when they do not. */
export const LONG_INTEROP_SKIPPED =
  "takes minutes; set SMARTCARD_LONG_INTEROP=1";
