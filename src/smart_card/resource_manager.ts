/**
 * SmartCardResourceManager.
 *
 * @module
 */

import type { ResourceManagerBackend } from "../resource_manager/mod.ts";
import { SmartCardContext } from "./context.ts";
import { ContextState } from "./context_state.ts";
import { toWebError } from "./errors.ts";
import { defineInterface } from "./interface_object.ts";
import type { SmartCardPermission } from "./permission.ts";
import { dictionary, domString } from "./web_idl.ts";

/** Options of {@linkcode SmartCardResourceManager}. */
export interface SmartCardResourceManagerOptions {
  /** Stands in for the browser's prompt: asked before each connect. */
  permission?: SmartCardPermission;
  /**
   * Stands in for the permissions policy feature `smart-card`: asked before each new
   * context; false refuses it with SecurityError.
   */
  featurePolicy?: () => boolean;
}

/** Options of {@linkcode SmartCardResourceManager.establishContext}; an extension of this library. */
export interface SmartCardContextOptions {
  /** Operations wait for their turn; by default a second one is refused, as the draft says. */
  queue?: boolean;
  /** Name of the application, for policies, metrics and messages; an extension of this library. */
  name?: string;
}

/** The entry point of the Web Smart Card API. */
export class SmartCardResourceManager {
  #manager: ResourceManagerBackend;
  #permission: SmartCardPermission | undefined;
  #featurePolicy: (() => boolean) | undefined;
  #contexts = new Set<ContextState>();

  /**
   * The API on top of an engine; an extension of this library.
   *
   * @param manager the engine with its readers, in this process or another
   */
  constructor(
    manager: ResourceManagerBackend,
    options: SmartCardResourceManagerOptions = {},
  ) {
    this.#manager = manager;
    this.#permission = options.permission;
    this.#featurePolicy = options.featurePolicy;
  }

  /**
   * A new context, independent of others.
   *
   * @throws {DOMException} SecurityError when the feature is not allowed
   * @throws {SmartCardError} no-service when the engine was closed
   */
  async establishContext(
    options: SmartCardContextOptions = {},
  ): Promise<SmartCardContext> {
    // Read at once: the caller may change it later.
    const { name, queue } = dictionary(options, "options");
    const queued = Boolean(queue);
    const named = name === undefined ? {} : { name: domString(name) };
    if (this.#featurePolicy !== undefined && !this.#featurePolicy()) {
      const message =
        "Cannot establish a context: the policy does not allow the feature smart-card, expected it to";
      throw new DOMException(message, "SecurityError");
    }
    await null;
    try {
      const made = this.#manager.establishContext(named);
      const engine = made instanceof Promise ? await made : made;
      const state = new ContextState(engine, queued);
      this.#contexts.add(state);
      engine.onReleased(() => this.#contexts.delete(state));
      return new SmartCardContext(state, this.#permission);
    } catch (error) {
      throw toWebError(error);
    }
  }

  /**
   * Releases all contexts of this object, as `SmartCardContext.release` does; an extension
   * of this library. The engine, its readers, and contexts yet to come are not concerned.
   */
  async releaseContexts(): Promise<void> {
    await Promise.all([...this.#contexts].map((state) => state.release()));
  }
}

defineInterface(SmartCardResourceManager, "SmartCardResourceManager", 1);
