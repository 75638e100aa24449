/**
 * Whose turn it is: pcscd has one socket for a machine, so one pcscd at a time.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { DRIVER, PCSCD, SOCKET } from "./pcscd_process.ts";

const INSTALL = "apt-get install pcscd libpcsclite1 vsmartcard-vpcd";
const PROCESS_ID = "/run/pcscd/pcscd.pid";
const LOCK = `${tmpdir()}/deno-smartcard-pcscd.lock`;
/** How long to wait for the others to leave. */
const LOCK_MS = 900_000;
const RETRY_MS = 20;

/** Keeps every other pcscd test of this machine out until disposed. */
export class PcscdTurn implements Disposable {
  readonly #file = Deno.openSync(LOCK, { create: true, write: true });

  /** Whether it is ours, without waiting. */
  tryTake(): boolean {
    return this.#file.tryLockSync(true);
  }

  /** Waits for it, a quarter of an hour at most. */
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

/** Why there can be no pcscd, null when there can. */
export function pcscdMissing(): string | null {
  for (const path of [PCSCD, DRIVER]) {
    if (!exists(path)) return `pcscd: no ${path}; try: ${INSTALL}`;
  }
  if (Deno.uid() !== 0) return "pcscd: only root may start it";
  using turn = new PcscdTurn();
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
