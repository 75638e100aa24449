/**
 * Gets a policy's verdicts and turns refusals into errors.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { ResourceContext } from "./context.ts";
import { ResourceManagerError } from "./errors.ts";
import type { Policy, PolicyVerdict } from "./policy.ts";
import type { Inquiry } from "./policy_inquiry.ts";
import { awaitVerdict, RuleFailure } from "./policy_verdict.ts";

/** Asks the policy of one context. */
export class PolicyJudge {
  #policy: Policy;
  #context: ResourceContext;

  /** Asks `policy` in the name of `context`. */
  constructor(policy: Policy, context: ResourceContext) {
    this.#policy = policy;
    this.#context = context;
  }

  /**
   * Asks one after the other; at once when all answers are.
   *
   * @param signals abort of one rejects with its reason
   * @param from index of the first inquiry that is put
   * @throws {ResourceManagerError} the code of the first inquiry that is refused
   */
  decide(
    inquiries: Inquiry[],
    readerName: string,
    signals: (AbortSignal | undefined)[],
    from = 0,
  ): MaybePromise<void> {
    for (const signal of signals) signal?.throwIfAborted();
    for (let i = from; i < inquiries.length; i++) {
      const inquiry = inquiries[i];
      if (this.#policy[inquiry.rule] === undefined) continue;
      let verdict: MaybePromise<PolicyVerdict> | RuleFailure;
      try {
        verdict = inquiry.ask(this.#policy);
      } catch (error) {
        verdict = new RuleFailure(error);
      }
      if (verdict instanceof Promise) {
        return this.#await(inquiry, readerName, verdict, signals).then(() =>
          this.decide(inquiries, readerName, signals, i + 1)
        );
      }
      this.#assertAllowed(inquiry, readerName, verdict);
    }
  }

  async #await(
    inquiry: Inquiry,
    readerName: string,
    verdict: Promise<PolicyVerdict>,
    signals: (AbortSignal | undefined)[],
  ): Promise<void> {
    const { timers, policyTimeoutMs } = this.#context.manager;
    this.#assertAllowed(
      inquiry,
      readerName,
      await awaitVerdict(verdict, timers, policyTimeoutMs, signals),
    );
  }

  #assertAllowed(
    { rule, attempt, code }: Inquiry,
    readerName: string,
    verdict: PolicyVerdict | RuleFailure,
  ): void {
    if (verdict === true) return;
    const { label, manager } = this.#context;
    const failure = verdict instanceof RuleFailure ? verdict : null;
    const why = typeof verdict === "string" ? ` (${verdict})` : "";
    manager.counters.countRefusal(rule);
    throw new ResourceManagerError(
      code,
      `Cannot ${attempt} "${readerName}": the policy ${
        failure === null ? "refuses it to" : "failed for"
      } ${label}${why}, expected its consent`,
      { cause: failure?.cause },
    );
  }
}
