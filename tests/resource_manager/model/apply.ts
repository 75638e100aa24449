/**
 * What the model makes of an operation.
 *
 * @module
 */

import type { Model, ModelHandle } from "./model.ts";
import { connect, disconnect, end, reconnect, use } from "./model_calls.ts";
import {
  abort,
  advance,
  cancel,
  die,
  endContext,
  insert,
  plug,
  remove,
  unplug,
  watch,
} from "./model_life.ts";
import { tell } from "./model_tell.ts";
import type { Operation } from "./operations.ts";

/** What the caller of a status request says it knows. */
export interface Believed {
  /** SCARD_STATE_* bits. */
  readonly flags: number;
  /** Event count. */
  readonly count: number;
}

/** Does the operation with number `call`, and everything that follows from it. */
export function apply(
  model: Model,
  call: number,
  operation: Operation,
  believed: Believed,
): void {
  act(model, call, operation, believed);
  model.drain();
  tell(model);
}

function act(
  model: Model,
  call: number,
  operation: Operation,
  { flags, count }: Believed,
): void {
  const { rules } = model;
  switch (operation.kind) {
    case "establish":
      model.contexts.add(call);
      return model.settle(call, "ok");
    case "release":
      return endContext(model, call, operation.context, rules.onRelease);
    case "abandon":
      return endContext(model, call, operation.context, rules.onDeath);
    case "cancel":
      return cancel(model, operation.context);
    case "connect":
      return connect(model, call, operation);
    case "reconnect":
      return reconnect(model, call, handleOf(model, operation), operation);
    case "disconnect":
    case "end": {
      const { kind, disposition } = operation;
      const handle = handleOf(model, operation);
      return (kind === "end" ? end : disconnect)(
        model,
        call,
        handle,
        disposition,
      );
    }
    case "transmit":
    case "status":
    case "control":
    case "begin":
      return use(model, call, handleOf(model, operation), operation.kind);
    case "watch":
      return watch(model, call, operation, flags, count);
    case "abort":
      return abort(model, operation.call);
    case "insert":
      return insert(model, operation.mute);
    case "remove":
      return remove(model);
    case "die":
      return die(model);
    case "heal":
      model.alive = true;
      return;
    case "unplug":
      return unplug(model);
    case "plug":
      return plug(model);
    case "advance":
      return advance(model, operation.milliseconds);
  }
}

function handleOf(model: Model, { handle }: { handle: number }): ModelHandle {
  const found = model.handles.get(handle);
  if (found === undefined) {
    throw new Error(
      `Cannot find connection ${handle}, expected one of the model`,
    );
  }
  return found;
}
