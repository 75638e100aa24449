/**
 * One run: the library under test, a reader, the model, and the moves that go to all three.
 *
 * @module
 */

import {
  RDF_CARD_TRACKING,
  type SmartcardExtension,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_SUCCESS,
  statusName,
} from "../../../src/smclib/mod.ts";
import { endRequest } from "./event_moves.ts";
import { checkCompletion, checkEntry, checkResult } from "./invariants.ts";
import { checkQuiet, checkStep } from "./invariants_state.ts";
import type { DriverLibrary } from "./library.ts";
import { LockMoves } from "./lock_moves.ts";
import { LockModel, Model } from "./model.ts";
import { type Pacer, quiet } from "./pacer.ts";
import { type DriverHost, ScriptedReader } from "./reader.ts";
import {
  type Card,
  type DriverAct,
  givesPromise,
  PLAIN_SCRIPT,
  type Script,
} from "./script.ts";
import type { RequestShape } from "./shapes.ts";
import { type Outcome, WatchedRequest } from "./watched_request.ts";

/** Handles that callers have open; a handle's requests are cancelled together. */
const HANDLES = 3;

/** The library under test at work. */
export class Bench implements DriverHost {
  /** What should happen. */
  readonly model: Model = new Model();
  /** What decides when the driver's awaits end. */
  readonly pacer: Pacer;
  readonly #library: DriverLibrary;
  readonly #reader: ScriptedReader = new ScriptedReader(this);
  /** The moves of the remove lock. */
  readonly lock: LockMoves;
  readonly #handles = Array.from(
    { length: HANDLES },
    () => new AbortController(),
  );

  /** Initializes a reader. */
  constructor(library: DriverLibrary, pacer: Pacer) {
    this.#library = library;
    this.pacer = pacer;
    this.lock = new LockMoves(library, this.#ext, this.model);
    this.initialize();
  }

  get #ext(): SmartcardExtension {
    return this.#reader.ext;
  }

  /** A caller sends a request, over a handle that is closed already if `isLate`. */
  submit(
    shape: RequestShape,
    script: Script,
    handle: number,
    isLate = false,
  ): void {
    const { model } = this;
    const signal = isLate
      ? AbortSignal.abort()
      : this.#handles[handle % HANDLES].signal;
    const request = new WatchedRequest(
      model.requests.length,
      shape,
      script,
      signal,
      (ended, isFirst) => this.#ended(ended, isFirst),
    );
    const isFree = model.isCalm && model.queue.length === 0 &&
      model.isGateOpen && model.isInitialized;
    model.submitted(request);
    const answer = model.during(
      { kind: "library" },
      () => this.#library.deviceControl(this.#ext, request),
    );
    const isQueued = model.queue.includes(request);
    if (isFree && isQueued) model.violate(`${request} waits at a free gate`);
    if (isQueued) model.isCalm = false;
    if (typeof answer === "number") {
      this.#answered(request, answer);
      return;
    }
    const isServed = model.inside !== request && model.isCalm;
    if (isFree && isServed) {
      model.violate(`${request} ends in a promise, expected a status`);
    }
    answer.then(
      (status) => this.#answered(request, status),
      (error) => model.violate(`${request} throws ${error}`),
    ).catch(() => {});
  }

  /** Somebody has completed a request; the law speaks later, not through the library. */
  #ended(request: WatchedRequest, isFirst: boolean): void {
    try {
      checkCompletion(this.model, this.#ext, request, isFirst);
    } catch {
      // The model has noted it.
    }
    if (isFirst) this.model.completed(request);
  }

  #answered(request: WatchedRequest, status: number): void {
    request.result = status;
    checkResult(this.model, request, status);
  }

  /** A callback begins. */
  enter(slot: number): WatchedRequest {
    const { currentIrp, notificationIrp } = this.#ext.osData;
    const irp = slot === RDF_CARD_TRACKING ? notificationIrp : currentIrp;
    const request = irp instanceof WatchedRequest ? irp : null;
    checkEntry(this.model, this.#ext, request, slot);
    this.model.entered(request, slot);
    return request;
  }

  /** RDF_ATR_PARSE succeeds. */
  parsed(request: WatchedRequest): void {
    if (this.model.inside !== request) {
      this.model.violate(`${request} overlaps`);
    }
    this.model.parsed(request);
    if (request.script.isParseSlow) this.model.isCalm = false;
  }

  /** A callback ends. */
  leave(request: WatchedRequest, outcome: Outcome): void {
    if (this.model.inside !== request) {
      this.model.violate(`${request} overlaps`);
    }
    this.model.left(request, outcome);
    // What is not a number is awaited too: it may be a promise of some foreign kind.
    if (givesPromise(request.script) || outcome === "anyFailure") {
      this.model.isCalm = false;
    }
  }

  /** An await of the driver. */
  wait(label: string): Promise<void> {
    return this.pacer.wait(label);
  }

  /** One act of the driver. */
  act(act: DriverAct): void {
    switch (act.do) {
      case "wait":
        return;
      case "card":
        this.changeCard(act.card);
        return;
      case "submit":
        this.submit(act.shape, PLAIN_SCRIPT, 0);
        return;
      case "abort":
        this.abort(act.handle);
        return;
      case "exit":
        this.exit();
        return;
      default:
        endRequest(this.#library, this.#ext, this.model, act);
    }
  }

  /** A card comes, goes, or is reset by the driver; tracking ends in the same step. */
  changeCard(card: Card): void {
    const { model } = this;
    // Whether a reset during RDF_ATR_PARSE makes a second call due is nobody's rule.
    const isUnruled = card === "foreign" && model.isParsing;
    this.#reader.setCard(isUnruled ? "negotiable" : card);
    if (["specific", "negotiable", "foreign"].includes(card)) {
      model.isAtrParsed = false;
    }
    if (card === "unknown") return;
    this.act({ do: "endTracking", status: STATUS_SUCCESS });
  }

  /** A caller closes a handle, and opens it anew. */
  abort(handle: number): void {
    const index = handle % HANDLES;
    const controller = this.#handles[index];
    this.#handles[index] = new AbortController();
    this.model.during({ kind: "abort" }, () => controller.abort());
  }

  /** SmartcardExit. */
  exit(): void {
    const { model } = this;
    model.isInitialized = false;
    model.lock = new LockModel();
    model.during({ kind: "exit" }, () => this.#library.exit(this.#ext));
    checkStep(model, this.#ext);
  }

  /** SmartcardInitialize; refused while a callback of the reader's former life runs. */
  initialize(): void {
    const { model } = this;
    const status = this.#library.initialize(this.#ext);
    const isRefused = status === STATUS_INVALID_DEVICE_STATE;
    const mustRefuse = model.isInitialized || model.inside !== null;
    if (status !== STATUS_SUCCESS && !isRefused) {
      model.violate(`SmartcardInitialize gives ${statusName(status)}`);
    }
    if (isRefused !== mustRefuse && (mustRefuse || model.isCalm)) {
      model.violate(`SmartcardInitialize gives ${statusName(status)} wrongly`);
    }
    if (isRefused) return;
    model.isInitialized = true;
    model.lastErrors = [this.#ext.lastError];
    this.#ext.osData.deviceObject = "reader";
    model.isAtrParsed = false;
    this.#reader.setCard("specific");
  }

  /** Checks what holds at every moment. */
  check(): void {
    checkStep(this.model, this.#ext);
  }

  /** Lets everything settle that can, and checks what holds then. */
  async settle(): Promise<void> {
    await quiet();
    checkQuiet(this.model, this.#ext);
    this.model.isCalm = true;
  }

  /** Ends a run: the driver answers everything, removal ends, and SmartcardExit leaves nothing. */
  async finish(): Promise<void> {
    await this.pacer.finish();
    await this.settle();
    while (this.model.lock.holders.length > 0) this.lock.release(0);
    await this.settle();
    this.exit();
    await this.pacer.finish();
    await this.settle();
  }
}
