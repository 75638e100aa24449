/**
 * SmartCardResourceManager.
 *
 * @module
 */

import type { ResourceManager } from "../resource_manager/mod.ts";
import { SmartCardContext, type SmartCardPermission } from "./context.ts";
import { ContextState } from "./context_state.ts";
import { toWebError } from "./errors.ts";

/** Options of {@linkcode SmartCardResourceManager}. */
export interface SmartCardResourceManagerOptions {
  /** Stands in for the browser's prompt: asked before each connect. */
  permission?: SmartCardPermission;
}

/** Options of {@linkcode SmartCardResourceManager.establishContext}. */
export interface SmartCardContextOptions {
  /** Operations wait for their turn; by default a second one is refused, as the draft says. */
  queue?: boolean;
}

/** The entry point of the Web Smart Card API. */
export class SmartCardResourceManager {
  #manager: ResourceManager;
  #permission: SmartCardPermission | undefined;

  /**
   * The API on top of an engine.
   *
   * @param manager the engine, with its readers
   */
  constructor(
    manager: ResourceManager,
    options: SmartCardResourceManagerOptions = {},
  ) {
    this.#manager = manager;
    this.#permission = options.permission;
  }

  /** A new context, independent of others. */
  async establishContext(
    options: SmartCardContextOptions = {},
  ): Promise<SmartCardContext> {
    // Read at once: the caller may change it later.
    const queued = options.queue === true;
    await null;
    try {
      const state = new ContextState(this.#manager.establishContext(), queued);
      return new SmartCardContext(state, this.#permission);
    } catch (error) {
      throw toWebError(error);
    }
  }
}
