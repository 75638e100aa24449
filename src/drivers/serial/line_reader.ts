/**
 * The lines of a serial port of Linux: reading them, and waiting for a change.
 *
 * @module
 */

import { type Libc, systemError } from "./libc.ts";
import { linesChanged, type LineState } from "./serial_port.ts";

const TIOCMGET = 0x5415n;
const TIOCGICOUNT = 0x545Dn;
const TIOCM_CTS = 0x020;
const TIOCM_CD = 0x040;
const TIOCM_RI = 0x080;
const TIOCM_DSR = 0x100;
/** `struct serial_icounter_struct`: CTS, DSR, RI, CD, then others. */
const COUNTERS = 20;

/** Reads the lines behind a descriptor. */
export class LineReader {
  readonly #libc: Libc;
  readonly #path: string;
  readonly #fd: number;
  readonly #intervalMs: number;
  readonly #bits = new Int32Array(1);
  readonly #counters = new Int32Array(COUNTERS);

  /** Reads the lines of `fd`, while somebody waits every `intervalMs` milliseconds. */
  constructor(libc: Libc, path: string, fd: number, intervalMs: number) {
    this.#libc = libc;
    this.#path = path;
    this.#fd = fd;
    this.#intervalMs = intervalMs;
  }

  /** The lines now. @throws {SerialPortError} `ENOTTY` when the port has none */
  read(): LineState {
    if (this.#libc.symbols.ioctl(this.#fd, TIOCMGET, this.#bits) < 0) {
      throw systemError("read the lines of", this.#path, this.#libc.errno());
    }
    return this.#state(this.#bits[0]);
  }

  /** Waits until the lines differ from `seen`. @throws the reason of `signal`, or a {@linkcode SerialPortError} */
  async waitForChange(
    seen: LineState,
    signal: AbortSignal,
  ): Promise<LineState> {
    // Of its own, since the thread that fills it may be late.
    const bits = new Int32Array(1);
    for (;;) {
      signal.throwIfAborted();
      // Adaptors on USB take a millisecond to answer, which must not hold up everybody.
      const result = await this.#libc.symbols.ioctlLater(
        this.#fd,
        TIOCMGET,
        bits,
      );
      signal.throwIfAborted();
      // On this thread the error can be read; the second try is the one that counts.
      const state = result < 0 ? this.read() : this.#state(bits[0]);
      if (linesChanged(seen, state)) return state;
      await pause(this.#intervalMs, signal);
    }
  }

  /** The counters are read after the lines: reading the lines makes some hardware count. */
  #state(bits: number): LineState {
    const counters = this.#counters;
    const hasCounters =
      this.#libc.symbols.ioctl(this.#fd, TIOCGICOUNT, counters) === 0;
    const [cts, dsr, ri, cd] = counters;
    return {
      cts: (bits & TIOCM_CTS) !== 0,
      dsr: (bits & TIOCM_DSR) !== 0,
      cd: (bits & TIOCM_CD) !== 0,
      ri: (bits & TIOCM_RI) !== 0,
      changes: hasCounters ? { cts, dsr, cd, ri } : null,
    };
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", end, { once: true });
  });
}
