/**
 * A pcscd of one's own, whose readers are those of vsmartcard's driver.
 *
 * @module
 */

/** The daemon. */
export const PCSCD = "/usr/sbin/pcscd";
/** vsmartcard's driver for it. */
export const DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/** pcscd has one socket for a machine. */
export const SOCKET = "/run/pcscd/pcscd.comm";
/** What pcscd says when it is about to listen. */
const READY = "daemon ready";
/** Deadlines: pcscd listening, pcscd obeying SIGTERM. */
const START_MS = 10_000;
const STOP_MS = 5_000;
const RETRY_MS = 20;
/** Below the ports that outgoing connections get, so that nobody comes in between. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** What is in the configuration. */
export interface PcscdOptions {
  /**
   * Reversed mode: the readers connect to cards. The test lets two cards listen on the
   * loopback, one on each of `ports`, before it calls `start`: without them pcscd aborts.
   */
  readonly isReversed?: boolean;
}

/** A pcscd that a test has to itself, with two readers. */
export class Pcscd implements AsyncDisposable {
  /** Names of the two readers. */
  readonly readers: readonly [string, string] = ["Vpcd 00 00", "Vpcd 00 01"];
  /** Loopback ports that cards of the two readers connect to, or listen on in reversed mode. */
  readonly ports: readonly [number, number] = freePorts();
  /** What pcscd has said so far. */
  heard = "";
  readonly #folder: string;
  #child: Deno.ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();

  /** Writes the configuration; starts nothing. */
  constructor(options: PcscdOptions = {}) {
    const [port] = this.ports;
    const device = options.isReversed ? "127.0.0.1" : "/dev/null";
    this.#folder = Deno.makeTempDirSync({ prefix: "pcscd-" });
    Deno.writeTextFileSync(
      `${this.#folder}/vpcd`,
      [
        `FRIENDLYNAME "Vpcd"`,
        `DEVICENAME ${device}:${port}`,
        `LIBPATH ${DRIVER}`,
        `CHANNELID ${port}`,
        "",
      ].join("\n"),
    );
  }

  /** Starts pcscd and waits until it listens. */
  async start(): Promise<void> {
    const child = new Deno.Command(PCSCD, {
      args: ["--foreground", "--info", "--config", this.#folder],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    this.#ended = this.#listen(child, ready.resolve).then(() =>
      ready.reject(new Error(`Cannot start pcscd: it ended: ${this.heard}`))
    );
    const timer = setTimeout(() => {
      const text = `no "${READY}" after ${START_MS} ms: ${this.heard}`;
      ready.reject(new Error(`Cannot start pcscd: ${text}`));
    }, START_MS);
    try {
      await ready.promise;
    } finally {
      clearTimeout(timer);
    }
    await untilListening();
  }

  /** Ends pcscd, if it runs, and waits for its end; it may be started again. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    kill(child, "SIGTERM");
    const forced = setTimeout(() => kill(child, "SIGKILL"), STOP_MS);
    await this.#ended;
    clearTimeout(forced);
  }

  /** Ends pcscd and deletes its configuration. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    Deno.removeSync(this.#folder, { recursive: true });
  }

  async #listen(child: Deno.ChildProcess, onReady: () => void): Promise<void> {
    const from = this.heard.length;
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      this.heard += text;
      if (this.heard.indexOf(READY, from) >= 0) onReady();
    }
    await child.status;
  }
}

/** Settles when pcscd takes connections, which it tells nobody. */
async function untilListening(): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    try {
      (await Deno.connect({ transport: "unix", path: SOCKET })).close();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Two free ports in a row. */
function freePorts(): [number, number] {
  for (let tries = 0; tries < 100; tries++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    try {
      // On all addresses, as the driver does.
      using _first = Deno.listen({ hostname: "0.0.0.0", port });
      using _second = Deno.listen({ hostname: "0.0.0.0", port: port + 1 });
      return [port, port + 1];
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("Cannot find two free ports in a row");
}
