/**
 * The two services: ours, and pcscd with the driver of vsmartcard. Each has two readers
 * that cards connect to.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { DRIVER, PCSCD, SOCKET } from "../../tests/interop/pcscd_process.ts";
import { Child } from "./children.ts";
import type { CardManner, Programs } from "./programs.ts";

const SCARD = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
/** Below the ports that outgoing connections get, so that nobody comes in between. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** How a service is started, and where it is found. */
export interface ServicePlan {
  /** Whose it is. */
  readonly name: "ours" | "pcscd";
  /** Program and arguments. */
  readonly command: [string, ...string[]];
  /** PCSCLITE_CSOCK_NAME. */
  readonly socket: string;
  /** Names of the readers. */
  readonly readers: readonly [string, string];
  /** Ports of the readers. */
  readonly ports: readonly [number, number];
}

/** Both, ours first. */
export type Both<T> = readonly [ours: T, pcscd: T];

/** `scard serve`, with a socket in `folder`. */
function ourPlan(folder: string): ServicePlan {
  const ports = freePorts();
  const socket = `${folder}/scard.comm`;
  return {
    name: "ours",
    command: [
      Deno.execPath(),
      "run",
      "-A",
      "--no-prompt",
      SCARD,
      "serve",
      "--vpcd",
      `${ports[0]}:2`,
      "--socket",
      socket,
    ],
    socket,
    readers: ["Virtual PCD 00 00", "Virtual PCD 00 01"],
    ports,
  };
}

/** pcscd, with a configuration in `folder`. */
function pcscdPlan(folder: string): ServicePlan {
  const ports = freePorts();
  const configuration = `${folder}/pcscd`;
  Deno.mkdirSync(configuration);
  Deno.writeTextFileSync(
    `${configuration}/vpcd`,
    [
      `FRIENDLYNAME "Vpcd"`,
      `DEVICENAME /dev/null:${ports[0]}`,
      `LIBPATH ${DRIVER}`,
      `CHANNELID ${ports[0]}`,
      "",
    ].join("\n"),
  );
  return {
    name: "pcscd",
    command: [PCSCD, "--foreground", "--config", configuration],
    socket: SOCKET,
    readers: ["Vpcd 00 00", "Vpcd 00 01"],
    ports,
  };
}

/** Plans for both, with their files in `folder`. */
export function plans(folder: string): Both<ServicePlan> {
  return [ourPlan(folder), pcscdPlan(folder)];
}

/** A service that runs, with the cards in its readers. */
export class Service implements AsyncDisposable {
  /** How it was started. */
  readonly plan: ServicePlan;
  readonly #programs: Programs;
  readonly #process: Child;
  readonly #cards: (Child | null)[] = [null, null];

  /** Starts it; clients wait until it listens. */
  constructor(plan: ServicePlan, programs: Programs) {
    this.plan = plan;
    this.#programs = programs;
    this.#process = new Child(
      // So that a bench that is killed leaves nothing behind.
      [programs.client, "become", ...plan.command],
      plan.name === "ours" ? "inherit" : "null",
    );
  }

  /** Its process. */
  get process(): Child {
    return this.#process;
  }

  /** Puts a card into reader 0 or 1, which is empty, or takes it out with null; services notice later. */
  async insert(reader: 0 | 1, manner: CardManner | null): Promise<void> {
    await this.#cards[reader]?.[Symbol.asyncDispose]();
    this.#cards[reader] = manner === null
      ? null
      : new Child(this.#programs.card(manner, this.plan.ports[reader]));
  }

  /** Ends cards and service. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const card of this.#cards) await card?.[Symbol.asyncDispose]();
    await this.#process[Symbol.asyncDispose]();
  }
}

/** Two free ports in a row. */
function freePorts(): [number, number] {
  for (let tries = 0; tries < 100; tries++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    try {
      // On all addresses, as pcscd's driver does.
      using _first = Deno.listen({ hostname: "0.0.0.0", port });
      using _second = Deno.listen({ hostname: "0.0.0.0", port: port + 1 });
      return [port, port + 1];
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("Cannot find two free ports in a row");
}
