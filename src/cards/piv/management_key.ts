/**
 * The card management key: AES on single blocks, by Web Crypto.
 *
 * Web Crypto knows no 3DES, so the algorithms 00 and 03 of older cards are not there. AES-192 is not in
 * every browser: a card in Chrome wants a key of 16 or 32 bytes.
 *
 * @module
 */
import { ALGORITHM } from "./key_references.ts";

/** Bytes of a witness or challenge. */
export const BLOCK_BYTES = 16;

/** Algorithm of a management key, by its length. */
const ALGORITHMS: ReadonlyMap<number, number> = new Map([
  [16, ALGORITHM.AES_128],
  [24, ALGORITHM.AES_192],
  [32, ALGORITHM.AES_256],
]);

/** Whether these bytes can be a management key. */
export function isManagementKey(key: Uint8Array): boolean {
  return ALGORITHMS.has(key.length);
}

/** The algorithm identifier that goes with a key; undefined for bytes that are none. */
export function managementAlgorithm(key: Uint8Array): number | undefined {
  return ALGORITHMS.get(key.length);
}

/** One block of 16 bytes encrypted with AES in ECB mode. */
export async function encryptBlock(
  key: Uint8Array,
  block: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const { subtle } = crypto;
  const usable = await subtle.importKey("raw", key.slice(), "AES-CBC", false, [
    "encrypt",
  ]);
  // The first block of CBC with a vector of zeros is that of ECB; padding follows.
  const iv = new Uint8Array(BLOCK_BYTES);
  const encrypted = await subtle.encrypt(
    { name: "AES-CBC", iv },
    usable,
    block.slice(),
  );
  return new Uint8Array(encrypted, 0, BLOCK_BYTES).slice();
}
