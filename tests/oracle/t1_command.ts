/**
 * One command and its response over T=1, as the oracle sees it: from I-block 0 of the
 * command to the card's last I-block (7816-3 11.6.2 and 11.6.3).
 *
 * @module
 */

import { iBlock, other, rBlock, sResponse } from "./t1_block.ts";
import {
  ATTEMPTS,
  AttemptsUsedUp,
  JobFailed,
  type OracleT1Failure,
  type OracleT1Session,
  type OracleTalk,
} from "./t1_session.ts";

/** S(IFS request)s and S(ABORT request)s of the card tolerated per command. */
const MAX_REQUESTS = 64;
/** I-blocks of the card without INF in the middle of a chain tolerated per command. */
const MAX_EMPTY_BLOCKS = 256;
/** Longest R-APDU: 65 536 data bytes and SW1-SW2. */
const MAX_RESPONSE_BYTES = 65538;

/** What is counted or remembered over the whole command, resynchronisations included. */
export class OracleT1Tally {
  /** S(WTX request)s received. */
  wtx = 0;
  /** S(IFS request)s and S(ABORT request)s received. */
  requests = 0;
  /** Empty I-blocks with M=1 received. */
  emptyBlocks = 0;
  /** Whether an I-block of the command was sent. */
  begun = false;
  /** How the command ends should the card have to be resynchronised now. */
  endAfterResynch: OracleT1Failure | undefined;
}

/** Sends `apdu` and collects the response; fails by throwing. */
export function* exchange(
  session: OracleT1Session,
  apdu: Uint8Array,
  tally: OracleT1Tally,
): OracleTalk<Uint8Array> {
  const { link, emv } = session;

  // sending: my I-block `mine` is not acknowledged. receiving: it was, by an I-block of
  // the card. aborted: S(ABORT response) was sent, the right to send is not back yet.
  let phase: "sending" | "receiving" | "aborted" = "sending";
  let response: Uint8Array[] = [];
  let length = 0; // of `response`, bytes
  let failures = 0;
  let acknowledged = 0; // bytes of the command
  let size = Math.min(session.ifsc, apdu.length); // of INF of `mine`
  let more = size < apdu.length;
  let mine = iBlock(link, session.ns, more, apdu.subarray(0, size));

  let last: "I" | "R" | "S response" = "I";
  let block = mine;
  let wtx = 0;

  while (true) {
    if (last === "I") tally.begun = true;
    const got = session.read(yield { block, wtx });
    wtx = 0; // rule 3: the extension holds for one block

    if (got.is === "S request" && got.name === "WTX") { // rule 3
      session.heard = true;
      failures = 0;
      tally.wtx++;
      if (tally.wtx > session.options.maxWtx) throw tooMany(emv);
      block = sResponse(link, "WTX", [got.value]);
      last = "S response";
      wtx = got.value;
      continue;
    }

    if (got.is === "S request" && got.name === "IFS") { // rule 4
      session.heard = true;
      failures = 0;
      tally.requests++;
      if (tally.requests > MAX_REQUESTS) throw tooMany(emv);
      session.ifsc = got.value;
      block = sResponse(link, "IFS", [got.value]);
      last = "S response";
      continue;
    }

    if (got.is === "S request" && got.name === "ABORT") { // rule 9
      session.heard = true;
      failures = 0;
      if (emv) throw new JobFailed("deactivate");
      tally.requests++;
      if (tally.requests > MAX_REQUESTS) throw tooMany(emv);
      // My I-block counts as received until the card's R-block says otherwise.
      if (phase === "sending") session.ns = other(session.ns);
      phase = "aborted";
      response = [];
      length = 0;
      tally.endAfterResynch = "aborted";
      block = sResponse(link, "ABORT", []);
      last = "S response";
      continue;
    }

    if (got.is === "R" && phase === "aborted") { // rule 9: the right to send is back
      session.heard = true;
      session.ns = got.number;
      throw new JobFailed("aborted");
    }

    if (
      got.is === "R" && phase === "sending" && got.number === session.ns
    ) { // the card wants `mine` again; valid, but no progress
      session.heard = true;
      failures++;
      if (failures === ATTEMPTS) throw new AttemptsUsedUp();
      block = mine;
      last = "I";
      continue;
    }

    if (
      got.is === "R" && phase === "sending" && got.number !== session.ns && more
    ) { // rules 2.2 and 5: acknowledged
      session.heard = true;
      failures = 0;
      session.ns = other(session.ns);
      acknowledged += size;
      size = Math.min(session.ifsc, apdu.length - acknowledged);
      more = acknowledged + size < apdu.length;
      const inf = apdu.subarray(acknowledged, acknowledged + size);
      mine = iBlock(link, session.ns, more, inf);
      block = mine;
      last = "I";
      continue;
    }

    if (
      got.is === "I" && got.number === session.nr &&
      !(phase === "sending" && more) // rule 5: while I chain, the card sends R and S
    ) { // rules 2.1 and 5
      session.heard = true;
      failures = 0;
      if (phase === "sending") session.ns = other(session.ns);
      phase = "receiving";
      tally.endAfterResynch = undefined;
      session.nr = other(session.nr);
      response.push(got.inf);
      length += got.inf.length;
      const tooLong = length > MAX_RESPONSE_BYTES;
      if (!got.more) {
        if (tooLong) throw new JobFailed("response-length");
        if (emv && length < 2) throw new JobFailed("response-length");
        return joined(response, length);
      }
      if (got.inf.length === 0) tally.emptyBlocks++;
      if (tooLong || tally.emptyBlocks > MAX_EMPTY_BLOCKS) {
        if (emv) throw new JobFailed("deactivate"); // EMV: never S(ABORT request)
        tally.endAfterResynch = "response-length";
        yield* session.abort(); // rule 9, in place of the R-block
        throw new JobFailed("response-length");
      }
      block = rBlock(link, session.nr, 0);
      last = "R";
      continue;
    }

    // Nothing valid came, or nothing that fits: a repeated I-block, an R-block that
    // acknowledges nothing, a response nobody asked for.
    failures++;
    if (failures === ATTEMPTS) throw new AttemptsUsedUp();
    if (last === "R") continue; // rule 7.2: the very same R-block
    // Rule 7.1 after an I-block, 7.3b after an S response.
    block = rBlock(link, session.nr, got.is === "invalid" ? got.error : 2);
    last = "R";
  }
}

function tooMany(emv: boolean): JobFailed {
  return new JobFailed(emv ? "deactivate" : "too-many-requests");
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
