/**
 * EF.DIR: which applications are on a card (ISO/IEC 7816-4 8.2.1.1).
 *
 * @module
 */

import { findObject, readDataObjects } from "./ber_tlv.ts";
import { applicationPath, formatPath } from "./file_path.ts";

/** An application that EF.DIR names. */
export interface CardApplicationEntry {
  /** Application identifier, tag 4F. */
  readonly aid: Uint8Array;
  /** Label, tag 50; undefined when there is none. */
  readonly label: string | undefined;
  /** Path for the methods of `CardFiles`: `aid:A000000001`. */
  readonly path: string;
}

const TAG_APPLICATION_TEMPLATE = 0x61;
const TAG_APPLICATION_IDENTIFIER = 0x4f;
const TAG_LABEL = 0x50;
const MAX_AID_BYTES = 16;

/**
 * The application templates in a record, or in all of a transparent EF.DIR; those without
 * an identifier are left out.
 *
 * @throws {CardAnswerError} when the bytes are not what their lengths say
 */
export function applicationEntries(bytes: Uint8Array): CardApplicationEntry[] {
  const what = "EF.DIR";
  const entries: CardApplicationEntry[] = [];
  for (const { tag, value } of readDataObjects(bytes, what)) {
    if (tag !== TAG_APPLICATION_TEMPLATE) continue;
    const objects = readDataObjects(value, what);
    const aid = findObject(objects, TAG_APPLICATION_IDENTIFIER);
    if (!aid || aid.length < 1 || aid.length > MAX_AID_BYTES) continue;
    const label = findObject(objects, TAG_LABEL);
    entries.push({
      aid: aid.slice(),
      label: label && new TextDecoder().decode(label),
      path: formatPath(applicationPath(aid)),
    });
  }
  return entries;
}
