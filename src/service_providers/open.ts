/**
 * From an interface to a card that has it: locate, connect, find the provider, attach.
 *
 * @module
 */

import {
  type SmartCardAccessMode,
  type SmartCardConnection,
  type SmartCardContext,
  SmartCardError,
  type SmartCardProtocol,
  type SmartCardResponseCode,
} from "../smart_card/mod.ts";
import type { CardService } from "./card_service.ts";
import type { InterfaceToken } from "./interface_token.ts";
import { type LocatedCard, locateFirst, type LocateOptions } from "./locate.ts";
import { ProviderRegistry, ServiceProviderError } from "./provider_registry.ts";
import { within } from "./within.ts";

/** Which card, how to connect to it, and who may serve it. */
export interface OpenOptions extends LocateOptions {
  /** Whose readers; connects to the card. */
  readonly context: Pick<SmartCardContext, "readerEvents" | "connect">;
  /** Providers that may be activated; default those of this library. */
  readonly providers?: ProviderRegistry;
  /** Default `"shared"`. */
  readonly accessMode?: Exclude<SmartCardAccessMode, "direct">;
  /** Default T=0 and T=1. */
  readonly preferredProtocols?: readonly SmartCardProtocol[];
}

/** A card, and the interface that was asked for. `await using` detaches it. */
export interface OpenedCard<Contract> extends AsyncDisposable {
  /** The interface. */
  readonly api: Contract;
  /** The service, for other interfaces, locks and commands. */
  readonly service: CardService;
  /** Where the card is, and what it is. */
  readonly located: LocatedCard;
}

/** The card has gone between its being found and its being attached: another may come. */
const GONE: ReadonlySet<SmartCardResponseCode> = new Set([
  "no-smartcard",
  "removed-card",
  "reader-unavailable",
  "unknown-reader",
]);

/**
 * Finds or waits for a card that supports the interface, and attaches to it with its
 * primary provider. Nothing stays open when this fails.
 *
 * @example
 * ```ts
 * import { ResourceManager, SmartCardResourceManager, VirtualReader } from "deno-smartcard";
 * import { createCard } from "deno-smartcard/cards";
 * import {
 *   CardTypeList,
 *   FILE_ACCESS_PROVIDER,
 *   FileAccess,
 *   open,
 * } from "deno-smartcard/service-providers";
 * import assert from "node:assert/strict";
 *
 * const card = createCard();
 * using reader = new VirtualReader();
 * reader.insert(card);
 * await using manager = new ResourceManager();
 * await manager.addReader(reader);
 * await using context = await new SmartCardResourceManager(manager)
 *   .establishContext();
 * const database = new CardTypeList([{
 *   name: "Virtual card",
 *   atr: card.atr,
 *   interfaces: [FileAccess.guid],
 *   primaryProvider: FILE_ACCESS_PROVIDER,
 * }]);
 *
 * await using opened = await open(FileAccess, { database, context });
 * const bytes = await opened.api.readFile("/5000/5001");
 * assert.match(new TextDecoder().decode(bytes), /^Hello/);
 * ```
 *
 * @throws {ServiceProviderError} when the provider is not registered, cannot be made, fails to
 * attach, or has not the interface
 * @throws what the database throws when the card type has no primary provider
 * @throws {SmartCardError} when the connection is refused
 * @throws {DOMException} as `locate`
 */
export async function open<Contract>(
  token: InterfaceToken<Contract>,
  options: OpenOptions,
): Promise<OpenedCard<Contract>> {
  const { interfaces = [] } = options;
  const wanted = { ...options, interfaces: [token, ...interfaces] };
  const providers = options.providers ?? new ProviderRegistry();
  return await locateFirst(wanted, async (located, signal) => {
    try {
      return await attach(token, located, options, providers, signal);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  });
}

async function attach<Contract>(
  token: InterfaceToken<Contract>,
  located: LocatedCard,
  options: OpenOptions,
  providers: ProviderRegistry,
  signal: AbortSignal,
): Promise<OpenedCard<Contract>> {
  const { accessMode = "shared", preferredProtocols = ["t0", "t1"] } = options;
  const { readerName, card } = located;
  const guid = options.database.getProviderId(card.name);
  const provider = await providers.activate(guid, signal);
  const { connection } = await options.context.connect(readerName, accessMode, {
    preferredProtocols: [...preferredProtocols],
    signal,
  });
  const service = await guarded(connection, async () => {
    const attaching = startAttach(() =>
      provider.attach(connection, card, { signal })
    );
    try {
      return await within(attaching, { signal });
    } catch (error) {
      // One that comes after all is not wanted any more.
      attaching.then((late) => late[Symbol.asyncDispose]()).catch(() => {});
      if (signal.aborted && error === signal.reason) throw error;
      throw new ServiceProviderError(
        provider.id,
        `Cannot attach provider ${provider.id} to ${
          JSON.stringify(card.name)
        }: it failed, expected a service`,
        { cause: error },
      );
    }
  });
  return await guarded(service, () => {
    const api = service.getInterface(token);
    if (api === undefined) {
      throw new ServiceProviderError(
        provider.id,
        `Cannot open ${token.name} of ${
          JSON.stringify(card.name)
        }: provider ${provider.id} has not that interface, expected it to`,
      );
    }
    return Promise.resolve({
      api,
      service,
      located,
      [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
    });
  });
}

/** A provider that throws rejects, too. */
async function startAttach(
  work: () => Promise<CardService>,
): Promise<CardService> {
  return await work();
}

/** Gives `held` back when `work` fails, and only then. */
async function guarded<R>(
  held: CardService | SmartCardConnection,
  work: () => Promise<R>,
): Promise<R> {
  try {
    return await work();
  } catch (error) {
    await held[Symbol.asyncDispose]();
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const reason = error instanceof ServiceProviderError ? error.cause : error;
  return reason instanceof SmartCardError && GONE.has(reason.responseCode);
}
