/**
 * Waits that end because the service stops.
 *
 * @module
 */

import {
  type ResourceManager,
  ResourceManagerError,
} from "../resource_manager/mod.ts";
import { refusal } from "./answer.ts";

/**
 * The result of `wait`; where the end of the service cancelled it, its error says so.
 *
 * @throws {ResourceManagerError} SCARD_E_SERVICE_STOPPED in place of SCARD_E_CANCELLED
 */
export async function orStopped<T>(
  manager: ResourceManager,
  wait: Promise<T>,
): Promise<T> {
  try {
    return await wait;
  } catch (error) {
    const cancelled = error instanceof ResourceManagerError &&
      error.name === "SCARD_E_CANCELLED";
    if (!cancelled || !manager.closed) throw error;
    throw refusal(
      "SCARD_E_SERVICE_STOPPED",
      "wait longer",
      "the resource manager was closed",
      "a running one",
    );
  }
}
