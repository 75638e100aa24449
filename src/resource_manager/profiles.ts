/**
 * Where the resource managers of the world differ, as data. The engine reads a
 * profile and never asks which one it is. What differs in form alone, the numbers of
 * codes and protocols and how a state is written, belongs to the faces.
 *
 * @module
 */

import { SCARD_LEAVE_CARD, SCARD_RESET_CARD } from "./constants.ts";
import type { ScardName } from "./scard_codes.ts";
import {
  PCSC_LITE_SHARING,
  type ShareMode,
  type SharingTable,
  WEB_SHARING,
  WINDOWS_SHARING,
} from "./sharing.ts";

/** What happens to the card of a connection that its owner did not give back. */
export type AbandonedDispositions = Readonly<
  Record<ShareMode | "transaction", number>
>;

/** One behaviour of a resource manager. */
export interface Profile {
  /** Which resource manager behaves like this. */
  readonly name: string;
  /** Who may connect beside whom. */
  readonly sharing: SharingTable;
  /** Whether a direct connection shows as EXCLUSIVE in reader states. */
  readonly directIsExclusive: boolean;
  /** Longest wait of a begin for others' transactions, then SCARD_E_SHARING_VIOLATION; Infinity = no limit (milliseconds). */
  readonly beginWaitMs: number;
  /** Transmit, control, status and attributes while another connection runs a transaction. */
  readonly otherCallsWhileLocked: "wait" | "violation";
  /** A transaction without any operation for longer is ended with a reset; 0 = never (milliseconds). */
  readonly idleTransactionResetMs: number;
  /** Whether the connection that reset the card by ending a transaction must reconnect, too. */
  readonly endResetMarksOwn: boolean;
  /** Whether a transaction survives its owner's reconnect. */
  readonly reconnectKeepsTransaction: boolean;
  /** Code of a connect to a card that does not answer a reset. */
  readonly muteCard: ScardName;
  /** Code of a shared or exclusive connect that names no protocol. */
  readonly noProtocol: ScardName;
  /** Status request for a reader that nobody knows: its flag UNKNOWN, or SCARD_E_UNKNOWN_READER. */
  readonly unknownReader: "flag" | "error";
  /** High word of the pseudo reader: readers present, or arrivals and departures so far. */
  readonly pnpCount: "readers" | "events";
  /** Context released with connections open. */
  readonly onRelease: AbandonedDispositions;
  /** Client gone without releasing its context. */
  readonly onClientDeath: AbandonedDispositions;
}

const GIVEN_BACK: AbandonedDispositions = {
  transaction: SCARD_RESET_CARD,
  shared: SCARD_LEAVE_CARD,
  exclusive: SCARD_LEAVE_CARD,
  direct: SCARD_LEAVE_CARD,
};

const ALL_RESET: AbandonedDispositions = {
  transaction: SCARD_RESET_CARD,
  shared: SCARD_RESET_CARD,
  exclusive: SCARD_RESET_CARD,
  direct: SCARD_RESET_CARD,
};

// pcsc-lite treats an exclusive connection like one that holds the lock.
const LOCK_HOLDERS_RESET: AbandonedDispositions = {
  ...GIVEN_BACK,
  exclusive: SCARD_RESET_CARD,
};

/** Windows 8 and later. */
export const WINDOWS_PROFILE: Profile = {
  name: "windows",
  noProtocol: "SCARD_E_INVALID_VALUE",
  sharing: WINDOWS_SHARING,
  directIsExclusive: true,
  beginWaitMs: Infinity,
  otherCallsWhileLocked: "wait",
  idleTransactionResetMs: 5000,
  endResetMarksOwn: false,
  reconnectKeepsTransaction: false,
  muteCard: "SCARD_W_UNRESPONSIVE_CARD",
  unknownReader: "flag",
  pnpCount: "readers",
  onRelease: GIVEN_BACK,
  onClientDeath: ALL_RESET,
};

/** pcsc-lite on Linux. */
export const PCSC_LITE_PROFILE: Profile = {
  name: "pcsc-lite",
  noProtocol: "SCARD_E_PROTO_MISMATCH",
  sharing: PCSC_LITE_SHARING,
  directIsExclusive: false,
  beginWaitMs: 100,
  otherCallsWhileLocked: "violation",
  idleTransactionResetMs: 0,
  endResetMarksOwn: true,
  reconnectKeepsTransaction: true,
  muteCard: "SCARD_W_UNPOWERED_CARD",
  unknownReader: "error",
  pnpCount: "events",
  onRelease: LOCK_HOLDERS_RESET,
  onClientDeath: LOCK_HOLDERS_RESET,
};

/** What the Web Smart Card API leaves open, decided for an in-process manager. */
export const WEB_PROFILE: Profile = {
  name: "web",
  noProtocol: "SCARD_E_PROTO_MISMATCH",
  sharing: WEB_SHARING,
  directIsExclusive: false,
  beginWaitMs: Infinity,
  otherCallsWhileLocked: "wait",
  idleTransactionResetMs: 0,
  endResetMarksOwn: false,
  reconnectKeepsTransaction: false,
  muteCard: "SCARD_W_UNRESPONSIVE_CARD",
  unknownReader: "flag",
  pnpCount: "readers",
  onRelease: GIVEN_BACK,
  onClientDeath: GIVEN_BACK,
};
