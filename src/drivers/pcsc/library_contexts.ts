/**
 * The functions of the PC/SC library that concern a context.
 *
 * @module
 */

import { PcscCode } from "./codes.ts";
import type {
  PcscContextResult,
  PcscHandle,
  PcscReadersResult,
  PcscReaderState,
} from "./library.ts";
import {
  decodeStates,
  encodeStates,
  multiString,
  type PcscAbi,
  readDword,
  readHandle,
  zeroTerminated,
} from "./library_abi.ts";
import {
  memory,
  type NativeArgument,
  NativeLibrary,
  type NativeName,
} from "./native.ts";

/** First guess for a list of readers, in bytes; it grows as the library asks. */
const LIST_BYTES = 4096;
/** Attempts at a list that grows meanwhile. */
const LIST_ATTEMPTS = 4;

/** Contexts, lists and waits of the library with the layout of a platform. */
export class FfiContexts {
  /** The layout. */
  protected readonly abi: PcscAbi;
  /** The calls. */
  protected readonly native: NativeLibrary;

  /** Opens the library. @param path of it; default the platform's */
  constructor(abi: PcscAbi, path: string = abi.path) {
    this.abi = abi;
    this.native = new NativeLibrary(abi, path);
  }

  /** See `PcscLibrary`. */
  async SCardEstablishContext(scope: number): Promise<PcscContextResult> {
    const context = this.native.dword();
    const code = await this.call(
      "SCardEstablishContext",
      scope,
      null,
      null,
      context,
    );
    return { code, context: readHandle(this.abi, context) };
  }

  /** See `PcscLibrary`. */
  SCardReleaseContext(context: PcscHandle): Promise<number> {
    return this.call("SCardReleaseContext", context);
  }

  /** See `PcscLibrary`. */
  SCardIsValidContext(context: PcscHandle): Promise<number> {
    return this.call("SCardIsValidContext", context);
  }

  /** See `PcscLibrary`. */
  async SCardListReaders(context: PcscHandle): Promise<PcscReadersResult> {
    let capacity = LIST_BYTES;
    for (let attempt = 1;; attempt++) {
      const text = memory(capacity);
      const length = this.native.dword(capacity);
      const code = await this.call(
        "SCardListReaders",
        context,
        null,
        text,
        length,
      );
      capacity = readDword(length, 0);
      if (code === PcscCode.S_SUCCESS) {
        return { code, readers: multiString(text.subarray(0, capacity)) };
      }
      if (
        code !== PcscCode.E_INSUFFICIENT_BUFFER || attempt === LIST_ATTEMPTS
      ) return { code, readers: [] };
    }
  }

  /** See `PcscLibrary`. */
  async SCardGetStatusChange(
    context: PcscHandle,
    timeoutMs: number,
    states: readonly PcscReaderState[],
  ): Promise<number> {
    const names = states.map(({ reader }) => zeroTerminated(reader));
    const addresses = names.map((name) =>
      Deno.UnsafePointer.value(Deno.UnsafePointer.of(name))
    );
    const bytes = encodeStates(this.abi, states, addresses);
    const code = await this.native.call(
      "SCardGetStatusChange",
      [context, timeoutMs, bytes, states.length],
      names,
    );
    decodeStates(this.abi, bytes, states);
    return code;
  }

  /** See `PcscLibrary`. */
  SCardCancel(context: PcscHandle): Promise<number> {
    return this.call("SCardCancel", context);
  }

  /** Calls a function; gives its return code, unsigned. */
  protected call(
    name: NativeName,
    ...args: NativeArgument[]
  ): Promise<number> {
    return this.native.call(name, args);
  }
}
