/**
 * A resource manager with one reader at a time, driven by operations, and watched.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type Connection,
  type Reader,
  type ResourceContext,
  ResourceManager,
} from "../../../src/resource_manager/mod.ts";
import { type Pacer, quiet } from "../../smclib/concurrency/pacer.ts";
import { FakeTimers } from "../fake_timers.ts";
import { checkQuiet } from "./invariants_quiet.ts";
import { ModelReader, type Pace } from "./model_reader.ts";
import type { Operation } from "./operations.ts";
import { invoke } from "./perform.ts";
import type { Rules } from "./rules.ts";
import type { Stack } from "./stack.ts";
import { BrokenInvariant, type Call, type Trace } from "./trace.ts";
import { Witness } from "./witness.ts";

/** One run. */
export class Bench {
  readonly rules: Rules;
  readonly stack: Stack;
  readonly timers: FakeTimers = new FakeTimers();
  readonly manager: ResourceManager;
  readonly witness: Witness;
  readonly contexts: Map<number, ResourceContext> = new Map();
  /** When the device answers. */
  pace: Pace;
  /** Who decides that, if anybody. */
  pacer: Pacer | null = null;
  /** Called after each operation of a command. */
  observe: (call: Call) => Promise<void> = () => {
    this.check();
    return Promise.resolve();
  };
  #arriving: Promise<void> = Promise.resolve();

  private constructor(rules: Rules, stack: Stack, pace: Pace) {
    this.rules = rules;
    this.stack = stack;
    this.pace = pace;
    const profile = stack.profile?.(rules.profile) ?? rules.profile;
    this.manager = new ResourceManager({ profile, timers: this.timers });
    this.witness = new Witness(rules);
  }

  /** A manager and a reader without a card. */
  static async create(rules: Rules, stack: Stack, pace: Pace): Promise<Bench> {
    const bench = new Bench(rules, stack, pace);
    await bench.plug();
    return bench;
  }

  /** From now on `pacer` decides when the device answers. */
  setPacer(pacer: Pacer): void {
    this.pacer = pacer;
    this.pace = pacer;
    if (this.witness.device !== null) this.witness.device.pace = pacer;
  }

  /** A reader comes; it answers at once until it is known. */
  plug(): Promise<void> {
    const device = new ModelReader(this.witness);
    this.witness.device = device;
    this.witness.deaths = 0;
    this.witness.isDirty = false;
    const arrive = async () => {
      const reader = await this.manager.addReader(device, { name: "Model" });
      this.stack.reader?.(reader);
      this.witness.reader = reader;
      device.pace = this.pace;
    };
    this.#arriving = arrive();
    return this.#arriving;
  }

  /** The reader that is there. */
  get reader(): Reader | null {
    return this.witness.reader;
  }

  /** Connections that can be used, in order of their making. */
  get live(): Trace[] {
    return [...this.witness.traces.values()].filter(({ ended }) => !ended);
  }

  /** Whether calls through the connection make sense now. */
  mayUse: (handle: Trace) => boolean = () => true;

  /** Connections whose end was asked for. */
  get ended(): Trace[] {
    return [...this.witness.traces.values()].filter(({ ended }) => ended);
  }

  /** Does it, in one synchronous step. */
  perform(operation: Operation): Call {
    const { witness } = this;
    const handle = "handle" in operation
      ? witness.traces.get(operation.handle) ?? null
      : null;
    const context = "context" in operation
      ? operation.context
      : handle?.context ?? null;
    const { flags = 0x10, eventCount = 0 } = this.reader?.state ?? {};
    const outdated = operation.kind === "watch" &&
      operation.belief === "outdated";
    const unaware = operation.kind === "watch" &&
      operation.belief === "unaware";
    const isEnding = operation.kind === "release" ||
      operation.kind === "abandon";
    const call: Call = {
      number: witness.calls.length,
      operation,
      context,
      handle,
      start: witness.moment,
      wasEnded: !isEnding && context !== null &&
        (handle?.ended === true && !handle.mayBeOpen ||
          !witness.contexts.has(context)),
      wasOwner: handle !== null && (handle.begun > 0 ||
        witness.begins.some((begin) => begin.handle === handle)),
      abort: new AbortController(),
      believed: {
        flags: unaware ? 0 : flags,
        count: outdated ? (eventCount + 0xFFFF) & 0xFFFF : eventCount,
      },
      outcome: null,
      toldAfter: Infinity,
    };
    witness.called(call);
    invoke(this, call);
    return call;
  }

  /** A connection was made by this call. */
  connected(call: Call, connection: Connection): void {
    const { witness } = this;
    const { device } = connection.reader;
    const { operation } = call;
    if (!(device instanceof ModelReader)) return;
    if (operation.kind !== "connect") return;
    this.stack.connection?.(connection);
    const { mode, context } = operation;
    witness.traces.set(call.number, {
      number: call.number,
      context,
      connection,
      device,
      mode,
      ended: !witness.contexts.has(context),
      mayBeOpen: false,
      oldest: call.start,
      newest: witness.newest(mode, call.start),
      binding: 0,
      begun: 0,
      sure: false,
      ending: 0,
      since: 0,
    });
  }

  /** What holds at every moment. */
  check(): void {
    this.#explain(() => this.witness.check());
  }

  /** Lets everything settle that can, and checks what must hold then. */
  async settle(): Promise<void> {
    await this.#arriving;
    await quiet();
    this.check();
    if ((this.witness.device?.busy ?? 0) > 0) return;
    this.witness.settle();
    this.#explain(() => checkQuiet(this.witness));
  }

  #explain(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof BrokenInvariant)) throw error;
      throw new BrokenInvariant(
        `${error.message}\n${this.witness.transcript}`,
        { cause: error },
      );
    }
  }

  /** Everything is given back; nothing may be left. */
  async finish(answer: () => Promise<void>): Promise<void> {
    await answer();
    await this.settle();
    if (this.witness.device !== null) this.witness.device.dead = false;
    for (const context of [...this.witness.contexts]) {
      this.perform({ kind: "release", context });
    }
    await answer();
    await this.settle();
    const { reader, pending } = this.witness;
    const texts = pending.map(({ operation }) => operation.kind);
    assert.deepEqual(texts, [], "calls were never answered");
    assert.equal(reader?.connections.size ?? 0, 0, "connections are left");
    assert.equal(reader?.lock.owner ?? null, null, "the lock is held");
    assert.equal(reader?.lock.waiting ?? 0, 0, "somebody waits");
    await this.manager.close();
    assert.equal(this.timers.pending, 0, "timers are left");
  }
}
