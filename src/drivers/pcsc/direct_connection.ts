/**
 * Connections to a reader alone, for one call each: with or without a card.
 *
 * @module
 */

import {
  SCARD_PROTOCOL_UNDEFINED,
  SmartcardLogError,
} from "../../smclib/mod.ts";
import { PcscCode, pcscCodeName, PcscDisposition, PcscShare } from "./codes.ts";
import type { PcscContext, PcscOutcome } from "./context.ts";
import type { PcscHandle, PcscLibrary } from "./library.ts";

/** What is done with the connection. */
export type DirectCall<T> = (
  library: PcscLibrary,
  card: PcscHandle,
) => Promise<T>;

/** Connects directly, calls, and leaves the card as it is. */
export class DirectConnection {
  readonly #context: PcscContext;
  readonly #reader: string;

  /** For the reader of that name. */
  constructor(context: PcscContext, reader: string) {
    this.#context = context;
    this.#reader = reader;
  }

  /**
   * One call.
   *
   * @param timeoutMs deadline in milliseconds, connecting included
   * @returns its outcome, or that of connecting
   */
  call<T extends PcscOutcome>(
    timeoutMs: number,
    call: DirectCall<T>,
  ): Promise<T | PcscOutcome> {
    return this.#connected<T>(timeoutMs, async (library, card) => {
      try {
        return await call(library, card);
      } finally {
        const code = await library.SCardDisconnect(card, PcscDisposition.LEAVE);
        if (code !== PcscCode.S_SUCCESS) {
          SmartcardLogError(
            this.#reader,
            code,
            `Cannot leave the reader: ${pcscCodeName(code)}`,
          );
        }
      }
    });
  }

  /**
   * Reads attributes of the reader, as many as it has.
   *
   * @param timeoutMs deadline for all of them, in milliseconds
   */
  async attributes(
    tags: readonly number[],
    timeoutMs: number,
  ): Promise<ReadonlyMap<number, Uint8Array<ArrayBuffer>>> {
    const values = new Map<number, Uint8Array<ArrayBuffer>>();
    await this.call(timeoutMs, async (library, card) => {
      for (const tag of tags) {
        const { code, value } = await library.SCardGetAttrib(card, tag);
        if (code === PcscCode.S_SUCCESS) values.set(tag, value);
      }
      return { code: PcscCode.S_SUCCESS };
    });
    return values;
  }

  /** Ejects the card. */
  async eject(timeoutMs: number): Promise<number> {
    const { code } = await this.#connected(
      timeoutMs,
      async (library, card) => ({
        code: await library.SCardDisconnect(card, PcscDisposition.EJECT),
      }),
    );
    return code;
  }

  #connected<T extends PcscOutcome>(
    timeoutMs: number,
    call: DirectCall<T>,
  ): Promise<T | PcscOutcome> {
    return this.#context.call<T | PcscOutcome>(
      timeoutMs,
      async (library, context) => {
        const direct = await library.SCardConnect(
          context,
          this.#reader,
          PcscShare.DIRECT,
          SCARD_PROTOCOL_UNDEFINED,
        );
        return direct.code === PcscCode.S_SUCCESS
          ? await call(library, direct.card)
          : direct;
      },
    );
  }
}
