import { MAX_COMMAND_BYTES } from "./application.ts";

/**
 * The command that the reader's chain makes up.
 *
 * A chain longer than any C-APDU is not kept: what remains of it is three
 * bytes, which no application takes for a command.
 */
export class T1Chain {
  #parts: Uint8Array[] = [];
  #length = 0;

  /** Appends the INF of an I-block. */
  add(inf: Uint8Array): void {
    if (this.#length > MAX_COMMAND_BYTES) return;
    this.#length += inf.length;
    if (this.#length > MAX_COMMAND_BYTES) this.#parts = [];
    else if (inf.length > 0) this.#parts.push(inf);
  }

  /** Forgets all. */
  clear(): void {
    this.#parts = [];
    this.#length = 0;
  }

  /** The command so far, in one piece. */
  bytes(): Uint8Array {
    if (this.#length > MAX_COMMAND_BYTES) return new Uint8Array(3);
    const whole = new Uint8Array(this.#length);
    let offset = 0;
    for (const part of this.#parts) {
      whole.set(part, offset);
      offset += part.length;
    }
    return whole;
  }
}
