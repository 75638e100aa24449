/**
 * Sees every call and every request to the device, and keeps {@linkcode Trace}s true.
 * What must hold is in invariants_*.ts.
 *
 * @module
 */

import type { Reader, ShareMode } from "../../../src/resource_manager/mod.ts";
import {
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_TRANSMIT,
} from "../../../src/smclib/mod.ts";
import {
  checkExchange,
  checkOwners,
  checkReset,
  checkSender,
} from "./invariants_device.ts";
import { checkOutcome } from "./invariants_outcome.ts";
import { learn } from "./learn.ts";
import type { DeviceWitness, ModelReader } from "./model_reader.ts";
import { describe } from "./operations.ts";
import type { Rules } from "./rules.ts";
import {
  type Call,
  isNewer,
  law,
  type Moment,
  owns,
  type Trace,
} from "./trace.ts";

/** Calls that begin or end transactions. */
const TURNS: ReadonlySet<string> = new Set(["begin", "end", "reconnect"]);

/** Everything that is known from outside. */
export class Witness implements DeviceWitness {
  readonly rules: Rules;
  readonly calls: Call[] = [];
  readonly traces: Map<number, Trace> = new Map();
  /** Contexts that are open. */
  readonly contexts: Set<number> = new Set();
  /** Contexts whose end was told. */
  readonly gone: Set<number> = new Set();
  /** Begins that wait, in order of their calls. */
  begins: Call[] = [];
  /** The reader that is there. */
  device: ModelReader | null = null;
  reader: Reader | null = null;
  losses = 0;
  /** Failures of the device that is there. */
  deaths = 0;
  /** A client died in a transaction, and the card has not been reset since. */
  isDirty = false;
  /** Virtual time, in milliseconds. */
  now = 0;
  /** When the owner was last seen to do something. */
  lastUse = 0;
  /** The idle rule ends a transaction: it is gone when the card has been reset. */
  isIdling = false;
  /** The first invariant that was broken where nobody could be told. */
  broken: unknown = null;

  /** Makes a witness of a manager of this kind. */
  constructor(rules: Rules) {
    this.rules = rules;
  }

  /** The card now. */
  get moment(): Moment {
    const { session = 0, resets = 0, state = 1 } = this.device ?? {};
    return { session, resets, losses: this.losses, isAbsent: state === 1 };
  }

  /** The newest card that a connection may be tied to now; one without a card never loses it. */
  newest(mode: ShareMode, start: Moment): Moment {
    const { moment } = this;
    const mayBeAbsent = start.isAbsent || moment.isAbsent ||
      start.session !== moment.session;
    const isCardless = mode === "direct" && mayBeAbsent;
    if (!isCardless) return moment;
    return { ...moment, session: Infinity, resets: Infinity };
  }

  /** The connection that certainly owns the reader. */
  get owner(): Trace | null {
    for (const trace of this.traces.values()) {
      if (owns(trace, this.losses)) return trace;
    }
    return null;
  }

  /** Calls that have not been told anything. */
  get pending(): Call[] {
    return this.calls.filter((call) =>
      call.outcome === null && call.context !== null
    );
  }

  arrived(device: ModelReader, code: number, input: Uint8Array): void {
    this.#note(() => {
      law(device.busy === 1, () => "the device works on two requests at once");
      if (code === IOCTL_SMARTCARD_TRANSMIT) {
        checkExchange(this, device, input);
        checkSender(this, device, input);
      }
      if (code === IOCTL_SMARTCARD_POWER) checkReset(this, device);
    });
  }

  answered(device: ModelReader, code: number, input: Uint8Array): void {
    this.#note(() => {
      if (code === IOCTL_SMARTCARD_TRANSMIT) checkExchange(this, device, input);
      if (code !== IOCTL_SMARTCARD_POWER || !this.isIdling) return;
      this.isIdling = false;
      this.losses++;
    });
  }

  /** A call is about to be made. */
  called(call: Call): void {
    this.calls.push(call);
    const { operation, handle } = call;
    const isUse = operation.kind !== "end" || operation.disposition !== 0;
    if (isUse && handle !== null && owns(handle, this.losses)) {
      this.lastUse = this.now;
    }
    switch (operation.kind) {
      case "release":
      case "abandon": {
        const { context } = operation;
        const { owner } = this;
        this.isDirty ||= owner?.context === context &&
          owner.device.state > 1 &&
          owner.oldest.session === this.moment.session;
        this.contexts.delete(context);
        for (const trace of this.traces.values()) {
          if (trace.context === context) trace.ended = true;
        }
        return;
      }
      case "disconnect":
        if (handle !== null) handle.ended = true;
        return;
      case "begin":
        this.begins.push(call);
        return;
      case "end":
        if (handle === null) return;
        handle.ending++;
        // One that knows that the card was reset ends every transaction at once.
        if (isNewer(this.moment, handle.oldest)) handle.sure = false;
        if (operation.disposition !== 0) handle.binding++;
        return;
      case "reconnect":
        if (handle === null) return;
        handle.mode = null;
        handle.binding++;
        if (!this.rules.reconnectKeeps) handle.sure = false;
    }
  }

  /** A call was told `outcome`. */
  settled(call: Call, outcome: string): void {
    this.#note(() => {
      law(call.outcome === null, () => `call ${call.number} is told twice`);
      call.outcome = outcome;
      call.toldAfter = this.calls.length;
      checkOutcome(this, call, outcome);
      learn(this, call, outcome.startsWith("ok"));
      checkOwners(this);
    });
  }

  /** Whether another begin, end or reconnect of its connection was under way beside a call. */
  overlaps({ number, handle }: Call): boolean {
    return handle !== null &&
      this.calls.some((other) =>
        other.handle === handle && other.number !== number &&
        other.toldAfter > number && TURNS.has(other.operation.kind)
      );
  }

  /** Nothing is under way: which disconnects were called off in time is certain. */
  settle(): void {
    for (const trace of this.traces.values()) {
      if (!trace.mayBeOpen) continue;
      trace.mayBeOpen = false;
      trace.ended = trace.connection.closed || trace.connection.closing ||
        !this.contexts.has(trace.context);
    }
  }

  /** Fails if an invariant was broken. */
  check(): void {
    if (this.broken !== null) throw this.broken;
    checkOwners(this);
  }

  /** What was called, and what was told. */
  get transcript(): string {
    return this.calls.map(({ number, operation, outcome }) =>
      `${number} ${describe(operation)}: ${outcome ?? "waits"}`
    ).join("\n");
  }

  #note(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.broken ??= error;
    }
  }
}
