/**
 * The operating system's PC/SC library by `Deno.dlopen`. Every call runs on a thread of
 * the runtime, so that none ever holds up the event loop.
 *
 * @module
 */

import { NO_BYTES } from "../../bytes.ts";
import { PcscCode } from "./codes.ts";
import type {
  PcscAttributeResult,
  PcscConnectResult,
  PcscHandle,
  PcscLengthResult,
  PcscLibrary,
  PcscStatusResult,
} from "./library.ts";
import {
  multiString,
  pcscAbi,
  readDword,
  readHandle,
  writeDword,
  zeroTerminated,
} from "./library_abi.ts";
import { FfiContexts } from "./library_contexts.ts";
import { memory, type NativeArgument, type NativeName } from "./native.ts";

const NAME_BYTES = 256;
const ATR_BYTES = 36;
/** Longest attribute of pcsc-lite, in bytes (MAX_BUFFER_SIZE). */
const ATTRIBUTE_BYTES = 264;

/** Options of {@linkcode openPcscLibrary}. */
export interface PcscLibraryOptions {
  /** Library to open. Default `libpcsclite.so.1`, on macOS the PCSC framework. */
  path?: string;
}

/**
 * Opens the PC/SC library; needs `--allow-ffi`. Nothing of it is touched before.
 *
 * @returns the library; close it when its last context is released
 * @throws {Error} on a platform whose layout is not known, or when the library cannot be opened
 * @throws {Deno.errors.NotCapable} without the permission
 */
export function openPcscLibrary(
  options: PcscLibraryOptions = {},
): PcscLibrary {
  return new FfiLibrary(pcscAbi(Deno.build.os, Deno.build.arch), options.path);
}

/** The library with the layout of a platform. */
export class FfiLibrary extends FfiContexts implements PcscLibrary {
  async SCardConnect(
    context: PcscHandle,
    reader: string,
    shareMode: number,
    protocols: number,
  ): Promise<PcscConnectResult> {
    const card = this.native.dword();
    const protocol = this.native.dword();
    const code = await this.call(
      "SCardConnect",
      context,
      zeroTerminated(reader),
      shareMode,
      protocols,
      card,
      protocol,
    );
    return {
      code,
      card: readHandle(this.abi, card),
      protocol: readDword(protocol, 0),
    };
  }

  async SCardReconnect(
    card: PcscHandle,
    shareMode: number,
    protocols: number,
    initialization: number,
  ): Promise<PcscConnectResult> {
    const protocol = this.native.dword();
    const code = await this.call(
      "SCardReconnect",
      card,
      shareMode,
      protocols,
      initialization,
      protocol,
    );
    return { code, card, protocol: readDword(protocol, 0) };
  }

  SCardDisconnect(card: PcscHandle, disposition: number): Promise<number> {
    return this.call("SCardDisconnect", card, disposition);
  }

  async SCardStatus(card: PcscHandle): Promise<PcscStatusResult> {
    const name = memory(NAME_BYTES);
    const nameLength = this.native.dword(NAME_BYTES);
    const state = this.native.dword();
    const protocol = this.native.dword();
    const atr = memory(ATR_BYTES);
    const atrLength = this.native.dword(ATR_BYTES);
    const code = await this.call(
      "SCardStatus",
      card,
      name,
      nameLength,
      state,
      protocol,
      atr,
      atrLength,
    );
    const isGood = code === PcscCode.S_SUCCESS;
    return {
      code,
      reader: isGood
        ? multiString(name.subarray(0, readDword(nameLength, 0)))[0] ?? ""
        : "",
      state: readDword(state, 0),
      protocol: readDword(protocol, 0),
      atr: isGood ? atr.slice(0, readDword(atrLength, 0)) : NO_BYTES,
    };
  }

  SCardTransmit(
    card: PcscHandle,
    protocol: number,
    command: Uint8Array<ArrayBuffer>,
    reply: Uint8Array<ArrayBuffer>,
  ): Promise<PcscLengthResult> {
    const { dwordBytes } = this.abi;
    // SCARD_IO_REQUEST: the protocol, and its own length.
    const header = memory(2 * dwordBytes);
    writeDword(this.abi, header, 0, protocol);
    writeDword(this.abi, header, dwordBytes, header.length);
    const length = this.native.dword(reply.length);
    return this.#measured(
      length,
      "SCardTransmit",
      card,
      header,
      command,
      command.length,
      null,
      reply,
      length,
    );
  }

  SCardControl(
    card: PcscHandle,
    controlCode: number,
    input: Uint8Array<ArrayBuffer>,
    output: Uint8Array<ArrayBuffer>,
  ): Promise<PcscLengthResult> {
    const length = this.native.dword();
    return this.#measured(
      length,
      "SCardControl",
      card,
      controlCode,
      input,
      input.length,
      output,
      output.length,
      length,
    );
  }

  async SCardGetAttrib(
    card: PcscHandle,
    attribute: number,
  ): Promise<PcscAttributeResult> {
    const value = memory(ATTRIBUTE_BYTES);
    const size = this.native.dword(value.length);
    const { code, length } = await this.#measured(
      size,
      "SCardGetAttrib",
      card,
      attribute,
      value,
      size,
    );
    return { code, value: value.slice(0, length) };
  }

  SCardSetAttrib(
    card: PcscHandle,
    attribute: number,
    value: Uint8Array<ArrayBuffer>,
  ): Promise<number> {
    return this.call("SCardSetAttrib", card, attribute, value, value.length);
  }

  close(): void {
    this.native.close();
  }

  /** A call that tells the length of its answer in `length`. */
  async #measured(
    length: Uint8Array<ArrayBuffer>,
    name: NativeName,
    ...args: NativeArgument[]
  ): Promise<PcscLengthResult> {
    const code = await this.call(name, ...args);
    return {
      code,
      length: code === PcscCode.S_SUCCESS ? readDword(length, 0) : 0,
    };
  }
}
