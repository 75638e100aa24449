/**
 * Many calls in one context; prints by how many bytes the heap has grown. Needs
 * `--v8-flags=--expose-gc`.
 *
 * @module
 */

import { PcscContext } from "../../../src/drivers/pcsc/context.ts";
import type { PcscLibrary } from "../../../src/drivers/pcsc/library.ts";

const CALLS = 20_000;

const library = {
  SCardEstablishContext: () => Promise.resolve({ code: 0, context: 1n }),
  SCardReleaseContext: () => Promise.resolve(0),
} as unknown as PcscLibrary;
const { gc } = globalThis as unknown as { gc: () => void };
const context = new PcscContext(library);

async function heapAfterCalls(): Promise<number> {
  for (let i = 0; i < CALLS; i++) {
    await context.call(1000, () => Promise.resolve({ code: 0, length: i }));
  }
  gc();
  return Deno.memoryUsage().heapUsed;
}

const before = await heapAfterCalls();
console.log(await heapAfterCalls() - before);
await context.close(1000);
