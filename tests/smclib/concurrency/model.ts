/**
 * The model: who waits at the gate, whose callback runs, who is pending and who is parked, by smclib.md alone.
 *
 * @module
 */

import { type Route, routeOf, type View } from "./route.ts";
import type { Outcome, WatchedRequest } from "./watched_request.ts";
import {
  IOCTL_SMARTCARD_GET_LAST_ERROR,
  RDF_ATR_PARSE,
  RDF_CARD_POWER,
  RDF_CARD_TRACKING,
  STATUS_DEVICE_BUSY,
  STATUS_SUCCESS,
} from "../../../src/smclib/mod.ts";

/** The driver's event code ends a request. */
export interface EventCause {
  /** Says that this is an event. */
  readonly kind: "event";
  /** The current or the parked request, if there is one. */
  readonly target: WatchedRequest | null;
  /** Whether the driver completes it without the library. */
  readonly isDirect: boolean;
  /** Whether the driver forgets to empty `currentIrp`. */
  readonly isCareless: boolean;
  /** What it has to end with. */
  readonly status: number;
}

/** Why a request may be completed at this moment, apart from the library serving or answering it. */
export type Cause =
  | { readonly kind: "library" | "exit" | "abort" }
  | EventCause;

/** Tags of holders. */
export const TAGS = ["a", "b"] as const;

/** The remove lock as smclib.md 16.1 has it. */
export class LockModel {
  /** Whether removal has begun. */
  isRemoved = false;
  /** Who is inside; a holder without a tag is null. */
  readonly holders: (string | null)[] = [];
  /** Whether the promise of SmartcardReleaseRemoveLockAndWait has settled. */
  isResolved = false;
}

/** The state of one reader, and every request there was. */
export class Model {
  /** Between SmartcardInitialize and SmartcardExit. */
  isInitialized = false;
  /** Those at the gate, the first one first. */
  readonly queue: WatchedRequest[] = [];
  /** Whose callback runs; after SmartcardExit it may run on. */
  inside: WatchedRequest | null = null;
  /** osData.currentIrp: called or pending. */
  current: WatchedRequest | null = null;
  /** osData.notificationIrp. */
  parked: WatchedRequest | null = null;
  /**
   * What GET_LAST_ERROR delivers: the status of the last request that passed the gate and was
   * neither tracking nor GET_LAST_ERROR. After a request that the driver completed itself two
   * values are right, for the library need not have heard of it.
   */
  lastErrors: readonly number[] = [STATUS_SUCCESS];
  /** Whether RDF_ATR_PARSE has been called since the last reset. */
  isAtrParsed = false;
  /** Whether RDF_ATR_PARSE runs. */
  isParsing = false;
  /** The remove lock. */
  lock = new LockModel();
  /** Every request, in the order of submission. */
  readonly requests: WatchedRequest[] = [];
  /** Whether nothing of the library can be on its way: only then must a request be served at once. */
  isCalm = true;
  /** What the test is doing to the library just now. */
  cause: Cause = { kind: "library" };
  /** Every law found broken, the first one first. */
  readonly violations: string[] = [];

  /** Notes that a law is broken, and throws. */
  violate(text: string): never {
    this.violations.push(text);
    throw new Error(text);
  }

  /** Throws the first violation, also when a callback's caller swallowed it. */
  report(): void {
    if (this.violations.length > 0) throw new Error(this.violations[0]);
  }

  /** Does something that may complete requests, and says why. */
  during<T>(cause: Cause, act: () => T): T {
    const outer = this.cause;
    this.cause = cause;
    try {
      return act();
    } finally {
      this.cause = outer;
    }
  }

  /** Whether the gate is free: nobody inside, and nobody whose answer has still to be delivered. */
  get isGateOpen(): boolean {
    const current = this.current?.phase ?? "pending";
    return this.inside === null && current === "pending" &&
      this.parked?.phase !== "answered";
  }

  /** The route of the first at the gate; smclib.md 8.1.2 and 8.2.8 come before everything else. */
  route(request: WatchedRequest, view: View): Route {
    const before = request.isTracking ? this.parked : this.current;
    return before === null || before === request
      ? routeOf(request.shape, view)
      : { status: STATUS_DEVICE_BUSY };
  }

  /** A request arrives at the gate. */
  submitted(request: WatchedRequest): void {
    this.requests.push(request);
    this.queue.push(request);
  }

  /** The first at the gate goes in and its callback begins. */
  entered(request: WatchedRequest, slot: number): void {
    if (request.phase === "queued") this.queue.shift();
    this.isParsing = slot === RDF_ATR_PARSE;
    if (this.isParsing) this.isAtrParsed = true;
    if (slot === RDF_CARD_POWER) this.isAtrParsed = false;
    this.inside = request;
    request.phase = "called";
    if (slot === RDF_CARD_TRACKING) this.parked = request;
    else this.current = request;
  }

  /** RDF_ATR_PARSE has succeeded: RDF_SET_PROTOCOL is due. */
  parsed(request: WatchedRequest): void {
    this.inside = null;
    this.isParsing = false;
    if (request.phase !== "done") request.phase = "parsed";
  }

  /** A callback has ended with `outcome`. */
  left(request: WatchedRequest, outcome: Outcome): void {
    this.inside = null;
    this.isParsing = false;
    request.outcome = outcome;
    if (request.phase === "done") return;
    request.phase = outcome === "pending" ? "pending" : "answered";
  }

  /** A request has ended. */
  completed(request: WatchedRequest): void {
    const isCancelledInQueue = request.phase === "queued" &&
      request.cancelSignal.aborted;
    request.wasTaken = this.cause.kind !== "library";
    request.final = { ...request.ioStatus };
    request.phase = "done";
    const place = this.queue.indexOf(request);
    if (place >= 0) this.queue.splice(place, 1);
    if (this.current === request) this.current = null;
    if (this.parked === request) this.parked = null;
    const isCounted = !request.isTracking && !isCancelledInQueue &&
      request.ioControlCode !== IOCTL_SMARTCARD_GET_LAST_ERROR;
    if (!isCounted) return;
    const { status } = request.ioStatus;
    const { cause } = this;
    const isUnheard = cause.kind === "event" && cause.isDirect;
    request.wasLeftBehind = isUnheard && cause.isCareless;
    this.lastErrors = isUnheard ? [status, ...this.lastErrors] : [status];
  }
}
