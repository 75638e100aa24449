/**
 * Where the socket of a service is.
 *
 * @module
 */

import { CliError } from "./exit_codes.ts";
import type { Io } from "./io.ts";

/** Where pcscd listens. */
export const PCSCD_SOCKET = "/run/pcscd/pcscd.comm";
/** Longest path of a Unix socket, in bytes (sun_path without its NUL). */
export const MAX_SOCKET_PATH_BYTES = 107;

/**
 * The daemon's socket when nothing else is said: `$XDG_RUNTIME_DIR/scard.comm`, or, where
 * there is no such folder, `scard.comm` in one of this user's under `$TMPDIR` or `/tmp`.
 */
export function defaultSocket(io: Io): string {
  const runtime = io.env("XDG_RUNTIME_DIR");
  if (runtime !== undefined) return `${runtime}/scard.comm`;
  return `${privateFolder(io)}/scard.comm`;
}

function privateFolder(io: Io): string {
  return `${io.env("TMPDIR") ?? "/tmp"}/scard-${Deno.uid() ?? "user"}`;
}

/**
 * Makes the folder of {@linkcode defaultSocket} where the system gives none, for this
 * user alone.
 *
 * @throws {CliError} when it belongs to somebody else, or lets others in
 */
export async function prepareDefaultSocket(io: Io): Promise<void> {
  if (io.env("XDG_RUNTIME_DIR") !== undefined) return;
  const folder = privateFolder(io);
  try {
    await Deno.mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  // Not stat: a link that somebody else put there must not be followed.
  const { isDirectory, uid, mode } = await Deno.lstat(folder);
  const isPrivate = ((mode ?? 0) & 0o077) === 0 && uid === Deno.uid();
  if (isDirectory && isPrivate) return;
  throw new CliError(
    "denied",
    `Cannot use the folder ${folder}: ${
      isDirectory ? "open to others" : "no folder"
    }, expected one of mode 0700 that is yours, or --socket PATH`,
  );
}

/** Why a path was taken. */
export interface SocketChoice {
  /** The path. */
  readonly path: string;
  /** Where it comes from. */
  readonly from: "--socket" | "PCSCLITE_CSOCK_NAME" | "daemon" | "pcscd";
}

/** Whether something stands at this path. */
async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    // What may not be looked at may be there.
    return !(error instanceof Deno.errors.NotFound);
  }
}

/**
 * The socket to talk to: the option, else PCSCLITE_CSOCK_NAME, else the daemon's default
 * socket if there is one, else pcscd's.
 */
export async function chooseSocket(
  option: string | undefined,
  io: Io,
): Promise<SocketChoice> {
  if (option !== undefined) return { path: option, from: "--socket" };
  const path = io.env("PCSCLITE_CSOCK_NAME");
  if (path !== undefined) return { path, from: "PCSCLITE_CSOCK_NAME" };
  const daemon = defaultSocket(io);
  return await exists(daemon)
    ? { path: daemon, from: "daemon" }
    : { path: PCSCD_SOCKET, from: "pcscd" };
}
