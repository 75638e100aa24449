/**
 * Tests with a real pcscd, one at a time on the whole machine.
 *
 * @module
 */

import { tmpdir } from "node:os";
import {
  DRIVER,
  PCSCD,
  Pcscd,
  type PcscdOptions,
  SOCKET,
} from "./pcscd_process.ts";

export { Pcscd, type PcscdOptions } from "./pcscd_process.ts";

const INSTALL = "apt-get install pcscd libpcsclite1 vsmartcard-vpcd";
const PROCESS_ID = "/run/pcscd/pcscd.pid";
const LOCK = `${tmpdir()}/deno-smartcard-pcscd.lock`;
/** Deadlines: the others leaving, one test. */
const LOCK_MS = 120_000;
const TEST_MS = 60_000;
const RETRY_MS = 20;

/** Keeps every other pcscd test of this machine out until disposed. */
class Turn implements Disposable {
  readonly #file = Deno.openSync(LOCK, { create: true, write: true });

  /** Whether it is ours, without waiting. */
  tryTake(): boolean {
    return this.#file.tryLockSync(true);
  }

  /** Waits for it, 120 s at most. */
  async take(): Promise<void> {
    const deadline = performance.now() + LOCK_MS;
    while (!this.tryTake()) {
      if (performance.now() > deadline) {
        throw new Error(`Cannot lock ${LOCK}: held for ${LOCK_MS} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * Runs `run` with a pcscd that listens, while no other test on this machine has one. In
 * reversed mode `run` starts it.
 *
 * @throws {Error} when the others do not leave within 120 s, or pcscd does not start
 */
export async function withPcscd(
  run: (pcscd: Pcscd) => Promise<void>,
  options: PcscdOptions = {},
): Promise<void> {
  using turn = new Turn();
  await turn.take();
  await using pcscd = new Pcscd(options);
  if (!options.isReversed) await pcscd.start();
  await run(pcscd);
}

/** Why there can be no pcscd, null when there can. */
function pcscdMissing(): string | null {
  for (const path of [PCSCD, DRIVER]) {
    if (!exists(path)) return `pcscd: no ${path}; try: ${INSTALL}`;
  }
  if (Deno.uid() !== 0) return "pcscd: only root may start it";
  using turn = new Turn();
  // Who holds the lock is another test, and its pcscd will go.
  if (turn.tryTake() && exists(SOCKET) && isRunning()) {
    return `pcscd: another one owns ${SOCKET}; end it`;
  }
  return null;
}

/** A pcscd that was killed leaves its files behind, and the next one cleans up. */
function isRunning(): boolean {
  try {
    const id = parseInt(Deno.readTextFileSync(PROCESS_ID));
    return Deno.readTextFileSync(`/proc/${id}/comm`).trim() === "pcscd";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
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
