/**
 * Makes sense of the characters on a link: what they are, and when a unit is complete.
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";
import {
  atrLengthSoFar,
  UNCONVERTED_INVERSE_TS,
} from "../contact_reader/mod.ts";
import { SmartcardInvertData } from "../smclib/mod.ts";
import {
  type AtrFacts,
  describeAtr,
  describePps,
  ppsLength,
  readAtr,
} from "./atr_reading.ts";
import { BLANK } from "./command_scanner.ts";
import type { TracedBytes, TraceUnit } from "./events.ts";
import { T0Reading } from "./t0_reading.ts";
import { T1Reading } from "./t1_reading.ts";
import { describeT1Block, PROLOGUE_BYTES } from "./t1_words.ts";
import type { PinTreatment } from "./tracer.ts";

/** PPSS, and neither CLA nor NAD (ISO/IEC 7816-3 9.2). */
const PPSS = 0xff;

/** A unit that was read. */
export interface LinkReading extends TracedBytes {
  /** What it is. */
  readonly unit: TraceUnit;
}

/** Reads what passes over one link. */
export class LinkConversation {
  readonly #shows: boolean;
  #unit: TraceUnit = "unknown";
  #facts: AtrFacts | null = null;
  #isInverse = false;
  #t0 = new T0Reading();
  #t1 = new T1Reading();
  /** Pieces of a unit that is not complete. */
  #pending: Uint8Array = NO_BYTES;

  /** @param pins whether PIN data are blanked */
  constructor(pins: PinTreatment) {
    this.#shows = pins === "show";
  }

  /** Something passed unseen: until the next reset nothing can be told, and all that is sent is blanked. */
  lose(): void {
    this.#unit = "unknown";
    this.#pending = NO_BYTES;
  }

  /** The card is reset, and its ATR comes next. */
  reset(): void {
    this.#unit = "atr";
    this.#facts = null;
    this.#isInverse = false;
    this.#t0 = new T0Reading();
    this.#t1 = new T1Reading();
    this.#pending = NO_BYTES;
  }

  /** Characters to the card. */
  sent(characters: Uint8Array): LinkReading {
    const bytes = this.#logical(characters);
    if (this.#unit === "atr" || this.#unit === "pps") {
      this.#unit = bytes[0] === PPSS ? "pps" : this.#protocolOfAtr();
    }
    switch (this.#unit) {
      case "pps":
        return plain("pps", bytes, describePps(bytes));
      case "t1": {
        const words = describeT1Block(bytes);
        return this.#choose("t1", bytes, words, this.#t1.sent(bytes));
      }
      case "t0": {
        const { words, ...blanked } = this.#t0.sent(bytes);
        return this.#choose("t0", bytes, words, blanked);
      }
      default: {
        const words = `${bytes.length} bytes, protocol not known`;
        return this.#choose("unknown", bytes, words, {
          bytes: new Uint8Array(bytes.length).fill(BLANK),
          blanked: bytes.length > 0,
        });
      }
    }
  }

  /**
   * Characters from the card.
   *
   * @param isShort fewer came than the reader waited for
   * @returns what has become complete, or cannot any more; null while more is to come
   */
  received(characters: Uint8Array, isShort: boolean): LinkReading | null {
    const more = this.#logicalReply(characters);
    const bytes = new Uint8Array(this.#pending.length + more.length);
    bytes.set(this.#pending);
    bytes.set(more, this.#pending.length);
    if (!isShort && !this.#isComplete(bytes)) {
      this.#pending = bytes;
      return null;
    }
    this.#pending = NO_BYTES;
    const reading = this.#read(bytes);
    if (isShort) this.#t0.silence();
    return reading;
  }

  /** What has begun and will not become complete, because something else happens; null when there is nothing. */
  flush(): LinkReading | null {
    if (this.#pending.length === 0) return null;
    const bytes = this.#pending;
    this.#pending = NO_BYTES;
    return this.#read(bytes);
  }

  /** What is received now: what follows an ATR unasked is no other one. */
  get #expected(): TraceUnit {
    return this.#unit === "atr" && this.#facts !== null
      ? "unknown"
      : this.#unit;
  }

  #isComplete(bytes: Uint8Array): boolean {
    switch (this.#expected) {
      case "atr":
        return bytes.length >= atrLengthSoFar(bytes, bytes.length);
      case "pps":
        return bytes.length >= ppsLength(bytes);
      case "t1":
        return bytes.length >= PROLOGUE_BYTES &&
          bytes.length >=
            PROLOGUE_BYTES + bytes[2] + (this.#facts?.edcBytes ?? 1);
      case "t0":
        return this.#t0.isComplete(bytes);
      default:
        return true;
    }
  }

  #read(bytes: Uint8Array): LinkReading {
    const unit = this.#expected;
    if (bytes.length === 0) return plain(unit, bytes, "silence");
    switch (unit) {
      case "atr":
        this.#facts = readAtr(bytes);
        return plain(unit, bytes, describeAtr(bytes));
      case "pps":
        this.#unit = bytes.length < ppsLength(bytes)
          ? "pps"
          : protocolUnit(bytes[1] & 0x0f);
        return plain(unit, bytes, describePps(bytes));
      case "t1": {
        const words = describeT1Block(bytes);
        return this.#choose(unit, bytes, words, this.#t1.received(bytes));
      }
      case "t0": {
        const { words, ...blanked } = this.#t0.received(bytes);
        return this.#choose(unit, bytes, words, blanked);
      }
      default:
        return plain(unit, bytes, `${bytes.length} bytes`);
    }
  }

  #protocolOfAtr(): TraceUnit {
    if (this.#facts === null) return "unknown";
    const { specific, protocols } = this.#facts;
    return protocolUnit(specific ?? protocols[0]);
  }

  #choose(
    unit: TraceUnit,
    bytes: Uint8Array,
    words: string,
    shown: { bytes: Uint8Array; blanked: boolean },
  ): LinkReading {
    return this.#shows
      ? plain(unit, bytes, words)
      : { unit, words, bytes: shown.bytes, blanked: shown.blanked };
  }

  #logicalReply(characters: Uint8Array): Uint8Array {
    if (this.#expected === "atr" && this.#pending.length === 0) {
      this.#isInverse = characters[0] === UNCONVERTED_INVERSE_TS;
    }
    return this.#logical(characters);
  }

  /** A copy in logical values. */
  #logical(characters: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(characters);
    if (this.#isInverse) SmartcardInvertData(bytes, bytes.length);
    return bytes;
  }
}

function plain(
  unit: TraceUnit,
  bytes: Uint8Array,
  words: string,
): LinkReading {
  return { unit, bytes, blanked: false, words };
}

function protocolUnit(protocol: number): TraceUnit {
  if (protocol === 0) return "t0";
  return protocol === 1 ? "t1" : "unknown";
}
