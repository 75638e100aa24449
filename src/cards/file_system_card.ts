/**
 * The file-system card, from contacts to files.
 *
 * @module
 */

import type { CardData } from "./file_system/card_data.ts";
import {
  FileSystemApplication,
  type FileSystemOptions,
} from "./file_system/file_system_application.ts";
import { ProtocolCard, type ProtocolCardOptions } from "./protocol_card.ts";

/** How a file-system card is set up. */
export interface FileSystemCardOptions
  extends ProtocolCardOptions, FileSystemOptions {
  /** Files and PINs; default `DEFAULT_CARD`. */
  readonly data?: CardData;
}

/**
 * Compact-TLV: selection by full and partial name, path, file identifier and
 * short identifier, record numbers; one-byte data units; extended length.
 */
const HISTORICAL = Uint8Array.of(0x80, 0x73, 0xf6, 0x21, 0x40);

/** T=0 first and T=1, 512/16, IFSC 254, BWI 4, CWI 5. */
const DEFAULT_ATR = {
  fiIndex: 9,
  diIndex: 5,
  historical: HISTORICAL,
} as const;
const DEFAULT_T1 = { ifscBytes: 254, bwi: 4, cwi: 5 } as const;

/** A smart card with an ISO/IEC 7816-4 file system, seen at its contacts. */
export class FileSystemCard extends ProtocolCard {
  /**
   * Makes the card.
   *
   * @param options see {@linkcode FileSystemCardOptions}
   * @throws {TypeError | RangeError} when data or options are impossible
   */
  constructor(options: FileSystemCardOptions = {}) {
    const protocols = options.protocols ?? ["t0", "t1"];
    const atr = {
      ...DEFAULT_ATR,
      ...(protocols.includes("t1") ? DEFAULT_T1 : {}),
    };
    super(
      new FileSystemApplication(options.data, options),
      options.atr === undefined ? { ...options, protocols, atr } : options,
    );
  }
}

/** A card with these files and PINs. @throws {TypeError | RangeError} naming the place in `data` that is wrong */
export function createCard(
  data?: CardData,
  options: Omit<FileSystemCardOptions, "data"> = {},
): FileSystemCard {
  return new FileSystemCard({ ...options, data });
}
