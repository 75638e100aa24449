/**
 * How many connections share a reader in which way.
 *
 * @module
 */

import type { ShareMode } from "./sharing.ts";

/** Connections by share mode: asking who is there costs the same however many are. */
export class SharingTally {
  #counts: Record<ShareMode, number> = { shared: 0, exclusive: 0, direct: 0 };

  /** Connections of this mode. */
  count(mode: ShareMode): number {
    return this.#counts[mode];
  }

  /** One more. */
  add(mode: ShareMode): void {
    this.#counts[mode]++;
  }

  /** One less. */
  remove(mode: ShareMode): void {
    this.#counts[mode]--;
  }

  /**
   * The modes that exist, each once.
   *
   * @param except a connection's mode that does not count, once
   */
  modes(except: ShareMode | null = null): ShareMode[] {
    const modes: ShareMode[] = [];
    for (const mode of ["shared", "exclusive", "direct"] as const) {
      const own = mode === except ? 1 : 0;
      if (this.#counts[mode] > own) modes.push(mode);
    }
    return modes;
  }
}
