/**
 * Resource managers with one fault each, which the properties have to find.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Profile } from "../../../src/resource_manager/mod.ts";
import type { Stack } from "./stack.ts";
import {
  onBegin,
  onDisconnect,
  onEnd,
  onRelease,
  servesLastFirst,
  withProfile,
  withSharing,
} from "./broken_parts.ts";

const isWindows = ({ name }: Profile) => name === "windows";

/** Fault and manager. */
export const BROKEN: readonly (readonly [string, Stack])[] = [
  [
    "lets a shared connection in beside an exclusive one",
    withSharing("exclusive", {
      shared: "ok",
      exclusive: "violation",
      direct: "violation",
    }),
  ],
  [
    "lets an exclusive connection in beside a shared one",
    withSharing("shared", { shared: "ok", exclusive: "ok", direct: "ok" }),
  ],
  [
    "refuses a shared connect during a transaction",
    withSharing("locked", {
      shared: "violation",
      exclusive: "violation",
      direct: "violation",
    }),
  ],
  [
    "confuses who must reconnect after the end of a transaction with a reset",
    withProfile((profile) => ({ endResetMarksOwn: !profile.endResetMarksOwn })),
  ],
  [
    "confuses whether a transaction survives a reconnect",
    withProfile((profile) => ({
      reconnectKeepsTransaction: !profile.reconnectKeepsTransaction,
    })),
  ],
  [
    "confuses whether a direct connection shows as exclusive",
    withProfile((profile) => ({
      directIsExclusive: !profile.directIsExclusive,
    })),
  ],
  [
    "confuses who waits while another runs a transaction",
    withProfile((profile) => ({
      otherCallsWhileLocked: isWindows(profile) ? "violation" : "wait",
    })),
  ],
  [
    "confuses whether idle transactions end",
    withProfile((profile) => ({
      idleTransactionResetMs: isWindows(profile) ? 0 : 5000,
    })),
  ],
  [
    "leaves the card of a client that died in a transaction",
    withProfile(({ onClientDeath }) => ({
      onClientDeath: { ...onClientDeath, transaction: 0 },
    })),
  ],
  [
    "resets the card of a context that is released",
    withProfile(({ onRelease }) => ({
      onRelease: { ...onRelease, shared: 1 },
    })),
  ],
  [
    "gives up the transaction of a dead client before the reset",
    {
      context(context) {
        const { abandon } = context;
        context.abandon = () => {
          for (const connection of context.connections) {
            connection.reader.lock.release(connection, true);
          }
          return abandon.call(context);
        };
      },
    },
  ],
  [
    "forgets the connections of a context that is released",
    {
      context(context) {
        const { release } = context;
        context.release = () => {
          context.connections.clear();
          return release.call(context);
        };
      },
    },
  ],
  [
    "does not cancel",
    {
      context(context) {
        context.cancel = () => {};
      },
    },
  ],
  [
    "lets nobody's status request time out",
    {
      context(context) {
        const { getStatusChange } = context;
        context.getStatusChange = (requests, options) =>
          getStatusChange.call(context, requests, {
            ...options,
            timeoutMs: undefined,
          });
      },
    },
  ],
  [
    "serves who has waited for the shortest time",
    { reader: servesLastFirst },
  ],
  [
    "takes no notice of transactions",
    {
      reader({ lock }) {
        lock.isFreeFor = () => true;
      },
    },
  ],
  [
    "forgets who waits when the card goes",
    {
      reader({ lock }) {
        lock.clear = () => {};
      },
    },
  ],
  [
    "hands a transaction over two turns of the event loop later",
    onRelease((release) => setImmediate(() => setImmediate(release))),
  ],
  ["ends nested transactions all at once", onRelease((_, all) => all())],
  [
    "has two requests at the reader at once",
    {
      reader({ io }) {
        io.run = (section) => section();
      },
    },
  ],
  [
    "does not see resets",
    {
      reader({ slot }) {
        Object.defineProperty(slot, "resets", { get: () => 0, set() {} });
      },
    },
  ],
  [
    "does not see that another card is in",
    {
      reader({ slot }) {
        Object.defineProperty(slot, "session", { get: () => 0, set() {} });
      },
    },
  ],
  [
    "counts a removal twice",
    {
      reader({ slot }) {
        const { noteRemoved } = slot;
        slot.noteRemoved = () => {
          if (slot.present) slot.eventCount++;
          noteRemoved.call(slot);
        };
      },
    },
  ],
  [
    "tells nobody about changes",
    {
      reader(reader) {
        reader.publish = () => {};
      },
    },
  ],
  [
    "leaves the card whatever a disconnect asks for",
    onDisconnect((disconnect) => disconnect(0)),
  ],
  [
    "resets the card at every end of a transaction",
    onEnd((end) => end(1)),
  ],
  ["does not let go who waits for a transaction", onBegin((begin) => begin())],
];
