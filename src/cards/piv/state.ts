/**
 * What the card keeps without power.
 *
 * @module
 */
import { type MaybePromise, toHex } from "../../bytes.ts";
import type { P256PrivateKey } from "../crypto/p256.ts";
import type { RsaPrivateKey } from "../crypto/rsa.ts";

/** A PIN or PUK with its counter. */
export interface PivSecret {
  /** The eight bytes that are compared. */
  readonly value: Uint8Array;
  /** Tries after a success, 1..15. */
  readonly tries: number;
  /** Tries left, 0 when blocked. */
  readonly triesLeft: number;
}

/** A private key, by its algorithm identifier (`ALGORITHM`): 07 RSA 2048, 11 P-256. */
export type PivKey =
  | { readonly algorithm: 0x07; readonly key: RsaPrivateKey }
  | { readonly algorithm: 0x11; readonly key: P256PrivateKey };

/** All of the card that outlives a reset; a change makes a new one. */
export interface PivState {
  /** The cardholder's PIN, reference 80. */
  readonly pin: PivSecret;
  /** The PIN unblocking key, reference 81. */
  readonly puk: PivSecret;
  /** The AES key of the card management, 16, 24 or 32 bytes. */
  readonly managementKey: Uint8Array;
  /** Private keys by reference. */
  readonly keys: ReadonlyMap<number, PivKey>;
  /** Contents of data objects by tag. */
  readonly objects: ReadonlyMap<number, Uint8Array>;
}

/** Where the state is kept. */
export interface PivStore {
  /** What was saved last; null when nothing ever was. */
  load(): Uint8Array | null;
  /**
   * Keeps the state. The card confirms nothing before this returns or its promise settles;
   * when it fails, the command answers 6581.
   */
  save(state: Uint8Array): MaybePromise<void>;
}

/** Bytes of PIN and PUK as the card compares them, 'FF' behind a short PIN (SP 800-73-4 Part 2, 2.4.3). */
export const SECRET_BYTES = 8;

/** Most tries, since 63Cx has four bits for them. */
export const MAX_TRIES = 15;

/** Whether eight bytes can be a PIN: 6 to 8 digits, then 'FF' (SP 800-73-4 Part 2, 2.4.3). */
export function isPin(value: Uint8Array): boolean {
  return value.length === SECRET_BYTES &&
    /^(?:3[0-9]){6,8}(?:FF)*$/.test(toHex(value));
}
