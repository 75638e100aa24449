/**
 * A card made of a recording.
 *
 * @module
 */

import { NO_BYTES, toHex } from "../bytes.ts";
import { CommandBlanker } from "./blanking.ts";
import type { RecordedExchange, Recording } from "./recording.ts";
import {
  commandKey,
  joinGetResponse,
  recordedCase,
  type ReplayedCase,
} from "./replay_exchanges.ts";
import { type Player, playerOf, type ReplayMode } from "./replay_player.ts";

/** A command that the recording has no answer for. */
export interface ReplayMismatch {
  /** Number of the command since the card was made, from 1. */
  readonly number: number;
  /** The command, PIN data blanked. */
  readonly found: Uint8Array;
  /** The recorded command that was due, or null: at the end, or when any order will do. */
  readonly expected: Uint8Array | null;
  /** Both in words. */
  readonly message: string;
}

/** How a recording is replayed. */
export interface ReplayOptions {
  /**
   * "strict" (default): commands must come in the recorded order, and a reset where
   * commands were recorded behind one; resets before a reset's first command count once.
   * "lookup": any order; a command that was recorded several times gets its answers in
   * order, and the last one again and again.
   */
  readonly mode?: ReplayMode;
  /** Hears of each command that the recording has no answer for; it is answered 6F00. */
  readonly onMismatch?: (mismatch: ReplayMismatch) => void;
}

/** What a virtual card with contacts runs: complete C-APDUs in, complete R-APDUs out. */
export interface ReplayedApplication {
  /** Answers one command. @throws {Error} where the recorded card was silent */
  process(command: Uint8Array): Uint8Array;
  /** The card was reset. */
  reset(): void;
  /** Which case the header CLA INS P1 P2 P3 of T=0 belongs to. */
  commandCase(header: Uint8Array): ReplayedCase;
}

/** The answer to what was not recorded: no precise diagnosis. */
const UNKNOWN_ANSWER: readonly number[] = [0x6f, 0x00];
/** Mismatches that are kept. */
const MAX_MISMATCHES = 100;

/**
 * A card that answers as a recorded one did. It stands above its protocol: ATR and
 * APDUs, as a reader such as vpcd's sees a card. Its {@linkcode application} is what a
 * card with contacts, T=0 and T=1 runs. Where the recorded PIN is blanked, any PIN of
 * that length will do.
 */
export class ReplayedCard {
  readonly #recording: Recording;
  readonly #mode: ReplayMode;
  readonly #onMismatch: ((mismatch: ReplayMismatch) => void) | null;
  readonly #player: Player;
  readonly #blanker = new CommandBlanker("blank");
  readonly #mismatches: ReplayMismatch[] = [];
  #number = 0;

  /** Makes the card of a recording. @throws {RangeError} when no reset was recorded */
  constructor(recording: Recording, options: ReplayOptions = {}) {
    if (recording.resets.length === 0) {
      throw new RangeError(
        "Cannot replay a recording: no reset found, expected at least one",
      );
    }
    this.#recording = recording;
    this.#mode = options.mode ?? "strict";
    this.#onMismatch = options.onMismatch ?? null;
    this.#player = playerOf(this.#mode, recording.resets);
  }

  /** The ATR of the next reset. */
  get atr(): Uint8Array {
    return this.#player.atr.slice();
  }

  /** The first {@linkcode ReplayMismatch}es, at most 100. */
  get mismatches(): readonly ReplayMismatch[] {
    return [...this.#mismatches];
  }

  /** Whether all that was recorded has been played. In lookup mode: every answer once. */
  get isFinished(): boolean {
    return this.#player.isFinished;
  }

  /** Power on: a cold reset. */
  powerOn(): void {
    this.#player.reset();
  }

  /** A warm reset. */
  reset(): void {
    this.#player.reset();
  }

  /** Power off: nothing happens before the next reset. */
  powerOff(): void {}

  /**
   * One command, as it was recorded: under T=0 GET RESPONSE is one, too.
   *
   * @throws {Error} where the recorded card was silent
   */
  transmit(command: Uint8Array): Uint8Array {
    return this.#answer(this.#player, command);
  }

  /**
   * The recording as an application of its own position, to be put behind contacts:
   * `new ProtocolCard(card.application, { atr: card.atr })`. What GET RESPONSE fetched
   * under T=0 belongs to the command before. Where ENVELOPE was recorded under T=0, the
   * card with contacts must leave it alone (`t0: { envelope: false }`).
   */
  get application(): ReplayedApplication {
    const resets = this.#recording.resets.map(joinGetResponse);
    const player = playerOf(this.#mode, resets);
    const exchanges = resets.flatMap((reset) => [...reset.exchanges]);
    return {
      process: (command) => this.#answer(player, command),
      reset: () => player.reset(),
      commandCase: (header) => recordedCase(exchanges, header),
    };
  }

  #answer(player: Player, command: Uint8Array): Uint8Array {
    this.#number++;
    const blanked = this.#blanker.command(command);
    const keys = [commandKey(command), commandKey(blanked.bytes)];
    const found = player.play(keys);
    if (found === null) {
      this.#report(player.expected, blanked.bytes);
      this.#blanker.response(NO_BYTES);
      return Uint8Array.from(UNKNOWN_ANSWER);
    }
    this.#blanker.response(found.response ?? NO_BYTES);
    if (found.response === null) throw silence(found);
    return found.response.slice();
  }

  #report(due: RecordedExchange | null, found: Uint8Array): void {
    const expected = due?.command ?? null;
    const wanted = expected === null
      ? this.#mode === "strict" ? "no command" : "a recorded one"
      : toHex(expected);
    const mismatch: ReplayMismatch = {
      number: this.#number,
      found,
      expected: expected?.slice() ?? null,
      message: `Cannot replay command ${this.#number}: ${
        toHex(found)
      } found, expected ${wanted}`,
    };
    if (this.#mismatches.length < MAX_MISMATCHES) {
      this.#mismatches.push(mismatch);
    }
    this.#onMismatch?.(mismatch);
  }
}

function silence({ command, status }: RecordedExchange): Error {
  return new Error(
    `Cannot answer ${toHex(command)}: the recorded card did not (${status})`,
  );
}
