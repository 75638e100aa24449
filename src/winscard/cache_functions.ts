/**
 * The cache of card data, and the audit log.
 *
 * @module
 */

import { answer, refusal, type ScardAnswer } from "./answer.ts";
import type { CacheKey } from "./cache.ts";
import { checkBytes, checkDword, checkText } from "./checks.ts";
import { SCARD_AUDIT_CHV_SUCCESS } from "./constants.ts";
import { checkMaxLength, fit, type MaxLength } from "./lengths.ts";
import type { WinscardState } from "./options.ts";

/** Bytes of a UUID. */
const UUID_BYTES = 16;
/** Longest name of an item, in UTF-16 units. */
const MAX_NAME_LENGTH = 256;

/** Data of the cache. */
export interface CacheOutput {
  /** A copy; empty when there is no room. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Bytes of it. */
  readonly length: number;
}

/** Functions of the cache and of the audit log. */
export interface CacheFunctions {
  /**
   * Reads an item that was written to the cache, by any context of the manager.
   *
   * @param cardIdentifier UUID of the card, 16 bytes
   * @param freshness a number that the card changes with its data
   * @param name of the item; case matters
   * @returns `code` SCARD_W_CACHE_ITEM_NOT_FOUND; SCARD_W_CACHE_ITEM_STALE when it has
   * another freshness, and then it is gone
   */
  SCardReadCache(
    hContext: number,
    cardIdentifier: Uint8Array,
    freshness: number,
    name: string,
    maxLength?: MaxLength,
  ): Promise<ScardAnswer<CacheOutput>>;
  /**
   * Writes an item to the cache.
   *
   * @param data at most 65 536 bytes; copied
   * @returns `code` SCARD_W_CACHE_ITEM_TOO_BIG
   */
  SCardWriteCache(
    hContext: number,
    cardIdentifier: Uint8Array,
    freshness: number,
    name: string,
    data: Uint8Array,
  ): Promise<ScardAnswer>;
  /**
   * Reports to the event log whether a PIN was right.
   *
   * @param event SCARD_AUDIT_CHV_FAILURE or SCARD_AUDIT_CHV_SUCCESS
   */
  SCardAudit(hContext: number, event: number): Promise<ScardAnswer>;
}

/** Makes the functions of the cache and of the audit log. */
export function cacheFunctions(state: WinscardState): CacheFunctions {
  const { handles, cache, options } = state;
  return {
    SCardReadCache: (hContext, cardIdentifier, freshness, name, maxLength) =>
      answer<CacheOutput>({ data: new Uint8Array(0), length: 0 }, () => {
        const attempt = "read from the cache";
        handles.context(hContext, attempt);
        const key = checkKey(cardIdentifier, name, attempt);
        const room = checkMaxLength(maxLength, attempt);
        const data = cache.read(
          key,
          checkDword(freshness, "freshness", attempt),
        );
        const { length } = data;
        const none = { data: new Uint8Array(0), length };
        return fit({ data, length }, none, room, attempt);
      }),

    SCardWriteCache: (hContext, cardIdentifier, freshness, name, data) =>
      answer({}, () => {
        const attempt = "write to the cache";
        handles.context(hContext, attempt);
        cache.write(
          checkKey(cardIdentifier, name, attempt),
          checkDword(freshness, "freshness", attempt),
          checkBytes(data, "data", attempt),
        );
        return {};
      }),

    SCardAudit: (hContext, event) =>
      answer({}, () => {
        const attempt = "report to the event log";
        handles.context(hContext, attempt);
        if (checkDword(event, "event", attempt) > SCARD_AUDIT_CHV_SUCCESS) {
          throw refusal(
            "SCARD_E_INVALID_PARAMETER",
            attempt,
            `the event is ${event}`,
            "SCARD_AUDIT_CHV_FAILURE or SCARD_AUDIT_CHV_SUCCESS",
          );
        }
        options.audit?.({ event, hContext });
        return {};
      }),
  };
}

function checkKey(
  cardIdentifier: Uint8Array,
  name: string,
  attempt: string,
): CacheKey {
  checkBytes(cardIdentifier, "card identifier", attempt, UUID_BYTES);
  const { length } = checkText(name, "name", attempt);
  if (length < 1 || length > MAX_NAME_LENGTH) {
    throw refusal(
      "SCARD_E_INVALID_PARAMETER",
      attempt,
      `the name has ${length} characters`,
      `1 to ${MAX_NAME_LENGTH}`,
    );
  }
  return { cardIdentifier, name };
}
