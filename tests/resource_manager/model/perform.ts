/**
 * How an operation is made of the manager's interface.
 *
 * @module
 */

import type {
  Connection,
  ConnectionStatus,
  ReaderStateAnswer,
  ResourceContext,
} from "../../../src/resource_manager/mod.ts";
import type { Bench } from "./bench.ts";
import { VENDOR_CODE } from "./model_reader.ts";
import type { Operation } from "./operations.ts";
import type { Call } from "./trace.ts";

/** Starts the operation; what it is told reaches the witness. */
export function invoke(bench: Bench, call: Call): void {
  const { witness } = bench;
  const { operation } = call;
  if (move(bench, operation)) {
    call.outcome = "done";
    return;
  }
  const fail = (error: unknown) => witness.settled(call, nameOf(error));
  try {
    const answer = ask(bench, call, operation);
    if (!(answer instanceof Promise)) {
      return witness.settled(call, succeeded(bench, call, answer));
    }
    answer.then(
      (value) => witness.settled(call, succeeded(bench, call, value)),
      fail,
    );
  } catch (error) {
    fail(error);
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

/** What card, reader, clock and callers of other calls do; false when it is a call. */
function move(bench: Bench, operation: Operation): boolean {
  const { witness } = bench;
  const { device, reader } = witness;
  switch (operation.kind) {
    case "abort":
      witness.calls[operation.call].abort.abort();
      return true;
    case "cancel":
      bench.contexts.get(operation.context)?.cancel();
      return true;
    case "insert":
      device?.insert(operation.mute);
      return true;
    case "remove":
      witness.losses++;
      witness.isDirty = false;
      device?.remove();
      return true;
    case "die":
      witness.losses++;
      witness.deaths++;
      witness.isDirty = false;
      device?.die();
      return true;
    case "heal":
      if (device !== null) device.dead = false;
      return true;
    case "unplug":
      witness.losses++;
      witness.isDirty = false;
      witness.device = null;
      witness.reader = null;
      if (reader !== null) bench.manager.removeReader(reader);
      return true;
    case "plug":
      void bench.plug();
      return true;
    case "advance":
      advance(bench, operation.milliseconds);
      return true;
    default:
      return false;
  }
}

function advance(bench: Bench, milliseconds: number): void {
  const { witness, rules } = bench;
  witness.now += milliseconds;
  bench.timers.advance(milliseconds);
  const { idleMs } = rules;
  const isIdle = idleMs !== null && witness.now - witness.lastUse >= idleMs;
  if (!isIdle || isWorking(bench)) return;
  witness.losses++;
  witness.isIdling = (witness.device?.busy ?? 0) > 0;
}

/** Whether the owner of the reader waits for it: then it is not idle. */
function isWorking({ witness }: Bench): boolean {
  const { owner } = witness;
  return owner !== null &&
    witness.pending.some(({ handle }) => handle === owner);
}

/** Makes the call. */
function ask(bench: Bench, call: Call, operation: Operation): unknown {
  const { signal } = call.abort;
  const connection = () => {
    if (call.handle === null) {
      throw new Error(
        `Cannot make call ${call.number}: there is no connection`,
      );
    }
    return call.handle.connection;
  };
  const context = (number: number) => {
    const found = bench.contexts.get(number);
    if (found === undefined) {
      throw new Error(`Cannot make call ${call.number}: there is no context`);
    }
    return found;
  };
  switch (operation.kind) {
    case "establish":
      return bench.manager.establishContext();
    case "release":
      return context(operation.context).release();
    case "abandon":
      return context(operation.context).abandon();
    case "connect":
      return context(operation.context).connect("Model", {
        shareMode: operation.mode,
        protocols: operation.protocols,
        signal,
      });
    case "reconnect":
      return connection().reconnect({
        shareMode: operation.mode,
        protocols: operation.protocols,
        initialization: operation.initialization,
        signal,
      });
    case "disconnect":
      return connection().disconnect(operation.disposition, { signal });
    case "end":
      return connection().endTransaction(operation.disposition);
    case "begin":
      return connection().beginTransaction({ signal });
    case "transmit": {
      const { handle } = operation;
      const apdu = Uint8Array.of(0, 0, handle >> 8, handle & 0xFF);
      return connection().transmit(apdu, { signal });
    }
    case "status":
      return connection().status({ signal });
    case "control":
      return connection().control(VENDOR_CODE, new Uint8Array(4), { signal });
    case "watch":
      return context(operation.context).getStatusChange([{
        readerName: "Model",
        currentState: call.believed.flags,
        currentCount: call.believed.count,
      }], { timeoutMs: operation.timeoutMs ?? undefined, signal });
    default:
      throw new Error(`Cannot call ${operation.kind}, expected a call`);
  }
}

/** What the witness is told about a success. */
function succeeded(bench: Bench, call: Call, value: unknown): string {
  const { operation, number } = call;
  switch (operation.kind) {
    case "establish": {
      const context = value as ResourceContext;
      bench.stack.context?.(context);
      bench.contexts.set(number, context);
      bench.witness.contexts.add(number);
      return "ok";
    }
    case "connect": {
      const connection = value as Connection;
      bench.connected(call, connection);
      return `ok ${connection.activeProtocol}`;
    }
    case "reconnect":
      return `ok ${value}`;
    case "status":
      return `ok ${(value as ConnectionStatus).state}`;
    case "watch": {
      const [{ eventState, eventCount }] = value as ReaderStateAnswer[];
      return `ok ${eventState.toString(16)} ${eventCount}`;
    }
    default:
      return "ok";
  }
}
