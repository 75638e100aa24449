/**
 * Service providers by GUID: what COM does with class identifiers.
 *
 * @module
 */

import type { ServiceProvider } from "./card_service.ts";
import { type Guid, isGuid, parseGuid } from "./guid.ts";
import { shippedProviders } from "./iso_service_provider.ts";
import { within } from "./within.ts";

/** A module whose default export is a provider. */
export interface ProviderModule {
  /** The provider. */
  readonly default: ServiceProvider;
}

/** Makes a provider when it is needed: `() => provider`, `() => import("./provider.ts")`. */
export type ProviderFactory = () =>
  | ServiceProvider
  | ProviderModule
  | Promise<ServiceProvider | ProviderModule>;

/** A service provider could not be made, or could not attach to a card. */
export class ServiceProviderError extends Error {
  /** GUID of the provider. */
  readonly provider: Guid;

  /** An error by its message. @param options `cause`: what the provider threw */
  constructor(provider: Guid, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ServiceProviderError";
    this.provider = provider;
  }
}

/** Providers that may be activated: nothing else ever is, whatever a database says. */
export class ProviderRegistry {
  readonly #factories = new Map<Guid, ProviderFactory>();

  /** Holds the providers of this library. @param options `shipped` false: holds none */
  constructor({ shipped = true }: { readonly shipped?: boolean } = {}) {
    if (!shipped) return;
    for (const provider of shippedProviders()) {
      this.register(provider.id, () => provider);
    }
  }

  /** GUIDs of the providers, in the order of registration. */
  get ids(): Guid[] {
    return [...this.#factories.keys()];
  }

  /** Whether a provider is registered. @throws {RangeError} when `id` is no GUID */
  has(id: Guid): boolean {
    return this.#factories.has(parseGuid(id));
  }

  /**
   * Makes a provider known. The factory is called at each activation.
   *
   * @throws {RangeError} when `id` is no GUID
   * @throws {TypeError} when it is taken, or `factory` is no function
   */
  register(id: Guid, factory: ProviderFactory): void {
    const guid = parseGuid(id);
    if (typeof factory !== "function") {
      throw new TypeError(
        `Cannot register provider ${guid}: a ${typeof factory} found, expected a function`,
      );
    }
    if (this.#factories.has(guid)) {
      throw new TypeError(
        `Cannot register provider ${guid}: it is registered already, expected a new one`,
      );
    }
    this.#factories.set(guid, factory);
  }

  /** Takes a provider out. @returns whether it was there */
  unregister(id: Guid): boolean {
    return this.#factories.delete(parseGuid(id));
  }

  /**
   * The provider of this GUID.
   *
   * @param signal ends the waiting for its module
   * @throws {ServiceProviderError} when none is registered, it cannot be made, or it is another
   */
  async activate(id: Guid, signal?: AbortSignal): Promise<ServiceProvider> {
    const guid = parseGuid(id);
    const factory = this.#factories.get(guid);
    if (factory === undefined) {
      throw new ServiceProviderError(
        guid,
        `Cannot activate provider ${guid}: it is not registered, expected one of ${
          this.ids.join(", ") || "none, for there are none"
        }`,
      );
    }
    let made: unknown;
    try {
      made = await within(Promise.resolve().then(factory), { signal });
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error;
      throw new ServiceProviderError(
        guid,
        `Cannot activate provider ${guid}: its factory failed, expected a provider`,
        { cause: error },
      );
    }
    return checked(made, guid);
  }
}

/** Provider or module, whoever wrote it. */
function checked(made: unknown, guid: Guid): ServiceProvider {
  const candidates = [made, (made as Partial<ProviderModule> | null)?.default];
  const provider = candidates.find(isProvider);
  if (provider === undefined) {
    throw new ServiceProviderError(
      guid,
      `Cannot activate provider ${guid}: its factory gave no provider, expected one, or a module whose default export is one`,
    );
  }
  if (isGuid(provider.id) && parseGuid(provider.id) === guid) return provider;
  throw new ServiceProviderError(
    guid,
    `Cannot activate provider ${guid}: its factory gave ${provider.id}, expected that one`,
  );
}

function isProvider(value: unknown): value is ServiceProvider {
  if (typeof value !== "object" || value === null) return false;
  const { id, interfaces, attach } = value as Partial<ServiceProvider>;
  return typeof id === "string" && Array.isArray(interfaces) &&
    typeof attach === "function";
}
