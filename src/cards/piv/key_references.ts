/**
 * Keys and algorithms of the card, by number (SP 800-73-4 Part 1 table 4b, SP 800-78-4 table 6-2).
 *
 * @module
 */

/** Cryptographic algorithm identifiers that the card knows. */
export const ALGORITHM = {
  RSA_2048: 0x07,
  AES_128: 0x08,
  AES_192: 0x0a,
  AES_256: 0x0c,
  P256: 0x11,
} as const;

/** Key reference of the card management key. */
export const MANAGEMENT_KEY = 0x9b;
/** Key reference of the application's PIN. */
export const PIN_REFERENCE = 0x80;
/** Key reference of the PIN unblocking key. */
export const PUK_REFERENCE = 0x81;

/** What guards a private key: nothing, a PIN verified, or one verified by the command just before. */
export type PinPolicy = "never" | "once" | "always";

/** What the card knows of a key before it exists. */
export interface KeyRole {
  /** When the PIN is needed. */
  readonly pin: PinPolicy;
  /** What an elliptic curve key is for: signatures, or key agreement. */
  readonly curveUse: "sign" | "agree";
}

const SIGNING: KeyRole = { pin: "once", curveUse: "sign" };
const MANAGING: KeyRole = { pin: "once", curveUse: "agree" };

/** The first and the last of the twenty retired key management keys. */
const FIRST_RETIRED = 0x82;
const LAST_RETIRED = 0x95;

/** The role of an asymmetric key by its reference; undefined when the card has no such key. */
export function keyRole(reference: number): KeyRole | undefined {
  return reference >= FIRST_RETIRED && reference <= LAST_RETIRED
    ? MANAGING
    : ROLES.get(reference);
}

const ROLES: ReadonlyMap<number, KeyRole> = new Map<number, KeyRole>([
  // PIV authentication
  [0x9a, SIGNING],
  // Digital signature
  [0x9c, { pin: "always", curveUse: "sign" }],
  // Key management
  [0x9d, MANAGING],
  // Card authentication
  [0x9e, { pin: "never", curveUse: "sign" }],
]);
