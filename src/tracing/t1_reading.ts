/**
 * Follows the blocks of T=1, so that PIN data are found in chains of any length.
 *
 * @module
 */

import { equalBytes, NO_BYTES } from "../bytes.ts";
import { type Blanked, blankWhere, blankWhole } from "./blanking.ts";
import { CommandScanner } from "./command_scanner.ts";
import { PROLOGUE_BYTES, readBlock, type T1Block } from "./t1_words.ts";

/** RESYNCH and ABORT: S-blocks that make a chain void, once the reader has sent one; what comes from the card it may ignore. */
const STARTS_OVER: ReadonlySet<number> = new Set([0, 2]);
const STATUS_BYTES = 2;

function unchanged(bytes: Uint8Array): Blanked {
  return { bytes: new Uint8Array(bytes), blanked: false };
}

/** Blanks the blocks of one card, from reset to reset. */
export class T1Reading {
  readonly #scanner = new CommandScanner();
  /** The last I-block of the reader, as it was and as it is shown. */
  #last: Uint8Array = NO_BYTES;
  #lastShown: Blanked = { bytes: new Uint8Array(0), blanked: false };
  /** The next I-block that is no repetition begins a command. */
  #isStart = true;

  /** A block to the card. */
  sent(bytes: Uint8Array): Blanked {
    const block = readBlock(bytes);
    if (block === null) return unchanged(bytes);
    if (block.type === "I") return this.#sentInformation(bytes, block);
    if (block.type === "S" && STARTS_OVER.has(block.value)) {
      this.#last = NO_BYTES;
      this.#isStart = true;
    }
    return unchanged(bytes);
  }

  /** A block from the card. */
  received(bytes: Uint8Array): Blanked {
    const block = readBlock(bytes);
    const { hasPin } = this.#scanner;
    if (block === null || !isIntact(bytes, block)) {
      // A card may repeat what it got, and these may be pieces of it.
      return blankWhere(bytes, () => hasPin);
    }
    const { type, inf, flag } = block;
    if (type === "I" && !flag && this.#isStart) this.#answered(inf);
    const shown = type === "I" && !flag ? STATUS_BYTES : type === "S" ? 1 : 0;
    const end = inf.length - shown;
    if (!hasPin || end <= 0) return unchanged(bytes);
    return blankBlock(bytes, block, blankWhere(inf, (_, at) => at < end));
  }

  #answered(inf: Uint8Array): void {
    const sw = inf.subarray(-2);
    this.#scanner.end(sw.length < 2 ? null : sw[0] << 8 | sw[1]);
  }

  #sentInformation(bytes: Uint8Array, block: T1Block): Blanked {
    // A repetition is the same block, also behind an answer that was not understood.
    if (equalBytes(bytes, this.#last)) {
      return { ...this.#lastShown, bytes: this.#lastShown.bytes.slice() };
    }
    const inf = this.#read(block);
    const shown = inf.blanked
      ? blankBlock(bytes, block, inf)
      : unchanged(bytes);
    this.#last = new Uint8Array(bytes);
    this.#lastShown = shown;
    // Without M the next block begins a command, whether this one is answered or not.
    this.#isStart = !block.flag;
    return shown;
  }

  #read({ inf, flag, value }: T1Block): Blanked {
    const scanner = this.#scanner;
    if (this.#isStart && !flag) return blankWhole(inf, scanner);
    // A chain that stops without a word may begin again with the same number.
    const isOdd = !this.#isStart && readBlock(this.#last)?.value === value;
    if (this.#isStart || isOdd && beginsPinCommand(inf)) scanner.begin();
    return blankWhere(inf, (byte) => scanner.next(byte));
  }
}

/** Whether the length is right, and an LRC; a CRC has many readings. */
function isIntact(bytes: Uint8Array, { edcAt }: T1Block): boolean {
  const edcBytes = bytes.length - edcAt;
  if (edcBytes === 2) return true;
  return edcBytes === 1 && bytes.reduce((sum, byte) => sum ^ byte, 0) === 0;
}

/** Whether an information field, read as the start of a command, has PIN data. */
function beginsPinCommand(inf: Uint8Array): boolean {
  const scanner = new CommandScanner();
  for (const byte of inf) scanner.next(byte);
  return scanner.hasPin;
}

/** A block with another information field; the check bytes would tell of the old one, so they are replaced, too. */
function blankBlock(
  bytes: Uint8Array,
  { edcAt }: T1Block,
  inf: Blanked,
): Blanked {
  const shown = blankWhere(bytes, (_, at) => at >= edcAt);
  shown.bytes.set(inf.bytes, PROLOGUE_BYTES);
  return { bytes: shown.bytes, blanked: inf.blanked };
}
