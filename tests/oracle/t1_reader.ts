/**
 * An independent reader's side of T=1 (7816-3 11), written from the standard's rules for
 * judging the core's, with which it shares nothing. A job is a coroutine that reads like
 * the dialogue itself.
 *
 * @module
 */

import { exchange, OracleT1Tally } from "./t1_command.ts";
import {
  AttemptsUsedUp,
  JobFailed,
  type OracleStep,
  type OracleT1Failure,
  type OracleT1Options,
  OracleT1Session,
  type OracleTalk,
} from "./t1_session.ts";

export type { OracleStep, OracleT1Failure, OracleT1Options };

/** Successful resynchronisations tolerated in one job. */
const MAX_RESYNCHS = 3;

/** A reader that talks T=1 to one card, from its ATR to the end of the session. */
export class OracleT1Reader {
  readonly #session: OracleT1Session;
  /** The job under way. */
  #job: OracleTalk<Uint8Array> | undefined;
  /** Whether the numbers of the two sides may differ. */
  #inDoubt = false;
  #deactivated = false;
  /** Resynchronisations of the session so far. */
  #resynchs = 0;

  /** A session that begins after the ATR or PPS described by `options`. */
  constructor(options: OracleT1Options) {
    this.#session = new OracleT1Session(options);
  }

  /** Begins the next command of the session. */
  command(apdu: Uint8Array): OracleStep {
    const tally = new OracleT1Tally();
    return this.#begin(
      this.#recovering(() => this.#command(apdu, tally), tally),
    );
  }

  /** Begins announcing IFSD = `value` bytes, 1..254. */
  ifs(value: number): OracleStep {
    return this.#begin(this.#recovering(() => this.#ifs(value)));
  }

  /** Begins a resynchronisation. */
  resynch(): OracleStep {
    return this.#begin(this.#resynch());
  }

  /** Begins an abortion of whatever chain the card believes in; a resynchronisation on the way ends every chain and with it the job. */
  abort(): OracleStep {
    const before = this.#resynchs;
    return this.#begin(
      this.#recovering(() =>
        this.#resynchs > before ? this.#nothing() : this.#abort()
      ),
    );
  }

  /** Takes what came: no bytes for silence or a parity error. Throws if no job is under way. */
  receive(block: Uint8Array): OracleStep {
    if (this.#job === undefined) throw new Error("no job is under way");
    return this.#advance(this.#job, block);
  }

  *#command(apdu: Uint8Array, tally: OracleT1Tally): OracleTalk<Uint8Array> {
    const session = this.#session;
    const wanted = session.wantedIfsd;
    if (wanted !== 0 && (!session.announced || session.ifsd !== wanted)) {
      yield* session.announce(wanted);
    }
    return yield* exchange(session, apdu, tally);
  }

  *#ifs(value: number): OracleTalk<Uint8Array> {
    const session = this.#session;
    yield* session.announce(value);
    session.wantedIfsd = value;
    return new Uint8Array();
  }

  *#abort(): OracleTalk<Uint8Array> {
    yield* this.#session.abort();
    return new Uint8Array();
  }

  // deno-lint-ignore require-yield
  *#nothing(): OracleTalk<Uint8Array> {
    return new Uint8Array();
  }

  *#resynch(): OracleTalk<Uint8Array> {
    yield* this.#resynchronise();
    return new Uint8Array();
  }

  /** The job `run`, run again from its beginning after each resynchronisation. */
  *#recovering(
    run: () => OracleTalk<Uint8Array>,
    tally = new OracleT1Tally(),
  ): OracleTalk<Uint8Array> {
    const session = this.#session;
    let resynchs = 0;
    if (this.#inDoubt && session.heard) {
      yield* this.#resynchronise();
      resynchs++;
    }
    // Of a card never heard nothing can be out of step: the session simply begins.
    this.#inDoubt = false;
    while (true) {
      try {
        return yield* run();
      } catch (error) {
        if (!(error instanceof AttemptsUsedUp)) throw error;
      }
      if (session.emv) throw new JobFailed("deactivate");
      if (!session.heard) throw new JobFailed("reset"); // rule 7.4.1
      yield* this.#resynchronise(); // rule 7.4.2
      resynchs++;
      if (tally.endAfterResynch !== undefined) {
        throw new JobFailed(tally.endAfterResynch);
      }
      if (tally.begun && session.options.afterResynch === "report") {
        throw new JobFailed("outcome-unknown");
      }
      // Asked last: a command that is not run again needs no further attempt.
      if (resynchs > MAX_RESYNCHS) throw new JobFailed("reset");
    }
  }

  *#resynchronise(): OracleTalk<void> {
    yield* this.#session.resynchronise();
    this.#resynchs++;
    this.#inDoubt = false;
  }

  #begin(job: OracleTalk<Uint8Array>): OracleStep {
    if (this.#deactivated) return { kind: "failed", reason: "deactivate" };
    if (this.#job !== undefined) this.#inDoubt = true; // abandoned
    this.#job = job;
    return this.#advance(job, new Uint8Array());
  }

  #advance(job: OracleTalk<Uint8Array>, came: Uint8Array): OracleStep {
    try {
      const { done, value } = job.next(came);
      if (!done) return { kind: "send", block: value.block, wtx: value.wtx };
      this.#job = undefined;
      return { kind: "done", response: value };
    } catch (error) {
      if (!(error instanceof JobFailed)) throw error;
      this.#job = undefined;
      const { reason } = error;
      if (reason === "reset" || reason === "too-many-requests") {
        this.#inDoubt = true;
      }
      if (reason === "deactivate") this.#deactivated = true;
      return { kind: "failed", reason };
    }
  }
}
