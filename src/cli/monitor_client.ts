/**
 * The other end of the daemon's monitor socket.
 *
 * @module
 */

import { type Board, parseBoard } from "./board.ts";
import { CliError } from "./exit_codes.ts";
import { linesOf } from "./io.ts";
import { monitorPath } from "./monitor_socket.ts";

/** A daemon that tells: lines of JSON. */
export interface MonitorClient extends Disposable {
  /** What it says, until it ends or this is disposed. */
  readonly lines: AsyncGenerator<string>;
}

/**
 * Asks the daemon behind a socket.
 *
 * @returns null when the service there is another one, which tells nothing
 * @throws {CliError} when the daemon does not let this user ask
 */
export async function askMonitor(
  socketPath: string,
  want: "board" | "trace",
): Promise<MonitorClient | null> {
  const path = monitorPath(socketPath);
  let connection: Deno.UnixConn;
  try {
    connection = await Deno.connect({ transport: "unix", path });
  } catch (error) {
    const isDenied = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotCapable;
    if (!isDenied) return null;
    throw new CliError(
      "denied",
      `Cannot look at the daemon by ${path}: permission denied, expected the user who started it`,
      error,
    );
  }
  const question = new TextEncoder().encode(`${JSON.stringify({ want })}\n`);
  await connection.write(question);
  return {
    lines: linesOf(connection.readable, 16 << 20),
    [Symbol.dispose]() {
      try {
        connection.close();
      } catch {
        // Its lines have ended, and closed it.
      }
    },
  };
}

/**
 * The board as it is now.
 *
 * @returns null when the service there is another one
 * @throws {CliError} as {@linkcode askMonitor}, or when there is no answer in time
 */
export async function askBoard(
  socketPath: string,
  timeoutMs = 5000,
): Promise<Board | null> {
  using client = await askMonitor(socketPath, "board");
  if (client === null) return null;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() =>
    reject(
      new CliError(
        "late",
        `Cannot look at the daemon: no answer for ${timeoutMs} ms, expected one at once`,
      ),
    ), timeoutMs);
  try {
    const { value, done } = await Promise.race([client.lines.next(), late]);
    return done ? null : parseBoard(value);
  } finally {
    clearTimeout(timer);
  }
}
