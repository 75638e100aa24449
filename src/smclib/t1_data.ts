/**
 * The T=1 state of a reader as drivers see it (T1_DATA): a face of the protocol machine.
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";
import type { T1Session } from "../core/mod.ts";
import { T1_IFS_REQUEST, T1_INIT, T1_START } from "./smclib_constants.ts";

/** T1_DATA. Every member lives in the protocol machine; a driver may set `nad`, and reads `wtx`. */
export class T1Data {
  #session: T1Session | null = null;
  #plannedIfsd = 0;
  #isIfsSuppressed = false;
  /** `T1.WaitForReply`: documented as "synchronous if TRUE"; kept for its name, nothing depends on it. */
  waitForReply = false;
  /** `T1.OriginalState`: where the machine goes back to after an R- or S-block exchange: T1_I_BLOCK sending, T1_R_BLOCK receiving. */
  originalState = 0;

  /**
   * The library's own: attaches the machine behind the members, or takes it away.
   *
   * @internal
   */
  bind(session: T1Session | null): void {
    this.#session = session;
  }
  /** The library's own: what a new session is to announce and to send. */
  plan(ifsd: number, nad: number): void {
    this.#plannedIfsd = ifsd;
    this.originalState = 0;
    this.#isIfsSuppressed = false;
    this.nad = nad;
  }
  /** The library's own: no S(IFS request) until the next reset; later in a session it changes nothing. */
  suppressIfs(): void {
    if (this.state !== T1_INIT) return;
    this.#session?.suppressIfs();
    this.#isIfsSuppressed = true;
  }
  /** `T1.IFSC`: longest information field we may send at present, in bytes. */
  get ifsc(): number {
    return this.#session?.ifsc ?? 0;
  }
  /** `T1.IFSD`: longest information field we take, in bytes; until the card has answered S(IFS request), what it announces. */
  get ifsd(): number {
    const { state } = this;
    return state === T1_INIT || state === T1_IFS_REQUEST
      ? this.#plannedIfsd
      : this.#session?.ifsd ?? 0;
  }
  /** `T1.BytesReceived`: bytes of the answer collected so far. */
  get bytesReceived(): number {
    return this.#session?.bytesReceived ?? 0;
  }
  /** `T1.BytesSent`: request bytes acknowledged so far. */
  get bytesSent(): number {
    return this.#session?.bytesSent ?? 0;
  }
  /** `T1.BytesToSend`: request bytes still to go. */
  get bytesToSend(): number {
    return this.#session?.bytesToSend ?? 0;
  }
  /** `T1.LastError`: 0, T1_ERROR_CHKSUM or T1_ERROR_OTHER for the last block received. */
  get lastError(): number {
    return this.#session?.lastError ?? 0;
  }
  /** `T1.MoreData`: our last I-block had the M bit. */
  get moreData(): boolean {
    return this.#session?.moreData ?? false;
  }
  /**
   * `T1.NAD`: node address byte of every block sent.
   *
   * @throws {RangeError} on setting one that ISO/IEC 7816-3 11.3.2.1 forbids
   */
  get nad(): number {
    return this.#session?.nad ?? 0;
  }
  set nad(value: number) {
    if (this.#session !== null) this.#session.nad = value;
  }
  /** `T1.Resend`: repetitions of the present block. */
  get resend(): number {
    return this.#session?.resend ?? 0;
  }
  /** `T1.Resynch`: resynchronisations of the present command. */
  get resynch(): number {
    return this.#session?.resynch ?? 0;
  }
  /** `T1.RSN`: number expected in the card's next I-block. */
  get rsn(): number {
    return this.#session?.rsn ?? 0;
  }
  /** `T1.SSN`: number of our I-block. */
  get ssn(): number {
    return this.#session?.ssn ?? 0;
  }
  /** `T1.State`: T1_INIT, T1_START, ... or the PCB of the outstanding S-block. */
  get state(): number {
    const state = this.#session?.state ?? T1_INIT;
    // The machine waits for its first command, and has nothing to announce before it.
    return state === T1_INIT && this.#isIfsSuppressed ? T1_START : state;
  }
  /** `T1.Wtx`: multiplier the card asked for, 0 for none: wait `bwt * (wtx || 1)` microseconds. */
  get wtx(): number {
    return this.#session?.wtx ?? 0;
  }
  /** `T1.InfBytesSent`: information bytes in our last I-block. */
  get infBytesSent(): number {
    return this.#session?.infBytesSent ?? 0;
  }
  /** `T1.ReplyData`: a copy of the answer, once complete. */
  get replyData(): Uint8Array {
    return this.#session?.response() ?? NO_BYTES;
  }
}
