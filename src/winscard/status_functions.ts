/**
 * Waiting for readers and cards, and finding cards.
 *
 * @module
 */

import {
  type AtrMask,
  locateCards,
  locateCardsByAtr,
} from "../card_database/mod.ts";
import {
  type ReaderStateAnswer,
  ResourceManagerError,
} from "../resource_manager/mod.ts";
import { answer, type Outcome, type ScardAnswer } from "./answer.ts";
import { checkDword, checkObjects, checkTexts } from "./checks.ts";
import { INFINITE } from "./constants.ts";
import type { WinscardState } from "./options.ts";
import {
  type ReaderStatesOutput,
  type ScardReaderState,
  toOutput,
  toRequests,
} from "./reader_states.ts";
import { orStopped } from "./stopped.ts";

/** Functions about the states of readers. */
export interface StatusFunctions {
  /**
   * Waits until a reader differs from its `currentState`.
   *
   * @param timeoutMs milliseconds; 0 does not wait; INFINITE: no limit
   * @param readerStates not changed; the name `\\?PnP?\Notification` stands for the list
   * of readers
   * @returns `readerStates` in the same order, filled in after SCARD_E_TIMEOUT, too; for
   * the next call `currentState` is what `eventState` was
   */
  SCardGetStatusChange(
    hContext: number,
    timeoutMs: number,
    readerStates: readonly ScardReaderState[],
  ): Promise<ScardAnswer<ReaderStatesOutput>>;
  /**
   * Marks readers whose card is of one of these types by SCARD_STATE_ATRMATCH, at once.
   *
   * @param cards names of card types; null or none: any card that answers
   * @returns `code` SCARD_E_UNKNOWN_CARD, SCARD_E_UNKNOWN_READER for names that nobody knows
   */
  SCardLocateCards(
    hContext: number,
    cards: readonly string[] | null,
    readerStates: readonly ScardReaderState[],
  ): Promise<ScardAnswer<ReaderStatesOutput>>;
  /**
   * Marks readers whose card has one of these ATRs by SCARD_STATE_ATRMATCH, at once.
   *
   * @param atrMasks masked ATRs (SCARD_ATRMASK)
   */
  SCardLocateCardsByATR(
    hContext: number,
    atrMasks: readonly AtrMask[],
    readerStates: readonly ScardReaderState[],
  ): Promise<ScardAnswer<ReaderStatesOutput>>;
}

/** Makes the functions about the states of readers. */
export function statusFunctions(state: WinscardState): StatusFunctions {
  const { handles, manager, names, database } = state;
  const locate = (
    hContext: unknown,
    readerStates: readonly ScardReaderState[],
    mark: (states: readonly ReaderStateAnswer[]) => ReaderStateAnswer[],
  ) =>
    answer<ReaderStatesOutput>({ readerStates: [] }, () => {
      const attempt = "locate cards";
      const entry = handles.context(hContext, attempt);
      const requests = toRequests(readerStates, names, entry, attempt);
      const found = mark(entry.context.readerStates(requests));
      return { readerStates: toOutput(readerStates, found, entry) };
    });
  return {
    SCardGetStatusChange: (hContext, timeoutMs, readerStates) =>
      answer<ReaderStatesOutput>({ readerStates: [] }, async () => {
        const attempt = "wait for a change of readers";
        const entry = handles.context(hContext, attempt);
        const { context } = entry;
        checkDword(timeoutMs, "timeout", attempt);
        const copies = checkObjects(readerStates, "reader state", attempt)
          .map((readerState) => ({ ...readerState }));
        const requests = toRequests(copies, names, entry, attempt);
        const filled = (found: readonly ReaderStateAnswer[]) => ({
          readerStates: toOutput(copies, found, entry),
        });
        try {
          return filled(
            await orStopped(
              manager,
              context.getStatusChange(
                requests,
                timeoutMs === INFINITE ? {} : { timeoutMs },
              ),
            ),
          );
        } catch (error) {
          const timedOut = error instanceof ResourceManagerError &&
            error.name === "SCARD_E_TIMEOUT" && !context.released;
          if (!timedOut) throw error;
          const outcome: Outcome<ReaderStatesOutput> = {
            ...filled(context.readerStates(requests)),
            code: error.code,
            error,
          };
          return outcome;
        }
      }),

    SCardLocateCards: (hContext, cards, readerStates) =>
      locate(
        hContext,
        readerStates,
        (states) =>
          locateCards(
            database,
            checkTexts(cards, "card type", "locate cards"),
            states,
          ),
      ),

    SCardLocateCardsByATR: (hContext, atrMasks, readerStates) =>
      locate(
        hContext,
        readerStates,
        (states) =>
          locateCardsByAtr(
            checkObjects(atrMasks, "ATR", "locate cards"),
            states,
          ),
      ),
  };
}
