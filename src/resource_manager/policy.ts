/**
 * Who may do what: the questions that a policy answers before the resource manager
 * acts for a context. The manager's own doings are not asked about: the reset that
 * ends an abandoned connection, the rules for idle cards.
 *
 * Refusals: a reader that is hidden is unknown to the context (SCARD_E_UNKNOWN_READER);
 * one that may not be connected to answers SCARD_W_SECURITY_VIOLATION, as pcsc-lite
 * does when Polkit refuses a reader; an operation that a connection may not perform
 * answers SCARD_E_NO_ACCESS, and nothing of it has happened.
 *
 * A policy guards what clients do through a face of the manager, which gives each
 * client a context. Code that holds these objects itself can reach around it.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { ShareMode } from "./sharing.ts";

/** `true` allows. Anything else refuses; a text says why. */
export type PolicyVerdict = boolean | string;

/** Who asks, and about which reader. */
export interface PolicyQuestion {
  /** The context's number, unique within the manager. */
  readonly contextId: number;
  /** The context's name as `establishContext` was given it, empty without one. A name is as true as the caller is honest. */
  readonly contextName: string;
  /** The reader's name. */
  readonly readerName: string;
}

/** May the context connect like this? */
export interface ConnectQuestion extends PolicyQuestion {
  /** How the reader is to be shared. */
  readonly shareMode: ShareMode;
  /** SCARD_PROTOCOL_* bits that are welcome; 0 negotiates nothing. */
  readonly protocols: number;
  /** Whether a connection exists, and is to change: by reconnecting, or by IOCTL_SMARTCARD_SET_PROTOCOL. */
  readonly exists: boolean;
}

/** May this APDU go to the card? */
export interface TransmitQuestion extends PolicyQuestion {
  /** SCARD_PROTOCOL_* bit that it is sent with. */
  readonly protocol: number;
  /** Class byte; bytes that a short request lacks count as 0. */
  readonly cla: number;
  /** Instruction byte. */
  readonly ins: number;
  /** First parameter. */
  readonly p1: number;
  /** Second parameter. */
  readonly p2: number;
  /** All bytes, as they will be sent; not to be changed. */
  readonly apdu: Uint8Array;
}

/** May this request go to the reader? */
export interface ControlQuestion extends PolicyQuestion {
  /** IOCTL code, 32 bits unsigned. */
  readonly code: number;
  /** Input bytes, as they will be sent; not to be changed. */
  readonly input: Uint8Array;
}

/** May this attribute be set? */
export interface SetAttributeQuestion extends PolicyQuestion {
  /** SCARD_ATTR_* tag, 32 bits unsigned. */
  readonly tag: number;
  /** Value, as it will be sent; not to be changed. */
  readonly value: Uint8Array;
}

/** May this be done to the card? */
export interface DispositionQuestion extends PolicyQuestion {
  /** SCARD_RESET_CARD, SCARD_UNPOWER_CARD or SCARD_EJECT_CARD; nobody asks about SCARD_LEAVE_CARD. */
  readonly disposition: number;
  /** What it belongs to. */
  readonly occasion: "end-transaction" | "disconnect" | "reconnect" | "control";
}

/**
 * Rules for a context; a question without a rule is allowed. What a rule throws, and a
 * promise that is not settled by the manager's `policyTimeoutMs`, refuses. While a
 * promise is awaited, later guarded operations of the same connection wait behind it,
 * so that they reach the card in the order of the calls; other connections do not wait.
 *
 * Control codes that do what another rule is about are put to both: a TRANSMIT, POWER,
 * EJECT, CONFISCATE, SET_ATTRIBUTE or SET_PROTOCOL request is no way around.
 */
export interface Policy {
  /** Whether the reader is there for this context: in lists, states and waits. Answers at once. */
  seeReader?(question: PolicyQuestion): boolean;
  /** Connecting and reconnecting. */
  connect?(question: ConnectQuestion): MaybePromise<PolicyVerdict>;
  /** Beginning a transaction, which keeps others out. */
  beginTransaction?(question: PolicyQuestion): MaybePromise<PolicyVerdict>;
  /** Each APDU. */
  transmit?(question: TransmitQuestion): MaybePromise<PolicyVerdict>;
  /** Each control request. */
  control?(question: ControlQuestion): MaybePromise<PolicyVerdict>;
  /** Each attribute that is set. */
  setAttribute?(question: SetAttributeQuestion): MaybePromise<PolicyVerdict>;
  /** Each reset, power-down and ejection asked for. */
  dispose?(question: DispositionQuestion): MaybePromise<PolicyVerdict>;
}

/** Names of the rules of a {@linkcode Policy}. */
export type PolicyRule = keyof Policy;

/** Default of `ResourceManagerOptions.policyTimeoutMs`, in milliseconds. */
export const DEFAULT_POLICY_TIMEOUT_MS = 5000;
