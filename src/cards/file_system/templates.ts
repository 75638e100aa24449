/**
 * Control information in answers to SELECT (ISO/IEC 7816-4 7.4).
 *
 * @module
 */
import { type CardFile, dataBytes } from "./files.ts";

const TAG_FCP = 0x62;
const TAG_FMD = 0x64;
const TAG_FCI = 0x6f;

/** File descriptor bytes. */
const DESCRIPTORS = {
  "directory": 0x38,
  "transparent": 0x01,
  "linear-fixed": 0x02,
  "linear-variable": 0x04,
  "cyclic": 0x06,
} as const;

/** Writing is proprietary, a data unit is one byte. */
const DATA_CODING = 0x21;
const OPERATIONAL_ACTIVATED = 0x05;

/** File control parameters, template 62. */
export function fcpTemplate(file: CardFile): Uint8Array {
  return tlv(TAG_FCP, controlParameters(file));
}

/** File management data, template 64: DF name and application label. */
export function fmdTemplate(file: CardFile): Uint8Array {
  return tlv(TAG_FMD, managementData(file));
}

/** File control information, template 6F: both. */
export function fciTemplate(file: CardFile): Uint8Array {
  const label = file.kind === "directory" ? labelObject(file.label) : [];
  return tlv(TAG_FCI, [...controlParameters(file), ...label]);
}

function controlParameters(file: CardFile): number[] {
  const isDirectory = file.kind === "directory";
  const size = word(Math.min(dataBytes(file), 0xffff));
  const objects = [
    ...tlv(isDirectory ? 0x81 : 0x80, size),
    ...tlv(0x82, descriptor(file)),
    ...tlv(0x83, word(file.id)),
  ];
  if (isDirectory && file.name !== null) objects.push(...tlv(0x84, file.name));
  if (!isDirectory && file.shortId !== null) {
    objects.push(...tlv(0x88, [file.shortId << 3]));
  }
  objects.push(...tlv(0x8a, [OPERATIONAL_ACTIVATED]));
  return objects;
}

function descriptor(file: CardFile): number[] {
  if (file.kind !== "records") return [DESCRIPTORS[file.kind]];
  return [
    DESCRIPTORS[file.structure],
    DATA_CODING,
    ...word(file.recordLength),
    file.records.length,
  ];
}

function managementData(file: CardFile): number[] {
  if (file.kind !== "directory") return [];
  const name = file.name === null ? [] : [...tlv(0x84, file.name)];
  return [...name, ...labelObject(file.label)];
}

function labelObject(label: string | null): number[] {
  if (label === null) return [];
  // A label beyond 64 bytes would not fit into one length byte with the rest.
  return [...tlv(0x50, new TextEncoder().encode(label).subarray(0, 64))];
}

function word(value: number): number[] {
  return [value >> 8, value & 0xff];
}

/** A data object whose value stays below 128 bytes. */
function tlv(tag: number, value: ArrayLike<number>): Uint8Array {
  return Uint8Array.from([tag, value.length, ...Array.from(value)]);
}
