/**
 * A request dispatcher as a good engineer writes it at first: an async function, a
 * mutex made of promises, a switch over the codes, a fresh answer for every request.
 *
 * @module
 */

/** A callback of the driver. */
export type PlainCallback = (
  input: Uint8Array,
) => Promise<Uint8Array> | Uint8Array;

/** How a request ended. */
export interface PlainAnswer {
  /** NTSTATUS. */
  readonly status: number;
  /** What came out. */
  readonly output: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const FIRST_VENDOR_CODE = 0x00312000;
const GET_STATE = 0x00310038;

/** One reader. */
export class PlainDispatcher {
  #tail: Promise<unknown> = Promise.resolve();
  readonly #vendor: PlainCallback;
  /** SCARD_* state. */
  state = 1;

  /** Makes a reader with a vendor callback. */
  constructor(vendor: PlainCallback) {
    this.#vendor = vendor;
  }

  /** Serves one request after the other. */
  async deviceControl(
    code: number,
    input: Uint8Array,
    capacityBytes: number,
  ): Promise<PlainAnswer> {
    const before = this.#tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    await before;
    try {
      return await this.#dispatch(code, input, capacityBytes);
    } catch {
      return { status: 0xC0000001, output: NOTHING };
    } finally {
      resolve();
    }
  }

  async #dispatch(
    code: number,
    input: Uint8Array,
    capacityBytes: number,
  ): Promise<PlainAnswer> {
    switch (code) {
      case GET_STATE: {
        if (capacityBytes < 4) return { status: 0xC0000023, output: NOTHING };
        const output = new Uint8Array(4);
        new DataView(output.buffer).setUint32(0, this.state, true);
        return { status: 0, output };
      }
      default: {
        if (code < FIRST_VENDOR_CODE) {
          return { status: 0xC0000010, output: NOTHING };
        }
        const output = await this.#vendor(input);
        return output.length > capacityBytes
          ? { status: 0xC0000023, output: NOTHING }
          : { status: 0, output };
      }
    }
  }
}
