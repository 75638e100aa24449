/**
 * What the faulty resource managers are made of.
 *
 * @module
 */

import type { MaybePromise } from "../../../src/bytes.ts";
import type {
  Connection,
  Handle,
  Profile,
  Reader,
  ShareMode,
  SharingVerdict,
} from "../../../src/resource_manager/mod.ts";
import type { Stack } from "./stack.ts";

/** A manager with another profile. */
export function withProfile(
  change: (profile: Profile) => Partial<Profile>,
): Stack {
  return { profile: (profile) => ({ ...profile, ...change(profile) }) };
}

/** A manager with one row of the sharing table changed. */
export function withSharing(
  row: ShareMode | "locked",
  verdicts: Readonly<Record<ShareMode, SharingVerdict>>,
): Stack {
  return withProfile(({ sharing }) => ({
    sharing: { ...sharing, [row]: verdicts },
  }));
}

/** A manager whose lock releases otherwise: given the release, and one of all at once. */
export function onRelease(
  change: (release: () => void, all: () => void) => void,
): Stack {
  return {
    reader({ lock }) {
      const { release } = lock;
      lock.release = (holder, all) =>
        change(
          () => release.call(lock, holder, all),
          () => release.call(lock, holder, true),
        );
    },
  };
}

/** A manager whose connections are given back otherwise. */
export function onDisconnect(
  change: (
    disconnect: (disposition: number) => MaybePromise<void>,
  ) => MaybePromise<void>,
): Stack {
  return {
    connection(connection) {
      const { disconnect } = connection;
      connection.disconnect = (_disposition, options) =>
        change((disposition) =>
          disconnect.call(connection, disposition, options)
        );
    },
  };
}

/** A manager whose transactions end otherwise. */
export function onEnd(
  change: (
    end: (disposition: number) => MaybePromise<void>,
  ) => MaybePromise<void>,
): Stack {
  return {
    connection(connection) {
      const { endTransaction } = connection;
      connection.endTransaction = () =>
        change((disposition) => endTransaction.call(connection, disposition));
    },
  };
}

/** A manager whose transactions begin otherwise: without the signal of the caller. */
export function onBegin(
  change: (begin: () => MaybePromise<void>) => MaybePromise<void>,
): Stack {
  return {
    connection(connection: Connection) {
      const { beginTransaction } = connection;
      connection.beginTransaction = () =>
        change(() => beginTransaction.call(connection));
    },
  };
}

/** Makes the lock of a reader serve the last that came first. */
export function servesLastFirst({ lock }: Reader): void {
  const { whenFree, release, clear } = lock;
  const line: (() => void)[] = [];
  const serve = () => {
    while (line.length > 0 && lock.owner === null) line.pop()?.();
  };
  lock.whenFree = <T>(
    holder: object | null,
    work: () => MaybePromise<T>,
    signal?: AbortSignal,
  ): MaybePromise<T> => {
    if (lock.owner === null || lock.owner === holder) {
      return whenFree.call(lock, holder, work, signal) as MaybePromise<T>;
    }
    return new Promise<T>((resolve, reject) => {
      line.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  };
  lock.release = (holder: Handle, all?: boolean) => {
    release.call(lock, holder, all);
    serve();
  };
  lock.clear = () => {
    clear.call(lock);
    serve();
  };
}
