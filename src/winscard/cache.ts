/**
 * The cache of the resource manager for data that was read from cards.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import type { ResourceManager } from "../resource_manager/mod.ts";
import { refusal } from "./answer.ts";

/** Longest item of the cache, in bytes (MS-RDPESC). */
export const MAX_CACHE_ITEM_BYTES = 65_536;
/** How much data the cache keeps at most, in bytes; the item used longest ago makes room. */
export const MAX_CACHE_BYTES = 4_194_304;
/** How many items the cache keeps at most. */
export const MAX_CACHE_ITEMS = 4096;

/** What an item is found by. */
export interface CacheKey {
  /** UUID of the card, 16 bytes. */
  readonly cardIdentifier: Uint8Array;
  /** Name of the item. */
  readonly name: string;
}

interface Item {
  readonly freshness: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

const CACHES = new WeakMap<ResourceManager, CardDataCache>();

/** Data by card and name, as long as they are fresh. */
export class CardDataCache {
  // In order of use: the first was not used for longest.
  #items = new Map<string, Item>();
  #bytes = 0;

  /** The one cache of a resource manager. */
  static of(manager: ResourceManager): CardDataCache {
    let cache = CACHES.get(manager);
    if (cache === undefined) CACHES.set(manager, cache = new CardDataCache());
    return cache;
  }

  /** How many items there are. */
  get size(): number {
    return this.#items.size;
  }

  /** How many bytes of data there are. */
  get byteLength(): number {
    return this.#bytes;
  }

  /**
   * Reads an item.
   *
   * @returns a copy
   * @throws {ResourceManagerError} SCARD_W_CACHE_ITEM_NOT_FOUND; SCARD_W_CACHE_ITEM_STALE
   * when it has another freshness, and then it is dropped
   */
  read(key: CacheKey, freshness: number): Uint8Array<ArrayBuffer> {
    const attempt = `read "${key.name}" from the cache`;
    const id = idOf(key);
    const item = this.#items.get(id);
    if (item === undefined) {
      throw refusal(
        "SCARD_W_CACHE_ITEM_NOT_FOUND",
        attempt,
        "the card has no such item",
        "one that was written",
      );
    }
    this.#drop(id);
    if (item.freshness !== freshness) {
      throw refusal(
        "SCARD_W_CACHE_ITEM_STALE",
        attempt,
        `its freshness is ${item.freshness}`,
        String(freshness),
      );
    }
    this.#put(id, item);
    return item.data.slice();
  }

  /**
   * Writes an item in the place of one of the same card and name.
   *
   * @param data copied
   * @throws {ResourceManagerError} SCARD_W_CACHE_ITEM_TOO_BIG
   */
  write(key: CacheKey, freshness: number, data: Uint8Array): void {
    if (data.length > MAX_CACHE_ITEM_BYTES) {
      throw refusal(
        "SCARD_W_CACHE_ITEM_TOO_BIG",
        `write "${key.name}" to the cache`,
        `it has ${data.length} bytes`,
        `${MAX_CACHE_ITEM_BYTES} at most`,
      );
    }
    const id = idOf(key);
    this.#drop(id);
    this.#put(id, { freshness, data: data.slice() });
    for (const oldest of this.#items.keys()) {
      if (
        this.#bytes <= MAX_CACHE_BYTES && this.#items.size <= MAX_CACHE_ITEMS
      ) break;
      this.#drop(oldest);
    }
  }

  #put(id: string, item: Item): void {
    this.#items.set(id, item);
    this.#bytes += item.data.length;
  }

  #drop(id: string): void {
    const item = this.#items.get(id);
    if (item === undefined) return;
    this.#items.delete(id);
    this.#bytes -= item.data.length;
  }
}

function idOf({ cardIdentifier, name }: CacheKey): string {
  return `${toHex(cardIdentifier)} ${name}`;
}
