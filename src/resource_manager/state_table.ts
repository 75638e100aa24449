/**
 * Transitions as data: what may happen in which phase, where it leads, and the rule
 * that says so. What has no row must not happen.
 *
 * Whoever edits a table: one row for each phase and event, its rule in words; run
 * `deno task draw` afterwards; `tests/scripts/manager_diagram_test.ts` wants every
 * row to be taken by a running manager.
 *
 * @module
 */

/** One row: in the phases `from`, the event `on` leads to the phase `to`. */
export interface TransitionRow<Phase extends string, Event extends string> {
  /** Where it may happen. */
  readonly from: Phase | readonly Phase[];
  /** What happens. */
  readonly on: Event;
  /** Where it leads; left out: nowhere, the phase stays. */
  readonly to?: Phase;
  /** What demands this: an interface's rule, or a decision of this engine. */
  readonly rule: string;
}

/** The phases of one kind of object. */
export class StateTable<Phase extends string, Event extends string> {
  /** Whose phases: `card`. */
  readonly subject: string;
  /** Where every object of this kind begins. */
  readonly initial: Phase;
  /** As written, in order. */
  readonly rows: readonly TransitionRow<Phase, Event>[];
  #cells = new Map<Phase, Map<Event, Phase>>();

  /**
   * A table made of rows.
   *
   * @param subject for messages and the drawing
   * @throws {Error} when two rows speak about the same phase and event
   */
  constructor(
    subject: string,
    initial: Phase,
    rows: readonly TransitionRow<Phase, Event>[],
  ) {
    this.subject = subject;
    this.initial = initial;
    this.rows = rows;
    for (const { from, on, to } of rows) {
      for (const phase of phasesOf(from)) this.#add(phase, on, to ?? phase);
    }
  }

  #add(phase: Phase, event: Event, to: Phase): void {
    const cells = this.#cells.get(phase) ?? new Map<Event, Phase>();
    if (cells.has(event)) {
      throw new Error(
        `Cannot make the table of the ${this.subject}: two rows for "${event}" while "${phase}" found, expected one`,
      );
    }
    this.#cells.set(phase, cells.set(event, to));
  }

  /**
   * Where an event leads.
   *
   * @throws {Error} when it has no row: the engine contradicts itself
   */
  next(phase: Phase, event: Event): Phase {
    const to = this.#cells.get(phase)?.get(event);
    if (to !== undefined) return to;
    const expected = [...this.#cells.get(phase)?.keys() ?? []];
    throw new Error(
      `Cannot go on with the ${this.subject}: "${event}" while "${phase}" found, expected ${
        expected.length === 0 ? "no event" : expected.join(", ")
      }`,
    );
  }
}

/** The phases that a row begins in, as a list. */
export function phasesOf<Phase extends string>(
  from: Phase | readonly Phase[],
): readonly Phase[] {
  return typeof from === "string" ? [from] : from;
}
