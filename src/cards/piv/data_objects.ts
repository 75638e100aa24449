/**
 * The data objects of the card: who may read them, and what is in them at first
 * (SP 800-73-4 Part 1, table 3 and appendix A).
 *
 * @module
 */
import { fromHex, NO_BYTES } from "../../bytes.ts";
import { join, tlv } from "./tlv.ts";

/** The application identifier, version 1.0 (SP 800-73-4 Part 1, 2.2). */
export const PIV_AID = "A000000308000010000100";

/** Tags of objects by name. */
export const OBJECT = {
  CCC: 0x5fc107,
  CHUID: 0x5fc102,
  DISCOVERY: 0x7e,
  KEY_HISTORY: 0x5fc10c,
  BIOMETRIC_GROUP: 0x7f61,
} as const;

/** 5FC101 to 5FC123 are one object each; 5FC104 is none. */
const FIRST = 0x5fc101;
const LAST = 0x5fc123;
const UNASSIGNED = 0x5fc104;

/** Fingerprints, facial image, printed information, iris images, pairing code: the PIN opens them. */
const BEHIND_PIN = new Set([0x5fc103, 0x5fc108, 0x5fc109, 0x5fc121, 0x5fc123]);

/** Most bytes of an object. */
export const MAX_OBJECT_BYTES = 16_384;

/** Tag of the value of all objects but the two that come as they are. */
const DATA = 0x53;

/** Whether the card has a place for this object. */
export function isObjectTag(tag: number): boolean {
  if (isBare(tag)) return true;
  return tag >= FIRST && tag <= LAST && tag !== UNASSIGNED;
}

/** Whether an object comes in its own tag, and not in 53. */
export function isBare(tag: number): boolean {
  return tag === OBJECT.DISCOVERY || tag === OBJECT.BIOMETRIC_GROUP;
}

/** Whether reading takes a verified PIN. */
export function needsPin(tag: number): boolean {
  return BEHIND_PIN.has(tag);
}

/** What GET DATA returns for an object with this content. */
export function wrapObject(
  tag: number,
  content: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return tlv(isBare(tag) ? tag : DATA, content);
}

/** The content in the data of PUT DATA; undefined when it is not there. */
export function contentOf(
  objects: ReadonlyMap<number, Uint8Array>,
): Uint8Array | undefined {
  return objects.get(DATA);
}

/** A FASC-N of an issuer that is not federal, agency 9999. */
const FASC_N = fromHex("D4E739DA739CED39CE739D836858210842108421C84210C3EB");
/** The registered application provider of the card capability container, and type of card. */
const CARD_IDENTIFIER = fromHex("A000000116FF02");
const CARD_NUMBER_BYTES = 14;
/** Far away. */
const EXPIRATION_DATE = new TextEncoder().encode("20991231");
/** The application's PIN alone serves, and nothing else does. */
const PIN_USAGE = fromHex("4000");

/** The objects of a card that nobody has issued yet. @param guid its 16 bytes, which tell it from others */
export function initialObjects(
  guid: Uint8Array,
): Map<number, Uint8Array<ArrayBuffer>> {
  return new Map([
    [OBJECT.CHUID, cardHolderIdentifier(guid)],
    [OBJECT.CCC, capabilityContainer(guid)],
    [
      OBJECT.DISCOVERY,
      join(tlv(0x4f, fromHex(PIV_AID)), tlv(0x5f2f, PIN_USAGE)),
    ],
    // No retired keys with certificates on the card, none elsewhere.
    [OBJECT.KEY_HISTORY, fromHex("C10100C20100FE00")],
  ]);
}

/** FASC-N, GUID, expiration date, no signature, error detection code. */
function cardHolderIdentifier(guid: Uint8Array): Uint8Array<ArrayBuffer> {
  return join(
    tlv(0x30, FASC_N),
    tlv(0x34, guid),
    tlv(0x35, EXPIRATION_DATE),
    tlv(0x3e, NO_BYTES),
    tlv(0xfe, NO_BYTES),
  );
}

/** The card's number, versions 2.1, no PKCS#15, data model 10, and seven empty objects. */
function capabilityContainer(guid: Uint8Array): Uint8Array<ArrayBuffer> {
  const number = guid.subarray(0, CARD_NUMBER_BYTES);
  return join(
    tlv(0xf0, CARD_IDENTIFIER, number),
    fromHex("F10121 F20121 F300 F40100 F50110 F600 F700"),
    fromHex("FA00 FB00 FC00 FD00 FE00"),
  );
}
