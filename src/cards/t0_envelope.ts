/**
 * ENVELOPE: extended APDUs over T=0 (ISO/IEC 7816-3 12.2).
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";
import { MAX_COMMAND_BYTES } from "./application.ts";

/** What a segment of ENVELOPE leads to. */
export type T0EnvelopeStep =
  /** More segments are to come. */
  | { readonly kind: "incomplete" }
  /** What came cannot become a C-APDU. */
  | { readonly kind: "broken" }
  /** A whole C-APDU; `mayHaveLength` when two bytes of Le may still follow. */
  | {
    readonly kind: "command";
    readonly command: Uint8Array;
    readonly mayHaveLength: boolean;
  }
  /** Le came after its command had run. */
  | {
    readonly kind: "length";
    readonly response: Uint8Array;
    readonly ne: number;
  };

/**
 * Puts the segments of ENVELOPE together to an extended C-APDU (ISO/IEC
 * 7816-3 12.2).
 *
 * Nothing in the transport says which segment is the last, so LEN decides: at
 * 9 + Nc bytes the command is complete. At 7 + Nc bytes it may be, or Le may
 * come alone in one more segment: the command is run then with the largest
 * Le, and `awaitLength` keeps the response until Le comes, if it does.
 */
export class T0Envelope {
  #bytes: Uint8Array = NO_BYTES;
  #response: Uint8Array | null = null;

  /** Forgets segments and response. */
  clear(): void {
    this.#bytes = NO_BYTES;
    this.#response = null;
  }

  /** Keeps the response of a command whose Le may follow. */
  awaitLength(response: Uint8Array): void {
    this.#response = response;
  }

  /** Takes a segment; an empty one says that there are no more. */
  add(segment: Uint8Array): T0EnvelopeStep {
    const response = this.#response;
    this.#response = null;
    if (response !== null && segment.length === 2) {
      const le = segment[0] << 8 | segment[1];
      return { kind: "length", response, ne: le === 0 ? 65_536 : le };
    }
    const bytes = new Uint8Array(this.#bytes.length + segment.length);
    bytes.set(this.#bytes);
    bytes.set(segment, this.#bytes.length);
    this.#bytes = bytes;
    if (segment.length === 0) return this.#end(bytes, false);
    if (bytes.length > MAX_COMMAND_BYTES) return this.#fail();
    if (bytes.length >= 5 && bytes[4] !== 0) return this.#short(bytes);
    if (bytes.length < 7) return { kind: "incomplete" };
    const withoutLe = 7 + (bytes[5] << 8 | bytes[6]);
    if (bytes.length < withoutLe) return { kind: "incomplete" };
    if (bytes.length === withoutLe + 2) return this.#end(bytes, false);
    if (withoutLe === 7) return this.#end(bytes, false); // case 2E
    return bytes.length === withoutLe
      ? this.#end(bytes, true)
      : bytes.length === withoutLe + 1
      ? { kind: "incomplete" }
      : this.#fail();
  }

  /** A short C-APDU may be wrapped too. */
  #short(bytes: Uint8Array): T0EnvelopeStep {
    const withoutLe = 5 + bytes[4];
    if (bytes.length < withoutLe) return { kind: "incomplete" };
    return this.#end(bytes, false);
  }

  #end(bytes: Uint8Array, mayHaveLength: boolean): T0EnvelopeStep {
    this.clear();
    if (bytes.length === 0) return { kind: "broken" };
    if (!mayHaveLength) {
      return { kind: "command", command: bytes, mayHaveLength };
    }
    const command = new Uint8Array(bytes.length + 2); // Le = 0: all there is
    command.set(bytes);
    return { kind: "command", command, mayHaveLength };
  }

  #fail(): T0EnvelopeStep {
    this.clear();
    return { kind: "broken" };
  }
}
