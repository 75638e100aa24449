/**
 * A PC/SC service in memory, behind the functions of its library: readers and cards come
 * and go, other programs interfere, and any call can be held up or made to fail.
 *
 * @module
 */

import { fromHex, NO_BYTES } from "../../../src/bytes.ts";
import { PcscCode, PcscState } from "../../../src/drivers/pcsc/codes.ts";
import type {
  PcscConnectResult,
  PcscHandle,
  PcscLibrary,
  PcscReaderState,
} from "../../../src/drivers/pcsc/mod.ts";

/** Offers T=0 and T=1. */
export const ATR_BOTH = fromHex("3B80800101");

/** A function of the library that tests can hold up or fail. */
export type FakeName = Exclude<keyof PcscLibrary, "close">;

interface FakeReader {
  atr: Uint8Array<ArrayBuffer> | null;
  counter: number;
  /** Protocol in force, 0 before the first connection. */
  protocol: number;
  /** Other programs that are connected. */
  others: number;
}

interface FakeHandle {
  context: PcscHandle;
  reader: string;
  shareMode: number;
  problem: number;
}

/** A call that is held up. */
export interface Hold {
  /** Settles when the call has come. */
  readonly reached: Promise<void>;
  /** Lets it go on. */
  release(): void;
}

/** The service. */
export class FakePcsc implements PcscLibrary {
  /** Calls so far, with what matters of their arguments. */
  readonly calls: string[] = [];
  /** Calls that are inside. */
  busy = 0;
  /** What a card answers. */
  onTransmit: (command: Uint8Array) => Uint8Array = () => fromHex("9000");
  /** What a reader's driver answers to control codes; null: it knows no such code. */
  onControl: (code: number, input: Uint8Array) => Uint8Array | null = () =>
    null;
  /** Attributes of all readers. */
  attributes: ReadonlyMap<number, Uint8Array<ArrayBuffer>> = new Map();
  /** Whether the service runs. */
  isRunning = true;
  isClosed = false;
  readonly contexts = new Set<PcscHandle>();
  readonly handles = new Map<PcscHandle, FakeHandle>();
  readonly #readers = new Map<string, FakeReader>();
  readonly #waits = new Map<PcscHandle, (code: number | null) => void>();
  readonly #holds = new Map<FakeName, (() => Promise<void>)[]>();
  readonly #failures = new Map<FakeName, number[]>();
  #last = 0n;
  #owesWake = false;

  /** A service with these readers, all empty. */
  constructor(...readers: string[]) {
    for (const reader of readers) this.addReader(reader);
  }

  addReader(name: string): void {
    this.#readers.set(name, { atr: null, counter: 0, protocol: 0, others: 0 });
    this.#wakeAll();
  }

  removeReader(name: string): void {
    this.#readers.delete(name);
    for (const handle of this.handles.values()) {
      if (handle.reader === name) handle.problem = PcscCode.E_INVALID_VALUE;
    }
    this.#wakeAll();
  }

  /** Puts a card in. @param isSeen whether those who wait hear of it now */
  insert(name: string, atr = ATR_BOTH, isSeen = true): void {
    const reader = this.#readers.get(name)!;
    reader.atr = atr;
    reader.protocol = 0;
    reader.counter++;
    if (isSeen) this.#wakeAll();
  }

  /** Takes it out. @param isSeen whether those who wait hear of it now */
  remove(name: string, isSeen = true): void {
    const reader = this.#readers.get(name)!;
    reader.atr = null;
    reader.counter++;
    this.#spoil(name, PcscCode.W_REMOVED_CARD);
    if (isSeen) this.#wakeAll();
  }

  /** Other programs connect, `count` of them, and negotiate `protocol`. */
  useByOthers(name: string, count: number, protocol = 2): void {
    const reader = this.#readers.get(name)!;
    reader.others = count;
    reader.protocol = protocol;
  }

  /** Another program resets the card. */
  resetByOthers(name: string): void {
    this.#readers.get(name)!.protocol = 0;
    this.#spoil(name, PcscCode.W_RESET_CARD);
  }

  /** The service ends. */
  stop(): void {
    this.isRunning = false;
    for (const wake of [...this.#waits.values()]) wake(PcscCode.F_COMM_ERROR);
  }

  /** Who waits, or else who waits next, looks again although nothing has changed. */
  wakeForNothing(): void {
    this.#owesWake = this.#waits.size === 0;
    this.#wakeAll();
  }

  /** Holds up the next call of a function. */
  hold(name: FakeName): Hold {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const holds = this.#holds.get(name) ?? [];
    holds.push(() => {
      reached.resolve();
      return released.promise;
    });
    this.#holds.set(name, holds);
    return { reached: reached.promise, release: released.resolve };
  }

  /** The next call of a function ends with `code`. */
  fail(name: FakeName, code: number): void {
    const failures = this.#failures.get(name) ?? [];
    failures.push(code);
    this.#failures.set(name, failures);
  }

  /** How often a call was made whose text begins so. */
  count(start: string): number {
    return this.calls.filter((call) => call.startsWith(start)).length;
  }

  SCardEstablishContext(scope: number) {
    return this.#call("SCardEstablishContext", `${scope}`, () => {
      const context = ++this.#last;
      this.contexts.add(context);
      return { code: PcscCode.S_SUCCESS, context };
    }, (code) => ({ code, context: 0n }));
  }

  SCardReleaseContext(context: PcscHandle) {
    return this.#call("SCardReleaseContext", `${context}`, () => {
      for (const [card, handle] of this.handles) {
        if (handle.context === context) this.handles.delete(card);
      }
      return this.contexts.delete(context)
        ? PcscCode.S_SUCCESS
        : PcscCode.E_INVALID_HANDLE;
    }, (code) => code);
  }

  SCardIsValidContext(context: PcscHandle) {
    return this.#call(
      "SCardIsValidContext",
      `${context}`,
      () =>
        this.contexts.has(context)
          ? PcscCode.S_SUCCESS
          : PcscCode.E_INVALID_HANDLE,
      (code) => code,
    );
  }

  SCardListReaders(_context: PcscHandle) {
    return this.#call("SCardListReaders", "", () => {
      const readers = [...this.#readers.keys()];
      const code = readers.length > 0
        ? PcscCode.S_SUCCESS
        : PcscCode.E_NO_READERS_AVAILABLE;
      return { code, readers };
    }, (code) => ({ code, readers: [] as string[] }));
  }

  SCardGetStatusChange(
    context: PcscHandle,
    timeoutMs: number,
    states: readonly PcscReaderState[],
  ) {
    const names = states.map(({ reader }) => reader).join();
    return this.#call(
      "SCardGetStatusChange",
      `${timeoutMs} ${names}`,
      () => this.#wait(context, timeoutMs, states),
      (code) => code,
    );
  }

  async SCardCancel(context: PcscHandle): Promise<number> {
    this.calls.push("SCardCancel");
    await Promise.resolve();
    this.#waits.get(context)?.(PcscCode.E_CANCELLED);
    return PcscCode.S_SUCCESS;
  }

  SCardConnect(
    context: PcscHandle,
    name: string,
    shareMode: number,
    protocols: number,
  ) {
    return this.#call("SCardConnect", `${shareMode} ${protocols}`, () => {
      const reader = this.#readers.get(name);
      if (reader === undefined) return connectFailed(PcscCode.E_UNKNOWN_READER);
      if (shareMode !== 3) {
        if (reader.atr === null) return connectFailed(PcscCode.E_NO_SMARTCARD);
        if (shareMode === 1 && reader.others > 0) {
          return connectFailed(PcscCode.E_SHARING_VIOLATION);
        }
        reader.protocol ||= choose(protocols);
      }
      const card = ++this.#last;
      const problem = PcscCode.S_SUCCESS;
      this.handles.set(card, { context, reader: name, shareMode, problem });
      const code = PcscCode.S_SUCCESS;
      return { code, card, protocol: reader.protocol };
    }, connectFailed);
  }

  SCardReconnect(
    card: PcscHandle,
    shareMode: number,
    protocols: number,
    initialization: number,
  ) {
    const what = `${shareMode} ${protocols} ${initialization}`;
    return this.#call("SCardReconnect", what, () => {
      const { reader, handle, code } = this.#find(card);
      if (reader === null) return connectFailed(code);
      if (reader.atr === null) return connectFailed(PcscCode.E_NO_SMARTCARD);
      if (initialization !== 0) {
        this.#spoil(handle.reader, PcscCode.W_RESET_CARD);
        reader.protocol = choose(protocols);
      }
      handle.problem = PcscCode.S_SUCCESS;
      handle.shareMode = shareMode;
      return { code: PcscCode.S_SUCCESS, card, protocol: reader.protocol };
    }, connectFailed);
  }

  SCardDisconnect(card: PcscHandle, disposition: number) {
    return this.#call("SCardDisconnect", `${disposition}`, () => {
      const handle = this.handles.get(card);
      this.handles.delete(card);
      if (handle === undefined) return PcscCode.E_INVALID_HANDLE;
      if (disposition !== 0) this.#spoil(handle.reader, PcscCode.W_RESET_CARD);
      return PcscCode.S_SUCCESS;
    }, (code) => code);
  }

  SCardStatus(card: PcscHandle) {
    const result = (code: number, atr: Uint8Array<ArrayBuffer>) => ({
      code,
      reader: "",
      state: 0,
      protocol: 0,
      atr,
    });
    return this.#call("SCardStatus", "", () => {
      const { reader, code } = this.#find(card);
      return result(code, reader?.atr ?? NO_BYTES);
    }, (code) => result(code, NO_BYTES));
  }

  SCardTransmit(
    card: PcscHandle,
    protocol: number,
    command: Uint8Array<ArrayBuffer>,
    reply: Uint8Array<ArrayBuffer>,
  ) {
    return this.#call("SCardTransmit", `${protocol}`, () => {
      const { reader, code } = this.#find(card);
      if (code !== PcscCode.S_SUCCESS) return { code, length: 0 };
      if (reader!.protocol !== protocol) {
        return { code: PcscCode.E_PROTO_MISMATCH, length: 0 };
      }
      const answer = this.onTransmit(command);
      reply.set(answer);
      return { code, length: answer.length };
    }, (code) => ({ code, length: 0 }));
  }

  SCardControl(
    _card: PcscHandle,
    controlCode: number,
    input: Uint8Array<ArrayBuffer>,
    output: Uint8Array<ArrayBuffer>,
  ) {
    return this.#call("SCardControl", controlCode.toString(16), () => {
      const answer = this.onControl(controlCode, input);
      if (answer === null) return { code: PcscCode.E_UNEXPECTED, length: 0 };
      if (answer.length > output.length) {
        return { code: PcscCode.E_INSUFFICIENT_BUFFER, length: 0 };
      }
      output.set(answer);
      return { code: PcscCode.S_SUCCESS, length: answer.length };
    }, (code) => ({ code, length: 0 }));
  }

  SCardGetAttrib(_card: PcscHandle, attribute: number) {
    return this.#call("SCardGetAttrib", attribute.toString(16), () => {
      const value = this.attributes.get(attribute);
      return value === undefined
        ? { code: PcscCode.E_UNEXPECTED, value: NO_BYTES }
        : { code: PcscCode.S_SUCCESS, value };
    }, (code) => ({ code, value: NO_BYTES }));
  }

  SCardSetAttrib(_card: PcscHandle, attribute: number) {
    return this.#call(
      "SCardSetAttrib",
      attribute.toString(16),
      () => PcscCode.E_UNEXPECTED,
      (code) => code,
    );
  }

  close(): void {
    this.isClosed = true;
  }

  async #call<T>(
    name: FakeName,
    what: string,
    run: () => T | Promise<T>,
    failed: (code: number) => T,
  ): Promise<T> {
    this.calls.push(`${name} ${what}`.trim());
    this.busy++;
    try {
      // On another thread: never in the step of the caller.
      await Promise.resolve();
      const failure = this.#failures.get(name)?.shift();
      await this.#holds.get(name)?.shift()?.();
      if (!this.isRunning) return failed(PcscCode.E_NO_SERVICE);
      return failure === undefined ? await run() : failed(failure);
    } finally {
      this.busy--;
    }
  }

  #find(card: PcscHandle) {
    const handle = this.handles.get(card);
    const reader = this.#readers.get(handle?.reader ?? "") ?? null;
    const code = handle?.problem ?? PcscCode.E_INVALID_HANDLE;
    return { reader, handle: handle!, code };
  }

  #spoil(name: string, problem: number): void {
    for (const handle of this.handles.values()) {
      if (handle.reader === name) handle.problem = problem;
    }
  }

  #wait(
    context: PcscHandle,
    timeoutMs: number,
    states: readonly PcscReaderState[],
  ): number | Promise<number> {
    const count = this.#readers.size;
    const unknown = states.some(({ reader }) =>
      !reader.startsWith("\\") && !this.#readers.has(reader)
    );
    if (unknown) return PcscCode.E_UNKNOWN_READER;
    if (this.#look(states, count)) return PcscCode.S_SUCCESS;
    if (timeoutMs === 0) return PcscCode.E_TIMEOUT;
    if (this.#owesWake) {
      this.#owesWake = false;
      return PcscCode.S_SUCCESS;
    }
    return new Promise((resolve) => {
      const wake = (code: number | null) => {
        clearTimeout(timer);
        this.#waits.delete(context);
        this.#look(states, count);
        resolve(code ?? PcscCode.S_SUCCESS);
      };
      const timer = setTimeout(() => wake(PcscCode.E_TIMEOUT), timeoutMs);
      this.#waits.set(context, wake);
    });
  }

  /** Writes what is the case; says whether somebody did not know that. */
  #look(states: readonly PcscReaderState[], count: number): boolean {
    let hasChanged = false;
    for (const state of states) {
      const reader = this.#readers.get(state.reader);
      let now: number = PcscState.UNKNOWN;
      if (state.reader.startsWith("\\")) now = 0;
      else if (reader !== undefined) {
        now = reader.atr === null ? PcscState.EMPTY : PcscState.PRESENT;
        if (reader.others > 0) now |= PcscState.INUSE;
        now = (now | reader.counter << 16) >>> 0;
      }
      const isNew = state.reader.startsWith("\\")
        ? count !== this.#readers.size
        : now !== state.currentState;
      state.eventState = isNew ? (now | PcscState.CHANGED) >>> 0 : now;
      hasChanged ||= isNew;
    }
    return hasChanged;
  }

  #wakeAll(): void {
    for (const wake of [...this.#waits.values()]) wake(null);
  }
}

function connectFailed(code: number): PcscConnectResult {
  return { code, card: 0n, protocol: 0 };
}

function choose(protocols: number): number {
  return (protocols & 2) !== 0 ? 2 : protocols & 1;
}
