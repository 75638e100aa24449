/**
 * Puts a policy's questions, and lets through what it allows.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import { raceAbort } from "./abort.ts";
import { SCARD_LEAVE_CARD } from "./constants.ts";
import type { ResourceContext } from "./context.ts";
import type { Handle } from "./handle.ts";
import type { DispositionQuestion, Policy, PolicyQuestion } from "./policy.ts";
import { controlInquiries } from "./policy_control.ts";
import {
  attributeInquiry,
  connectInquiry,
  disposeInquiry,
  type Inquiry,
  transmitInquiry,
} from "./policy_inquiry.ts";
import { PolicyJudge } from "./policy_judge.ts";
import type { ShareMode } from "./sharing.ts";

/** Asks the policy of one context. Contexts without a policy have no gate, and pay nothing. */
export class PolicyGate {
  #policy: Policy;
  #context: ResourceContext;
  #judge: PolicyJudge;
  /** For connections with a question under way: settles when everything asked so far has begun or was refused. */
  #tails = new WeakMap<Handle, Promise<void>>();

  /**
   * A gate for `context`.
   *
   * @param policy asked from now on
   */
  constructor(policy: Policy, context: ResourceContext) {
    this.#policy = policy;
    this.#context = context;
    this.#judge = new PolicyJudge(policy, context);
  }

  /** Whether the policy may hide readers. */
  get hidesReaders(): boolean {
    return this.#policy.seeReader !== undefined;
  }

  /** Whether the reader of this name is there for the context; a rule that throws hides it. */
  sees(readerName: string): boolean {
    if (!this.hidesReaders) return true;
    try {
      return this.#policy.seeReader!(this.#about(readerName)) === true;
    } catch {
      return false;
    }
  }

  /**
   * A new connection is allowed.
   *
   * @param protocols SCARD_PROTOCOL_* bits
   * @throws {ResourceManagerError} SCARD_W_SECURITY_VIOLATION
   */
  connect(
    readerName: string,
    shareMode: ShareMode,
    protocols: number,
    signal?: AbortSignal,
  ): MaybePromise<void> {
    const about = this.#about(readerName);
    const question = { ...about, shareMode, protocols, exists: false };
    return this.#judge.decide(
      [connectInquiry(question, "connect to")],
      readerName,
      [signal],
    );
  }

  /** Runs `work` if the connection may change like this. */
  reconnect<T>(
    handle: Handle,
    options: { shareMode: ShareMode; protocols: number; signal?: AbortSignal },
    initialization: number,
    work: () => MaybePromise<T>,
  ): MaybePromise<T> {
    const { shareMode, protocols, signal } = options;
    const about = this.#about(handle.reader.name);
    const question = { ...about, shareMode, protocols, exists: true };
    return this.#guard(
      handle,
      [
        connectInquiry(question, "reconnect to"),
        ...this.#disposing(handle, initialization, "reconnect"),
      ],
      work,
      signal,
    );
  }

  /** Runs `work` if the connection may keep others out. */
  begin<T>(
    handle: Handle,
    work: () => MaybePromise<T>,
    signal?: AbortSignal,
  ): MaybePromise<T> {
    const about = this.#about(handle.reader.name);
    return this.#guard(
      handle,
      [{
        rule: "beginTransaction",
        attempt: "begin a transaction on",
        code: "SCARD_E_NO_ACCESS",
        ask: (policy) => policy.beginTransaction!(about),
      }],
      work,
      signal,
    );
  }

  /**
   * Gives a copy of the APDU to `send` if the card may get it.
   *
   * @param protocol SCARD_PROTOCOL_* bit that it is sent with
   */
  transmit<T>(
    handle: Handle,
    apdu: Uint8Array,
    protocol: number,
    send: (command: Uint8Array) => MaybePromise<T>,
    signal?: AbortSignal,
  ): MaybePromise<T> {
    // What was judged is what is sent.
    const command = new Uint8Array(apdu);
    const about = this.#about(handle.reader.name);
    return this.#guard(
      handle,
      [transmitInquiry(about, protocol, command, "transmit to")],
      () => send(command),
      signal,
    );
  }

  /** Gives a copy of `input` to `send` if the reader may get it, and the card what it does. */
  control<T>(
    handle: Handle,
    code: number,
    input: Uint8Array,
    send: (input: Uint8Array) => MaybePromise<T>,
    signal?: AbortSignal,
  ): MaybePromise<T> {
    const copy = new Uint8Array(input);
    const about = this.#about(handle.reader.name);
    const inquiries = controlInquiries(about, handle.shareMode, code, copy);
    return this.#guard(handle, inquiries, () => send(copy), signal);
  }

  /** Gives a copy of `value` to `set` if the attribute may be set. */
  setAttribute<T>(
    handle: Handle,
    tag: number,
    value: Uint8Array,
    set: (value: Uint8Array) => MaybePromise<T>,
    signal?: AbortSignal,
  ): MaybePromise<T> {
    const copy = new Uint8Array(value);
    const about = this.#about(handle.reader.name);
    return this.#guard(
      handle,
      [attributeInquiry(about, tag, copy, "set an attribute of")],
      () => set(copy),
      signal,
    );
  }

  /** Runs `work` if this may be done to the card. */
  dispose<T>(
    handle: Handle,
    disposition: number,
    occasion: DispositionQuestion["occasion"],
    work: () => MaybePromise<T>,
    signal?: AbortSignal,
  ): MaybePromise<T> {
    const inquiries = this.#disposing(handle, disposition, occasion);
    return this.#guard(handle, inquiries, work, signal);
  }

  #disposing(
    handle: Handle,
    disposition: number,
    occasion: DispositionQuestion["occasion"],
  ): Inquiry[] {
    if (disposition === SCARD_LEAVE_CARD) return [];
    const about = this.#about(handle.reader.name);
    return [disposeInquiry({ ...about, disposition, occasion })];
  }

  #about(readerName: string): PolicyQuestion {
    const { id, name } = this.#context;
    return { contextId: id, contextName: name, readerName };
  }

  /** Runs `work` when all is allowed, in the order of the calls for one connection. */
  #guard<T>(
    handle: Handle,
    inquiries: Inquiry[],
    work: () => MaybePromise<T>,
    signal?: AbortSignal,
  ): MaybePromise<T> {
    // A connection that has ended refuses by itself.
    if (handle.closed || handle.closing) return work();
    const { name } = handle.reader;
    const before = this.#tails.get(handle);
    const decide = () =>
      this.#judge.decide(inquiries, name, [signal, handle.ending]);
    let allowed: Promise<void>;
    if (before === undefined) {
      const decision = decide();
      if (!(decision instanceof Promise)) return work();
      allowed = decision;
    } else {
      allowed = before.then(decide);
    }
    const result = allowed.then(work);
    const next = () => {
      if (this.#tails.get(handle) === tail) this.#tails.delete(handle);
    };
    const tail = allowed.then(next, next);
    this.#tails.set(handle, tail);
    return signal === undefined ? result : raceAbort(result, signal);
  }
}
