/**
 * What the resource manager throws.
 *
 * @module
 */

import { SCARD_CODES, type ScardName } from "./scard_codes.ts";

/** A request to the resource manager failed; compare by {@linkcode ResourceManagerError.code}. */
export class ResourceManagerError extends Error {
  /** The SCARD_* number, unsigned. */
  readonly code: number;
  /** The official name of {@linkcode ResourceManagerError.code}. */
  override readonly name: ScardName;
  /** The NTSTATUS of the reader device that led here, or null. */
  readonly status: number | null;

  /**
   * An error by its official name.
   *
   * @param name which SCARD_* code
   * @param message what was attempted, found and expected
   * @param options `status`: the NTSTATUS of the device; `cause`: what it threw
   */
  constructor(
    name: ScardName,
    message: string,
    options: { status?: number; cause?: unknown } = {},
  ) {
    super(
      message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = name;
    this.code = SCARD_CODES[name];
    this.status = options.status ?? null;
  }
}
