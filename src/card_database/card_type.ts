/**
 * Card types: which ATRs they have, and who serves them.
 *
 * @module
 */

import { atrLength } from "./atr_length.ts";
import { assertBytes, type AtrMask, checkAtrMask } from "./atr_mask.ts";
import { type Guid, normalizeGuid, normalizeGuids } from "./guid.ts";
import { describe, misuse, quote } from "./misuse.ts";
import { checkName } from "./names.ts";

/** Provider number of the primary service provider: a GUID, not a name. */
export const SCARD_PROVIDER_PRIMARY = 1;
/** Provider number of the cryptographic service provider. */
export const SCARD_PROVIDER_CSP = 2;
/** Provider number of the key storage provider. */
export const SCARD_PROVIDER_KSP = 3;
/** Provider number of the card module (minidriver). */
export const SCARD_PROVIDER_CARD_MODULE = 0x80000001;

/** A card type as it is kept. */
export interface CardType {
  /** Its name; case is kept and not compared. */
  readonly name: string;
  /** The ATR, masked. */
  readonly atr: Uint8Array<ArrayBuffer>;
  /** As long as the ATR; null: every bit counts. */
  readonly mask: Uint8Array<ArrayBuffer> | null;
  /** GUID of the primary service provider, or null. */
  readonly primaryProvider: Guid | null;
  /** GUIDs of the interfaces that it supports, each once. */
  readonly interfaces: readonly Guid[];
  /** Names of the other providers by number: CSP 2, KSP 3, module 0x80000001, vendors' own. */
  readonly providers: ReadonlyMap<number, string>;
}

/** What `CardDatabase.introduceCardType` takes. */
export interface CardTypeIntroduction extends AtrMask {
  /** Its name. */
  readonly name: string;
  /**
   * How many bytes of `atr` and `mask` count; 0: as many as the ATR says itself;
   * default all.
   */
  readonly atrLength?: number;
  /** GUID of the primary service provider; default none. */
  readonly primaryProvider?: Guid | null;
  /** GUIDs of interfaces; default none. */
  readonly interfaces?: Iterable<Guid>;
  /** Names of other providers by number; default none. */
  readonly providers?: Iterable<readonly [number, string]>;
}

/**
 * Checks a card type and brings it into its one form. The bytes are copies.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER, SCARD_E_INVALID_VALUE or
 * SCARD_E_INVALID_ATR by what is wrong
 */
export function toCardType(introduction: CardTypeIntroduction): CardType {
  const name = checkName(
    introduction.name,
    "card type",
    "introduce a card type",
  );
  const attempt = `introduce card type ${quote(name)}`;
  const { atr, mask } = countedBytes(introduction, attempt);
  checkAtrMask({ atr, mask }, attempt);
  const primary = introduction.primaryProvider ?? null;
  return {
    name,
    atr,
    mask,
    primaryProvider: primary === null ? null : normalizeGuid(primary, attempt),
    interfaces: normalizeGuids(introduction.interfaces ?? [], attempt),
    providers: new Map(
      Array.from(introduction.providers ?? [], ([id, provider]) => [
        checkOtherProviderId(id, attempt),
        checkName(provider, "provider name", attempt),
      ]),
    ),
  };
}

/** ATR and mask, cut to the bytes that count. */
function countedBytes(
  { atr, mask = null, atrLength: asked }: CardTypeIntroduction,
  attempt: string,
): Pick<CardType, "atr" | "mask"> {
  assertBytes(atr, "ATR", attempt);
  if (mask !== null) assertBytes(mask, "mask", attempt);
  if (asked === undefined) {
    return { atr: atr.slice(), mask: mask?.slice() ?? null };
  }
  const length = asked === 0 ? atrLength(atr) : asked;
  if (length === null) {
    throw misuse(
      "SCARD_E_INVALID_ATR",
      attempt,
      `${atr.length} bytes end before the ATR in them does`,
      "a complete ATR where its length is to be found out",
    );
  }
  if (!Number.isInteger(length) || length < 0 || length > atr.length) {
    throw misuse(
      "SCARD_E_INVALID_VALUE",
      attempt,
      `the length is ${describe(asked)}`,
      `0 to ${atr.length}`,
    );
  }
  return {
    atr: atr.slice(0, length),
    mask: mask?.slice(0, length) ?? null,
  };
}

/**
 * Gives a provider number back if it is one.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE unless it is 1 to 0xFFFFFFFF
 */
export function checkProviderId(id: unknown, attempt: string): number {
  if (
    typeof id === "number" && Number.isInteger(id) && id >= 1 &&
    id <= 0xFFFFFFFF
  ) return id;
  throw misuse(
    "SCARD_E_INVALID_VALUE",
    attempt,
    `the provider number is ${describe(id)}`,
    "1 to 0xFFFFFFFF",
  );
}

function checkOtherProviderId(id: unknown, attempt: string): number {
  const checked = checkProviderId(id, attempt);
  if (checked !== SCARD_PROVIDER_PRIMARY) return checked;
  throw misuse(
    "SCARD_E_INVALID_VALUE",
    attempt,
    "provider number 1 is among the other providers",
    "the primary provider in its own place",
  );
}
