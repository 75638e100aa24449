/**
 * Commands about the protocol and contexts: VERSION, ESTABLISH, RELEASE, CANCEL.
 *
 * @module
 */

import {
  CANCEL,
  DEFAULT_MINOR,
  dialectOf,
  ESTABLISH,
  PROTOCOL_MAJOR,
  RELEASE,
  VERSION,
  wireCode,
} from "../wire/mod.ts";
import { answered, type CommandHandler } from "./answer.ts";
import { refusal } from "./checks.ts";

/** SCARD_SCOPE_GLOBAL, which pcsc-lite has beside those of Windows. */
const LARGEST_SCOPE = 3;

/**
 * VERSION: the client's own version is spoken, when it can be. Others get the version to
 * ask for instead.
 */
export const version: CommandHandler = (client, body) => {
  const { major, minor } = VERSION.decode(body);
  const dialect = dialectOf(major, minor);
  if (dialect !== null) {
    client.dialect = dialect;
    VERSION.set(body, "rv", wireCode("SCARD_S_SUCCESS"));
    return body;
  }
  return VERSION.encode({
    major: PROTOCOL_MAJOR,
    minor: DEFAULT_MINOR,
    rv: wireCode("SCARD_E_SERVICE_STOPPED"),
  });
};

/** ESTABLISH_CONTEXT: once more replaces the number, and keeps the connections. */
export const establish: CommandHandler = (client, body) =>
  answered(client, ESTABLISH, body, () => {
    const scope = ESTABLISH.get(body, "dwScope");
    if (scope <= LARGEST_SCOPE) return client.establish();
    throw refusal(
      "SCARD_E_INVALID_VALUE",
      "establish a context",
      `scope ${scope}, expected 0 to ${LARGEST_SCOPE}`,
    );
  }, (hContext) => ESTABLISH.set(body, "hContext", hContext));

/** RELEASE_CONTEXT. */
export const release: CommandHandler = (client, body) =>
  answered(client, RELEASE, body, () => {
    const hContext = RELEASE.get(body, "hContext");
    if (client.hContext === 0) {
      throw refusal(
        "SCARD_E_INVALID_HANDLE",
        "release a context",
        "the client has none, expected one",
      );
    }
    if (hContext !== client.hContext) {
      throw refusal(
        "SCARD_E_INVALID_VALUE",
        `release context ${hContext}`,
        "it is not the client's, expected its own",
      );
    }
    return client.release();
  });

/** CANCEL: comes on a socket of its own, and names the context whose wait is to end. */
export const cancel: CommandHandler = (client, body) =>
  answered(client, CANCEL, body, () => {
    const hContext = CANCEL.get(body, "hContext");
    const victim = client.hall.contexts.find(hContext);
    if (victim === undefined) {
      throw refusal(
        "SCARD_E_INVALID_HANDLE",
        `cancel the wait of context ${hContext}`,
        "no client has it, expected one that exists",
      );
    }
    // No wait: it has just ended by itself, which is no error.
    victim.wait.cancel();
    victim.connecting?.abort(
      refusal(
        "SCARD_E_CANCELLED",
        "connect to a reader",
        "the wait was cancelled, expected a free reader",
      ),
    );
  });
