/**
 * What the model answers to calls of applications.
 *
 * @module
 */

import type { ShareMode } from "../../../src/resource_manager/mod.ts";
import type { Model, ModelHandle } from "./model.ts";
import { dispose, openCard } from "./model_card.ts";
import { tell } from "./model_tell.ts";
import type { OperationOf, UseKind } from "./operations.ts";

/** Whether `requested` goes together with those who are there, whatever transactions run. */
function verdictBeside(
  { rules }: Model,
  others: readonly ModelHandle[],
  requested: ShareMode,
): "ok" | "violation" {
  const refused = others.some(({ mode }) =>
    rules.sharing[mode][requested] === "violation"
  );
  return refused ? "violation" : "ok";
}

/** SCardConnect. */
export function connect(
  model: Model,
  call: number,
  { context, mode, protocols }: OperationOf<"connect">,
): void {
  const { rules } = model;
  const plug = model.plug;
  if (plug === null) return model.settle(call, "SCARD_E_UNKNOWN_READER");
  if (protocols === 0 && mode !== "direct") {
    return model.settle(call, rules.noProtocol);
  }
  if (!model.works && model.alive) revive(model);
  const attempt = (): string => {
    if (model.plug !== plug || !model.works) {
      return "SCARD_E_READER_UNAVAILABLE";
    }
    if (verdictBeside(model, model.present, mode) === "violation") {
      return "SCARD_E_SHARING_VIOLATION";
    }
    const handle: ModelHandle = {
      id: call,
      context,
      plug,
      mode,
      protocol: 0,
      grip: null,
      closing: false,
      closed: false,
    };
    const mayReset = model.present.length === 0;
    const opening = { mode, protocols, initialization: 0, mayReset };
    const error = openCard(model, handle, opening);
    if (error !== null) return error;
    model.handles.set(call, handle);
    return `ok ${handle.protocol}`;
  };
  const holderRefuses = model.present.some(({ mode: existing }) =>
    rules.sharing[existing].shared === "violation"
  );
  const waits = model.owner !== null && !holderRefuses;
  if (waits && rules.sharing.locked[mode] === "violation") {
    return model.settle(call, "SCARD_E_SHARING_VIOLATION");
  }
  const waiting = { call, context, handle: null, attempt };
  if (waits && model.works) model.whenFree(waiting);
  else model.settle(call, attempt());
}

/** A reader that failed works again: whoever knew the card does not know it any more. */
function revive(model: Model): void {
  const { card } = model;
  model.works = true;
  card.session++;
  if (card.present) {
    card.resets++;
    card.protocol = 0;
    card.powered = !card.mute;
  }
  // Everybody sees the reader before the connection is made.
  tell(model);
}

/** SCardReconnect. */
export function reconnect(
  model: Model,
  call: number,
  handle: ModelHandle,
  { mode, protocols, initialization }: OperationOf<"reconnect">,
): void {
  const { rules } = model;
  if (protocols === 0 && mode !== "direct") {
    return model.settle(call, rules.noProtocol);
  }
  const problem = model.problem(handle, false);
  if (problem !== null) return model.settle(call, problem);
  const attempt = (): string => {
    const problem = model.problem(handle, false);
    if (problem !== null) return problem;
    const others = model.present.filter((other) => other !== handle);
    if (verdictBeside(model, others, mode) === "violation") {
      return "SCARD_E_SHARING_VIOLATION";
    }
    const before = handle.mode;
    const opening = { mode, protocols, initialization, mayReset: false };
    const error = openCard(model, handle, opening);
    if (!rules.reconnectKeeps) {
      model.unlock(handle, true);
      // While it is open how this ends, the connection counts as what tolerates less.
      const isStrict = rules.sharing[before].shared === "violation";
      if (!isStrict) handle.mode = mode;
      model.drain();
    }
    handle.mode = error === null ? mode : before;
    return error ?? `ok ${handle.protocol}`;
  };
  const { context, id } = handle;
  model.whenFree({ call, context, handle: id, attempt });
}

/** SCardDisconnect. */
export function disconnect(
  model: Model,
  call: number | null,
  handle: ModelHandle,
  disposition: number,
): void {
  const problem = model.problem(handle);
  if (problem === "SCARD_E_INVALID_HANDLE") return model.settle(call, problem);
  const isCardGone = problem === "SCARD_W_REMOVED_CARD" ||
    problem === "SCARD_E_READER_UNAVAILABLE";
  if (disposition === 0 || isCardGone) {
    model.close(handle);
    return model.settle(call, "ok");
  }
  handle.closing = true;
  const { session } = model.card;
  const own = model.owner === handle ? handle.id : null;
  const attempt = (): string => {
    if (session === model.card.session) dispose(model, disposition);
    if (model.isDraining) model.going.push(handle);
    else model.close(handle);
    return "ok";
  };
  const abort = () => {
    handle.closing = false;
  };
  const { context } = handle;
  model.whenFree({ call, context, handle: own, attempt, abort });
}

/** SCardTransmit, SCardStatus, SCardControl, SCardBeginTransaction. */
export function use(
  model: Model,
  call: number,
  handle: ModelHandle,
  kind: UseKind,
): void {
  // A direct connection is one to the reader: its status tells what became of the card.
  const needsCard = kind !== "control" &&
    !(kind === "status" && handle.mode === "direct");
  const problem = model.problem(handle, needsCard);
  if (problem !== null) return model.settle(call, problem);
  const mustNotWait = kind !== "begin" &&
    model.rules.otherCalls === "violation";
  if (mustNotWait && !model.isFreeFor(handle.id)) {
    return model.settle(call, "SCARD_E_SHARING_VIOLATION");
  }
  // The header of an APDU names the protocol that was in force when the call was made.
  const { protocol } = handle;
  const attempt = (): string => {
    if (model.owner === handle) model.lastUse = model.now;
    const problem = model.problem(handle, needsCard);
    if (problem !== null) return problem;
    const isOther = protocol === 0 || protocol !== handle.protocol;
    if (kind === "transmit" && isOther) return "SCARD_E_PROTO_MISMATCH";
    return useNow(model, handle, kind);
  };
  const { context, id } = handle;
  const { beginWaitMs } = model.rules;
  const isLimited = kind === "begin" && beginWaitMs !== null;
  const deadline = isLimited ? model.now + beginWaitMs : null;
  model.whenFree({ call, context, handle: id, deadline, attempt });
}

function useNow(model: Model, handle: ModelHandle, kind: UseKind): string {
  const { card } = model;
  if (kind === "begin") {
    model.owner = handle;
    model.depth++;
    model.lastUse = model.now;
  }
  if (kind !== "status") return "ok";
  const state = !card.present
    ? 1
    : !card.powered
    ? 3
    : card.protocol === 0
    ? 5
    : 6;
  return `ok ${state}`;
}

/** SCardEndTransaction. */
export function end(
  model: Model,
  call: number,
  handle: ModelHandle,
  disposition: number,
): void {
  const problem = model.problem(handle);
  if (problem !== null) {
    model.unlock(handle, true);
    return model.settle(call, problem);
  }
  if (model.owner !== handle) {
    return model.settle(call, "SCARD_E_NOT_TRANSACTED");
  }
  model.settle(call, endNow(model, handle, disposition));
  model.unlock(handle, false);
  // Leaving the card alone is no use of it.
  if (disposition !== 0) model.lastUse = model.now;
}

function endNow(
  model: Model,
  handle: ModelHandle,
  disposition: number,
): string {
  const { card, rules } = model;
  if (disposition === 0) return "ok";
  if (!card.present) return "SCARD_E_NO_SMARTCARD";
  dispose(model, disposition);
  if (disposition !== 1) return "ok";
  if (card.mute) return "SCARD_W_UNRESPONSIVE_CARD";
  if (rules.endMarksOwn) return "ok";
  // Who reset the card knows it, and goes on with the protocol it had.
  if (handle.protocol !== 0) card.protocol = handle.protocol;
  handle.grip = model.grip;
  return "ok";
}
