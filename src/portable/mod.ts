/// <reference types="./portable.d.ts" />
/**
 * The core without WebAssembly: the same sources run as TypeScript, for pages whose
 * security policy forbids WASM, and for stepping through them in a debugger.
 *
 * Importing this module is enough: where WebAssembly is there and allowed, the core
 * stays compiled; where it is not, this run takes its place, slower, with room for 31
 * machines at a time.
 *
 * @example
 * ```ts
 * import { portableCore } from "deno-smartcard/core/portable";
 * import { parseAtr } from "deno-smartcard/core";
 * import assert from "node:assert/strict";
 *
 * // What would happen without WebAssembly, asked for by name.
 * const atr = parseAtr(Uint8Array.of(0x3B, 0x00), {}, portableCore());
 * assert.equal(atr.valid, true);
 * ```
 *
 * @module
 */

import * as sources from "../../core-as/index.ts";
import { MEMORY } from "../../core-as/mem.ts";
import { Core, provideCore } from "../core/mod.ts";

let core: Core | null = null;

/** The core run as TypeScript; there is one, since its memory belongs to the module. */
export function portableCore(): Core {
  core ??= new Core(sources, MEMORY.buffer as ArrayBuffer);
  return core;
}

provideCore(portableCore);
