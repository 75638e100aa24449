/**
 * A pseudo-terminal: a serial port whose other end is in the hands of the test.
 *
 * @module
 */

import {
  linesChanged,
  type LineState,
  type OutputLines,
  type SerialPort,
  type SerialQueue,
  type SerialSettings,
} from "../../../src/drivers/serial/mod.ts";
import { decodeTermios } from "../../../src/drivers/serial/serial_port_termios.ts";
import type { SimulatedPhoenix } from "./simulated_phoenix.ts";

/** Why there are none here, or null. */
export const noPseudoTerminals: string | null = Deno.build.os === "linux" &&
    ["x86_64", "aarch64"].includes(Deno.build.arch)
  ? null
  : "needs Linux on x86_64 or aarch64";

const SYMBOLS = {
  posix_openpt: { parameters: ["i32"], result: "i32" },
  grantpt: { parameters: ["i32"], result: "i32" },
  unlockpt: { parameters: ["i32"], result: "i32" },
  ptsname_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  poll: {
    parameters: ["buffer", "u64", "i32"],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

const O_RDWR_NOCTTY_NONBLOCK = 0x902;
const TCGETS2 = 0x802C542An;
const POLLIN = 1;
/** Ends a poll of a test that is over. */
const POLL_MS = 20;

/** The test's end of a pseudo-terminal. */
export class PseudoTerminal implements AsyncDisposable {
  /** Where the other end is opened. */
  readonly path: string;
  /** Takes what was written at the other end. */
  onBytes: (bytes: Uint8Array) => void = () => {};
  readonly #libc = Deno.dlopen("libc.so.6", SYMBOLS);
  readonly #fd: number;
  #isClosed = false;
  readonly #listening: Promise<void>;

  constructor() {
    const { symbols } = this.#libc;
    this.#fd = symbols.posix_openpt(O_RDWR_NOCTTY_NONBLOCK);
    const name = new Uint8Array(64);
    const problems = [
      this.#fd < 0 ? -1 : 0,
      symbols.grantpt(this.#fd),
      symbols.unlockpt(this.#fd),
      symbols.ptsname_r(this.#fd, name, 64n),
    ];
    if (problems.some((result) => result !== 0)) {
      throw new Error(
        `Cannot open a pseudo-terminal: ${problems} found, expected zeros`,
      );
    }
    this.path = new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
    this.#listening = this.#listen();
  }

  /** What is set at the other end. */
  get settings(): SerialSettings {
    const bytes = new Uint8Array(44);
    this.#libc.symbols.ioctl(this.#fd, TCGETS2, bytes);
    return decodeTermios(bytes);
  }

  /** Puts bytes in at this end. */
  write(bytes: Uint8Array): void {
    this.#libc.symbols.write(
      this.#fd,
      bytes as BufferSource,
      BigInt(bytes.length),
    );
  }

  /** Hangs up. */
  async hangUp(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#listening;
    this.#libc.symbols.close(this.#fd);
    this.#libc.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.hangUp();
  }

  async #listen(): Promise<void> {
    const set = new Uint8Array(8);
    const view = new DataView(set.buffer);
    view.setInt32(0, this.#fd, true);
    view.setInt16(4, POLLIN, true);
    const bytes = new Uint8Array(1024);
    while (!this.#isClosed) {
      await this.#libc.symbols.poll(set, 1n, POLL_MS);
      const count = Number(this.#libc.symbols.read(this.#fd, bytes, 1024n));
      if (count > 0) this.onBytes(bytes.slice(0, count));
    }
  }
}

/**
 * A real port on a pseudo-terminal, whose lines lead to a simulated adaptor, since
 * pseudo-terminals have none. Speed and stop bits are those that the kernel has; its
 * pseudo-terminals drop the parity, so that is taken from what the port was given.
 */
export class WiredPort implements SerialPort {
  readonly path: string;
  readonly #port: SerialPort;
  readonly #adaptor: SimulatedPhoenix;
  readonly #terminal: PseudoTerminal;
  #wake: () => void = () => {};

  constructor(
    port: SerialPort,
    terminal: PseudoTerminal,
    adaptor: SimulatedPhoenix,
  ) {
    this.path = port.path;
    this.#port = port;
    this.#terminal = terminal;
    this.#adaptor = adaptor;
    adaptor.onDetect = () => this.#wake();
    adaptor.onCharacter = (character) =>
      terminal.write(Uint8Array.of(character));
    terminal.onBytes = (bytes) => adaptor.hostSends(bytes);
  }

  configure(settings: SerialSettings): void {
    this.#port.configure(settings);
    const { parity } = settings;
    this.#adaptor.settings = { ...this.#terminal.settings, parity };
  }

  read(target: Uint16Array): Promise<number> {
    return this.#port.read(target);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#port.write(bytes);
  }

  setLines(lines: OutputLines): void {
    this.#adaptor.setLines(lines);
  }

  lineState(): LineState {
    return this.#adaptor.lineState();
  }

  async waitForLineChange(
    seen: LineState,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<LineState> {
    for (;;) {
      signal?.throwIfAborted();
      const now = this.lineState();
      if (linesChanged(seen, now)) return now;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  flush(queue: SerialQueue): void {
    this.#port.flush(queue);
  }

  drain(): Promise<void> {
    return this.#port.drain();
  }

  close(): Promise<void> {
    return this.#port.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
