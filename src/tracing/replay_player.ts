/**
 * The order in which recorded exchanges are played.
 *
 * @module
 */

import { equalBytes } from "../bytes.ts";
import type { RecordedExchange, RecordedReset } from "./recording.ts";
import { commandKey } from "./replay_exchanges.ts";

/** Whether commands must come in the recorded order. */
export type ReplayMode = "strict" | "lookup";

/** Where a replay is. */
export interface Player {
  /** The ATR of the next reset. */
  readonly atr: Uint8Array;
  /** The exchange that is due, or null. */
  readonly expected: RecordedExchange | null;
  /** Whether all was played. */
  readonly isFinished: boolean;
  /** The card is reset. */
  reset(): void;
  /** The exchange of a command with one of these keys, or null. */
  play(keys: readonly string[]): RecordedExchange | null;
}

/** A player over `resets`, of which there is at least one. */
export function playerOf(
  mode: ReplayMode,
  resets: readonly RecordedReset[],
): Player {
  return mode === "strict"
    ? new StrictPlayer(resets)
    : new LookupPlayer(resets);
}

/** Without resets that nothing follows before another one with the same ATR. */
function withoutIdle(resets: readonly RecordedReset[]): RecordedReset[] {
  return resets.filter((reset, i) => {
    const next = resets[i + 1];
    return next === undefined || reset.exchanges.length > 0 ||
      !equalBytes(reset.atr, next.atr);
  });
}

/** In the recorded order. */
class StrictPlayer implements Player {
  readonly #resets: readonly RecordedReset[];
  /** Before the first reset, -1. */
  #at = -1;
  #played = 0;

  constructor(resets: readonly RecordedReset[]) {
    this.#resets = withoutIdle(resets);
  }

  /** Where the next reset leads: on, unless nothing was played of what there is. */
  get #next(): number {
    if (this.#at < 0) return 0;
    const isUntouched = this.#played === 0 &&
      this.#resets[this.#at].exchanges.length > 0;
    return isUntouched
      ? this.#at
      : Math.min(this.#at + 1, this.#resets.length - 1);
  }

  get atr(): Uint8Array {
    return this.#resets[this.#next].atr;
  }

  get expected(): RecordedExchange | null {
    return this.#resets[this.#at]?.exchanges[this.#played] ?? null;
  }

  get isFinished(): boolean {
    return this.#at === this.#resets.length - 1 && this.expected === null;
  }

  reset(): void {
    const next = this.#next;
    // Behind the last reset there is nothing to play again.
    if (next !== this.#at) this.#played = 0;
    this.#at = next;
  }

  play(keys: readonly string[]): RecordedExchange | null {
    const { expected } = this;
    if (expected === null || !keys.includes(commandKey(expected.command))) {
      return null;
    }
    this.#played++;
    return expected;
  }
}

/** By command. */
class LookupPlayer implements Player {
  readonly #resets: readonly RecordedReset[];
  readonly #answers = new Map<
    string,
    { exchanges: RecordedExchange[]; played: number }
  >();
  #at = -1;
  readonly expected = null;

  constructor(resets: readonly RecordedReset[]) {
    this.#resets = withoutIdle(resets);
    for (const exchange of resets.flatMap((reset) => [...reset.exchanges])) {
      const key = commandKey(exchange.command);
      const answers = this.#answers.get(key);
      if (answers !== undefined) answers.exchanges.push(exchange);
      else this.#answers.set(key, { exchanges: [exchange], played: 0 });
    }
  }

  get atr(): Uint8Array {
    return this.#resets[Math.min(this.#at + 1, this.#resets.length - 1)].atr;
  }

  get isFinished(): boolean {
    return this.#answers.values().every(({ exchanges, played }) =>
      played >= exchanges.length
    );
  }

  reset(): void {
    this.#at = Math.min(this.#at + 1, this.#resets.length - 1);
  }

  play(keys: readonly string[]): RecordedExchange | null {
    const key = keys.find((key) => this.#answers.has(key));
    const answers = key === undefined ? undefined : this.#answers.get(key);
    if (answers === undefined) return null;
    const last = answers.exchanges.length - 1;
    const exchange = answers.exchanges[Math.min(answers.played, last)];
    answers.played++;
    return exchange;
  }
}
