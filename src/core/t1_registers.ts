/**
 * The registers of a T=1 session, by the names that smclib gives them (T1_DATA).
 *
 * @module
 */

import {
  T1_W_BYTES_RECEIVED,
  T1_W_BYTES_SENT,
  T1_W_BYTES_TO_SEND,
  T1_W_IFSC,
  T1_W_IFSD,
  T1_W_INF_SENT,
  T1_W_LAST_ERROR,
  T1_W_MORE_DATA,
  T1_W_RESEND,
  T1_W_RESYNCH,
  T1_W_RSN,
  T1_W_SSN,
  T1_W_STATE,
  T1_W_WTX,
} from "../../core-as/abi.ts";
import type { Machine } from "./machine.ts";

/** What a session shows of its state; each getter reads the machine as it stands. */
export abstract class T1Registers {
  /** Where the session lives. */
  readonly machine: Machine;

  /** Reads from `machine`. */
  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Word `word` of the state. */
  protected get(word: number): number {
    return this.machine.core.words[(this.machine.address >> 2) + word];
  }

  /** Length of the response so far, in bytes. */
  get responseLength(): number {
    return this.bytesReceived;
  }
  /** T1_DATA.Wtx: factor for the next wait, 0 for none. */
  get wtx(): number {
    return this.get(T1_W_WTX);
  }
  /** T1_DATA.IFSC: longest information field the card takes at present. */
  get ifsc(): number {
    return this.get(T1_W_IFSC);
  }
  /** T1_DATA.IFSD: longest information field the card may send at present. */
  get ifsd(): number {
    return this.get(T1_W_IFSD);
  }
  /** T1_DATA.SSN: number of our I-block. */
  get ssn(): number {
    return this.get(T1_W_SSN);
  }
  /** T1_DATA.RSN: number expected in the card's next I-block. */
  get rsn(): number {
    return this.get(T1_W_RSN);
  }
  /** T1_DATA.State. */
  get state(): number {
    return this.get(T1_W_STATE);
  }
  /** T1_DATA.Resend: failures at this point of the exchange. */
  get resend(): number {
    return this.get(T1_W_RESEND);
  }
  /** T1_DATA.Resynch: resynchronisations for this command. */
  get resynch(): number {
    return this.get(T1_W_RESYNCH);
  }
  /** T1_DATA.LastError: 0, T1_ERROR_CHKSUM or T1_ERROR_OTHER. */
  get lastError(): number {
    return this.get(T1_W_LAST_ERROR);
  }
  /** T1_DATA.MoreData: whether our last I-block had the M bit. */
  get moreData(): boolean {
    return this.get(T1_W_MORE_DATA) !== 0;
  }
  /** T1_DATA.BytesToSend. */
  get bytesToSend(): number {
    return this.get(T1_W_BYTES_TO_SEND);
  }
  /** T1_DATA.BytesSent. */
  get bytesSent(): number {
    return this.get(T1_W_BYTES_SENT);
  }
  /** T1_DATA.BytesReceived. */
  get bytesReceived(): number {
    return this.get(T1_W_BYTES_RECEIVED);
  }
  /** T1_DATA.InfBytesSent. */
  get infBytesSent(): number {
    return this.get(T1_W_INF_SENT);
  }
}
