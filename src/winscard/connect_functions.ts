/**
 * Connections and transactions.
 *
 * @module
 */

import type { ShareMode } from "../resource_manager/mod.ts";
import { answer, refusal, type ScardAnswer } from "./answer.ts";
import { checkDword } from "./checks.ts";
import {
  SCARD_SHARE_DIRECT,
  SCARD_SHARE_EXCLUSIVE,
  SCARD_SHARE_SHARED,
} from "./engine_constants.ts";
import type { WinscardState } from "./options.ts";
import { orStopped } from "./stopped.ts";

/** Functions of connections and transactions. */
export interface ConnectFunctions {
  /**
   * Connects to a reader.
   *
   * @param shareMode SCARD_SHARE_*
   * @param preferredProtocols SCARD_PROTOCOL_* bits; 0 with SCARD_SHARE_DIRECT alone
   * @returns `hCard`; `activeProtocol`, one SCARD_PROTOCOL_* bit or 0
   */
  SCardConnect(
    hContext: number,
    reader: string,
    shareMode: number,
    preferredProtocols: number,
  ): Promise<
    ScardAnswer<{ readonly hCard: number; readonly activeProtocol: number }>
  >;
  /**
   * Binds a connection to the card as it is now, after a reset or removal or to change
   * share mode or protocol. Its transactions end.
   *
   * @param initialization SCARD_LEAVE_CARD, SCARD_RESET_CARD or SCARD_UNPOWER_CARD
   */
  SCardReconnect(
    hCard: number,
    shareMode: number,
    preferredProtocols: number,
    initialization: number,
  ): Promise<ScardAnswer<{ readonly activeProtocol: number }>>;
  /**
   * Ends a connection.
   *
   * @param disposition SCARD_LEAVE_CARD, SCARD_RESET_CARD, SCARD_UNPOWER_CARD or SCARD_EJECT_CARD
   */
  SCardDisconnect(hCard: number, disposition: number): Promise<ScardAnswer>;
  /** Begins a transaction, or one more of the same connection; waits for those of others. */
  SCardBeginTransaction(hCard: number): Promise<ScardAnswer>;
  /**
   * Ends the transaction begun last.
   *
   * @param disposition as for SCardDisconnect
   */
  SCardEndTransaction(hCard: number, disposition: number): Promise<ScardAnswer>;
}

const SHARE_MODES: ReadonlyMap<number, ShareMode> = new Map([
  [SCARD_SHARE_EXCLUSIVE, "exclusive"],
  [SCARD_SHARE_SHARED, "shared"],
  [SCARD_SHARE_DIRECT, "direct"],
]);

/** Makes the functions of connections and transactions. */
export function connectFunctions(state: WinscardState): ConnectFunctions {
  const { handles, manager, names } = state;
  return {
    SCardConnect: (hContext, reader, shareMode, preferredProtocols) =>
      answer({ hCard: 0, activeProtocol: 0 }, async () => {
        const attempt = "connect";
        const entry = handles.context(hContext, attempt);
        const { name } = names.find(reader, attempt);
        const options = {
          shareMode: toShareMode(shareMode, attempt),
          protocols: checkDword(preferredProtocols, "protocols", attempt),
        };
        const connection = await orStopped(
          manager,
          entry.context.connect(name, options),
        );
        const hCard = handles.addCard(entry, connection);
        return { hCard, activeProtocol: connection.activeProtocol };
      }),

    SCardReconnect: (hCard, shareMode, preferredProtocols, initialization) =>
      answer({ activeProtocol: 0 }, async () => {
        const attempt = "reconnect";
        const { connection } = handles.card(hCard, attempt);
        const activeProtocol = await connection.reconnect({
          shareMode: toShareMode(shareMode, attempt),
          protocols: checkDword(preferredProtocols, "protocols", attempt),
          initialization: checkDword(
            initialization,
            "initialization",
            attempt,
          ),
        });
        return { activeProtocol };
      }),

    SCardDisconnect: (hCard, disposition) =>
      answer({}, async () => {
        const attempt = "disconnect";
        const entry = handles.card(hCard, attempt);
        await entry.connection.disconnect(
          checkDword(disposition, "disposition", attempt),
        );
        handles.forgetCard(entry);
        return {};
      }),

    SCardBeginTransaction: (hCard) =>
      answer({}, async () => {
        await handles.card(hCard, "begin a transaction").connection
          .beginTransaction();
        return {};
      }),

    SCardEndTransaction: (hCard, disposition) =>
      answer({}, async () => {
        const attempt = "end a transaction";
        const { connection } = handles.card(hCard, attempt);
        await connection.endTransaction(
          checkDword(disposition, "disposition", attempt),
        );
        return {};
      }),
  };
}

function toShareMode(value: unknown, attempt: string): ShareMode {
  const number = checkDword(value, "share mode", attempt);
  const mode = SHARE_MODES.get(number);
  if (mode !== undefined) return mode;
  throw refusal(
    "SCARD_E_INVALID_VALUE",
    attempt,
    `the share mode is ${number}`,
    "SCARD_SHARE_EXCLUSIVE, SCARD_SHARE_SHARED or SCARD_SHARE_DIRECT",
  );
}
