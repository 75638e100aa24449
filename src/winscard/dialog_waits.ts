/**
 * Waits for a user: SCardCancel and the end of the context end them.
 *
 * @module
 */

import { ResourceManagerError } from "../resource_manager/mod.ts";
import type { ContextEntry } from "./handle_table.ts";

/** Ends the dialogs of a context with SCARD_E_CANCELLED. */
export function cancelDialogs({ dialogs }: ContextEntry): void {
  for (const dialog of [...dialogs]) {
    dialog.abort(
      new ResourceManagerError(
        "SCARD_E_CANCELLED",
        "Cannot choose a card: the dialog was cancelled, expected a choice",
      ),
    );
  }
}

/**
 * Runs a dialog that can be cancelled; what it does afterwards is of no interest.
 *
 * @throws {ResourceManagerError} SCARD_E_CANCELLED, or what {@linkcode work} throws
 */
export async function runDialog<T>(
  entry: ContextEntry,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const dialog = new AbortController();
  const { signal } = dialog;
  entry.dialogs.add(dialog);
  const forget = entry.context.onReleased(() => cancelDialogs(entry));
  const { promise: cancelled, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  try {
    return await Promise.race([work(signal), cancelled]);
  } finally {
    entry.dialogs.delete(dialog);
    forget();
  }
}
