/**
 * Features of readers by PC/SC part 10: what a driver lists, as this platform writes it,
 * and what is true of every reader whose driver lists nothing.
 *
 * @module
 */

import {
  FEATURE_REQUEST,
  windowsControlCode,
  wireControlCode,
  wireControlCodeOf,
} from "../wire/mod.ts";

/** Tag, length 4 and a control code, in bytes. */
const FEATURE_BYTES = 6;
const CODE_BYTES = 4;
const FEATURE_GET_TLV_PROPERTIES = 0x12;
/** The code that pcsc-lite's CCID driver has for the same. */
const TLV_PROPERTIES_CODE = wireControlCode(0x33_0000) +
  FEATURE_GET_TLV_PROPERTIES;

/** Longest data of a command or answer, in bytes; little-endian (dwMaxAPDUDataSize). */
// deno-fmt-ignore
const OWN_PROPERTIES = Uint8Array.of(0x0A, 4, 0x00, 0x00, 0x01, 0x00);

const OWN_FEATURES = featureList([
  [FEATURE_GET_TLV_PROPERTIES, TLV_PROPERTIES_CODE],
]);

function featureList(
  features: readonly (readonly [tag: number, code: number])[],
): Uint8Array<ArrayBuffer> {
  const list = new Uint8Array(features.length * FEATURE_BYTES);
  const view = new DataView(list.buffer);
  for (const [index, [tag, code]] of features.entries()) {
    const at = index * FEATURE_BYTES;
    list[at] = tag;
    list[at + 1] = CODE_BYTES;
    view.setUint32(at + 2, code);
  }
  return list;
}

/** Whether a control code, in either form, asks for the list of features. */
export function asksForFeatures(code: number): boolean {
  return code === wireControlCode(FEATURE_REQUEST) ||
    code === windowsControlCode(FEATURE_REQUEST);
}

/**
 * What the server says where the driver does not support a code: that APDUs of extended
 * length can be sent. Null for codes about anything else.
 */
export function ownAnswer(code: number): Uint8Array<ArrayBuffer> | null {
  if (asksForFeatures(code)) return OWN_FEATURES;
  return code === TLV_PROPERTIES_CODE ? OWN_PROPERTIES : null;
}

/** A driver's list of features with control codes as this platform writes them; as it is when it is no such list. */
export function wireFeatures(
  list: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (list.length % FEATURE_BYTES !== 0) return list;
  const translated = list.slice();
  const view = new DataView(translated.buffer);
  for (let at = 0; at < list.length; at += FEATURE_BYTES) {
    if (list[at + 1] !== CODE_BYTES) return list;
    view.setUint32(at + 2, wireControlCodeOf(view.getUint32(at + 2)));
  }
  return translated;
}
