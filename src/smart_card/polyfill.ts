/**
 * `navigator.smartCard` where the runtime has none: in Deno, in Node from version 21, and in
 * browsers outside of isolated web apps. Importing it changes nothing;
 * {@linkcode installSmartCard} does.
 *
 * @example
 * ```ts
 * import { ResourceManager, SmartCardResourceManager } from "deno-smartcard";
 * import {
 *   installSmartCard,
 *   type NavigatorSmartCard,
 * } from "deno-smartcard/smart-card/polyfill";
 * import assert from "node:assert/strict";
 *
 * await using manager = new ResourceManager();
 * const uninstall = installSmartCard(new SmartCardResourceManager(manager));
 * const { smartCard } = navigator as Navigator & NavigatorSmartCard;
 * const context = await smartCard.establishContext();
 * assert.deepEqual(await context.listReaders(), []);
 * uninstall();
 * ```
 *
 * @module
 */

import { SmartCardConnection } from "./connection.ts";
import { SmartCardContext } from "./context.ts";
import { SmartCardError } from "./errors.ts";
import { defineInterface, illegalConstructor } from "./interface_object.ts";
import {
  type SmartCardContextOptions,
  SmartCardResourceManager,
} from "./resource_manager.ts";

/** What {@linkcode installSmartCard} adds to `Navigator` and `WorkerNavigator`. */
export interface NavigatorSmartCard {
  /** Always the same object. */
  readonly smartCard: InstalledSmartCard;
}

/** Type of `navigator.smartCard`. */
export interface InstalledSmartCard {
  /**
   * A new context.
   *
   * @param options an extension of this library, which a native one does not have
   */
  establishContext(
    options?: SmartCardContextOptions,
  ): Promise<SmartCardContext>;
}

/** A global object with a navigator: of a window, a worker, Deno, Node. */
export interface SmartCardScope {
  /** Gets the attribute, by its prototype. */
  readonly navigator: object;
  /** There in windows only: their contexts end with the document. */
  readonly document?: unknown;
  /** Tells of the end of the document. */
  addEventListener?(type: string, listener: () => void): void;
  /** The opposite. */
  removeEventListener?(type: string, listener: () => void): void;
}

/** Options of {@linkcode installSmartCard}. */
export interface InstallSmartCardOptions {
  /** Replace what is there, native or not; by default it stays, and nothing is installed. */
  replace?: boolean;
  /** Where to; default `globalThis`. */
  scope?: SmartCardScope;
}

/** Puts something back as it was. */
type Restore = () => void;

/**
 * Defines `navigator.smartCard`, with the interface objects SmartCardResourceManager,
 * SmartCardContext, SmartCardConnection and SmartCardError as globals. In a window, contexts
 * are released when the document is left (`pagehide`).
 *
 * @param manager what the attribute gives access to
 * @returns takes all of it away again, as far as nobody has replaced it since; contexts stay open
 * @throws {TypeError} when `manager` is something else, or there is no navigator
 */
export function installSmartCard(
  manager: SmartCardResourceManager,
  options: InstallSmartCardOptions = {},
): () => void {
  const scope = options.scope ?? globalThis as SmartCardScope;
  if (!(manager instanceof SmartCardResourceManager)) {
    throw new TypeError(
      `Cannot install navigator.smartCard: manager is a ${typeof manager}, expected a SmartCardResourceManager`,
    );
  }
  const { navigator } = scope;
  if (typeof navigator !== "object" || navigator === null) {
    throw new TypeError(
      `Cannot install navigator.smartCard: navigator is ${typeof navigator}, expected the object of a window or worker`,
    );
  }
  if ("smartCard" in navigator && options.replace !== true) return () => {};
  const { Installed, smartCard } = installedManager(manager);
  const restores: Restore[] = [
    define(Object.getPrototypeOf(navigator), "smartCard", {
      get: attributeGetter(navigator, smartCard),
      set: undefined,
      enumerable: true,
      configurable: true,
    }),
  ];
  const globals = {
    SmartCardResourceManager: Installed,
    SmartCardContext,
    SmartCardConnection,
    SmartCardError,
  };
  for (const [name, value] of Object.entries(globals)) {
    const descriptor = {
      value,
      writable: true,
      enumerable: false,
      configurable: true,
    };
    restores.push(define(scope, name, descriptor));
  }
  if (scope.document !== undefined) restores.push(followPage(scope, manager));
  return () => {
    for (const restore of restores.splice(0)) restore();
  };
}

/** The interface object of the global, which nobody can construct, and the one object of it. */
function installedManager(
  manager: SmartCardResourceManager,
): { Installed: { prototype: object }; smartCard: InstalledSmartCard } {
  let isMaking = false;
  class Installed implements InstalledSmartCard {
    #manager: SmartCardResourceManager;

    constructor() {
      if (!isMaking) throw illegalConstructor();
      this.#manager = manager;
    }

    async establishContext(
      options: SmartCardContextOptions = {},
    ): Promise<SmartCardContext> {
      return await this.#manager.establishContext(options);
    }
  }
  defineInterface(Installed, "SmartCardResourceManager", 0);
  isMaking = true;
  const smartCard = new Installed();
  isMaking = false;
  return { Installed, smartCard };
}

/** Getter of the attribute, with the name that Web IDL gives it. */
function attributeGetter(
  navigator: object,
  smartCard: InstalledSmartCard,
): () => InstalledSmartCard {
  const { get } = Object.getOwnPropertyDescriptor({
    get smartCard() {
      // deno-lint-ignore no-this-alias
      const self: unknown = this;
      if (self !== navigator) throw new TypeError("Illegal invocation");
      return smartCard;
    },
  }, "smartCard")!;
  return get!;
}

/** Releases the contexts when the document is left. */
function followPage(
  scope: SmartCardScope,
  manager: SmartCardResourceManager,
): Restore {
  const release = () => void manager.releaseContexts();
  scope.addEventListener?.("pagehide", release);
  return () => scope.removeEventListener?.("pagehide", release);
}

/** Defines a property; restoring leaves alone what somebody else has put there since. */
function define(
  target: object,
  name: string,
  descriptor: PropertyDescriptor,
): Restore {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, descriptor);
  return () => {
    const now = Object.getOwnPropertyDescriptor(target, name);
    if (now?.get !== descriptor.get || now?.value !== descriptor.value) return;
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}
