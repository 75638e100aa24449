/**
 * Where the three resource managers differ, written down from what is known of them
 * and not from the profiles of the engine: a wrong profile is to be found.
 *
 * @module
 */

import {
  PCSC_LITE_PROFILE,
  type Profile,
  type ScardName,
  type ShareMode,
  WEB_PROFILE,
  WINDOWS_PROFILE,
} from "../../../src/resource_manager/mod.ts";

/** What a new connection is told; `wait`: once more when the transaction has ended. */
export type Verdict = "ok" | "violation" | "wait";

/** Whose card is reset when a context ends without giving it back. */
export interface Abandoned extends Readonly<Record<ShareMode, boolean>> {
  /** Whose connection runs a transaction. */
  readonly transaction: boolean;
}

/** One resource manager. */
export interface Rules {
  /** What the engine is told to be. */
  readonly profile: Profile;
  /** Who may connect, by who is there. */
  readonly sharing: Readonly<
    Record<ShareMode | "locked", Readonly<Record<ShareMode, Verdict>>>
  >;
  /** Modes that show as SCARD_STATE_EXCLUSIVE. */
  readonly showsExclusive: readonly ShareMode[];
  /** Transmit, status and control while another connection runs a transaction. */
  readonly otherCalls: "wait" | "violation";
  /** Milliseconds that a begin waits at most, then it is refused; null = no limit. */
  readonly beginWaitMs: number | null;
  /** Milliseconds of rest after which a transaction ends with a reset; null = never. */
  readonly idleMs: number | null;
  /** Whether who ends a transaction with a reset must reconnect, too. */
  readonly endMarksOwn: boolean;
  /** Whether a transaction survives a reconnect. */
  readonly reconnectKeeps: boolean;
  /** Connecting to a card that does not answer. */
  readonly muteCard: ScardName;
  /** Connecting without a protocol, other than directly. */
  readonly noProtocol: ScardName;
  /** A status request for a reader that is not there; null: flags tell. */
  readonly unknownReader: ScardName | null;
  /** The context is released with connections open. */
  readonly onRelease: Abandoned;
  /** The client dies. */
  readonly onDeath: Abandoned;
}

const no = {
  shared: "violation",
  exclusive: "violation",
  direct: "violation",
} as const;
const besideDirect = {
  shared: "ok",
  exclusive: "violation",
  direct: "ok",
} as const;

const transactionsReset: Abandoned = {
  transaction: true,
  shared: false,
  exclusive: false,
  direct: false,
};

/** Windows 8 and later. */
export const WINDOWS_RULES: Rules = {
  profile: WINDOWS_PROFILE,
  sharing: {
    shared: { shared: "ok", exclusive: "violation", direct: "violation" },
    exclusive: no,
    direct: no,
    locked: { shared: "wait", exclusive: "violation", direct: "violation" },
  },
  showsExclusive: ["exclusive", "direct"],
  otherCalls: "wait",
  beginWaitMs: null,
  idleMs: 5000,
  endMarksOwn: false,
  reconnectKeeps: false,
  muteCard: "SCARD_W_UNRESPONSIVE_CARD",
  noProtocol: "SCARD_E_INVALID_VALUE",
  unknownReader: null,
  onRelease: transactionsReset,
  onDeath: { transaction: true, shared: true, exclusive: true, direct: true },
};

/** pcsc-lite; an exclusive connection is one that holds the lock. */
export const PCSC_LITE_RULES: Rules = {
  profile: PCSC_LITE_PROFILE,
  sharing: {
    shared: besideDirect,
    exclusive: no,
    direct: besideDirect,
    locked: { shared: "wait", exclusive: "wait", direct: "wait" },
  },
  showsExclusive: ["exclusive"],
  otherCalls: "violation",
  beginWaitMs: 100,
  idleMs: null,
  endMarksOwn: true,
  reconnectKeeps: true,
  muteCard: "SCARD_W_UNPOWERED_CARD",
  noProtocol: "SCARD_E_PROTO_MISMATCH",
  unknownReader: "SCARD_E_UNKNOWN_READER",
  onRelease: { ...transactionsReset, exclusive: true },
  onDeath: { ...transactionsReset, exclusive: true },
};

/** Web Smart Card API on a manager of its own. */
export const WEB_RULES: Rules = {
  profile: WEB_PROFILE,
  sharing: {
    shared: besideDirect,
    exclusive: no,
    direct: besideDirect,
    locked: { shared: "wait", exclusive: "violation", direct: "violation" },
  },
  showsExclusive: ["exclusive"],
  otherCalls: "wait",
  beginWaitMs: null,
  idleMs: null,
  endMarksOwn: false,
  reconnectKeeps: false,
  muteCard: "SCARD_W_UNRESPONSIVE_CARD",
  noProtocol: "SCARD_E_PROTO_MISMATCH",
  unknownReader: null,
  onRelease: transactionsReset,
  onDeath: transactionsReset,
};

/** All three. */
export const ALL_RULES: readonly Rules[] = [
  WINDOWS_RULES,
  PCSC_LITE_RULES,
  WEB_RULES,
];
