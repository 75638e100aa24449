/**
 * A whole house for a test: resource manager, virtual reader, application.
 *
 * @module
 */

import {
  type ContactCard,
  ResourceManager,
  type SmartCardConnection,
  type SmartCardContext,
  type SmartCardProtocol,
  SmartCardResourceManager,
  VirtualReader,
  type VirtualReaderOptions,
} from "../../mod.ts";

/** Everything from the application to the contacts. */
export class House implements AsyncDisposable {
  /** The reader; cards are put in and taken out here. */
  readonly reader: VirtualReader;
  /** The application's context. */
  readonly context: SmartCardContext;
  /** Name of the reader. */
  readonly name: string;
  readonly #manager: ResourceManager;

  private constructor(
    reader: VirtualReader,
    context: SmartCardContext,
    name: string,
    manager: ResourceManager,
  ) {
    this.reader = reader;
    this.context = context;
    this.name = name;
    this.#manager = manager;
  }

  /** Builds a house, with `card` in its reader. */
  static async build(
    card: ContactCard | null,
    options: VirtualReaderOptions = {},
  ): Promise<House> {
    const reader = new VirtualReader(options);
    if (card !== null) reader.insert(card);
    const manager = new ResourceManager();
    const { name } = await manager.addReader(reader);
    const smartCard = new SmartCardResourceManager(manager);
    const context = await smartCard.establishContext();
    return new House(reader, context, name, manager);
  }

  /** Connects in shared mode. */
  async connect(
    ...preferredProtocols: SmartCardProtocol[]
  ): Promise<SmartCardConnection> {
    const { connection } = await this.context.connect(this.name, "shared", {
      preferredProtocols: preferredProtocols.length === 0
        ? ["t0", "t1"]
        : preferredProtocols,
    });
    return connection;
  }

  /** Waits for the next card, or for its going. */
  async until(type: "card-inserted" | "card-removed"): Promise<void> {
    for await (const event of this.context.readerEvents()) {
      if (event.type === type) return;
    }
  }

  /** Another application. */
  otherContext(): Promise<SmartCardContext> {
    return new SmartCardResourceManager(this.#manager).establishContext();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.release();
    await this.#manager.close();
    this.reader[Symbol.dispose]();
  }
}
