/**
 * The client program: the same for both services.
 *
 * @module
 */

import { kill, output } from "./children.ts";
import type { ServicePlan } from "./services.ts";

/** How long the client has for one measurement, besides its time to measure, in milliseconds. */
const DEADLINE_MS = 60_000;
/** Most that one insertion takes, in milliseconds. */
const INSERTION_MS = 4000;

/** What clients do over and over. */
export type WorkKind = "short" | "long" | "connect" | "transaction" | "spaced";

/** What clients are to do. */
export interface Load {
  /** Over and over. */
  readonly kind: WorkKind;
  /** Processes. */
  readonly clients: number;
  /** Of the service, taken in turns. */
  readonly readers: readonly string[];
  /** What counts, in milliseconds. */
  readonly windowMs: number;
  /** What goes before, in milliseconds. */
  readonly warmUpMs: number;
}

/** What they did. */
export interface LoadResult {
  /** Operations per second, of all together. */
  readonly rate: number;
  /** Median time of an operation, in microseconds. */
  readonly p50Us: number;
  /** 99th percentile. */
  readonly p99Us: number;
  /** Operations of the client that had fewest. */
  readonly least: number;
  /** Operations of the client that had most. */
  readonly most: number;
  /** Longest that a transaction took to begin, in microseconds. */
  readonly longestWaitUs: number;
}

/** Time from something to what came of it, in microseconds. */
export interface InsertionResult {
  /** Median. */
  readonly p50Us: number;
}

/** Time from exec on, in microseconds. */
export interface StartResult {
  /** Until SCardEstablishContext succeeds. */
  readonly answerUs: number;
  /** Until SCardListReaders names the reader. */
  readonly readerUs: number;
}

/** Runs the client program against services. */
export class Client {
  readonly #program: string;

  /** @param program the program compiled */
  constructor(program: string) {
    this.#program = program;
  }

  /** Lets clients work. */
  async load(plan: ServicePlan, load: Load): Promise<LoadResult> {
    const { kind, clients, windowMs, warmUpMs, readers } = load;
    return numbers<LoadResult>(
      await this.#run(
        plan,
        windowMs,
        ["load", kind, `${clients}`, `${windowMs}`, `${warmUpMs}`, ...readers],
      ),
      ["rate", "p50Us", "p99Us", "least", "most", "longestWaitUs"],
    );
  }

  /** Waits until the service has noticed that a card came in, or went. */
  async awaitCard(
    plan: ServicePlan,
    reader: string,
    state: "empty" | "present",
  ): Promise<void> {
    await this.#run(plan, 0, ["await", reader, state]);
  }

  /** Puts a card into the second reader, which is empty, time and again. */
  async insert(plan: ServicePlan, times: number): Promise<InsertionResult> {
    const [, port] = plan.ports;
    return numbers<InsertionResult>(
      await this.#run(
        plan,
        times * INSERTION_MS,
        ["insert", `${times}`, `${port}`, plan.readers[1]],
      ),
      ["p50Us"],
    );
  }

  /** Starts a service that does not run, and ends it. */
  async start(plan: ServicePlan): Promise<StartResult> {
    return numbers<StartResult>(
      await this.#run(plan, 0, ["start", plan.readers[1], ...plan.command]),
      ["answerUs", "readerUs"],
    );
  }

  /** Runs `measure` while clients are connected to the card in the first reader, and have used it. */
  async hold<T>(
    plan: ServicePlan,
    clients: number,
    measure: () => T | Promise<T>,
  ): Promise<T> {
    const child = new Deno.Command(this.#program, {
      args: ["hold", `${clients}`, plan.readers[0]],
      env: { PCSCLITE_CSOCK_NAME: plan.socket },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    // The program also ends by itself when its time is over.
    const timer = setTimeout(() => kill(child, "SIGKILL"), DEADLINE_MS);
    const printed = child.stdout.getReader();
    try {
      const { done } = await printed.read();
      if (done) throw new Error(`Cannot hold ${clients} clients: they ended`);
      return await measure();
    } finally {
      await child.stdin.close();
      await printed.cancel();
      await child.status;
      clearTimeout(timer);
    }
  }

  #run(
    plan: ServicePlan,
    takesMs: number,
    args: readonly string[],
  ): Promise<string> {
    const env = { PCSCLITE_CSOCK_NAME: plan.socket };
    return output(this.#program, args, env, takesMs + DEADLINE_MS);
  }
}

/** The members of the object printed. @throws {TypeError} when one is missing */
function numbers<T>(text: string, names: readonly (keyof T & string)[]): T {
  const found: Record<string, unknown> = JSON.parse(text);
  for (const name of names) {
    if (typeof found[name] === "number") continue;
    throw new TypeError(
      `Cannot read what the client printed: no ${name} in ${text}`,
    );
  }
  return found as T;
}
