/**
 * What the model makes of contexts that end, cards and readers that come and go, and
 * time that passes.
 *
 * @module
 */

import type { Model, ModelEnding } from "./model.ts";
import { disconnect } from "./model_calls.ts";
import { resetCard } from "./model_card.ts";
import { tell } from "./model_tell.ts";
import type { OperationOf } from "./operations.ts";
import type { Abandoned } from "./rules.ts";

/** Milliseconds that the end of a context takes at most. */
const GRACE_MS = 5000;

/** SCardReleaseContext, or the death of a client. */
export function endContext(
  model: Model,
  call: number,
  context: number,
  abandoned: Abandoned,
): void {
  model.contexts.delete(context);
  cancel(model, context);
  const mine = [...model.handles.values()].filter((handle) =>
    handle.context === context && !handle.closed && !handle.closing
  );
  const isMine = (handle: number | null) =>
    mine.some(({ id }) => id === handle);
  model.giveUp(
    (waiting) =>
      waiting.context === context && waiting.handle === null &&
      waiting.abort === undefined,
    "SCARD_E_CANCELLED",
  );
  model.giveUp(({ handle }) => isMine(handle), "SCARD_E_INVALID_HANDLE");
  const ending: ModelEnding = {
    call,
    deadline: model.now + GRACE_MS,
    handles: new Set(mine.map(({ id }) => id)),
  };
  model.endings.push(ending);
  for (const handle of mine) {
    const kind = model.owner === handle ? "transaction" : handle.mode;
    disconnect(model, null, handle, abandoned[kind] ? 1 : 0);
  }
}

/** SCardCancel. */
export function cancel(model: Model, context: number): void {
  for (const watch of model.watches) {
    if (watch.context === context) {
      model.settle(watch.call, "SCARD_E_CANCELLED");
    }
  }
  model.watches = model.watches.filter((watch) => watch.context !== context);
}

/** The caller of a call that waits does not want it any more. */
export function abort(model: Model, call: number): void {
  const waiting = model.waiting.find((waiting) => waiting.call === call);
  const watch = model.watches.find((watch) => watch.call === call);
  if (waiting === undefined && watch === undefined) return;
  waiting?.abort?.();
  model.waiting = model.waiting.filter((other) => other !== waiting);
  model.watches = model.watches.filter((other) => other !== watch);
  model.settle(call, "AbortError");
}

/** A card comes in and is powered. */
export function insert(model: Model, mute: boolean): void {
  const { card } = model;
  card.present = true;
  card.mute = mute;
  card.events++;
  resetCard(model);
}

/** The card goes, and with it the transaction. */
export function remove(model: Model): void {
  const { card } = model;
  card.present = false;
  card.powered = false;
  card.protocol = 0;
  card.session++;
  card.events++;
  forgetTransaction(model);
}

/** The device fails. */
export function die(model: Model): void {
  model.alive = false;
  model.works = false;
  forgetTransaction(model);
}

/** The reader is pulled out. */
export function unplug(model: Model): void {
  model.plug = null;
  Object.assign(model.card, { present: false, powered: false, protocol: 0 });
  forgetTransaction(model);
}

/** Another reader comes, without a card. */
export function plug(model: Model): void {
  model.plugs++;
  model.plug = model.plugs;
  model.alive = true;
  model.works = true;
  model.card.events = 0;
  model.card.session++;
}

function forgetTransaction(model: Model): void {
  model.owner = null;
  model.depth = 0;
}

/** SCardGetStatusChange; `flags` and `count` are what the caller believes. */
export function watch(
  model: Model,
  call: number,
  { context, timeoutMs }: OperationOf<"watch">,
  flags: number,
  count: number,
): void {
  const { unknownReader } = model.rules;
  if (model.plug === null && unknownReader !== null) {
    return model.settle(call, unknownReader);
  }
  const deadline = timeoutMs === null ? null : model.now + timeoutMs;
  model.watches.push({ call, context, flags, count, deadline });
}

/** Time passes, from one deadline to the next. */
export function advance(model: Model, milliseconds: number): void {
  const end = model.now + milliseconds;
  const { idleMs } = model.rules;
  while (true) {
    const deadlines = [
      ...model.watches.flatMap(({ deadline }) => deadline ?? []),
      ...model.waiting.flatMap(({ deadline }) => deadline ?? []),
      ...model.endings.map(({ deadline }) => deadline),
    ];
    const idleEnd = model.owner !== null && idleMs !== null
      ? model.lastUse + idleMs
      : Infinity;
    const next = Math.min(idleEnd, ...deadlines);
    if (next > end) break;
    model.now = next;
    model.giveUp(
      ({ deadline }) => deadline === next,
      "SCARD_E_SHARING_VIOLATION",
    );
    if (next === idleEnd) {
      if (model.card.present) resetCard(model);
      forgetTransaction(model);
      model.drain();
    }
    tell(model);
  }
  model.now = end;
}
