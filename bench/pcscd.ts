/**
 * pcscd with Debian's vpcd driver and a card connected to it: what one would use
 * without this library. Both are children of the bench, with a configuration of
 * their own, and go with it.
 *
 * @module
 */

import { compile, compiler } from "./native.ts";

const PCSCD = "/usr/sbin/pcscd";
const SOCKET = "/run/pcscd/pcscd.comm";
const DRIVERS = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const INSTALL = "apt-get install pcscd libpcsclite1 vsmartcard-vpcd";
/** Name of the reader; pcscd adds numbers. */
export const RIVAL_READER = "Bench";
/** Offers T=0 and T=1, IFSC 254. */
const ATR = "3B808011FEEF";
/** How long to wait for pcscd to listen, in milliseconds. */
const START_MS = 5000;
const POLL_MS = 20;

/** Why pcscd cannot be started, null when it can. */
export function pcscdMissing(): string | null {
  for (const path of [PCSCD, DRIVERS]) {
    if (!exists(path)) return `${path} is missing; try: ${INSTALL}`;
  }
  if (compiler.version === null) {
    return `${compiler.missing}, which the rival's card needs`;
  }
  // One pcscd for a machine: it knows no other socket.
  return exists(SOCKET) ? `another pcscd owns ${SOCKET}` : null;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A pcscd with a card in its reader. */
export class Pcscd implements AsyncDisposable {
  readonly #folder: string;
  readonly #children: Deno.ChildProcess[];

  private constructor(folder: string, children: Deno.ChildProcess[]) {
    this.#folder = folder;
    this.#children = children;
  }

  /** @throws {Error} when pcscd does not begin to listen */
  static async start(): Promise<Pcscd> {
    const port = freePort();
    const folder = Deno.makeTempDirSync({ prefix: "bench-pcscd-" });
    Deno.writeTextFileSync(
      `${folder}/vpcd`,
      [
        `FRIENDLYNAME "${RIVAL_READER}"`,
        `DEVICENAME /dev/null:0x${port.toString(16)}`,
        `LIBPATH ${DRIVERS}`,
        `CHANNELID 0x${port.toString(16)}`,
        "",
      ].join("\n"),
    );
    const children: Deno.ChildProcess[] = [];
    const pcscd = new Pcscd(folder, children);
    try {
      children.push(spawn(PCSCD, ["--foreground", "--config", folder]));
      const deadline = performance.now() + START_MS;
      while (!exists(SOCKET)) {
        if (performance.now() > deadline) {
          throw new Error(
            `Cannot start pcscd: no ${SOCKET} after ${START_MS} ms`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      children.push(spawn(compile("vpcd_card", "program"), [`${port}`, ATR]));
      return pcscd;
    } catch (error) {
      await pcscd[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.reverse()) {
      try {
        child.kill("SIGTERM");
      } catch (error) {
        // It has ended by itself.
        if (!(error instanceof TypeError)) throw error;
      }
      await child.status;
    }
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

function spawn(program: string, args: string[]): Deno.ChildProcess {
  return new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** A port that is free, and the next one, which vpcd's second slot takes. */
function freePort(): number {
  for (let tries = 0; tries < 100; tries++) {
    using first = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = first.addr as Deno.NetAddr;
    try {
      using _second = Deno.listen({ hostname: "127.0.0.1", port: port + 1 });
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("Cannot find two free ports in a row");
}
