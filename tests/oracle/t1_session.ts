/**
 * What the oracle's reader knows of a T=1 session, and its own S requests
 * (7816-3 11.6.3: rules 4, 6, 7.3, 9).
 *
 * @module
 */

import {
  type OracleBlock,
  type OracleLink,
  type OracleNumber,
  readBlock,
  sRequest,
} from "./t1_block.ts";
import type { OracleCheck } from "./t1_check.ts";

/** What a session with a card is told before it begins. */
export interface OracleT1Options {
  /** IFSC in force after the ATR, 1..254 bytes. */
  ifscBytes: number;
  /** IFSD to announce by S(IFS request) before the first command, bytes; 0: none. */
  ifsdBytes: number;
  /** Kind of check bytes. */
  check: OracleCheck;
  /** NAD of the reader's blocks; the card's must be the swapped one. */
  nad: number;
  /** Rules of ISO/IEC 7816-3 alone, or as EMV narrows them. */
  profile: "iso" | "emv";
  /** Whether a command is run again after a resynchronisation that interrupted it. */
  afterResynch: "rerun" | "report";
  /** S(WTX request)s tolerated per command. */
  maxWtx: number;
}

/** Why a job failed. */
export type OracleT1Failure =
  | "reset"
  | "aborted"
  | "response-length"
  | "too-many-requests"
  | "outcome-unknown"
  | "deactivate";

/** What the reader does next. `wtx` multiplies BWT for the answer to this block; 0: as usual. */
export type OracleStep =
  | { kind: "send"; block: Uint8Array; wtx: number }
  | { kind: "done"; response: Uint8Array }
  | { kind: "failed"; reason: OracleT1Failure };

/** A part of the dialogue: yields what is sent, is resumed with what came. */
export type OracleTalk<Result> = Generator<
  { block: Uint8Array; wtx: number },
  Result,
  Uint8Array
>;

/** One transmission and two repetitions per expected valid block (rules 6.4, 7.4). */
export const ATTEMPTS = 3;

/** Thrown within a talk: the attempts for an expected block are used up (rule 7.4). */
export class AttemptsUsedUp extends Error {}

/** Thrown within a talk: the job ends in failure. */
export class JobFailed extends Error {
  /** `reason` as in {@linkcode OracleStep}. */
  constructor(readonly reason: OracleT1Failure) {
    super(reason);
  }
}

/** The state which outlives a command. */
export class OracleT1Session {
  /** N(S) of the next I-block, or of the one not acknowledged yet. */
  ns: OracleNumber = 0;
  /** N(S) expected of the card's next I-block. */
  nr: OracleNumber = 0;
  /** Largest INF the card takes, bytes. */
  ifsc: number;
  /** Largest INF the card may send, bytes. */
  ifsd = 32;
  /** IFSD the session keeps announced; 0: it announces nothing. */
  wantedIfsd: number;
  /** Whether the card ever sent a block that was valid and expected. */
  heard = false;
  /** Whether an S(IFS request) was answered since the session began (anew). */
  announced = false;
  /** What decides the validity of blocks. */
  readonly link: OracleLink;

  constructor(readonly options: OracleT1Options) {
    const emv = options.profile === "emv";
    this.link = {
      check: options.check,
      nad: emv ? 0 : options.nad,
      profile: options.profile,
    };
    this.ifsc = options.ifscBytes;
    // EMV: the first block is S(IFS request 254) in any case.
    this.wantedIfsd = emv ? 254 : options.ifsdBytes;
  }

  /** Whether the EMV profile is in force. */
  get emv(): boolean {
    return this.options.profile === "emv";
  }

  /** Judges what came; no bytes stand for silence or a parity error. */
  read(bytes: Uint8Array): OracleBlock {
    return readBlock(this.link, bytes);
  }

  /** S(IFS request `bytes`) until answered with the same value (rule 4). */
  *announce(bytes: number): OracleTalk<void> {
    yield* this.#request("IFS", [bytes]);
    this.ifsd = bytes;
    this.announced = true;
  }

  /** S(ABORT request) until answered (rule 9). */
  *abort(): OracleTalk<void> {
    yield* this.#request("ABORT", []);
  }

  /** S(RESYNCH request) until answered, then the initial state (rules 6.2 to 6.4). */
  *resynchronise(): OracleTalk<void> {
    try {
      yield* this.#request("RESYNCH", []);
    } catch (error) {
      if (!(error instanceof AttemptsUsedUp)) throw error;
      throw new JobFailed(this.emv ? "deactivate" : "reset"); // 6.4
    }
    this.ns = 0;
    this.nr = 0;
    this.ifsc = this.options.ifscBytes;
    this.ifsd = 32;
  }

  // Rule 7.3a: anything but the response to it repeats the request.
  *#request(
    name: "IFS" | "ABORT" | "RESYNCH",
    inf: readonly number[],
  ): OracleTalk<void> {
    const block = sRequest(this.link, name, inf);
    const value = inf.length === 1 ? inf[0] : -1;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const got = this.read(yield { block, wtx: 0 });
      if (
        got.is === "S response" && got.name === name && got.value === value
      ) {
        this.heard = true;
        return;
      }
      // EMV: deactivation on receipt of the card's S(ABORT request), whenever.
      if (this.emv && got.is === "S request" && got.name === "ABORT") {
        throw new JobFailed("deactivate");
      }
    }
    throw new AttemptsUsedUp();
  }
}
