/**
 * What SELECT tells of a file: control information (ISO/IEC 7816-4 7.4).
 *
 * @module
 */

import { type DataObject, findObject, readDataObjects } from "./ber_tlv.ts";

/** Kinds of file. */
export type FileKind =
  | "directory"
  | "transparent"
  | "linear-fixed"
  | "linear-variable"
  | "cyclic";

/** Facts about a file; what the card does not tell is undefined. */
export interface FileProperties {
  /** From the file descriptor byte, tag 82. */
  readonly kind?: FileKind;
  /** Data bytes without structural information, tag 80, else with it, tag 81. */
  readonly sizeBytes?: number;
  /** File identifier, tag 83. */
  readonly id?: number;
  /** Short EF identifier 1..30, tag 88. */
  readonly shortId?: number;
  /** DF name, tag 84. */
  readonly name?: Uint8Array;
  /** Application label, tag 50. */
  readonly label?: string;
  /** Bytes of a record, or most of them, tag 82. */
  readonly recordBytes?: number;
  /** Number of records, tag 82. */
  readonly recordCount?: number;
  /** Life cycle status byte, tag 8A: 05 activated, 04 deactivated. */
  readonly lifeCycle?: number;
  /** All data objects of the template, a security attribute or a proprietary one included. */
  readonly objects: readonly DataObject[];
  /** The answer as the card gave it. */
  readonly raw: Uint8Array;
}

const TEMPLATES = [0x62, 0x64, 0x6f];
/** FCP and FMD may stand inside FCI. */
const INNER_TEMPLATES = [0x62, 0x64];

/** File descriptor byte, b3..b1, of a working or internal EF (table 12). */
const STRUCTURES: readonly (FileKind | undefined)[] = [
  undefined,
  "transparent",
  "linear-fixed",
  "linear-fixed",
  "linear-variable",
  "linear-variable",
  "cyclic",
  "cyclic",
];

/**
 * Reads the answer to SELECT. One that is no template of ISO/IEC 7816-4 gives no facts.
 *
 * @throws {CardAnswerError} when a template is not what its lengths say
 */
export function readFileProperties(answer: Uint8Array): FileProperties {
  const raw = answer.slice();
  if (!TEMPLATES.includes(raw[0])) return { objects: [], raw };
  const what = "file control information";
  const [template] = readDataObjects(raw, what);
  const objects = readDataObjects(template.value, what).flatMap((object) =>
    INNER_TEMPLATES.includes(object.tag)
      ? readDataObjects(object.value, what)
      : [object]
  );
  const facts = {
    ...descriptorFacts(findObject(objects, 0x82)),
    sizeBytes: number(findObject(objects, 0x80) ?? findObject(objects, 0x81)),
    id: number(findObject(objects, 0x83)),
    shortId: shortIdOf(objects),
    name: findObject(objects, 0x84),
    label: text(findObject(objects, 0x50)),
    lifeCycle: number(findObject(objects, 0x8a)),
  };
  return { ...known(facts), objects, raw };
}

/** Only the facts that there are. */
function known(
  facts: Omit<FileProperties, "objects" | "raw">,
): Omit<FileProperties, "objects" | "raw"> {
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined),
  );
}

function descriptorFacts(
  descriptor: Uint8Array | undefined,
): Pick<FileProperties, "kind" | "recordBytes" | "recordCount"> {
  if (descriptor === undefined || descriptor.length === 0) return {};
  const [byte] = descriptor;
  if ((byte & 0x80) !== 0) return {};
  if ((byte & 0x38) === 0x38) {
    return { kind: (byte & 0x07) === 0 ? "directory" : undefined };
  }
  return {
    kind: STRUCTURES[byte & 0x07],
    recordBytes: number(descriptor.subarray(2, 4)),
    recordCount: number(descriptor.subarray(4, 6)),
  };
}

/** Tag 88: b8..b4 when its three low bits are 0; a bare number on older cards. */
function shortIdOf(objects: readonly DataObject[]): number | undefined {
  const value = number(findObject(objects, 0x88));
  if (value === undefined) return undefined;
  const shortId = (value & 0x07) === 0 ? value >> 3 : value;
  return shortId >= 1 && shortId <= 30 ? shortId : undefined;
}

/** A number of at most four bytes. */
function number(bytes: Uint8Array | undefined): number | undefined {
  if (bytes === undefined || bytes.length === 0 || bytes.length > 4) {
    return undefined;
  }
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}
