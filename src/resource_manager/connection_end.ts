/**
 * Reconnecting and disconnecting.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import { applyDisposition, openCard } from "./card_access.ts";
import type { ReconnectOptions } from "./connection.ts";
import type { Handle } from "./handle.ts";
import { assertMayJoin, assertProtocols } from "./connect.ts";
import {
  SCARD_EJECT_CARD,
  SCARD_LEAVE_CARD,
  SCARD_UNPOWER_CARD,
} from "./constants.ts";
import { handleError } from "./handle_problem.ts";
import { assertDisposition } from "./transactions.ts";

/** See `Connection.reconnect`. */
export async function reconnect(
  connection: Handle,
  options: ReconnectOptions,
): Promise<number> {
  const { reader } = connection;
  const { shareMode, protocols, signal } = options;
  const initialization = options.initialization ?? SCARD_LEAVE_CARD;
  const attempt = `reconnect to "${reader.name}"`;
  assertDisposition(initialization, SCARD_UNPOWER_CARD, attempt);
  assertProtocols(shareMode, protocols, attempt);
  connection.assertUsable("reconnect to", false);
  const before = connection.shareMode;
  const { lock, io, profile, idleRule } = reader;
  const card = { attempt, shareMode, protocols, initialization };
  try {
    return await lock.whenFree(connection, async () => {
      connection.assertUsable("reconnect to", false);
      assertMayJoin(reader, shareMode, attempt, connection);
      connection.shareMode = shareMode;
      const protocol = await io.run(async () => {
        connection.assertUsable("reconnect to", false);
        const opened = await openCard(reader, { ...card, mayReset: false });
        connection.bind(opened);
        return opened;
      });
      if (!profile.reconnectKeepsTransaction && lock.owner === connection) {
        idleRule.stop();
        lock.release(connection, true);
      }
      return protocol;
    }, signal);
  } catch (error) {
    connection.shareMode = before;
    throw error;
  } finally {
    reader.publish();
  }
}

/** See `Connection.disconnect`. */
export function disconnect(
  connection: Handle,
  disposition: number,
  signal?: AbortSignal,
): MaybePromise<void> {
  const { reader, problem } = connection;
  const attempt = `disconnect from "${reader.name}"`;
  assertDisposition(disposition, SCARD_EJECT_CARD, attempt);
  if (problem === "closed") throw handleError(problem, attempt);
  const cardless = problem === "card-removed" ||
    problem === "reader-unavailable";
  if (disposition === SCARD_LEAVE_CARD || cardless) return connection.close();
  return disposeAndClose(connection, disposition, signal);
}

async function disposeAndClose(
  connection: Handle,
  disposition: number,
  signal?: AbortSignal,
): Promise<void> {
  const { reader } = connection;
  const { session } = reader.slot;
  connection.closing = true;
  try {
    await chain(
      reader.lock.whenFree(
        connection,
        () =>
          reader.io.run(() =>
            // Another card than ours is none of our business.
            session === reader.slot.session
              ? applyDisposition(reader, disposition)
              : 0
          ),
        signal,
      ),
      () => connection.close(),
    );
  } catch (error) {
    connection.closing = false;
    throw error;
  }
}
