/** A card behind a virtual reader, and the real stack above it. */

import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type CardData,
  createCard,
  type FileSystemCard,
  ProtocolCard,
} from "../../src/cards/mod.ts";
import { VirtualReader } from "../../src/drivers/virtual/mod.ts";
import { ResourceManager } from "../../src/resource_manager/mod.ts";
import {
  type CardService,
  type CardTypeEntry,
  CH_VERIFICATION_PROVIDER,
  ISO_INTERFACES,
  type IsoProviderOptions,
  isoServiceProvider,
} from "../../src/service_providers/mod.ts";
import {
  type SmartCardConnection,
  type SmartCardContext,
  SmartCardResourceManager,
} from "../../src/smart_card/mod.ts";

export type Protocol = "t0" | "t1";

export interface Stack extends AsyncDisposable {
  reader: VirtualReader;
  manager: ResourceManager;
  web: SmartCardResourceManager;
  context: SmartCardContext;
  connect(protocol: Protocol): Promise<SmartCardConnection>;
}

/** A reader, with a card in it unless there is none, and a context. */
export async function stack(
  card: FileSystemCard | ProtocolCard | null,
): Promise<Stack> {
  const reader = new VirtualReader();
  if (card !== null) reader.insert(card);
  const manager = new ResourceManager();
  await manager.addReader(reader);
  const web = new SmartCardResourceManager(manager);
  const context = await web.establishContext();
  return {
    reader,
    manager,
    web,
    context,
    connect: async (protocol) => {
      const [name] = await context.listReaders();
      const { connection } = await context.connect(name, "shared", {
        preferredProtocols: [protocol],
      });
      return connection;
    },
    [Symbol.asyncDispose]: async () => {
      await context.release();
      await manager.close();
      reader[Symbol.dispose]();
    },
  };
}

/** The card type of a card, served by the provider that has everything. */
export function typeOf(atr: Uint8Array): CardTypeEntry {
  return {
    name: "Test card",
    atr,
    interfaces: ISO_INTERFACES,
    primaryProvider: CH_VERIFICATION_PROVIDER,
  };
}

export interface Attached extends AsyncDisposable {
  stack: Stack;
  service: CardService;
}

/** A file-system card, attached over one protocol. */
export async function attached(
  protocol: Protocol,
  data?: CardData,
  options: IsoProviderOptions = {},
): Promise<Attached> {
  return await attachCard(protocol, createCard(data), options);
}

/** Any card, attached over one protocol. */
export async function attachCard(
  protocol: Protocol,
  card: FileSystemCard | ProtocolCard,
  options: IsoProviderOptions = {},
): Promise<Attached> {
  const all = await stack(card);
  const provider = isoServiceProvider(CH_VERIFICATION_PROVIDER, options);
  const connection = await all.connect(protocol);
  const service = await provider.attach(connection, typeOf(card.atr));
  return {
    stack: all,
    service,
    [Symbol.asyncDispose]: async () => {
      await service[Symbol.asyncDispose]();
      await all[Symbol.asyncDispose]();
    },
  };
}

/** A card that answers APDUs, as hexadecimal, by a function, over T=1. */
export function scriptedCard(
  answer: (command: string) => string,
  historical = "80",
): ProtocolCard {
  return new ProtocolCard({
    process: (command) => fromHex(answer(toHex(command))),
    reset: () => {},
  }, {
    protocols: ["t1"],
    atr: {
      historical: fromHex(historical),
      ifscBytes: 254,
      bwi: 4,
      cwi: 5,
    },
  });
}

export function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}
