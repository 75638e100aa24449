/**
 * Tests with a real pcscd, one at a time on the whole machine.
 *
 * @module
 */

import { Pcscd, type PcscdOptions } from "./pcscd_process.ts";
import { pcscdMissing, PcscdTurn } from "./pcscd_turn.ts";

export { Pcscd, type PcscdOptions } from "./pcscd_process.ts";

/** Deadline of one test. */
const TEST_MS = 60_000;

/**
 * Runs `run` with a pcscd that listens, while no other test on this machine has one. In
 * reversed mode `run` starts it.
 *
 * @throws {Error} when the others do not leave in time, or pcscd does not start
 */
export async function withPcscd(
  run: (pcscd: Pcscd) => Promise<void>,
  options: PcscdOptions = {},
): Promise<void> {
  using turn = new PcscdTurn();
  await turn.take();
  await using pcscd = new Pcscd(options);
  if (!options.isReversed) await pcscd.start();
  await run(pcscd);
}

const missing = pcscdMissing();
const isRequired = Deno.env.get("SMARTCARD_REQUIRE_PROGRAMS") === "1";
if (missing !== null && !isRequired) console.warn(`skipped: ${missing}`);

/**
 * A test that has a pcscd to itself, and 60 s once it is its turn. Without pcscd it is ignored,
 * or fails where programs are required.
 */
export function pcscdTest(
  name: string,
  run: (pcscd: Pcscd) => Promise<void>,
  options: PcscdOptions = {},
): void {
  Deno.test({
    name: `pcscd: ${name}`,
    ignore: missing !== null && !isRequired,
    fn: async () => {
      if (missing !== null) throw new Error(missing);
      await withPcscd((pcscd) => bounded(run(pcscd), pcscd), options);
    },
  });
}

/** Waits for `running`, 60 s at most. */
async function bounded(running: Promise<void>, pcscd: Pcscd): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(
      new Error(`no end after ${TEST_MS} ms; pcscd said: ${pcscd.heard}`),
    );
  }, TEST_MS);
  try {
    await Promise.race([running, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
