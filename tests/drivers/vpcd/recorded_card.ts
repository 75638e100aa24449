/**
 * A card that notes what is done to it.
 *
 * @module
 */

import { fromHex, type MaybePromise, toHex } from "../../../src/bytes.ts";
import type { VpcdApduCard } from "../../../src/drivers/vpcd/mod.ts";
import { ATR_T1 } from "./scripted_card.ts";

/** How the card behaves, where not plainly. */
export interface Behaviour {
  readonly atr?: Uint8Array;
  readonly onPowerOn?: () => MaybePromise<void>;
  readonly onPowerOff?: () => MaybePromise<void>;
  readonly onApdu?: (command: Uint8Array) => MaybePromise<Uint8Array>;
}

/** A card with notes; it answers every command 9000, or as told. */
export class RecordedCard implements VpcdApduCard {
  /** `on`, `reset`, `off`, and commands in hexadecimal. */
  readonly notes: string[] = [];
  readonly #behaviour: Behaviour;

  /** A card that behaves so. */
  constructor(behaviour: Behaviour = {}) {
    this.#behaviour = behaviour;
  }

  get atr(): Uint8Array {
    return this.#behaviour.atr ?? ATR_T1;
  }

  powerOn(): MaybePromise<void> {
    this.notes.push("on");
    return this.#behaviour.onPowerOn?.();
  }

  reset(): void {
    this.notes.push("reset");
  }

  powerOff(): MaybePromise<void> {
    this.notes.push("off");
    return this.#behaviour.onPowerOff?.();
  }

  transmit(command: Uint8Array): MaybePromise<Uint8Array> {
    this.notes.push(toHex(command));
    return this.#behaviour.onApdu?.(command) ?? fromHex("9000");
  }

  /** The notes so far, which are forgotten with that. */
  take(): string {
    return this.notes.splice(0).join(" ");
  }
}
