/**
 * The event that is signalled while the service runs.
 *
 * @module
 */

import type { ResourceManager } from "../resource_manager/mod.ts";

/** Longest wait of {@linkcode StartedEvent.wait}, in milliseconds. */
const MAX_WAIT_MS = 0x7FFFFFFF;

/** An event that is signalled while the service runs (SCardAccessStartedEvent). */
export interface StartedEvent {
  /** Whether the service runs; false once the event was given back. */
  readonly signalled: boolean;
  /**
   * Waits until the service runs.
   *
   * @param timeoutMs milliseconds, 0 to 2 147 483 647
   * @returns at once when it runs; otherwise false when the time has passed
   * @throws {RangeError} for another timeout
   */
  wait(timeoutMs: number): Promise<boolean>;
}

/** Counts how often the event of a manager was taken and given back. */
export class StartedEvents {
  #manager: ResourceManager;
  #references = 0;
  #event: ServiceEvent | null = null;

  /** Nobody has the event. */
  constructor(manager: ResourceManager) {
    this.#manager = manager;
  }

  /** Takes the event; the same one as long as somebody has it. */
  access(): StartedEvent {
    this.#references++;
    return this.#event ??= new ServiceEvent(this.#manager);
  }

  /** Gives the event back once; too often does nothing. */
  release(): void {
    if (this.#references === 0) return;
    if (--this.#references > 0) return;
    this.#event?.close();
    this.#event = null;
  }
}

class ServiceEvent implements StartedEvent {
  #manager: ResourceManager;
  #closed = false;

  constructor(manager: ResourceManager) {
    this.#manager = manager;
  }

  get signalled(): boolean {
    return !this.#closed && !this.#manager.closed;
  }

  wait(timeoutMs: number): Promise<boolean> {
    if (!(timeoutMs >= 0 && timeoutMs <= MAX_WAIT_MS)) {
      throw new RangeError(
        `Cannot wait for the service: ${timeoutMs} ms, expected 0 to ${MAX_WAIT_MS}`,
      );
    }
    if (this.signalled || timeoutMs === 0) {
      return Promise.resolve(this.signalled);
    }
    // A manager that was closed stays so.
    return new Promise((resolve) =>
      this.#manager.timers.set(() => resolve(false), timeoutMs)
    );
  }

  close(): void {
    this.#closed = true;
  }
}
