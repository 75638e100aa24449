/**
 * The cast of a walk: clients with their calls, a device, and something that happens once.
 *
 * @module
 */

import { CommandPacer } from "../../smclib/concurrency/pacer.ts";
import { Bench } from "./bench.ts";
import type { Operation } from "./operations.ts";
import type { Rules } from "./rules.ts";
import type { Stack } from "./stack.ts";
import type { Call } from "./trace.ts";

/** What a client of a cast does; its first connection is the one that it was given. */
export type Step =
  | "begin"
  | "transmit"
  | "status"
  | "end"
  | "end reset"
  | "disconnect"
  | "disconnect reset"
  | "reconnect"
  | "reconnect reset"
  | "reconnect exclusive"
  | "connect"
  | "connect exclusive"
  | "abandon"
  | "release";

/** What happens once. */
export type Event = "remove" | "exchange" | "reset" | "unplug" | "die" | "idle";

/** Two clients with a shared connection each, three calls each, and one event. */
export interface Cast {
  readonly clients: readonly (readonly Step[])[];
  readonly event: Event;
}

/** A cast in a line. */
export function castName({ clients, event }: Cast): string {
  const programs = clients.map((steps) => steps.join(", "));
  return `${programs.join(" | ")} | ${event}`;
}

/** Something that can happen next. */
export interface Choice {
  readonly word: string;
  make(): void;
}

interface Player {
  readonly context: number;
  handle: number;
  readonly steps: Step[];
  /** The call that it waits for. */
  call: Call | null;
}

/** The cast of one run. */
export class Players {
  readonly bench: Bench;
  readonly #players: Player[];
  readonly #pacer = new CommandPacer();
  readonly #third: number;
  #events: Event[];

  private constructor(bench: Bench, cast: Cast, made: number[][]) {
    this.bench = bench;
    const [[third], ...clients] = made;
    this.#third = third;
    this.#players = clients.map(([context, handle], index) => ({
      context,
      handle,
      steps: [...cast.clients[index]],
      call: null,
    }));
    this.#events = cast.event === "exchange"
      ? ["remove", "exchange"]
      : [cast.event];
    bench.setPacer(this.#pacer);
  }

  /** A card, two clients with a connection each; a third where a reset is to come. */
  static async create(
    rules: Rules,
    stack: Stack,
    cast: Cast,
  ): Promise<Players> {
    const bench = await Bench.create(rules, stack, "sync");
    bench.perform({ kind: "insert", mute: false });
    await bench.settle();
    const connect = async () => {
      const context = bench.perform({ kind: "establish" }).number;
      const { number } = bench.perform({
        kind: "connect",
        context,
        mode: "shared",
        protocols: 3,
      });
      await bench.settle();
      return [context, number];
    };
    const made: number[][] = [[-1]];
    for (const _ of cast.clients) made.push(await connect());
    if (cast.event === "reset") made[0] = [(await connect())[1]];
    return new Players(bench, cast, made);
  }

  /** What can happen now. */
  choices(): Choice[] {
    const choices: Choice[] = [];
    if (this.#pacer.waiting > 0) {
      choices.push({
        word: "the device answers",
        make: () => this.#pacer.release(0),
      });
    }
    for (const [index, player] of this.#players.entries()) {
      this.#follow(player);
      const isFree = player.call === null || player.call.outcome !== null;
      if (player.steps.length === 0 || !isFree) continue;
      const word = `${"AB"[index]}: ${player.steps[0]}`;
      choices.push({ word, make: () => this.#step(player) });
    }
    const [event] = this.#events;
    if (event !== undefined && this.#mayHappen(event)) {
      choices.push({ word: event, make: () => this.#happen(event) });
    }
    return choices;
  }

  /** Everybody goes. */
  finish(): Promise<void> {
    return this.bench.finish(() => this.#pacer.finish());
  }

  /** A client goes on with the connection that it made last. */
  #follow(player: Player): void {
    const { call } = player;
    if (call?.operation.kind !== "connect") return;
    if (call.outcome?.startsWith("ok")) player.handle = call.number;
  }

  #step(player: Player): void {
    const step = player.steps.shift();
    if (step === undefined) return;
    const isOpen = this.bench.witness.contexts.has(player.context);
    // A client that has died makes no calls.
    player.call = isOpen
      ? this.bench.perform(operationOf(step, player.context, player.handle))
      : null;
  }

  #mayHappen(event: Event): boolean {
    if (event !== "remove" && event !== "exchange") return true;
    const { device } = this.bench.witness;
    return device?.tracked === true &&
      device.state > 1 === (event === "remove");
  }

  #happen(event: Event): void {
    this.#events = this.#events.slice(1);
    const { bench } = this;
    switch (event) {
      case "exchange":
        bench.perform({ kind: "insert", mute: false });
        return;
      case "reset":
        bench.perform({
          kind: "disconnect",
          handle: this.#third,
          disposition: 1,
        });
        return;
      case "idle":
        bench.perform({ kind: "advance", milliseconds: 5001 });
        return;
      default:
        bench.perform({ kind: event });
    }
  }
}

function operationOf(step: Step, context: number, handle: number): Operation {
  const [word, how] = step.split(" ");
  const disposition = how === "reset" ? 1 : 0;
  const mode = how === "exclusive" ? "exclusive" : "shared";
  switch (word) {
    case "end":
    case "disconnect":
      return { kind: word, handle, disposition };
    case "reconnect":
      return {
        kind: "reconnect",
        handle,
        mode,
        protocols: 3,
        initialization: disposition,
      };
    case "connect":
      return { kind: "connect", context, mode, protocols: 3 };
    case "abandon":
    case "release":
      return { kind: word, context };
    default:
      return { kind: word as "begin" | "transmit" | "status", handle };
  }
}
