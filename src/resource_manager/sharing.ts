/**
 * Who may connect beside whom.
 *
 * @module
 */

/** How a connection shares its reader. */
export type ShareMode = "shared" | "exclusive" | "direct";

/** What a new connection finds at the reader. */
export type SharingRow = "none" | ShareMode | "locked";

/** `wait`: ask again when the running transaction has ended. */
export type SharingVerdict = "ok" | "violation" | "wait";

/** Rows: what exists; columns: what is asked for. */
export type SharingTable = Readonly<
  Record<SharingRow, Readonly<Record<ShareMode, SharingVerdict>>>
>;

/** Windows: a direct connection is as exclusive as an exclusive one. */
export const WINDOWS_SHARING: SharingTable = {
  none: { shared: "ok", exclusive: "ok", direct: "ok" },
  shared: { shared: "ok", exclusive: "violation", direct: "violation" },
  exclusive: {
    shared: "violation",
    exclusive: "violation",
    direct: "violation",
  },
  direct: { shared: "violation", exclusive: "violation", direct: "violation" },
  locked: { shared: "wait", exclusive: "violation", direct: "violation" },
};

/** pcsc-lite: a direct connection tolerates shared and direct ones; everybody waits for a lock. */
export const PCSC_LITE_SHARING: SharingTable = {
  none: { shared: "ok", exclusive: "ok", direct: "ok" },
  shared: { shared: "ok", exclusive: "violation", direct: "ok" },
  exclusive: {
    shared: "violation",
    exclusive: "violation",
    direct: "violation",
  },
  direct: { shared: "ok", exclusive: "violation", direct: "ok" },
  locked: { shared: "wait", exclusive: "wait", direct: "wait" },
};

/** Web Smart Card API: sharing as pcsc-lite has it, but only a shared connect waits for a transaction. */
export const WEB_SHARING: SharingTable = {
  ...PCSC_LITE_SHARING,
  locked: { shared: "wait", exclusive: "violation", direct: "violation" },
};

/**
 * What a table says about one more connection.
 *
 * @param existing the modes of the connections that exist
 * @param locked whether one of them runs a transaction
 */
export function sharingVerdict(
  table: SharingTable,
  existing: Iterable<ShareMode>,
  locked: boolean,
  requested: ShareMode,
): SharingVerdict {
  let verdict = table.none[requested];
  for (const mode of existing) {
    // A holder that tolerates nobody decides before the lock does.
    if (table[mode].shared === "violation") return "violation";
    if (table[mode][requested] === "violation") verdict = "violation";
  }
  return locked ? table.locked[requested] : verdict;
}
