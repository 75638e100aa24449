/**
 * What a resource manager can be told when it is made.
 *
 * @module
 */

import { assertIdlePowerOff } from "./idle_power_off.ts";
import { DEFAULT_POLICY_TIMEOUT_MS, type Policy } from "./policy.ts";
import type { Profile } from "./profiles.ts";
import { MAX_TIMER_MS, type Timers } from "./timers.ts";

/** Default of {@linkcode ResourceManagerOptions.graceMs}, in milliseconds. */
export const DEFAULT_GRACE_MS = 5000;

/** Options of `ResourceManager`. */
export interface ResourceManagerOptions {
  /** Behaviour; default `WEB_PROFILE`. */
  profile?: Profile;
  /** Clock; default the runtime's. */
  timers?: Timers;
  /**
   * Milliseconds that the release of a context and `ResourceManager.close`
   * leave to readers that are busy; default {@linkcode DEFAULT_GRACE_MS}.
   */
  graceMs?: number;
  /** Asked for contexts that have no policy of their own; default none, everything is allowed. */
  policy?: Policy;
  /**
   * Milliseconds after which a policy that has given no verdict counts as refusing;
   * default {@linkcode DEFAULT_POLICY_TIMEOUT_MS}.
   */
  policyTimeoutMs?: number;
  /**
   * Milliseconds without any connection after which a card is powered down, until the
   * next connect; default 0, never.
   */
  idlePowerOffMs?: number;
}

/** Options of `ResourceManager.establishContext`. */
export interface ContextOptions {
  /** Who the context is for, for policies and messages. */
  name?: string;
  /** Asked instead of the manager's; `null`: none. */
  policy?: Policy | null;
}

/** The delays among the options, defaults filled in. */
export interface ManagerDelays {
  /** See {@linkcode ResourceManagerOptions.graceMs}. */
  readonly graceMs: number;
  /** See {@linkcode ResourceManagerOptions.policyTimeoutMs}. */
  readonly policyTimeoutMs: number;
  /** See {@linkcode ResourceManagerOptions.idlePowerOffMs}. */
  readonly idlePowerOffMs: number;
}

/**
 * The delays, checked.
 *
 * @throws {RangeError} when one is no delay
 */
export function managerDelays(options: ResourceManagerOptions): ManagerDelays {
  const attempt = "make a resource manager";
  const {
    graceMs = DEFAULT_GRACE_MS,
    policyTimeoutMs = DEFAULT_POLICY_TIMEOUT_MS,
    idlePowerOffMs = 0,
  } = options;
  for (const [name, delay] of Object.entries({ graceMs, policyTimeoutMs })) {
    if (delay >= 0 && delay <= MAX_TIMER_MS) continue;
    throw new RangeError(
      `Cannot ${attempt}: ${name} is ${delay}, expected 0 to ${MAX_TIMER_MS}`,
    );
  }
  assertIdlePowerOff(idlePowerOffMs, attempt);
  return { graceMs, policyTimeoutMs, idlePowerOffMs };
}
