/**
 * Transactions that return something.
 *
 * @module
 */

import type { SmartCardConnection } from "./connection.ts";
import type { SmartCardDisposition, SmartCardWaitOptions } from "./types.ts";

/** Options of {@linkcode withTransaction}. */
export interface SmartCardTransactionOptions extends SmartCardWaitOptions {
  /** What happens to the card in the end; default `"leave"`. */
  disposition?: SmartCardDisposition;
}

/**
 * Runs `work` in a transaction of the connection and returns what it returns. When it fails, the
 * card is reset, and the reason is passed on. An extension of this library.
 *
 * @example
 * ```ts
 * import {
 *   ResourceManager,
 *   SmartCardResourceManager,
 *   VirtualReader,
 *   withTransaction,
 * } from "deno-smartcard";
 * import { createCard } from "deno-smartcard/cards";
 * import assert from "node:assert/strict";
 *
 * using reader = new VirtualReader();
 * reader.insert(createCard());
 * await using manager = new ResourceManager();
 * await manager.addReader(reader);
 * const smartCard = new SmartCardResourceManager(manager);
 * await using context = await smartCard.establishContext();
 * const [name] = await context.listReaders();
 * const { connection } = await context.connect(name, "shared", {
 *   preferredProtocols: ["t1"],
 * });
 * const answer = await withTransaction(
 *   connection,
 *   () => connection.transmit(Uint8Array.of(0, 0xA4, 0, 0x0C, 2, 0x3F, 0)),
 *   { timeout: 1000 },
 * );
 * assert.deepEqual([...new Uint8Array(answer)], [0x90, 0x00]);
 * ```
 *
 * @param options limits end the waiting for others' transactions, not the transaction
 * @throws what `work` throws, or what `SmartCardConnection.startTransaction` rejects with
 */
export async function withTransaction<Result>(
  connection: SmartCardConnection,
  work: () => Result | Promise<Result>,
  options: SmartCardTransactionOptions = {},
): Promise<Result> {
  const { disposition = "leave", signal, timeout } = options;
  const results: Result[] = [];
  await connection.startTransaction(async () => {
    results.push(await work());
    return disposition;
  }, { signal, timeout });
  return results[0];
}
