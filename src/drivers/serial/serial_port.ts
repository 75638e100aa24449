/**
 * What a serial port is to those who use it, so that another one can stand in for the
 * system's.
 *
 * @module
 */

/** How characters look on the wire. All have 8 data bits. */
export interface SerialSettings {
  /** Bits per second; any number, not the traditional ones alone. */
  readonly baudRate: number;
  /** Parity bit sent and, with `marksDamage`, checked. */
  readonly parity: "none" | "even" | "odd";
  /** Stop bits sent. */
  readonly stopBits: 1 | 2;
  /** Whether a character with a wrong parity or stop bit arrives with {@linkcode CHARACTER_DAMAGED}; else it arrives as any other. */
  readonly marksDamage: boolean;
}

/** Added to a character that arrived with a wrong parity or stop bit. */
export const CHARACTER_DAMAGED = 0x100;

/** Lines that the computer sets; one left out stays as it is. */
export interface OutputLines {
  /** Request to send. */
  readonly rts?: boolean;
  /** Data terminal ready. */
  readonly dtr?: boolean;
}

/** A line that the computer reads. */
export type InputLine = "cts" | "dsr" | "cd" | "ri";

/** The lines that the computer reads, asserted or not. */
export interface LineState extends Readonly<Record<InputLine, boolean>> {
  /** How often each line has changed, where the system counts that: it shows a change there and back. */
  readonly changes: Readonly<Record<InputLine, number>> | null;
}

/** Which buffers are emptied. */
export type SerialQueue = "input" | "output" | "both";

/**
 * An open serial port. All methods but `close` fail with a {@linkcode SerialPortError}:
 * `EBADF` once it is closed, `EIO`, `ENXIO` or `ENODEV` once the device is gone.
 */
export interface SerialPort extends AsyncDisposable {
  /** The path that it was opened by. */
  readonly path: string;
  /** Takes over speed and frame at once. @throws {SerialPortError} `EINVAL` when the port makes a speed more than 2 % off */
  configure(settings: SerialSettings): void;
  /**
   * Waits for characters, one reader at a time.
   *
   * @param target gets them, one an element, perhaps with {@linkcode CHARACTER_DAMAGED}
   * @returns how many came, at least one; 0 when the port was closed meanwhile
   */
  read(target: Uint16Array): Promise<number>;
  /** Hands `bytes` to the port, which sends them; they are good until the promise settles. */
  write(bytes: Uint8Array): Promise<void>;
  /** Sets RTS and DTR. */
  setLines(lines: OutputLines): void;
  /** Reads CTS, DSR, CD and RI. */
  lineState(): LineState;
  /**
   * Waits until the lines differ from `seen`, or have changed since.
   *
   * @throws the reason of `signal` when it fires
   */
  waitForLineChange(
    seen: LineState,
    options?: { signal?: AbortSignal },
  ): Promise<LineState>;
  /** Drops what was received and not read, or written and not sent. */
  flush(queue: SerialQueue): void;
  /** Waits until everything written has left the port. */
  drain(): Promise<void>;
  /** Closes the port: what waits ends. A second call waits for the first. */
  close(): Promise<void>;
}

/** A serial port that failed, by the name that the system has for it. */
export class SerialPortError extends Error {
  /** `"SerialPortError"`. */
  override readonly name = "SerialPortError";
  /** The system's name of the failure: `ENOENT`, `EACCES`, `EBUSY`, `EIO`. */
  readonly code: string;
  /** The path of the port. */
  readonly path: string;

  /** Tells what could not be done: `Cannot open serial port "/dev/ttyS9": ENOENT (no such file)`. */
  constructor(verb: string, path: string, code: string, detail?: string) {
    super(
      `Cannot ${verb} serial port ${JSON.stringify(path)}: ${code}${
        detail === undefined ? "" : ` (${detail})`
      }`,
    );
    this.code = code;
    this.path = path;
  }
}

/** What differs between two states of the lines, a change there and back included. */
export function linesChanged(before: LineState, after: LineState): boolean {
  return INPUT_LINES.some((line) =>
    before[line] !== after[line] ||
    before.changes?.[line] !== after.changes?.[line]
  );
}

/** All lines that the computer reads. */
export const INPUT_LINES: readonly InputLine[] = ["cts", "dsr", "cd", "ri"];

/** @throws {RangeError} when the settings are impossible on any port */
export function checkSerialSettings(settings: SerialSettings): void {
  const { baudRate } = settings;
  if (Number.isFinite(baudRate) && baudRate >= 1 && baudRate < 2 ** 32) return;
  throw new RangeError(
    `Cannot set the speed of a serial port: ${baudRate} bit/s found, expected 1 to 4294967295`,
  );
}
