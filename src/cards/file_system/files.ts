/**
 * Files in memory.
 *
 * @module
 */

import type { AccessData } from "./card_data.ts";

/** File identifier of the master file (ISO/IEC 7816-4). */
export const MASTER_FILE_ID = 0x3f00;

/** The MF or a DF. */
export interface Directory {
  readonly kind: "directory";
  readonly id: number;
  readonly name: Uint8Array | null;
  readonly label: string | null;
  readonly parent: Directory | null;
  readonly children: CardFile[];
}

interface ElementaryFile {
  readonly id: number;
  readonly shortId: number | null;
  readonly read: AccessData;
  readonly update: AccessData;
}

/** A transparent EF with its bytes. */
export interface TransparentFile extends ElementaryFile {
  readonly kind: "transparent";
  readonly content: Uint8Array;
}

/** A record EF with its records, number 1 first. */
export interface RecordFile extends ElementaryFile {
  readonly kind: "records";
  readonly structure: "linear-fixed" | "linear-variable" | "cyclic";
  readonly recordLength: number;
  readonly maxRecords: number;
  readonly records: Uint8Array[];
}

/** An elementary file. */
export type ElementaryCardFile = TransparentFile | RecordFile;

/** Any file. */
export type CardFile = Directory | ElementaryCardFile;

/** The child with this identifier that passes. */
export function findChild(
  directory: Directory,
  id: number,
  passes: (file: CardFile) => boolean = () => true,
): CardFile | null {
  return directory.children.find((file) => file.id === id && passes(file)) ??
    null;
}

/** All DFs from `directory` on, itself first, in the order of the data. */
export function allDirectories(directory: Directory): Directory[] {
  return [
    directory,
    ...directory.children.flatMap((file) =>
      file.kind === "directory" ? allDirectories(file) : []
    ),
  ];
}

/** Data bytes in a file; of a DF all that it holds. */
export function dataBytes(file: CardFile): number {
  const sum = (lengths: number[]) => lengths.reduce((a, b) => a + b, 0);
  if (file.kind === "transparent") return file.content.length;
  return file.kind === "records"
    ? sum(file.records.map((record) => record.length))
    : sum(file.children.map(dataBytes));
}
