/**
 * Files and PINs of a card as plain data: everything here is JSON.
 *
 * @module
 */

/** Bytes: hexadecimal text (white space ignored), or text that is taken as UTF-8. */
export type BytesData = string | { readonly text: string };

/** Who may: everybody, nobody, or whoever has verified the PIN of this number. */
export type AccessData = "always" | "never" | { readonly pin: number };

/** A PIN. */
export interface PinData {
  /** Reference number in P2 of VERIFY, 1..31. */
  readonly number: number;
  /** The secret, 1..64 bytes. */
  readonly value: BytesData;
  /** Tries before it is blocked, 1..15; default 3. */
  readonly tries?: number;
  /** Shortest new value in bytes that CHANGE REFERENCE DATA takes; default 4. */
  readonly minLength?: number;
  /** Longest new value in bytes; default 16. */
  readonly maxLength?: number;
  /** Resetting code of RESET RETRY COUNTER; without it the PIN stays blocked. */
  readonly puk?: BytesData;
  /** Tries of the resetting code, 1..15; default 10. */
  readonly pukTries?: number;
}

/** What every elementary file has. */
export interface ElementaryFileData {
  /** File identifier, four hexadecimal digits. */
  readonly id: string;
  /** Short EF identifier, 1..30. */
  readonly shortId?: number;
  /** Who may read; default "always". */
  readonly read?: AccessData;
  /** Who may update and append; default "always". */
  readonly update?: AccessData;
}

/** A transparent EF. */
export interface TransparentFileData extends ElementaryFileData {
  /** Kind of file. */
  readonly type: "transparent";
  /** Size in bytes, at most 32 768; default the length of the content. */
  readonly size?: number;
  /** The first bytes; the rest of the file is 00. */
  readonly content?: BytesData;
}

/** A record EF. */
export interface RecordFileData extends ElementaryFileData {
  /** Kind of file. */
  readonly type: "linear-fixed" | "linear-variable" | "cyclic";
  /** Bytes of a record, or at most so many for linear-variable, 1..65 535. Shorter ones given here are filled up with 00 but in linear-variable. */
  readonly recordLength: number;
  /** Most records, 1..254; default the number given. */
  readonly maxRecords?: number;
  /** Records by number, 1 first; in a cyclic EF number 1 is the newest. */
  readonly records?: readonly BytesData[];
}

/** A dedicated file. */
export interface DirectoryData {
  /** Kind of file. */
  readonly type: "df";
  /** File identifier, four hexadecimal digits. */
  readonly id: string;
  /** DF name (application identifier), 1..16 bytes. */
  readonly name?: BytesData;
  /** Application label, for the file management data. */
  readonly label?: string;
  /** What the DF holds. */
  readonly files?: readonly FileData[];
}

/** Any file. */
export type FileData = TransparentFileData | RecordFileData | DirectoryData;

/** A whole card. */
export interface CardData {
  /** DF name of the MF. */
  readonly name?: BytesData;
  /** What the MF holds. */
  readonly files: readonly FileData[];
  /** PINs, known in the whole card. */
  readonly pins?: readonly PinData[];
}
