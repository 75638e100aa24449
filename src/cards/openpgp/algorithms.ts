/**
 * Algorithm attributes: what a key slot may hold (specification 3.4, 4.4.3.9).
 *
 * @module
 */

import { equalBytes, fromHex } from "../../bytes.ts";
import { type OpenPgpSlotName, SLOTS } from "./slots.ts";
import { concatBytes, encodeObject } from "./tlv.ts";

/** What all three slots of a new card are for. */
export type OpenPgpAlgorithm = "rsa2048" | "rsa3072" | "p256" | "curve25519";

/** The kinds of key that the card computes with. */
export type KeyAlgorithm =
  | { readonly kind: "rsa"; readonly bits: number }
  | { readonly kind: "p256" | "ed25519" | "x25519" };

const RSA = 0x01;
const RSA_ATTRIBUTES_BYTES = 6;
/** e, p, q; the same with n; CRT; CRT with n. */
const LAST_RSA_IMPORT_FORMAT = 3;
/** Lengths of e in bits that hosts ask for. */
const RSA_EXPONENT_BITS = [17, 32];
const RSA_BITS = [2048, 3072];
const ECDH = 0x12;
const ECDSA = 0x13;
const EDDSA = 0x16;
const OID_P256 = fromHex("2A8648CE3D030107");
const OID_ED25519 = fromHex("2B06010401DA470F01");
const OID_X25519 = fromHex("2B060104019755010501");
/** After the OID: an imported key comes with its public part. */
const WITH_PUBLIC_PART = 0xff;

const RSA_2048 = fromHex("010800002000");
const RSA_3072 = fromHex("010C00002000");

/** For each algorithm the attributes of keys that sign, and of those that decipher. */
const ATTRIBUTES: Record<
  OpenPgpAlgorithm,
  { readonly sign: Uint8Array; readonly decipher: Uint8Array }
> = {
  rsa2048: { sign: RSA_2048, decipher: RSA_2048 },
  rsa3072: { sign: RSA_3072, decipher: RSA_3072 },
  p256: { sign: curve(ECDSA, OID_P256), decipher: curve(ECDH, OID_P256) },
  curve25519: {
    sign: curve(EDDSA, OID_ED25519),
    decipher: curve(ECDH, OID_X25519),
  },
};

const ALGORITHMS = Object.keys(ATTRIBUTES) as OpenPgpAlgorithm[];

/** The names that {@linkcode OpenPgpAlgorithm} may have. */
export function isOpenPgpAlgorithm(name: string): name is OpenPgpAlgorithm {
  return Object.hasOwn(ATTRIBUTES, name);
}

function curve(algorithm: number, oid: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(algorithm), oid);
}

/** The attributes that a slot has for an algorithm. */
export function attributesOf(
  name: OpenPgpAlgorithm,
  slot: OpenPgpSlotName,
): Uint8Array {
  const { sign, decipher } = ATTRIBUTES[name];
  return slot === "decryption" ? decipher : sign;
}

/** Reads algorithm attributes. @returns null when the card has no such key for the slot */
export function readAttributes(
  attributes: Uint8Array,
  slot: OpenPgpSlotName,
): KeyAlgorithm | null {
  if (attributes[0] === RSA) return rsaAlgorithm(attributes);
  const hasPublicPart = attributes.at(-1) === WITH_PUBLIC_PART;
  const oid = attributes.subarray(1, hasPublicPart ? -1 : undefined);
  const algorithms = slot === "decryption"
    ? [[ECDH, OID_P256, "p256"], [ECDH, OID_X25519, "x25519"]] as const
    : [[ECDSA, OID_P256, "p256"], [EDDSA, OID_ED25519, "ed25519"]] as const;
  for (const [algorithm, ofCurve, kind] of algorithms) {
    if (attributes[0] === algorithm && equalBytes(oid, ofCurve)) {
      return { kind };
    }
  }
  return null;
}

function rsaAlgorithm(attributes: Uint8Array): KeyAlgorithm | null {
  if (attributes.length !== RSA_ATTRIBUTES_BYTES) return null;
  const bits = attributes[1] << 8 | attributes[2];
  const exponentBits = attributes[3] << 8 | attributes[4];
  const isOffered = RSA_BITS.includes(bits) &&
    RSA_EXPONENT_BITS.includes(exponentBits) &&
    attributes[5] <= LAST_RSA_IMPORT_FORMAT;
  return isOffered ? { kind: "rsa", bits } : null;
}

/** The content of FA: for each slot the attributes that it may get (4.4.3.11). */
export function algorithmInformation(): Uint8Array {
  return concatBytes(
    ...SLOTS.flatMap(({ attributesTag, name }) =>
      ALGORITHMS.map((algorithm) =>
        encodeObject(attributesTag, attributesOf(algorithm, name))
      )
    ),
  );
}
