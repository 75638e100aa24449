/**
 * The few functions of the C library that a serial port needs, and its errors.
 *
 * @module
 */

import { SerialPortError } from "./serial_port.ts";

const SYMBOLS = {
  __errno_location: { parameters: [], result: "pointer" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  ioctlValue: {
    name: "ioctl",
    parameters: ["i32", "u64", "usize"],
    result: "i32",
  },
  // On a thread of their own: these wait, or ask a USB adaptor.
  ioctlLater: {
    name: "ioctl",
    parameters: ["i32", "u64", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  ioctlValueLater: {
    name: "ioctl",
    parameters: ["i32", "u64", "usize"],
    result: "i32",
    nonblocking: true,
  },
  poll: {
    parameters: ["buffer", "u64", "i32"],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** The functions in use. */
export interface Libc {
  /** Calls by name. */
  readonly symbols: Deno.StaticForeignLibraryInterface<typeof SYMBOLS>;
  /** The error of the last synchronous call. */
  errno(): number;
  /** Unloads the library; no call may be under way. */
  close(): void;
}

/**
 * Loads the C library: glibc, or else musl.
 *
 * @throws {SerialPortError} `ENOSYS` on other systems than Linux on x86_64 and aarch64
 * @throws {Deno.errors.NotCapable} without `--allow-ffi`
 */
export function loadLibc(path: string): Libc {
  const { os, arch } = Deno.build;
  if (os !== "linux" || !["x86_64", "aarch64"].includes(arch)) {
    throw new SerialPortError(
      "open",
      path,
      "ENOSYS",
      `this system is ${os} on ${arch}, expected linux on x86_64 or aarch64`,
    );
  }
  const library = openFirst(["libc.so.6", `libc.musl-${arch}.so.1`]);
  const { symbols } = library;
  return {
    symbols,
    errno: () => {
      const location = symbols.__errno_location();
      return location === null
        ? 0
        : new Deno.UnsafePointerView(location).getInt32();
    },
    close: () => library.close(),
  };
}

function openFirst(
  names: readonly string[],
): Deno.DynamicLibrary<typeof SYMBOLS> {
  let problem: unknown;
  for (const name of names) {
    try {
      return Deno.dlopen(name, SYMBOLS);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      problem ??= error;
    }
  }
  throw problem;
}

/** Numbers of x86_64 and aarch64. */
const ERRNO: Readonly<Record<number, readonly [name: string, text: string]>> = {
  1: ["EPERM", "not permitted"],
  2: ["ENOENT", "no such file"],
  4: ["EINTR", "interrupted"],
  5: ["EIO", "input or output failed"],
  6: ["ENXIO", "no such device"],
  9: ["EBADF", "not open"],
  11: ["EAGAIN", "nothing there yet"],
  13: ["EACCES", "permission denied"],
  16: ["EBUSY", "in use"],
  19: ["ENODEV", "no such device"],
  20: ["ENOTDIR", "a part of the path is no directory"],
  21: ["EISDIR", "a directory"],
  22: ["EINVAL", "not supported by the port"],
  23: ["ENFILE", "too many open files in the system"],
  24: ["EMFILE", "too many open files"],
  25: ["ENOTTY", "not a serial port, or one without this function"],
  36: ["ENAMETOOLONG", "path too long"],
  38: ["ENOSYS", "not supported by the system"],
  40: ["ELOOP", "too many links"],
  110: ["ETIMEDOUT", "timed out"],
};

/** errno of a call that was interrupted by a signal. */
export const EINTR = 4;
/** errno of a call that would have to wait. */
export const EAGAIN = 11;

/** The error of a call that left `errno`. */
export function systemError(
  verb: string,
  path: string,
  errno: number,
): SerialPortError {
  const [name, text] = ERRNO[errno] ?? [`errno ${errno}`, undefined];
  return new SerialPortError(verb, path, name, text);
}
