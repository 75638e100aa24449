/**
 * An open serial port of Linux, by termios.
 *
 * @module
 */

import { EAGAIN, EINTR, type Libc, systemError } from "./libc.ts";
import { LineReader } from "./line_reader.ts";
import { PortWaits } from "./port_waits.ts";
import {
  checkSerialSettings,
  type LineState,
  type OutputLines,
  type SerialPort,
  SerialPortError,
  type SerialQueue,
  type SerialSettings,
} from "./serial_port.ts";
import {
  decodeTermios,
  encodeTermios,
  MarkDecoder,
  TERMIOS2_BYTES,
} from "./serial_port_termios.ts";

const TCSBRK = 0x5409n;
const TCFLSH = 0x540Bn;
const TCGETS2 = 0x802C542An;
const TCSETS2 = 0x402C542Bn;
const TIOCMBIS = 0x5416n;
const TIOCMBIC = 0x5417n;
const TIOCM_DTR = 0x002;
const TIOCM_RTS = 0x004;
const QUEUES = { input: 0n, output: 1n, both: 2n } as const;

/** Characters read at once. */
const READ_BYTES = 512;
/** What a character of 12 bits tolerates, with both ends at fault alike. */
const SPEED_TOLERANCE = 0.02;

/** The port behind a descriptor, which it closes. */
export class LinuxSerialPort implements SerialPort {
  /** The path that it was opened by. */
  readonly path: string;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #wakeFd: number;
  readonly #lines: LineReader;
  readonly #marks = new MarkDecoder();
  readonly #raw = new Uint8Array(READ_BYTES);
  readonly #closing = new AbortController();
  readonly #waits: PortWaits;
  #marksDamage = false;
  #isReading = false;
  #closed: Promise<void> | null = null;

  /**
   * Takes over two descriptors and the library.
   *
   * @param fd the port, opened without blocking
   * @param wakeFd an event descriptor, which ends waits
   * @param linePollMs how often the lines are looked at
   */
  constructor(
    libc: Libc,
    path: string,
    fd: number,
    wakeFd: number,
    linePollMs: number,
  ) {
    this.#libc = libc;
    this.path = path;
    this.#fd = fd;
    this.#wakeFd = wakeFd;
    this.#waits = new PortWaits(libc, fd, wakeFd);
    this.#lines = new LineReader(libc, path, fd, linePollMs);
  }

  configure(settings: SerialSettings): void {
    this.#checkOpen("configure");
    checkSerialSettings(settings);
    const { symbols } = this.#libc;
    this.#check(
      "configure",
      symbols.ioctl(this.#fd, TCSETS2, encodeTermios(settings)),
    );
    const bytes = new Uint8Array(TERMIOS2_BYTES);
    this.#check("configure", symbols.ioctl(this.#fd, TCGETS2, bytes));
    const { baudRate } = decodeTermios(bytes);
    if (Math.abs(baudRate / settings.baudRate - 1) > SPEED_TOLERANCE) {
      throw new SerialPortError(
        "configure",
        this.path,
        "EINVAL",
        `the port makes ${baudRate} bit/s, expected ${settings.baudRate}`,
      );
    }
    if (settings.marksDamage !== this.#marksDamage) this.#marks.reset();
    this.#marksDamage = settings.marksDamage;
  }

  async read(target: Uint16Array): Promise<number> {
    if (this.#isReading) {
      throw new TypeError(
        `Cannot read serial port ${
          JSON.stringify(this.path)
        }: another read waits, expected none`,
      );
    }
    this.#isReading = true;
    try {
      for (;;) {
        if (this.#isClosed || target.length === 0) return 0;
        const count = this.#readNow(target);
        if (count > 0) return count;
        await this.#waits.readable();
      }
    } finally {
      this.#isReading = false;
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      this.#checkOpen("write to");
      const { symbols } = this.#libc;
      const count = Number(
        symbols.write(this.#fd, rest as BufferSource, BigInt(rest.length)),
      );
      if (count > 0) {
        rest = rest.subarray(count);
        continue;
      }
      const errno = count < 0 ? this.#libc.errno() : EAGAIN;
      if (errno !== EAGAIN && errno !== EINTR) {
        throw systemError("write to", this.path, errno);
      }
      await this.#waits.writable();
    }
  }

  setLines({ rts, dtr }: OutputLines): void {
    this.#checkOpen("set the lines of");
    const on = (rts === true ? TIOCM_RTS : 0) | (dtr === true ? TIOCM_DTR : 0);
    const off = (rts === false ? TIOCM_RTS : 0) |
      (dtr === false ? TIOCM_DTR : 0);
    this.#changeLines(TIOCMBIS, on);
    this.#changeLines(TIOCMBIC, off);
  }

  lineState(): LineState {
    this.#checkOpen("read the lines of");
    return this.#lines.read();
  }

  async waitForLineChange(
    seen: LineState,
    options: { signal?: AbortSignal } = {},
  ): Promise<LineState> {
    this.#checkOpen("read the lines of");
    const closing = this.#closing.signal;
    const signal = options.signal === undefined
      ? closing
      : AbortSignal.any([closing, options.signal]);
    return await this.#waits.during(this.#lines.waitForChange(seen, signal));
  }

  flush(queue: SerialQueue): void {
    this.#checkOpen("flush");
    this.#check(
      "flush",
      this.#libc.symbols.ioctlValue(this.#fd, TCFLSH, QUEUES[queue]),
    );
    if (queue !== "output") this.#marks.reset();
  }

  async drain(): Promise<void> {
    this.#checkOpen("drain");
    const result = await this.#waits.during(
      this.#libc.symbols.ioctlValueLater(this.#fd, TCSBRK, 1n),
    );
    this.#checkOpen("drain");
    // The error's number stayed on the other thread; a device that is there does not fail.
    if (result < 0) throw systemError("drain", this.path, 5);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { symbols } = this.#libc;
    this.#closing.abort(
      new SerialPortError("use", this.path, "EBADF", "closed meanwhile"),
    );
    this.#waits.wake();
    // Ends a drain; and closing a port that still sends would wait.
    symbols.ioctlValue(this.#fd, TCFLSH, QUEUES.both);
    await this.#waits.settled();
    symbols.close(this.#fd);
    symbols.close(this.#wakeFd);
    this.#libc.close();
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Characters that are there; 0 when there are none yet. */
  #readNow(target: Uint16Array): number {
    const { symbols } = this.#libc;
    for (;;) {
      const room = Math.min(READ_BYTES, target.length);
      const count = Number(symbols.read(this.#fd, this.#raw, BigInt(room)));
      if (count === 0) throw systemError("read", this.path, 5);
      if (count < 0) {
        const errno = this.#libc.errno();
        if (errno === EAGAIN || errno === EINTR) return 0;
        throw systemError("read", this.path, errno);
      }
      if (!this.#marksDamage) {
        for (let i = 0; i < count; i++) target[i] = this.#raw[i];
        return count;
      }
      // Half a mark is no character yet.
      const length = this.#marks.decode(this.#raw, count, target);
      if (length > 0) return length;
    }
  }

  #changeLines(request: bigint, lines: number): void {
    if (lines === 0) return;
    this.#check(
      "set the lines of",
      this.#libc.symbols.ioctl(this.#fd, request, Int32Array.of(lines)),
    );
  }

  #check(verb: string, result: number): void {
    if (result < 0) throw systemError(verb, this.path, this.#libc.errno());
  }

  #checkOpen(verb: string): void {
    if (!this.#isClosed) return;
    throw new SerialPortError(verb, this.path, "EBADF", "closed");
  }
}
