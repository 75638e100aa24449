/**
 * Readers that this process runs itself, in a resource manager of its own. A driver is
 * loaded when the first reader of its kind is opened.
 *
 * @module
 */

import type { PcscService } from "../drivers/pcsc/mod.ts";
import type { ResourceManager } from "../resource_manager/mod.ts";
import type { ReaderDevice } from "../smclib/mod.ts";
import { traceDevice, traceLink, type Tracer } from "../tracing/mod.ts";
import type { CardSource } from "./built_in_cards.ts";
import { cardSource } from "./card_source.ts";
import { CliError } from "./exit_codes.ts";
import { type OptionRow, type Options, wholeNumber } from "./options.ts";

/** Options for readers. */
export const READER_OPTIONS: readonly OptionRow[] = [
  {
    name: "virtual",
    kind: "optional",
    value: "FILE,...",
    words: "a virtual reader for each card: a file of card data,\n" +
      "a recording, or default, mute, empty, openpgp[:STATE],\n" +
      "piv[:STATE]; they are for tests and protect nothing",
    completes: "file",
  },
  {
    name: "vpcd",
    kind: "list",
    value: "PORT[:SLOTS]",
    words: "readers whose cards come over TCP, as vsmartcard's",
  },
  {
    name: "serial",
    kind: "list",
    value: "DEVICE",
    words: "a Phoenix or Smartmouse reader on a serial port",
    completes: "file",
  },
  {
    name: "system",
    kind: "flag",
    words: "the readers of the system's PC/SC service",
  },
];

/** What readers are to be opened. */
export interface ReaderPlan {
  /** Cards for virtual readers. */
  readonly cards: readonly CardSource[];
  /** Ports for vpcd, and how many slots each has. */
  readonly vpcd: readonly { readonly port: number; readonly slots: number }[];
  /** Serial ports. */
  readonly serial: readonly string[];
  /** Whether the system's readers are wanted. */
  readonly system: boolean;
}

/** What readers the options ask for. @throws {CliError} for what cannot be */
export async function planReaders(
  options: Options,
  moreCards: readonly string[] = [],
): Promise<ReaderPlan> {
  const lists = options.list("virtual");
  // `--virtual FILE FILE`: the files stand behind.
  const named = lists.filter((list) => list !== "" || moreCards.length === 0);
  const names = [...named.flatMap((list) => list.split(",")), ...moreCards];
  const vpcd = options.list("vpcd").map((text) => {
    const [port, slots = "1", ...rest] = text.split(":");
    if (rest.length > 0) {
      throw new CliError(
        "usage",
        `Cannot use --vpcd: ${
          JSON.stringify(text)
        } found, expected PORT or PORT:SLOTS`,
      );
    }
    return {
      port: wholeNumber("the port of --vpcd", port, 0, 65_535),
      slots: wholeNumber("the slots of --vpcd", slots, 1, 16),
    };
  });
  return {
    cards: await Promise.all(names.map(cardSource)),
    vpcd,
    serial: options.list("serial"),
    system: options.has("system"),
  };
}

/** Says which address another program has; other failures are given back as they are. */
export function portTaken(address: string, error: unknown): unknown {
  if (!(error instanceof Deno.errors.AddrInUse)) return error;
  return new CliError(
    "busy",
    `Cannot listen on ${address}: another program does, expected none`,
    error,
  );
}

/** Hears of readers that come and go. */
export interface ReaderLog {
  /** A reader is there; `words` say what it is. */
  added(name: string, words: string): void;
  /** A reader has gone, or could not be opened. */
  lost(name: string, reason: string): void;
}

/** Nobody listens. */
export const NO_READER_LOG: ReaderLog = { added() {}, lost() {} };

/** Readers in a resource manager, and their end. */
export class OwnReaders implements AsyncDisposable {
  readonly #manager: ResourceManager;
  readonly #tracer: Tracer;
  readonly #log: ReaderLog;
  readonly #resources = new AsyncDisposableStack();

  private constructor(
    manager: ResourceManager,
    tracer: Tracer,
    log: ReaderLog,
  ) {
    this.#manager = manager;
    this.#tracer = tracer;
    this.#log = log;
  }

  /**
   * Opens the readers of a plan.
   *
   * @param tracer hears of every request to a device, and of virtual and serial readers also the wire
   * @throws {Error} of the driver, when a reader cannot be opened; none stays open then
   */
  static async open(
    manager: ResourceManager,
    plan: ReaderPlan,
    tracer: Tracer,
    log: ReaderLog = NO_READER_LOG,
  ): Promise<OwnReaders> {
    const readers = new OwnReaders(manager, tracer, log);
    try {
      for (const [unitNo, card] of plan.cards.entries()) {
        await readers.#addVirtual(card, unitNo);
      }
      for (const { port, slots } of plan.vpcd) {
        await readers.#addVpcd(port, slots);
      }
      for (const [unitNo, path] of plan.serial.entries()) {
        await readers.#addSerial(path, unitNo);
      }
      if (plan.system) await readers.#addSystem();
      return readers;
    } catch (error) {
      await readers[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Closes all readers. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }

  async #add(device: ReaderDevice, words: string, name?: string) {
    const traced = traceDevice(device, this.#tracer, name);
    const reader = await this.#manager.addReader(traced, { name });
    this.#log.added(reader.name, words);
    return reader;
  }

  async #addVirtual(card: CardSource, unitNo: number): Promise<void> {
    const name = `deno-smartcard Virtual Reader ${unitNo}`;
    const { VirtualReader } = await import("../drivers/virtual/mod.ts");
    const reader = this.#resources.use(
      new VirtualReader({
        unitNo,
        wrapLink: (link) => traceLink(link, this.#tracer, name),
      }),
    );
    const contact = card.contact();
    if (contact !== null) reader.insert(contact);
    await this.#add(reader, `virtual, with ${card.words}`, name);
  }

  async #addVpcd(port: number, slots: number): Promise<void> {
    const { VpcdSlots } = await import("../drivers/vpcd/mod.ts");
    const { readers } = this.#resources.use(
      await VpcdSlots.listen({ port, slots }).catch((error) => {
        throw portTaken(`127.0.0.1:${port}`, error);
      }),
    );
    for (const reader of readers) {
      await this.#add(
        reader,
        `vpcd, cards connect to ${reader.hostname}:${reader.port}`,
        reader.name,
      );
    }
  }

  async #addSerial(path: string, unitNo: number): Promise<void> {
    const name = `deno-smartcard Phoenix Reader ${unitNo}`;
    const { SerialReader } = await import("../drivers/serial/mod.ts");
    const reader = this.#resources.use(
      await SerialReader.open({
        path,
        unitNo,
        wrapLink: (link) => traceLink(link, this.#tracer, name),
      }),
    );
    await this.#add(reader, `serial, on ${path}`, name);
  }

  async #addSystem(): Promise<void> {
    const { PcscService } = await import("../drivers/pcsc/mod.ts");
    const service = await PcscService.open();
    let following = Promise.resolve();
    // Ends when the service is closed, which comes first.
    this.#resources.defer(() => following);
    this.#resources.use(service);
    following = this.#follow(service);
    for (const name of service.listReaders()) await this.#arrive(service, name);
  }

  async #arrive(service: PcscService, name: string): Promise<void> {
    if (this.#manager.findReader(name) !== undefined) return;
    try {
      await this.#add(await service.reader(name), "of the system", name);
    } catch (error) {
      this.#log.lost(name, String(error));
    }
  }

  /** The system's readers come and go, until its service ends or is closed. */
  async #follow(service: PcscService): Promise<void> {
    for await (const { kind, reader } of service.changes()) {
      if (this.#manager.closed) return;
      if (kind === "arrived") await this.#arrive(service, reader);
      else {
        const left = this.#manager.findReader(reader);
        if (left !== undefined) this.#manager.removeReader(left);
        this.#log.lost(reader, "it has left");
      }
    }
  }
}
