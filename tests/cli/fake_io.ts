/**
 * A world for a verb, in the process of the test.
 *
 * @module
 */

import { main } from "../../src/cli/main.ts";
import type { Io, TerminalSize } from "../../src/cli/io.ts";

/** What a test gives to a verb. */
export interface FakeWorld {
  /** The environment; there is no other. */
  env?: Record<string, string>;
  /** Standard input. */
  input?: string;
  /** Whether output and error are terminals. */
  isTerminal?: boolean;
}

/** The longest that a test waits for a line, in milliseconds. */
const PATIENCE_MS = 10_000;

/** Keeps what a verb prints. */
export class FakeIo implements Io {
  /** Lines of standard output. */
  readonly lines: string[] = [];
  /** Standard output as bytes, where it was written so. */
  readonly bytes: number[] = [];
  /** Standard error. */
  errors = "";
  readonly #world: FakeWorld;
  readonly #end = new AbortController();
  readonly #waits = new Set<() => void>();

  constructor(world: FakeWorld = {}) {
    this.#world = world;
  }

  print(line: string): void {
    this.lines.push(...line.split("\n"));
    for (const look of this.#waits) look();
  }

  write(bytes: Uint8Array): void {
    this.bytes.push(...bytes);
    for (const look of this.#waits) look();
  }

  printError(line: string): void {
    this.writeError(`${line}\n`);
  }

  writeError(text: string): void {
    this.errors += text;
    for (const look of this.#waits) look();
  }

  input(): ReadableStream<Uint8Array> {
    const bytes = new TextEncoder().encode(this.#world.input ?? "");
    return new Blob([bytes]).stream();
  }

  env(name: string): string | undefined {
    return this.#world.env?.[name];
  }

  get outputIsTerminal(): boolean {
    return this.#world.isTerminal ?? false;
  }

  get errorIsTerminal(): boolean {
    return this.#world.isTerminal ?? false;
  }

  size(): TerminalSize | null {
    return this.outputIsTerminal ? { columns: 40, rows: 10 } : null;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** All lines of standard output. */
  get text(): string {
    return this.lines.join("\n");
  }

  /** What JSON lines say. */
  get json(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line));
  }

  /** As SIGINT does. */
  interrupt(): void {
    this.#end.abort(new DOMException("Interrupted", "AbortError"));
  }

  /** Waits until `isThere` says so, which is asked after every line. */
  async until(isThere: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (isThere()) resolve();
    };
    const timer = setTimeout(
      () => reject(new Error(`not seen in ${this.text}\n${this.errors}`)),
      PATIENCE_MS,
    );
    this.#waits.add(look);
    look();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waits.delete(look);
    }
  }
}

/** What a verb left. */
export interface Ran {
  /** The exit code. */
  code: number;
  /** What it printed. */
  io: FakeIo;
}

/** Runs the command in this process. */
export async function scard(
  args: string[],
  world: FakeWorld = {},
): Promise<Ran> {
  const io = new FakeIo(world);
  return { code: await main(args, io), io };
}

/** A verb that runs until it is interrupted. */
export interface Running extends AsyncDisposable {
  /** What it prints. */
  readonly io: FakeIo;
  /** Interrupts it; its exit code. */
  end(): Promise<number>;
}

/** Starts a verb, and waits until a line of its output is like `ready`. */
export async function start(
  args: string[],
  ready: RegExp,
  world: FakeWorld = {},
): Promise<Running> {
  const io = new FakeIo(world);
  const code = main(args, io);
  const end = () => {
    io.interrupt();
    return code;
  };
  const early = code.then((code) => {
    if (!io.signal.aborted && !ready.test(io.text)) {
      throw new Error(`ended with ${code}: ${io.text}\n${io.errors}`);
    }
  });
  try {
    await Promise.race([io.until(() => ready.test(io.text)), early]);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    io,
    end,
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}

/** A folder that goes with its test. */
export async function temporaryFolder(): Promise<
  { path: string } & AsyncDisposable
> {
  const path = await Deno.makeTempDir();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
