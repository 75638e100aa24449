/**
 * Questions on their way to a policy, with what a refusal of each looks like.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type {
  ConnectQuestion,
  DispositionQuestion,
  Policy,
  PolicyQuestion,
  PolicyRule,
  PolicyVerdict,
} from "./policy.ts";
import type { ScardName } from "./scard_codes.ts";

/** One question. */
export interface Inquiry {
  /** The rule that answers. */
  readonly rule: PolicyRule;
  /** For the message of a refusal, ending in a preposition: `transmit to`. */
  readonly attempt: string;
  /** The code of a refusal. */
  readonly code: ScardName;
  /** Puts the question; only to a policy that has the rule. */
  ask(policy: Policy): MaybePromise<PolicyVerdict>;
}

/** Refusal as that of pcsc-lite's Polkit: SCARD_W_SECURITY_VIOLATION. */
export function connectInquiry(
  question: ConnectQuestion,
  attempt: string,
): Inquiry {
  return {
    rule: "connect",
    attempt,
    code: "SCARD_W_SECURITY_VIOLATION",
    ask: (policy) => policy.connect!(question),
  };
}

/**
 * Whether an APDU may go to the card.
 *
 * @param protocol SCARD_PROTOCOL_* bit that it is sent with
 * @param apdu all bytes; those that a short one lacks count as 0
 */
export function transmitInquiry(
  about: PolicyQuestion,
  protocol: number,
  apdu: Uint8Array,
  attempt: string,
): Inquiry {
  const [cla = 0, ins = 0, p1 = 0, p2 = 0] = apdu.subarray(0, 4);
  const question = { ...about, protocol, cla, ins, p1, p2, apdu };
  return {
    rule: "transmit",
    attempt,
    code: "SCARD_E_NO_ACCESS",
    ask: (policy) => policy.transmit!(question),
  };
}

/** Whether an attribute may be set. */
export function attributeInquiry(
  about: PolicyQuestion,
  tag: number,
  value: Uint8Array,
  attempt: string,
): Inquiry {
  const question = { ...about, tag: tag >>> 0, value };
  return {
    rule: "setAttribute",
    attempt,
    code: "SCARD_E_NO_ACCESS",
    ask: (policy) => policy.setAttribute!(question),
  };
}

const OCCASIONS: Readonly<Record<DispositionQuestion["occasion"], string>> = {
  "end-transaction": "end a transaction with a reset on",
  disconnect: "reset the card on disconnecting from",
  reconnect: "reset the card on reconnecting to",
  control: "reset the card in",
};

/** Whether a reset, power-down or ejection may happen. */
export function disposeInquiry(question: DispositionQuestion): Inquiry {
  return {
    rule: "dispose",
    attempt: OCCASIONS[question.occasion],
    code: "SCARD_E_NO_ACCESS",
    ask: (policy) => policy.dispose!(question),
  };
}
