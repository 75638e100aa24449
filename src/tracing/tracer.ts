/**
 * The hub of a trace: everything that is traced tells it, and it tells the sinks.
 *
 * @module
 */

import { SmartcardLogError, STATUS_UNSUCCESSFUL } from "../smclib/mod.ts";
import type { TraceDetail, TraceEvent, TraceFloor } from "./events.ts";

/** Takes the events of a trace, in order. */
export interface TraceSink {
  /** Takes one event; a sink that throws is logged, and disturbs nobody else. */
  write(event: TraceEvent): void;
}

/** Whether PIN data are replaced, or shown for all to read. */
export type PinTreatment = "blank" | "show";

/** How a trace is made. */
export interface TracerOptions {
  /** Who takes the events from the start. */
  readonly sinks?: readonly TraceSink[];
  /** Tells the time in microseconds, since 1970 where captures are to carry a date; default: no times. */
  readonly clock?: () => number;
  /**
   * What happens to PIN data; default "blank": on every floor, before any sink sees
   * them, what is behind Lc of VERIFY, CHANGE REFERENCE DATA, DISABLE and ENABLE
   * VERIFICATION REQUIREMENT and RESET RETRY COUNTER is replaced byte by byte, and so
   * is what a card answers besides SW1 SW2. Of a TRANSMIT whose SCARD_IO_REQUEST has not
   * eight bytes none behind those is shown.
   */
  readonly pins?: PinTreatment;
}

/** Numbers events, puts the time on them, and hands them to the sinks. */
export class Tracer {
  /** What happens to PIN data. */
  readonly pins: PinTreatment;
  readonly #clock: (() => number) | null;
  #sinks: readonly TraceSink[];
  #number = 0;

  /** Makes a tracer, which traces nothing by itself: see `traceDevice`, `traceCallbacks`, `traceLink`. */
  constructor(options: TracerOptions = {}) {
    this.pins = options.pins ?? "blank";
    this.#clock = options.clock ?? null;
    this.#sinks = [...options.sinks ?? []];
  }

  /** Whether anybody listens; what is traced does nothing of its own otherwise. */
  get isActive(): boolean {
    return this.#sinks.length > 0;
  }

  /** From now on `sink` hears of events, too. */
  addSink(sink: TraceSink): void {
    this.#sinks = [...this.#sinks, sink];
  }

  /** `sink` hears of nothing any more. */
  removeSink(sink: TraceSink): void {
    this.#sinks = this.#sinks.filter((other) => other !== sink);
  }

  /**
   * Tells the sinks.
   *
   * @param begin number of the event that this one ends or answers, or null
   * @returns the number of the event
   */
  emit(
    reader: string,
    floor: TraceFloor,
    begin: number | null,
    detail: TraceDetail,
  ): number {
    const number = ++this.#number;
    const timeMicroseconds = this.#clock === null ? null : this.#clock();
    const event = { number, begin, timeMicroseconds, reader, floor, detail };
    for (const sink of this.#sinks) {
      try {
        sink.write(event);
      } catch (error) {
        SmartcardLogError(sink, STATUS_UNSUCCESSFUL, `trace sink: ${error}`);
      }
    }
    return number;
  }
}
