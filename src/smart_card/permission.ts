/**
 * What stands in for the prompt of a browser.
 *
 * @module
 */

import type { ContextBackend } from "../resource_manager/mod.ts";
import { invalidState } from "./errors.ts";

/** Asked before each connect; false refuses it. */
export type SmartCardPermission = (
  readerName: string,
) => boolean | Promise<boolean>;

/**
 * Asks for permission to connect; the signal and the end of the context call the question off.
 *
 * @throws {DOMException} NotAllowedError when it is refused; InvalidStateError when the
 * context was released meanwhile; the reason of the signal
 */
export async function askPermission(
  permission: SmartCardPermission,
  readerName: string,
  context: ContextBackend,
  signal?: AbortSignal,
): Promise<void> {
  const off = Promise.withResolvers<never>();
  const onAbort = () => off.reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const forget = context.onReleased(() => {
    const found = "the context was released meanwhile";
    off.reject(invalidState("connect", found, "an open one"));
  });
  try {
    if (await Promise.race([permission(readerName), off.promise])) return;
  } finally {
    forget();
    signal?.removeEventListener("abort", onAbort);
  }
  throw new DOMException(
    `Cannot connect to ${
      JSON.stringify(readerName)
    }: permission was refused, expected a grant`,
    "NotAllowedError",
  );
}
