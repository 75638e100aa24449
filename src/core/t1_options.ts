/**
 * Options of a T=1 session.
 *
 * @module
 */

import type { CrcVariant } from "./edc.ts";

/** What a T=1 session starts from. */
export interface T1Options {
  /** IFSC of the ATR in bytes, 1 to 254; default 32. */
  ifscBytes?: number;
  /** Check of the blocks; default "LRC". */
  edc?: "LRC" | "CRC";
  /**
   * Default "auto": sends 13239 at first, keeps the variants under which the card's
   * answers verify, and tries the next of them when the card refuses a block.
   */
  crcVariant?: CrcVariant | "auto";
  /** IFSD to announce by S(IFS request) before the first command, 1 to 254; left out: nothing is announced. */
  ifsdBytes?: number;
  /** What to do with a card whose last answer to the repeated S(IFS request) is an R-block: "reset" it (default, rule 7.4.1), or "proceed" at IFSD 32. */
  ifsRefusal?: "reset" | "proceed";
  /** After RESYNCH: "repeat" the command (default, rule 6.3), or "report" that its outcome is unknown. */
  afterResynch?: "repeat" | "report";
  /**
   * Default "iso". "emv": rules of an EMV terminal (EMV Contact Interface, level 1):
   * S(IFS request) of 254 bytes first whatever `ifsdBytes` says, NAD 0, no RESYNCH but
   * by `startResynch`, and the card is deactivated when ISO would resynchronise, reset
   * or abort.
   */
  profile?: "iso" | "emv";
  /** Waiting time extensions granted for a command; default 1024, Infinity for as many as the card wants. */
  maxWtx?: number;
}
