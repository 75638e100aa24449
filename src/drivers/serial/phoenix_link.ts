/**
 * The link to a card in a Phoenix or Smartmouse adaptor.
 *
 * @module
 */

import { chain, type MaybePromise } from "../../bytes.ts";
import type { CardLink, LinkSettings } from "../../contact_reader/mod.ts";
import { Convention } from "./convention.ts";
import {
  SmartcardLogError,
  STATUS_DEVICE_PROTOCOL_ERROR,
} from "../../smclib/mod.ts";
import {
  type LineUse,
  type PhoenixLinkOptions,
  type PhoenixSettings,
  phoenixSettings,
} from "./phoenix_options.ts";
import { portRate } from "./phoenix_rates.ts";
import { PhoenixWire, type WireSettings } from "./phoenix_wire.ts";
import type { OutputLines, SerialPort } from "./serial_port.ts";

/** Latest start of TS after the end of the reset, in clocks, and the length of TS in etu. */
const LATEST_TS_CLOCKS = 40_000;
const TS_ETU = 12;
/** What two roundings add to a guard time. */
const ROUNDING_MICROSECONDS = 2;
/** The shortest character, that of N = 255 under T=1. */
const LEAST_GUARD_ETU = 11;
/** Until ATR or PPS say otherwise. */
const DEFAULT_F = 372;
const DEFAULT_D = 1;

/** Why nothing is to be heard until the next reset, or (deaf) until something is sent. */
type Hearing = "all" | "deaf" | "gone";

/**
 * A card behind a serial port: its reset on an output line, its I/O contact on both
 * data lines. Characters are handed over as the UART reads them; those of an
 * inverse-convention card are told by TS, and have their parity inverted, too.
 *
 * A character with a wrong parity ends a reception: what was good before it is handed
 * over, and the rest is dropped until the reader sends again, for which the link waits
 * until the card is silent. So T=1 repeats the block, and T=0 ends with an error
 * instead of wrong data. A UART cannot pull the line down in the guard time as T=0's
 * receiver should, nor repeat a character that the card asks for
 * again: there is no character repetition over such adaptors. The same happens when
 * what comes back is not what was sent: a collision, which is logged.
 */
export class PhoenixLink implements CardLink {
  readonly #options: PhoenixSettings;
  readonly #wire: PhoenixWire;
  #hearing: Hearing = "gone";
  /** Counts resets, power cuts and removals: whoever waits sees that its card is gone. */
  #epoch = 0;
  readonly #convention = new Convention();

  /**
   * Takes over `port` and deactivates the card.
   *
   * @param onLost told once when the port fails for good or is closed
   * @throws {RangeError} when an option is out of range, or the port has no speed for 372/1
   * @throws {SerialPortError} when the port has no such lines or refuses the speed
   */
  constructor(
    port: SerialPort,
    options: PhoenixLinkOptions = {},
    onLost: (error: unknown) => void = () => {},
  ) {
    this.#options = phoenixSettings(options);
    const settings = this.#settingsFor(DEFAULT_F, DEFAULT_D, 12, 2);
    if (settings === null) {
      throw new RangeError(
        `Cannot set up a Phoenix reader: no speed of the port within 1 % of ${
          Math.round(this.#options.clockKhz * 1000 / DEFAULT_F)
        } bit/s found, expected one`,
      );
    }
    port.configure({ ...settings, marksDamage: this.#options.checkParity });
    // Adaptors live on the lines that have no other use.
    port.setLines({ rts: true, dtr: true, ...this.#idleLines() });
    this.#wire = new PhoenixWire(port, this.#options, settings, onLost);
  }

  /** Settles when the port has ended. */
  get done(): Promise<void> {
    return this.#wire.done;
  }

  get available(): number {
    return this.#hearing === "all" ? this.#wire.queue.length : 0;
  }

  /** The card has gone: the contacts are deactivated, and what waits for it ends at once. */
  cardGone(): void {
    this.#deactivate();
    this.#wire.queue.interrupt();
  }

  async powerOff(): Promise<void> {
    this.#deactivate();
    this.#wire.queue.interrupt();
    if (this.#options.power === null) return;
    await this.#wire.pause(this.#options.resetHoldMs);
  }

  async reset(_kind: "cold" | "warm"): Promise<void> {
    const { reset, power, resetHoldMs } = this.#options;
    const wire = this.#wire;
    const epoch = ++this.#epoch;
    this.#hearing = "gone";
    const settings = this.#settingsFor(DEFAULT_F, DEFAULT_D, 12, 2);
    // Power before reset ends, so that both kinds end alike; a warm one finds it on.
    wire.setLines({ ...lineLevel(reset, true), ...lineLevel(power, true) });
    if (settings === null || wire.configure(settings) !== null) return;
    await wire.pause(resetHoldMs);
    if (epoch !== this.#epoch) return;
    wire.flush();
    this.#convention.reset(this.#options.checkParity);
    this.#hearing = "all";
    wire.setLines(lineLevel(reset, false));
  }

  async send(bytes: Uint8Array): Promise<void> {
    const wire = this.#wire;
    const epoch = this.#epoch;
    const isOver = () =>
      epoch !== this.#epoch || this.#hearing === "gone" || wire.isLost;
    if (isOver()) return;
    await (this.#hearing === "deaf" ? wire.quiet() : wire.turn());
    if (isOver()) return;
    this.#hearing = "all";
    const { parity } = this.#convention;
    if (wire.settings.parity !== parity) {
      this.#configure({ ...wire.settings, parity });
      if (isOver()) return;
    }
    const problem = await wire.send(bytes, isOver);
    if (problem === null || isOver()) return;
    this.#hearing = "deaf";
    this.#log(`Cannot send to the card: ${problem}`);
  }

  receive(
    target: Uint8Array,
    offset: number,
    wanted: number,
    waitMicroseconds: number,
    gapMicroseconds: number = waitMicroseconds,
  ): MaybePromise<number> {
    if (this.#hearing !== "all" || this.#wire.isLost) return 0;
    const take = () => this.#take(target, offset, wanted);
    const { queue } = this.#wire;
    if (queue.length >= wanted) return take();
    const { clockKhz, hostLatencyMs } = this.#options;
    const gapMs = Math.ceil(gapMicroseconds / 1000 + hostLatencyMs);
    const latestTsMs = LATEST_TS_CLOCKS / clockKhz +
      this.#wire.milliseconds(TS_ETU) + hostLatencyMs;
    return chain(
      queue.wait(wanted, {
        totalMs: Math.ceil(waitMicroseconds / 1000 + hostLatencyMs),
        gapMs,
        firstMs: this.#convention.isUnknown && queue.length === 0
          ? Math.min(gapMs, Math.ceil(latestTsMs))
          : gapMs,
      }),
      take,
    );
  }

  configure(settings: LinkSettings): void {
    if (this.#hearing === "gone") return;
    const { f, d, guardTimeMicroseconds, stopBits } = settings;
    const etuMicroseconds = f * 1000 / (this.#options.clockKhz * d);
    // Whole microseconds, rounded up twice, must not make 12 etu more than 12.
    const guardEtu = Math.max(
      LEAST_GUARD_ETU,
      (guardTimeMicroseconds - ROUNDING_MICROSECONDS) / etuMicroseconds,
    );
    // PPS of a card that will take 11 etu still needs 12 (ISO/IEC 7816-3 9).
    const isShort = stopBits === 1 && guardEtu <= LEAST_GUARD_ETU;
    const next = this.#settingsFor(f, d, guardEtu, isShort ? 1 : 2);
    if (next !== null) return this.#configure(next);
    this.#log(
      `Cannot follow the card to F ${f} and D ${d}: the port has no such speed`,
    );
    this.#hearing = "gone";
  }

  #settingsFor(
    f: number,
    d: number,
    guardEtu: number,
    stopBits: 1 | 2,
  ): WireSettings | null {
    const { rates, clockKhz } = this.#options;
    const baudRate = portRate(rates, clockKhz, f, d);
    const { parity } = this.#convention;
    return baudRate === null ? null : { baudRate, parity, stopBits, guardEtu };
  }

  #configure(settings: WireSettings): void {
    const problem = this.#wire.configure(settings);
    if (problem === null) return;
    this.#log(problem);
    this.#hearing = "gone";
  }

  /** Hands over what has come, up to a character with a wrong parity. */
  #take(target: Uint8Array, offset: number, wanted: number): number {
    if (this.#hearing !== "all") return 0;
    const { queue, settings: { parity } } = this.#wire;
    const length = Math.min(wanted, queue.length, target.length - offset);
    for (let count = 0; count < length; count++) {
      const character = queue.at(count);
      if (!this.#convention.isRight(character, parity)) {
        this.#hearing = "deaf";
        queue.clear();
        return count;
      }
      target[offset + count] = character & 0xFF;
    }
    queue.drop(length);
    return length;
  }

  #deactivate(): void {
    this.#epoch++;
    this.#hearing = "gone";
    this.#wire.setLines(this.#idleLines());
  }

  /** The card in reset, and without power where a line gives it. */
  #idleLines(): OutputLines {
    const { reset, power } = this.#options;
    return { ...lineLevel(reset, true), ...lineLevel(power, false) };
  }

  #log(text: string): void {
    SmartcardLogError(this, STATUS_DEVICE_PROTOCOL_ERROR, text);
  }
}

/** The level of a line so that it acts, or does not. */
function lineLevel(use: LineUse | null, acts: boolean): OutputLines {
  return use === null ? {} : { [use.line]: acts !== (use.inverted ?? false) };
}
