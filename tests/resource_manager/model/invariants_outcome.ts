/**
 * What a call may be told: every error has its cause, and no success lacks its right.
 *
 * @module
 */

import { type Call, isNewer, law, owns } from "./trace.ts";
import type { Witness } from "./witness.ts";

const USES: ReadonlySet<string> = new Set([
  "transmit",
  "status",
  "begin",
  "end",
]);

/** Checks what a call is told, before anything is learnt from it. */
export function checkOutcome(
  witness: Witness,
  call: Call,
  outcome: string,
): void {
  const say = (text: string) => () =>
    `call ${call.number} (${call.operation.kind}) is told ${outcome}, but ${text}`;
  const { handle, operation } = call;
  if (outcome.startsWith("ok")) checkSuccess(witness, call, say);
  else checkCause(witness, call, outcome, say);
  const isFinal = operation.kind === "release" || operation.kind === "abandon";
  if (!isFinal) return;
  law(outcome === "ok", say("it never fails"));
  // A disconnect under way is not hurried by the end of its context.
  const left = [...witness.reader?.connections ?? []].filter((connection) =>
    !connection.closing &&
    [...witness.traces.values()].some((trace) =>
      trace.connection === connection && trace.context === operation.context
    )
  );
  law(left.length === 0, say("it has connections left"));
  law(handle === null, say("it goes through none"));
}

type Say = (text: string) => () => string;

function checkSuccess(witness: Witness, call: Call, say: Say): void {
  const { handle, operation, wasEnded } = call;
  law(!wasEnded, say("its connection or context had ended"));
  if (operation.kind === "watch") checkNews(call, say);
  if (handle === null || !USES.has(operation.kind)) return;
  const { binding, device, newest } = handle;
  // A direct connection is one to the reader: its status tells what became of the card.
  const isDirect = handle.mode === null || handle.mode === "direct";
  if (operation.kind === "status" && isDirect) return;
  const knows = binding > 0 || newest.session >= call.start.session;
  law(
    device === witness.device || call.start.losses < witness.losses,
    say("its reader had left"),
  );
  law(knows, say("the card had gone before"));
  const knowsReset = binding > 0 ||
    newest.resets >= call.start.resets;
  law(knowsReset, say("the card had been reset before"));
  if (operation.kind !== "begin") return;
  law(!witness.isDirty, say("nobody reset the card after its owner died"));
  checkTurn(witness, call, say);
}

/** A status request is answered with something that its caller did not believe. */
function checkNews({ outcome, believed }: Call, say: Say): void {
  const [, flags, count] = (outcome ?? "").split(" ");
  const seen = Number.parseInt(flags, 16);
  const isNew = (seen & ~CHANGED) !== believed.flags ||
    Number(count) !== believed.count;
  law(isNew && (seen & CHANGED) !== 0, say("its caller knew that"));
}

const CHANGED = 0x2;

/** Who began to wait first is served first. */
function checkTurn(witness: Witness, call: Call, say: Say): void {
  if (call.wasOwner) return;
  const passed = witness.begins.find((begin) =>
    begin.number < call.number && begin.outcome === null &&
    begin.handle?.ended === false && !begin.abort.signal.aborted &&
    begin.handle.device === call.handle?.device
  );
  law(passed === undefined, say(`call ${passed?.number} has waited longer`));
}

function checkCause(
  witness: Witness,
  call: Call,
  outcome: string,
  say: Say,
): void {
  const { handle, operation, start, context } = call;
  const { rules } = witness;
  const contextEnded = context !== null && !witness.contexts.has(context);
  const isCurrent = handle === null || handle.device === witness.device;
  switch (outcome) {
    case "AbortError":
      return law(call.abort.signal.aborted, say("nobody aborted it"));
    case "SCARD_E_INVALID_HANDLE":
      return law(
        contextEnded || handle?.ended === true || call.wasEnded,
        say("nothing has ended"),
      );
    case "SCARD_E_CANCELLED":
      return law(
        contextEnded || operation.kind === "watch",
        say("nobody cancelled it"),
      );
    case "SCARD_W_RESET_CARD":
      return law(
        handle !== null && isNewer(handle.device, handle.oldest),
        say("nobody reset the card"),
      );
    case "SCARD_W_REMOVED_CARD":
      return law(
        handle !== null && (witness.deaths > 0 ||
          handle.device.session > handle.oldest.session),
        say("nobody removed the card"),
      );
    case "SCARD_E_READER_UNAVAILABLE":
      return law(
        !isCurrent || witness.deaths > 0 || start.losses < witness.losses,
        say("the reader works"),
      );
    case "SCARD_E_NOT_TRANSACTED":
      return law(
        mayBeUntransacted(witness, call),
        say("a transaction runs"),
      );
    case "SCARD_F_COMM_ERROR":
      return law(
        handle?.ended === true && start.losses < witness.losses,
        say("the reader works"),
      );
    case "SCARD_E_SHARING_VIOLATION": {
      const mayBe = operation.kind === "connect" ||
        operation.kind === "reconnect" || rules.otherCalls === "violation";
      return law(mayBe, say("it waits its turn"));
    }
    case "SCARD_E_TIMEOUT":
      return law(operation.kind === "watch", say("it has no limit"));
    case "SCARD_E_UNKNOWN_READER":
    case "SCARD_E_NO_SMARTCARD":
    case "SCARD_E_PROTO_MISMATCH":
    case "SCARD_W_UNRESPONSIVE_CARD":
    case "SCARD_W_UNPOWERED_CARD":
    case "SCARD_E_INVALID_VALUE":
      return;
    default:
      law(false, say("this code has no cause at all"));
  }
}

/** Whether the transaction that the caller knows of may be gone, or never was. */
function mayBeUntransacted(witness: Witness, call: Call): boolean {
  const { losses } = witness;
  const { handle, operation, start } = call;
  if (handle === null || losses !== start.losses) return true;
  // Of calls that overlap nothing tells which comes first.
  if (witness.overlaps(call)) return true;
  if (operation.kind === "begin") return false;
  return !owns({ ...handle, ending: handle.ending - 1 }, losses);
}
