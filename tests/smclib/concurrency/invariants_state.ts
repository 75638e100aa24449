/**
 * The laws of states: what must hold after every synchronous step, and when all is quiet.
 *
 * @module
 */

import {
  type SmartcardExtension,
  STATUS_SUCCESS,
  statusName,
} from "../../../src/smclib/mod.ts";
import { checkBytes, checkFilledIn, viewOf } from "./invariants.ts";
import { type Model, TAGS } from "./model.ts";
import { routeOf } from "./route.ts";
import type { WatchedRequest } from "./watched_request.ts";

/** smclib.md 14.2, the race: what is parked waits for something that is not true yet. */
function isSleeping(model: Model, ext: SmartcardExtension): boolean {
  const { parked } = model;
  if (parked?.phase !== "pending") return false;
  const route = routeOf(parked.shape, viewOf(model, ext));
  return "status" in route && route.status === STATUS_SUCCESS;
}

/** Holds after every synchronous step. */
export function checkStep(model: Model, ext: SmartcardExtension): void {
  model.report();
  if (!model.isInitialized) {
    const survivor = model.requests.find(({ phase }) => phase !== "done");
    if (survivor) model.violate(`${survivor} survives SmartcardExit`);
    return;
  }
  const { currentIrp, notificationIrp } = ext.osData;
  const isLeftBehind = model.current === null &&
    model.requests.some((one) => one === currentIrp && one.wasLeftBehind);
  if (currentIrp !== model.current && !isLeftBehind) {
    model.violate(`currentIrp is ${currentIrp}, expected ${model.current}`);
  }
  const isTakenBack = model.parked?.phase === "answered" &&
    notificationIrp === null;
  if (notificationIrp !== model.parked && !isTakenBack) {
    model.violate(
      `notificationIrp is ${notificationIrp}, expected ${model.parked}`,
    );
  }
  if (isSleeping(model, ext)) {
    model.violate(`${model.parked} waits for what is true already`);
  }
  if (model.current !== null) checkFilledIn(model, ext, model.current);
  if (!model.lastErrors.includes(ext.lastError)) {
    model.violate(
      `lastError is ${statusName(ext.lastError)}, expected ${
        model.lastErrors.map(statusName)
      }`,
    );
  }
  checkLock(model, ext);
}

/** smclib.md 16.1: who is counted, and by which tags. */
function checkLock(model: Model, ext: SmartcardExtension): void {
  const { removeLock } = ext.osData;
  const { isRemoved, holders } = model.lock;
  const count = holders.length + (isRemoved ? 0 : 1);
  if (removeLock.removed !== isRemoved || removeLock.refCount !== count) {
    model.violate(
      `remove lock has ${removeLock.refCount} (removed: ${removeLock.removed}), expected ${count} (${isRemoved})`,
    );
  }
  for (const tag of TAGS) {
    const wanted = holders.filter((holder) => holder === tag).length;
    const found = removeLock.tagList.get(tag) ?? 0;
    if (found !== wanted) {
      model.violate(
        `remove lock has ${found} of tag ${tag}, expected ${wanted}`,
      );
    }
  }
}

/** Holds when no promise can settle before the driver or a caller moves. */
export function checkQuiet(model: Model, ext: SmartcardExtension): void {
  checkStep(model, ext);
  const [first] = model.queue;
  if (first && model.isGateOpen) {
    model.violate(`${first} waits at an open gate`);
  }
  for (const request of model.requests) checkSettled(model, request);
  const { lock } = model;
  const isOver = lock.isRemoved && lock.holders.length === 0;
  if (lock.isResolved !== isOver) {
    model.violate(
      `ReleaseRemoveLockAndWait has settled: ${lock.isResolved}, expected ${isOver}`,
    );
  }
}

/** Nothing of a request can still be on its way. */
function checkSettled(model: Model, request: WatchedRequest): void {
  const mayBeCancelled = request.phase === "queued" ||
    request === model.parked;
  if (mayBeCancelled && request.cancelSignal.aborted) {
    model.violate(`${request} is cancelled and does not end`);
  }
  const isDone = request.phase === "done";
  if (request.phase === "answered") {
    model.violate(`${request} was answered and does not end`);
  }
  if (request.completions.length !== (isDone ? 1 : 0)) {
    model.violate(`completion of ${request}: ${request.completions}`);
  }
  if (isDone) checkBytes(model, request);
  const { status } = request.ioStatus;
  if (request.final !== null && request.final.status !== status) {
    model.violate(`${request} was changed after its end`);
  }
  if (isDone && request.completions[0] !== status) {
    model.violate(`${request} settled with ${request.completions}`);
  }
  const isOut = request.phase === "queued" || model.inside === request;
  if (!isOut && request.result === null) {
    model.violate(`SmartcardDeviceControl does not return for ${request}`);
  }
}
