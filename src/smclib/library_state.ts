/**
 * What the library itself remembers about a reader; drivers leave it alone.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { Machine, T0Exchange, T1Session } from "../core/mod.ts";
import type { Irp } from "./irp.ts";

/** Where a reader stands between construction and SmartcardExit. */
export type LifePhase = "new" | "ready" | "gone";

/** Where a T=0 exchange at character level stands. */
export type T0Phase = "idle" | "loaded" | "running";

/** A system sleep from its beginning to the waking. */
export interface Sleep {
  /** The power-down request. */
  readonly irp: Irp;
  /** Withdraws it while it queues. */
  readonly controller: AbortController;
  /** The request's turn has come: no other one reaches the driver. */
  isOff: boolean;
  /** A card was in then. */
  hadCard: boolean;
  /** Settles when the request has ended. */
  done: MaybePromise<void>;
}

/** The library's own part of a SmartcardExtension. */
export class LibraryState {
  /** SmartcardInitialize makes it "ready", SmartcardExit "gone". */
  phase: LifePhase = "new";
  /** The slot of linear memory that holds both buffers. */
  machine: Machine | null = null;
  /** The T=1 machine in that slot. */
  t1Session: T1Session | null = null;
  /** The T=0 machine in that slot. */
  t0Exchange: T0Exchange | null = null;
  /** A T=1 command is under way: SmartcardT1Request goes on with it. */
  t1Active = false;
  /** Progress of a T=0 exchange at character level. */
  t0Phase: T0Phase = "idle";
  /** Bytes that the driver reserved in front of the T=0 command. */
  t0HeaderLength = 0;
  /** Bytes of the T=0 command behind them. */
  t0CommandLength = 0;
  /** The PPS request that waits for its response. */
  ppsRequest: Uint8Array | null = null;
  /** SCARD_PROTOCOL_T0 and _T1 as the ATR gave them. */
  atrProtocols = 0;
  /** RDF_ATR_PARSE has been called since the reset. */
  atrParseCalled = false;
  /** The ATR has T=15 bytes: N counts in Fi/Di. */
  hasT15 = false;
  /** F in force. */
  f = 372;
  /** D in force. */
  d = 1;
  /** Clock in force, in kHz; 0 when the driver told none. */
  clockKhz = 0;
  /** State of the reader was NEGOTIABLE when RDF_SET_PROTOCOL was called. */
  wasNegotiable = false;
  /** Bytes of the command under way, for the performance counters. */
  commandBytes = 0;

  /** The system sleep under way. */
  sleep: Sleep | null = null;

  /** The reader is on again; a power-down request that still queues is withdrawn. */
  endSleep(): void {
    const { sleep } = this;
    this.sleep = null;
    sleep?.controller.abort();
  }

  /** Forgets what came with a reset; the machines stay. */
  clearSession(): void {
    this.t1Active = false;
    this.t0Phase = "idle";
    this.ppsRequest = null;
    this.atrProtocols = 0;
    this.atrParseCalled = false;
    this.hasT15 = false;
    this.f = 372;
    this.d = 1;
    this.wasNegotiable = false;
  }

  /** Gives the machines back. */
  disposeMachines(): void {
    this.t1Session?.[Symbol.dispose]();
    this.t0Exchange?.[Symbol.dispose]();
    this.machine?.[Symbol.dispose]();
    this.t1Session = null;
    this.t0Exchange = null;
    this.machine = null;
  }
}
