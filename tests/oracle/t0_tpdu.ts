/**
 * Test oracle: one T=0 TPDU at character level, from the reader's side
 * (ISO/IEC 7816-3 clause 10). Written for obvious correctness, not for speed.
 *
 * @module
 */

/**
 * Why a TPDU ended without SW1 SW2: the card was silent (`timeout`), sent an
 * illegal procedure byte, more than it may (`overrun`) or too many NULLs; or
 * the TPDU itself could not be sent.
 */
export type T0Failure =
  | "timeout"
  | "procedure-byte"
  | "overrun"
  | "too-many-nulls"
  | "ins"
  | "cla"
  | "tpdu";

/**
 * What the reader does next. `send`: characters to send now, possibly none;
 * `wanted`: characters the card must at least send before it can be the
 * reader's turn; `response`: data and SW1 SW2.
 */
export type T0Step =
  | { kind: "transfer"; send: Uint8Array; wanted: number }
  | { kind: "done"; response: Uint8Array }
  | { kind: "failed"; reason: T0Failure };

const NULL = 0x60;

class Failure extends Error {
  constructor(readonly reason: T0Failure) {
    super(reason);
  }
}

/**
 * The exchange of one TPDU (10.3): header, procedure bytes, data in one
 * direction, SW1 SW2. `start` once, then `receive` with what the card sent
 * until the step is `done` or `failed`.
 */
export class OracleT0Tpdu {
  readonly #tpdu: Uint8Array;
  readonly #le: number;
  readonly #maxNulls: number;
  readonly #exchange: Generator<T0Step, T0Step, Uint8Array>;
  /** Characters of the card that came and are not read yet. */
  #arrived: number[] = [];
  /** Characters the reader is to send before it listens again. */
  #outgoing: Uint8Array = new Uint8Array(0);

  /**
   * `tpdu`: header of 5 bytes and then P3 data bytes or none; `le`: bytes the
   * card is to send, 0..256; `maxNulls`: NULLs accepted during the whole TPDU.
   */
  constructor(tpdu: Uint8Array, le: number, maxNulls: number) {
    this.#tpdu = tpdu.slice();
    this.#le = le;
    this.#maxNulls = maxNulls;
    this.#exchange = this.#guarded();
  }

  /** The header to send, or the reason why this TPDU is refused. */
  start(): T0Step {
    return this.#step(new Uint8Array(0));
  }

  /**
   * Takes characters that came together; an empty `piece` is silence for all
   * the waiting time.
   */
  receive(piece: Uint8Array): T0Step {
    return this.#step(piece);
  }

  #step(piece: Uint8Array): T0Step {
    const { value } = this.#exchange.next(piece);
    // A generator that has returned yields nothing more.
    if (value === undefined) throw new Error("the TPDU is already over");
    return value;
  }

  *#guarded(): Generator<T0Step, T0Step, Uint8Array> {
    try {
      this.#refuse();
      return { kind: "done", response: yield* this.#run() };
    } catch (error) {
      if (error instanceof Failure) {
        return { kind: "failed", reason: error.reason };
      }
      throw error;
    }
  }

  /** Malformed TPDUs, CLA FF, INS 6x and 9x must not reach the card. */
  #refuse(): void {
    const tpdu = this.#tpdu;
    const le = this.#le;
    if (tpdu.length < 5) throw new Failure("tpdu");
    const [cla, ins, , , p3] = tpdu;
    const dataLength = tpdu.length - 5;
    if (dataLength > 0) {
      if (dataLength !== p3 || le !== 0) throw new Failure("tpdu");
    } else {
      if (!Number.isInteger(le) || le < 0 || le > 256) {
        throw new Failure("tpdu");
      }
      if (le % 256 !== p3) throw new Failure("tpdu");
    }
    if (cla === 0xff) throw new Failure("cla");
    if (ins >> 4 === 0x6 || ins >> 4 === 0x9) throw new Failure("ins");
  }

  *#run(): Generator<T0Step, Uint8Array, Uint8Array> {
    const ins = this.#tpdu[1];
    let toSend = this.#tpdu.slice(5);
    let toReceive = this.#le;
    let nulls = 0;
    const response: number[] = [];

    this.#send(this.#tpdu.slice(0, 5));
    for (;;) {
      const procedure = yield* this.#character(toSend.length > 0 ? 1 : 2);
      if (procedure === NULL) {
        nulls++;
        if (nulls > this.#maxNulls) throw new Failure("too-many-nulls");
      } else if (procedure === ins || procedure === (ins ^ 0xff)) {
        // Only one of the two directions has data.
        const remaining = toSend.length + toReceive;
        if (remaining === 0) throw new Failure("overrun");
        const count = procedure === ins ? remaining : 1;
        if (toSend.length > 0) {
          this.#send(toSend.slice(0, count));
          toSend = toSend.slice(count);
        } else {
          for (let left = count; left > 0; left--) {
            response.push(yield* this.#character(left + 2));
          }
          toReceive -= count;
        }
      } else if (procedure >> 4 === 0x6 || procedure >> 4 === 0x9) {
        response.push(procedure, yield* this.#character(1));
        if (this.#arrived.length > 0) throw new Failure("overrun");
        return Uint8Array.from(response);
      } else {
        throw new Failure("procedure-byte");
      }
    }
  }

  /** The reader's turn: the card must not have gone on sending. */
  #send(characters: Uint8Array): void {
    if (this.#arrived.length > 0) throw new Failure("overrun");
    this.#outgoing = characters;
  }

  /**
   * The next character of the card, after what the reader has to send is sent.
   */
  *#character(wanted: number): Generator<T0Step, number, Uint8Array> {
    if (this.#arrived.length === 0) {
      const send = this.#outgoing;
      this.#outgoing = new Uint8Array(0);
      this.#arrived = [...(yield { kind: "transfer", send, wanted })];
    }
    const character = this.#arrived.shift();
    if (character === undefined) throw new Failure("timeout");
    return character;
  }
}
