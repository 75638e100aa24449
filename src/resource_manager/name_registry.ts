/**
 * Names that are taken, and the next free one of a family of numbered ones.
 *
 * @module
 */

import { NumberSet } from "./number_set.ts";

// A number that is exact, as `${stem}${number}` writes it after a stem that ends with no digit.
const NUMBERED = /^(.*\D|)(0|[1-9]\d{0,14})$/s;

/** Finding a free name costs the same however many are taken. */
export class NameRegistry {
  #names = new Set<string>();
  #byStem = new Map<string, NumberSet>();

  /** Whether a name is taken. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Takes a name. */
  add(name: string): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    const parts = split(name);
    if (parts === null) return;
    const numbers = this.#byStem.get(parts.stem) ?? new NumberSet();
    numbers.add(parts.number);
    this.#byStem.set(parts.stem, numbers);
  }

  /** Gives a name back. */
  delete(name: string): void {
    if (!this.#names.delete(name)) return;
    const parts = split(name);
    if (parts === null) return;
    const numbers = this.#byStem.get(parts.stem);
    numbers?.delete(parts.number);
    if (numbers?.isEmpty) this.#byStem.delete(parts.stem);
  }

  /**
   * The first of `${stem}${from}`, `${stem}${from + 1}` ... that is free.
   *
   * @param stem what stands before the number; its last character is no digit
   */
  free(stem: string, from = 0): string {
    const number = this.#byStem.get(stem)?.firstMissing(from) ?? from;
    return `${stem}${number}`;
  }
}

/** Stem and number of a numbered name, or null. */
function split(name: string): { stem: string; number: number } | null {
  const found = name.match(NUMBERED);
  return found === null ? null : { stem: found[1], number: Number(found[2]) };
}
