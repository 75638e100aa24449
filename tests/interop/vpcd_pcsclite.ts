/**
 * libpcsclite by `Deno.dlopen`, each call on a thread of its own: the test's own card answers meanwhile.
 *
 * @module
 */

import { toHex } from "../../src/bytes.ts";

const LIBRARY = "libpcsclite.so.1";
const SCARD_SCOPE_SYSTEM = 2n;
const SCARD_SHARE_SHARED = 2n;
const SCARD_PROTOCOL_ANY = 3n;
/** SCARD_LEAVE_CARD. */
export const LEAVE = 0;
/** SCARD_RESET_CARD: a warm reset. */
export const RESET = 1;
/** SCARD_UNPOWER_CARD: power off, and on again at the next connection. */
export const UNPOWER = 2;
/** SCARD_STATE_EMPTY and SCARD_STATE_PRESENT. */
export const EMPTY = 0x10;
export const PRESENT = 0x20;
const CHANGED = 0x02;
/** Deadline for a card to come or go; pcscd looks every 400 ms. */
const CHANGE_MS = 10_000n;
const MAXIMUM_ANSWER_BYTES = 65538;

// DWORD and LONG are long on Linux.
const SYMBOLS = {
  SCardEstablishContext: {
    parameters: ["u64", "pointer", "pointer", "buffer"],
    result: "i64",
    nonblocking: true,
  },
  SCardReleaseContext: {
    parameters: ["i64"],
    result: "i64",
    nonblocking: true,
  },
  SCardConnect: {
    parameters: ["i64", "buffer", "u64", "u64", "buffer", "buffer"],
    result: "i64",
    nonblocking: true,
  },
  SCardReconnect: {
    parameters: ["i64", "u64", "u64", "u64", "buffer"],
    result: "i64",
    nonblocking: true,
  },
  SCardDisconnect: {
    parameters: ["i64", "u64"],
    result: "i64",
    nonblocking: true,
  },
  SCardTransmit: {
    // deno-fmt-ignore
    parameters: ["i64", "buffer", "buffer", "u64", "pointer", "buffer", "buffer"],
    result: "i64",
    nonblocking: true,
  },
  SCardGetStatusChange: {
    parameters: ["i64", "u64", "buffer", "u64"],
    result: "i64",
    nonblocking: true,
  },
} as const;

/** A context of libpcsclite. */
export class PcscLite implements AsyncDisposable {
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #context: bigint;

  private constructor(
    library: Deno.DynamicLibrary<typeof SYMBOLS>,
    context: bigint,
  ) {
    this.#library = library;
    this.#context = context;
  }

  /** @throws {Error} when there is no library or no pcscd */
  static async open(): Promise<PcscLite> {
    const library = Deno.dlopen(LIBRARY, SYMBOLS);
    const context = new BigInt64Array(1);
    const code = await library.symbols.SCardEstablishContext(
      SCARD_SCOPE_SYSTEM,
      null,
      null,
      context,
    );
    try {
      check("SCardEstablishContext", code);
    } catch (error) {
      library.close();
      throw error;
    }
    return new PcscLite(library, context[0]);
  }

  /**
   * Waits until `reader` is in `state`, {@linkcode EMPTY} or {@linkcode PRESENT}.
   *
   * @returns the ATR in hexadecimal
   */
  async until(reader: string, state: number): Promise<string> {
    const name = text(reader);
    // SCARD_READERSTATE: szReader, pvUserData, dwCurrentState, dwEventState, cbAtr, rgbAtr[33].
    const bytes = new Uint8Array(80);
    const fields = new BigUint64Array(bytes.buffer);
    const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(name));
    for (;;) {
      fields[0] = address;
      const code = await this.#library.symbols.SCardGetStatusChange(
        this.#context,
        CHANGE_MS,
        bytes,
        1n,
      );
      check("SCardGetStatusChange", code);
      const event = Number(fields[3]);
      if ((event & state) !== 0) {
        return toHex(bytes.subarray(40, 40 + Number(fields[4])));
      }
      fields[2] = BigInt(event & ~CHANGED);
    }
  }

  /** Connects in shared mode, with the protocol that pcscd likes best. */
  async connect(reader: string): Promise<PcscCard> {
    const handle = new BigInt64Array(1);
    const protocol = new BigUint64Array(1);
    const { symbols } = this.#library;
    const code = await symbols.SCardConnect(
      this.#context,
      text(reader),
      SCARD_SHARE_SHARED,
      SCARD_PROTOCOL_ANY,
      handle,
      protocol,
    );
    check("SCardConnect", code);
    const [card] = handle;
    return {
      get protocol() {
        return Number(protocol[0]);
      },
      async transmit(command) {
        const header = new BigUint64Array([protocol[0], 16n]);
        const answer = new Uint8Array(MAXIMUM_ANSWER_BYTES);
        const length = new BigUint64Array([BigInt(answer.length)]);
        const code = await symbols.SCardTransmit(
          card,
          header,
          command,
          BigInt(command.length),
          null,
          answer,
          length,
        );
        check("SCardTransmit", code);
        return answer.slice(0, Number(length[0]));
      },
      async reconnect(initialization) {
        const code = await symbols.SCardReconnect(
          card,
          SCARD_SHARE_SHARED,
          SCARD_PROTOCOL_ANY,
          BigInt(initialization),
          protocol,
        );
        check("SCardReconnect", code);
      },
      async disconnect(disposition) {
        check(
          "SCardDisconnect",
          await symbols.SCardDisconnect(card, BigInt(disposition)),
        );
      },
    };
  }

  /** Releases the context. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#library.symbols.SCardReleaseContext(this.#context);
    this.#library.close();
  }
}

/** A connection to a card. */
export interface PcscCard {
  /** 1 for T=0, 2 for T=1. */
  readonly protocol: number;
  /** Sends a command; returns the answer. */
  transmit(command: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  /** Connects again after {@linkcode LEAVE}, {@linkcode RESET} or {@linkcode UNPOWER}. */
  reconnect(initialization: number): Promise<void>;
  /** Ends the connection, and does one of the three with the card. */
  disconnect(disposition: number): Promise<void>;
}

function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${value}\0`);
}

function check(call: string, code: bigint): void {
  if (code === 0n) return;
  const hex = (Number(code) >>> 0).toString(16).toUpperCase();
  throw new Error(`${call} ended with 0x${hex}, expected SCARD_S_SUCCESS`);
}
