/**
 * What failures of the service mean.
 *
 * @module
 */

import { hex32 } from "../../bytes.ts";
import {
  ResourceManagerError,
  SCARD_CODES,
  type ScardName,
} from "../../resource_manager/mod.ts";
import { scardNameOfWire } from "../wire/mod.ts";

/** A failure by its official name: `Cannot <attempt>: <found>, expected <expected>`. */
export function failure(
  name: ScardName,
  attempt: string,
  found: string,
  expected: string,
  cause?: unknown,
): ResourceManagerError {
  return new ResourceManagerError(
    name,
    `Cannot ${attempt}: ${found}, expected ${expected}`,
    { cause },
  );
}

/**
 * What the service answered, as an error.
 *
 * @param rv code of an answer, as pcsc-lite numbers them, not 0
 */
export function refusedWith(rv: number, attempt: string): ResourceManagerError {
  const name = scardNameOfWire(rv);
  return failure(
    name,
    attempt,
    `the service answered ${name} (${hex32(SCARD_CODES[name])})`,
    "success",
  );
}

/**
 * The same for a request that names a connection and holds nothing that could be wrong:
 * SCARD_E_INVALID_VALUE then says that its reader has left (resource manager of pcsc-lite,
 * lookup of a card handle).
 */
export function cardRefusedWith(
  rv: number,
  attempt: string,
): ResourceManagerError {
  if (rv !== SCARD_CODES.SCARD_E_INVALID_VALUE) return refusedWith(rv, attempt);
  return failure(
    "SCARD_E_READER_UNAVAILABLE",
    attempt,
    "the reader has left",
    "one that is there",
  );
}

/** Bytes that the protocol does not have. */
export function garbled(found: string, expected: string): ResourceManagerError {
  return failure(
    "SCARD_F_COMM_ERROR",
    "understand the PC/SC service",
    found,
    expected,
  );
}

/** The socket's other end has gone. */
export function serviceGone(cause?: unknown): ResourceManagerError {
  return failure(
    "SCARD_E_NO_SERVICE",
    "reach the PC/SC service",
    "it closed the connection",
    "a running one",
    cause,
  );
}
