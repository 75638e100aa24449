/**
 * The three places for keys, and the tags of what belongs to each (specification 3.4, 4.4.1 and 7.2.14).
 *
 * @module
 */

/** What a key is for: PSO:CDS, PSO:DECIPHER, or INTERNAL AUTHENTICATE. */
export type OpenPgpSlotName = "signature" | "decryption" | "authentication";

/** A place for a key. */
export interface OpenPgpSlot {
  readonly name: OpenPgpSlotName;
  /** Position in the card's memory, and in lists of three such as C5. */
  readonly index: number;
  /** The control reference template that names it. */
  readonly template: number;
  /** Algorithm attributes. */
  readonly attributesTag: number;
  readonly fingerprintTag: number;
  readonly caFingerprintTag: number;
  readonly timeTag: number;
}

/** By their index; the key reference of MANAGE SECURITY ENVIRONMENT and DE is one more. */
export const SLOTS: readonly [OpenPgpSlot, OpenPgpSlot, OpenPgpSlot] = [
  slot("signature", 0, 0xb6),
  slot("decryption", 1, 0xb8),
  slot("authentication", 2, 0xa4),
];

function slot(
  name: OpenPgpSlotName,
  index: number,
  template: number,
): OpenPgpSlot {
  return {
    name,
    index,
    template,
    attributesTag: 0xc1 + index,
    fingerprintTag: 0xc7 + index,
    caFingerprintTag: 0xca + index,
    timeTag: 0xce + index,
  };
}

/** The slot that a control reference template names; null when it names none. */
export function slotOfTemplate(template: number): OpenPgpSlot | null {
  return SLOTS.find((slot) => slot.template === template) ?? null;
}
