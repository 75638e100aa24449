/**
 * The PIV card, from contacts to keys.
 *
 * @module
 */
import type { ApduCard } from "../apdu_card.ts";
import { apduFace } from "../apdu_face.ts";
import { ProtocolCard, type ProtocolCardOptions } from "../protocol_card.ts";
import { PivApplication, type PivOptions } from "./piv_application.ts";

/** How a PIV card is set up. */
export interface PivCardOptions
  extends ProtocolCardOptions, Omit<PivOptions, "isCutBelow"> {}

/** Compact-TLV: selection by full and partial name; one-byte data units; chaining and extended length. */
const HISTORICAL = Uint8Array.of(0x80, 0x73, 0xc0, 0x21, 0xc0);

/** T=0 first and T=1, 512/16, IFSC 254, BWI 4, CWI 5. */
const DEFAULT_ATR = { fiIndex: 9, diIndex: 5, historical: HISTORICAL } as const;
/** WI: the longest time between characters, for the making of keys. */
const DEFAULT_T0 = { wi: 255 } as const;
const DEFAULT_T1 = { ifscBytes: 254, bwi: 4, cwi: 5 } as const;

/**
 * A PIV card after NIST SP 800-73-4, seen at its contacts: RSA 2048 and P-256, PIN and PUK, and a
 * management key of AES. It is for tests and protects nothing.
 *
 * @param options settings of a new card, its store, and how it appears at its contacts
 * @throws {RangeError} when a setting is out of range, or what the store holds is no card
 */
export function createPivCard(options: PivCardOptions = {}): ProtocolCard {
  const protocols = options.protocols ?? ["t0", "t1"];
  const atr = {
    ...DEFAULT_ATR,
    ...(protocols.includes("t0") ? DEFAULT_T0 : {}),
    ...(protocols.includes("t1") ? DEFAULT_T1 : {}),
  };
  const application = new PivApplication({
    ...options,
    isCutBelow: () => card.agreement?.protocol === 0,
  });
  const card: ProtocolCard = new ProtocolCard(
    application,
    options.atr === undefined ? { ...options, protocols, atr } : options,
  );
  return card;
}

/**
 * The PIV card as {@linkcode createPivCard} makes it, seen above its protocol: for vpcd and other
 * readers that exchange APDUs. It is for tests and protects nothing.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createPivApduCard } from "./piv_card.ts";
 *
 * const card = createPivApduCard({ pin: "123456" });
 * await card.powerOn();
 * const verify = [0x00, 0x20, 0x00, 0x80, 8, ...new TextEncoder().encode("123456"), 0xff, 0xff];
 * assert.deepEqual(await card.transmit(Uint8Array.from(verify)), Uint8Array.of(0x90, 0x00));
 * ```
 *
 * @param options settings of a new card, its store, and the ATR
 * @throws {RangeError} when a setting is out of range, or what the store holds is no card
 */
export function createPivApduCard(options: PivCardOptions = {}): ApduCard {
  const { application, atr } = createPivCard(options);
  return apduFace(application, { atr });
}
