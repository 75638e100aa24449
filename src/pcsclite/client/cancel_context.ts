/**
 * SCardCancel, on a socket of its own.
 *
 * @module
 */

import { SCARD_CODES } from "../../resource_manager/mod.ts";
import { CANCEL, COMMANDS, encodeRequest } from "../wire/mod.ts";
import { abortable } from "./abort.ts";
import { refusedWith } from "./errors.ts";
import { openSocket } from "./open_service.ts";
import type { ServiceAccess } from "./options.ts";

/**
 * Ends the waits of any context of the service. As with libpcsclite, no version is agreed on.
 *
 * @param hContext the service's number of the context
 * @throws {ResourceManagerError} what the service answers
 */
export async function cancelContext(
  access: ServiceAccess,
  hContext: number,
  signal?: AbortSignal,
): Promise<void> {
  using socket = await openSocket(access, signal);
  const request = encodeRequest(COMMANDS.CANCEL, CANCEL.encode({ hContext }));
  const { answerTimeoutMs } = access;
  const bytes = await abortable(
    socket.exchange(request, CANCEL, answerTimeoutMs),
    signal,
  );
  const { rv } = CANCEL.decode(bytes);
  if (rv === SCARD_CODES.SCARD_S_SUCCESS) return;
  throw refusedWith(rv, "cancel the waits of a context");
}
