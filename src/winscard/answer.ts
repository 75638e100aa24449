/**
 * What every function resolves to, and how errors become codes.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import {
  ResourceManagerError,
  type ScardName,
} from "../resource_manager/mod.ts";
import { SCARD_S_SUCCESS } from "./codes.ts";

/** How a call ended. */
export interface ScardStatus {
  /** SCARD_S_SUCCESS, SCARD_E_..., SCARD_W_... or ERROR_..., unsigned. */
  readonly code: number;
  /** The error behind the code, with its message; null after a success. */
  readonly error: Error | null;
}

/**
 * What a function resolves to: how it ended, and its outputs. After a failure they are
 * neutral (0, nothing, empty), unless the function says otherwise.
 */
export type ScardAnswer<Outputs = unknown> = ScardStatus & Outputs;

/** Outputs of a function, with a code of its own where it is no plain success. */
export type Outcome<Outputs> = Outputs & Partial<ScardStatus>;

/**
 * Runs a function: what the floors below throw becomes its code. Other exceptions, for
 * example of the program's own callbacks, go through.
 *
 * @param neutral the outputs after a failure
 * @param others codes that this function has other numbers for
 */
export async function answer<Outputs>(
  neutral: Outputs,
  work: () => MaybePromise<Outcome<Outputs>>,
  others: Readonly<Partial<Record<ScardName, number>>> = {},
): Promise<ScardAnswer<Outputs>> {
  try {
    return { code: SCARD_S_SUCCESS, error: null, ...await work() };
  } catch (error) {
    if (!(error instanceof ResourceManagerError)) throw error;
    return { ...neutral, code: others[error.name] ?? error.code, error };
  }
}

/** An error in the form `Cannot <attempt>: <found>, expected <expected>`. */
export function refusal(
  name: ScardName,
  attempt: string,
  found: string,
  expected: string,
): ResourceManagerError {
  return new ResourceManagerError(
    name,
    `Cannot ${attempt}: ${found}, expected ${expected}`,
  );
}
