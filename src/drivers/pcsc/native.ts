/**
 * Calls into the PC/SC library by `Deno.dlopen`, on threads of the runtime.
 *
 * @module
 */

import { PcscCode } from "./codes.ts";
import { type PcscAbi, writeDword } from "./library_abi.ts";

/** What a call takes: a number, a handle, a buffer or nothing. */
export type NativeArgument = number | bigint | Uint8Array<ArrayBuffer> | null;
type Native = (...args: NativeArgument[]) => Promise<number | bigint>;

/** What each function takes: n a DWORD, l a LONG or handle, b a buffer. All answer with a LONG. */
const SIGNATURES = {
  SCardEstablishContext: "nbbb",
  SCardReleaseContext: "l",
  SCardIsValidContext: "l",
  SCardListReaders: "lbbb",
  SCardGetStatusChange: "lnbn",
  SCardCancel: "l",
  SCardConnect: "lbnnbb",
  SCardReconnect: "lnnnb",
  SCardDisconnect: "ln",
  SCardStatus: "lbbbbbb",
  SCardTransmit: "lbbnbbb",
  SCardControl: "lnbnbnb",
  SCardGetAttrib: "lnbb",
  SCardSetAttrib: "lnbn",
} as const;

/** A function of the library. */
export type NativeName = keyof typeof SIGNATURES;

function definitions(abi: PcscAbi): Record<string, Deno.ForeignFunction> {
  const types: Readonly<Record<string, Deno.NativeType>> = {
    n: abi.dwordBytes === 8 ? "u64" : "u32",
    l: abi.dwordBytes === 8 ? "i64" : "i32",
    b: "buffer",
  };
  return Object.fromEntries(
    Object.entries(SIGNATURES).map(([name, signature]) => [name, {
      name: name === "SCardControl" ? abi.controlSymbol : name,
      parameters: [...signature].map((letter) => types[letter]),
      result: types.l,
      nonblocking: true,
    }]),
  );
}

/** The library, and the calls under way in it. */
export class NativeLibrary {
  readonly #abi: PcscAbi;
  readonly #library: Deno.DynamicLibrary<Record<string, Deno.ForeignFunction>>;
  readonly #symbols: Record<NativeName, Native>;
  /** What threads may still touch: the collector must not take a buffer from under them. */
  readonly #underWay = new Set<unknown>();
  /** Contexts that were established and not released. */
  #contexts = 0;
  #isClosing = false;
  #isClosed = false;

  /**
   * Opens the library.
   *
   * @throws {Error} when it cannot be opened
   * @throws {Deno.errors.NotCapable} without the permission
   */
  constructor(abi: PcscAbi, path: string) {
    this.#abi = abi;
    try {
      this.#library = Deno.dlopen(path, definitions(abi));
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      throw new Error(
        `Cannot open the PC/SC library: ${
          error instanceof Error ? error.message : error
        }, expected ${path} (on Debian: apt-get install libpcsclite1)`,
        { cause: error },
      );
    }
    this.#symbols = this.#library.symbols as Record<NativeName, Native>;
  }

  /**
   * Calls a function.
   *
   * @param held buffers that the arguments point to
   * @returns its return code, unsigned
   * @throws {TypeError} after {@linkcode close}, but for SCardReleaseContext while there
   * are contexts
   */
  async call(
    name: NativeName,
    args: readonly NativeArgument[],
    held: readonly Uint8Array[] = [],
  ): Promise<number> {
    const isRelease = name === "SCardReleaseContext";
    if (this.#isClosing && !(isRelease && this.#contexts > 0)) {
      throw new TypeError(
        `Cannot call ${name}: the PC/SC library is closed, expected an open one`,
      );
    }
    // Whatever comes of it: a service that has gone has released everything.
    if (isRelease && this.#contexts > 0) this.#contexts--;
    const passed = args.map((argument) => this.#passed(argument));
    const call = { passed, held };
    this.#underWay.add(call);
    try {
      const result = await this.#symbols[name](...passed);
      const code = Number(BigInt.asUintN(32, BigInt(result)));
      const isContext = name === "SCardEstablishContext";
      if (isContext && code === PcscCode.S_SUCCESS) this.#contexts++;
      return code;
    } finally {
      this.#underWay.delete(call);
      this.#closeWhenIdle();
    }
  }

  /** Room for a DWORD. */
  dword(value = 0): Uint8Array<ArrayBuffer> {
    const bytes = memory(this.#abi.dwordBytes);
    if (value !== 0) writeDword(this.#abi, bytes, 0, value);
    return bytes;
  }

  #passed(argument: NativeArgument): NativeArgument {
    // A handle of 32 bits is a number to the runtime.
    if (typeof argument === "bigint" && this.#abi.dwordBytes === 4) {
      return Number(argument);
    }
    // A buffer without bytes has no address.
    return argument instanceof Uint8Array && argument.length === 0
      ? null
      : argument;
  }

  /** Closes the library when the last call has returned, and the last context is released. */
  close(): void {
    this.#isClosing = true;
    this.#closeWhenIdle();
  }

  /** A thread may still run the library's code: it is unloaded behind the last one. */
  #closeWhenIdle(): void {
    const isInUse = this.#underWay.size > 0 || this.#contexts > 0;
    if (!this.#isClosing || this.#isClosed || isInUse) return;
    this.#isClosed = true;
    this.#library.close();
  }
}

/** Bytes that keep their address: a small typed array alone may live where the collector moves it. */
export function memory(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(bytes));
}
