/**
 * The socket's file: a server that runs keeps its own, what a dead one left is taken over.
 *
 * @module
 */

/** Longest path of a Unix socket, in bytes (sun_path without its NUL). */
const MAX_PATH_BYTES = 107;

/**
 * Makes the socket. Closing it takes its file away.
 *
 * @param mode permissions
 * @throws {Error} when the path is too long, is something else than a socket, or another
 * server listens there
 */
export async function bindSocket(
  path: string,
  mode: number,
): Promise<Deno.UnixListener> {
  const attempt = `listen on ${JSON.stringify(path)}`;
  const { length } = new TextEncoder().encode(path);
  if (length === 0 || length > MAX_PATH_BYTES) {
    throw new RangeError(
      `Cannot ${attempt}: a path of ${length} bytes, expected 1 to ${MAX_PATH_BYTES}`,
    );
  }
  await clear(path, attempt);
  let listener: Deno.UnixListener;
  try {
    listener = Deno.listen({ transport: "unix", path });
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Cannot ${attempt}: ${found}, expected a folder that exists and may be written to`,
      { cause },
    );
  }
  try {
    Deno.chmodSync(path, mode);
    return listener;
  } catch (error) {
    listener.close();
    throw error;
  }
}

/** Takes away what a dead server left. */
async function clear(path: string, attempt: string): Promise<void> {
  const found = stat(path);
  if (found === null) return;
  if (!found.isSocket) {
    throw new Error(
      `Cannot ${attempt}: there is a file that is no socket, expected nothing or the socket of a dead server`,
    );
  }
  if (await answers(path)) {
    throw new Error(
      `Cannot ${attempt}: another server listens there, expected none`,
    );
  }
  Deno.removeSync(path);
}

function stat(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function answers(path: string): Promise<boolean> {
  try {
    const socket = await Deno.connect({ transport: "unix", path });
    socket.close();
    return true;
  } catch (error) {
    const nobody = error instanceof Deno.errors.ConnectionRefused ||
      error instanceof Deno.errors.NotFound;
    if (nobody) return false;
    throw error;
  }
}
