/** A clock that moves when told to. */
export class FakeTimers {
  #nowMs = 0;
  #next = 1;
  #timers = new Map<number, { at: number; callback: () => void }>();

  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  set(callback: () => void, delayMs: number): number {
    this.#timers.set(this.#next, { at: this.#nowMs + delayMs, callback });
    return this.#next++;
  }

  clear(handle: unknown): void {
    this.#timers.delete(handle as number);
  }

  advance(milliseconds: number): void {
    const end = this.#nowMs + milliseconds;
    while (true) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end)
        .sort(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.#nowMs = due[1].at;
      due[1].callback();
    }
    this.#nowMs = end;
  }
}
