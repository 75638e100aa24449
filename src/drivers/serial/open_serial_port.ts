/**
 * Opening a serial port.
 *
 * @module
 */

import { type Libc, loadLibc, systemError } from "./libc.ts";
import {
  checkSerialSettings,
  type SerialPort,
  type SerialSettings,
} from "./serial_port.ts";
import { LinuxSerialPort } from "./serial_port_linux.ts";

const O_RDWR = 2;
const O_NOCTTY = 0x100;
const O_NONBLOCK = 0x800;
const O_CLOEXEC = 0x80000;
const TIOCEXCL = 0x540Cn;

/** How a port is opened. */
export interface SerialPortOptions {
  /** Settings from the start; default 9600 bit/s, no parity, 1 stop bit, no marks. */
  readonly settings?: SerialSettings;
  /** How often the lines are looked at while somebody waits for a change, in milliseconds; default 50. */
  readonly linePollMs?: number;
}

const DEFAULT_SETTINGS: SerialSettings = {
  baudRate: 9600,
  parity: "none",
  stopBits: 1,
  marksDamage: false,
};

/**
 * Opens a serial port: raw, 8 data bits, not as controlling terminal, exclusively
 * (TIOCEXCL, which binds everybody but root). Opening asserts RTS and DTR; so does
 * Linux. Needs `--allow-ffi`, and Linux on x86_64 or aarch64.
 *
 * Data are waited for by `poll` on a thread of the runtime's pool, together with an
 * event descriptor by which `close` ends the wait; they are read when they are there.
 * Changes of the lines are looked for every `linePollMs`, and the system's counters
 * (TIOCGICOUNT, where the driver has it) tell those that came and went between two
 * looks. TIOCMIWAIT is not used: nothing ends it, so that it would keep a program
 * alive that has closed the port.
 *
 * @param path `/dev/ttyS0`, `/dev/ttyUSB0`
 * @throws {SerialPortError} with the system's name for the reason
 * @throws {Deno.errors.NotCapable} without `--allow-ffi`
 */
export function openSerialPort(
  path: string,
  options: SerialPortOptions = {},
): SerialPort {
  const settings = options.settings ?? DEFAULT_SETTINGS;
  const linePollMs = options.linePollMs ?? 50;
  checkSerialSettings(settings);
  if (!(linePollMs >= 1 && linePollMs <= 60_000)) {
    throw new RangeError(
      `Cannot open serial port ${
        JSON.stringify(path)
      }: linePollMs is ${linePollMs}, expected 1 to 60000`,
    );
  }
  if (path.includes("\0")) {
    throw new TypeError(
      `Cannot open serial port ${
        JSON.stringify(path)
      }: a zero character found, expected a path`,
    );
  }
  const libc = loadLibc(path);
  const opened: number[] = [];
  try {
    opened.push(openDescriptor(libc, path));
    opened.push(libc.symbols.eventfd(0, O_NONBLOCK | O_CLOEXEC));
    if (opened[1] < 0) throw systemError("open", path, libc.errno());
    const port = new LinuxSerialPort(
      libc,
      path,
      opened[0],
      opened[1],
      linePollMs,
    );
    port.configure(settings);
    port.flush("both");
    return port;
  } catch (error) {
    for (const fd of opened) if (fd >= 0) libc.symbols.close(fd);
    libc.close();
    throw error;
  }
}

function openDescriptor(libc: Libc, path: string): number {
  const fd = libc.symbols.open(
    new TextEncoder().encode(`${path}\0`),
    O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
  );
  if (fd < 0) throw systemError("open", path, libc.errno());
  if (libc.symbols.ioctlValue(fd, TIOCEXCL, 0n) < 0) {
    const error = systemError("open", path, libc.errno());
    libc.symbols.close(fd);
    throw error;
  }
  return fd;
}
