/**
 * All functions of WinSCard over one resource manager.
 *
 * @module
 */

import { type CacheFunctions, cacheFunctions } from "./cache_functions.ts";
import { type CardFunctions, cardFunctions } from "./card_functions.ts";
import {
  type ConnectFunctions,
  connectFunctions,
} from "./connect_functions.ts";
import {
  type ContextFunctions,
  contextFunctions,
} from "./context_functions.ts";
import {
  type DatabaseFunctions,
  databaseFunctions,
} from "./database_functions.ts";
import { type DeviceFunctions, deviceFunctions } from "./device_functions.ts";
import { type DialogFunctions, dialogFunctions } from "./dialog_functions.ts";
import { createState, type WinscardOptions } from "./options.ts";
import { type QueryFunctions, queryFunctions } from "./query_functions.ts";
import { type StateFunctions, stateFunctions } from "./state_functions.ts";
import { type StatusFunctions, statusFunctions } from "./status_functions.ts";

/**
 * The functions of WinSCard under their official names. Each resolves to an object with
 * `code`, and `error` with a message where it is no success; none throws for what cards,
 * readers, the service or callers do. Texts are UTF-16: there are no A and W variants.
 *
 * A handle is valid in the object that gave it, as long as its context is open, and no
 * handle is given twice. Calls of one context do not wait for each other.
 */
export interface Winscard
  extends
    ContextFunctions,
    QueryFunctions,
    DeviceFunctions,
    DatabaseFunctions,
    StatusFunctions,
    ConnectFunctions,
    CardFunctions,
    StateFunctions,
    CacheFunctions,
    DialogFunctions {}

/**
 * The functions of WinSCard over a resource manager.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ResourceManager, WINDOWS_PROFILE } from "deno-smartcard/resource-manager";
 * import { createWinscard, SCARD_E_NO_READERS_AVAILABLE, SCARD_SCOPE_USER } from "deno-smartcard/winscard";
 *
 * await using manager = new ResourceManager({ profile: WINDOWS_PROFILE });
 * const { SCardEstablishContext, SCardListReaders } = createWinscard({ manager });
 * const { hContext } = await SCardEstablishContext(SCARD_SCOPE_USER);
 * const { code } = await SCardListReaders(hContext);
 * assert.equal(code, SCARD_E_NO_READERS_AVAILABLE);
 * ```
 */
export function createWinscard(options: WinscardOptions): Winscard {
  const state = createState(options);
  const connecting = connectFunctions(state);
  return Object.freeze({
    ...contextFunctions(state),
    ...queryFunctions(state),
    ...deviceFunctions(state),
    ...databaseFunctions(state),
    ...statusFunctions(state),
    ...connecting,
    ...cardFunctions(state),
    ...stateFunctions(state),
    ...cacheFunctions(state),
    ...dialogFunctions(state, connecting),
  });
}
