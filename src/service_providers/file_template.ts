/**
 * The template that CREATE FILE takes (ISO/IEC 7816-9, 7816-4 7.4).
 *
 * @module
 */

import { type DataObject, writeDataObject } from "./ber_tlv.ts";
import { assertRange } from "./command_apdu.ts";
import type { FileKind } from "./file_properties.ts";

/** A file to be. */
export interface NewFile {
  /** What it is. */
  readonly kind: FileKind;
  /** File identifier. */
  readonly id: number;
  /** Data bytes to reserve. */
  readonly sizeBytes?: number;
  /** Short EF identifier, 1..30. */
  readonly shortId?: number;
  /** Bytes of a record, or most of them; of record files only, and there required. */
  readonly recordBytes?: number;
  /** Most records, 1..254; of record files only, and there required. */
  readonly recordCount?: number;
  /** DF name, 1 to 16 bytes; of directories only. */
  readonly name?: Uint8Array;
  /** Further data objects, as the card wants them: security attributes, life cycle. */
  readonly objects?: readonly DataObject[];
}

const DESCRIPTORS: Readonly<Record<FileKind, number>> = {
  "directory": 0x38,
  "transparent": 0x01,
  "linear-fixed": 0x02,
  "linear-variable": 0x04,
  "cyclic": 0x06,
};

/** Data coding byte: writing is proprietary, a data unit is one byte. */
const DATA_CODING = 0x21;

/**
 * FCP template 62 of a file.
 *
 * @throws {RangeError} when a number is out of range, or missing
 */
export function fileTemplate(file: NewFile): Uint8Array<ArrayBuffer> {
  const { kind, id, sizeBytes, shortId, name, objects = [] } = file;
  assertRange(id, 0, 0xffff, "the file identifier");
  const parts = [
    writeDataObject(0x82, descriptor(file)),
    writeDataObject(0x83, word(id)),
  ];
  if (sizeBytes !== undefined) {
    assertRange(sizeBytes, 0, 0xffff, "the size");
    const tag = kind === "directory" ? 0x81 : 0x80;
    parts.push(writeDataObject(tag, word(sizeBytes)));
  }
  if (name !== undefined) {
    assertRange(name.length, 1, 16, "the length of the name");
    parts.push(writeDataObject(0x84, name));
  }
  if (shortId !== undefined) {
    assertRange(shortId, 1, 30, "the short file identifier");
    parts.push(writeDataObject(0x88, [shortId << 3]));
  }
  for (const { tag, value } of objects) parts.push(writeDataObject(tag, value));
  return writeDataObject(0x62, parts.flatMap((part) => [...part]));
}

function descriptor(
  { kind, recordBytes = 0, recordCount = 0 }: NewFile,
): number[] {
  const byte = DESCRIPTORS[kind];
  if (kind === "directory" || kind === "transparent") return [byte];
  assertRange(recordBytes, 1, 0xffff, "the length of a record");
  assertRange(recordCount, 1, 0xfe, "the number of records");
  return [byte, DATA_CODING, ...word(recordBytes), recordCount];
}

function word(value: number): number[] {
  return [value >> 8, value & 0xff];
}
