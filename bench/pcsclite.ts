/**
 * libpcsclite by `Deno.dlopen`: synchronous calls, the fastest way that Deno has.
 *
 * @module
 */

const LIBRARY = "libpcsclite.so.1";
const SCARD_S_SUCCESS = 0;
const SCARD_SCOPE_SYSTEM = 2n;
const SCARD_SHARE_SHARED = 2n;
const SCARD_UNPOWER_CARD = 2n;
/** How long to wait for the card to come in, in milliseconds. */
const CONNECT_MS = 5000;
const POLL_MS = 50;

// DWORD and LONG are long on Linux.
const SYMBOLS = {
  SCardEstablishContext: {
    parameters: ["u64", "pointer", "pointer", "buffer"],
    result: "i64",
  },
  SCardReleaseContext: { parameters: ["i64"], result: "i64" },
  SCardListReaders: {
    parameters: ["i64", "pointer", "buffer", "buffer"],
    result: "i64",
  },
  SCardConnect: {
    parameters: ["i64", "buffer", "u64", "u64", "buffer", "buffer"],
    result: "i64",
  },
  SCardDisconnect: { parameters: ["i64", "u64"], result: "i64" },
  SCardTransmit: {
    // deno-fmt-ignore
    parameters: ["i64", "buffer", "buffer", "u64", "pointer", "buffer", "buffer"],
    result: "i64",
  },
} as const;

/** A connection through libpcsclite. */
export interface RivalConnection {
  /** Sends `apdu`; returns the length of the answer, which lies in `answer`. */
  transmit(apdu: Uint8Array<ArrayBuffer>): number;
  readonly answer: Uint8Array<ArrayBuffer>;
  /** Powers the card down, so that the next connection may choose a protocol. */
  close(): void;
}

/** A context of libpcsclite. */
export class PcscLite implements Disposable {
  readonly #library = Deno.dlopen(LIBRARY, SYMBOLS);
  readonly #context: bigint;

  /** @throws {Error} when there is no library or no pcscd */
  constructor() {
    const context = new BigInt64Array(1);
    const code = this.#library.symbols.SCardEstablishContext(
      SCARD_SCOPE_SYSTEM,
      null,
      null,
      context,
    );
    check("SCardEstablishContext", code);
    this.#context = context[0];
  }

  /** Connects as soon as there is a card. @param protocol SCARD_PROTOCOL_T0 or _T1 */
  async connect(name: string, protocol: number): Promise<RivalConnection> {
    const deadline = performance.now() + CONNECT_MS;
    for (;;) {
      const code = this.#tryConnect(name, protocol);
      if (typeof code !== "bigint") return code;
      if (performance.now() > deadline) check("SCardConnect", code);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #readers(): string[] {
    const text = new Uint8Array(1024);
    const length = new BigUint64Array([BigInt(text.length)]);
    const { SCardListReaders } = this.#library.symbols;
    const code = SCardListReaders(this.#context, null, text, length);
    if (Number(code) !== SCARD_S_SUCCESS) return [];
    return new TextDecoder().decode(text.subarray(0, Number(length[0])))
      .split("\0");
  }

  #tryConnect(name: string, protocol: number): RivalConnection | bigint {
    // Slot 0 of the driver is the one that the card connects to.
    const reader = this.#readers().find((text) =>
      text.startsWith(name) && text.endsWith("00")
    );
    const { symbols } = this.#library;
    const handle = new BigInt64Array(1);
    const active = new BigUint64Array(1);
    const code = symbols.SCardConnect(
      this.#context,
      new TextEncoder().encode(`${reader ?? name}\0`),
      SCARD_SHARE_SHARED,
      BigInt(protocol),
      handle,
      active,
    );
    if (Number(code) !== SCARD_S_SUCCESS) return BigInt(code);
    const [card] = handle;
    const header = new BigUint64Array([active[0], 16n]);
    const answer = new Uint8Array(264);
    const length = new BigUint64Array(1);
    return {
      answer,
      transmit(apdu) {
        length[0] = 264n;
        const code = symbols.SCardTransmit(
          card,
          header,
          apdu,
          BigInt(apdu.length),
          null,
          answer,
          length,
        );
        check("SCardTransmit", code);
        return Number(length[0]);
      },
      close: () => {
        symbols.SCardDisconnect(card, SCARD_UNPOWER_CARD);
      },
    };
  }

  [Symbol.dispose](): void {
    this.#library.symbols.SCardReleaseContext(this.#context);
    this.#library.close();
  }
}

function check(call: string, code: number | bigint): void {
  if (Number(code) === SCARD_S_SUCCESS) return;
  const text = (Number(code) >>> 0).toString(16).toUpperCase();
  throw new Error(`${call} ended with 0x${text}, expected SCARD_S_SUCCESS`);
}
