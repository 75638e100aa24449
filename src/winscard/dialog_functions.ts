/**
 * The select-card dialog. Whoever made the object shows it and lets the user choose.
 *
 * @module
 */

import { answer, type Outcome, refusal, type ScardAnswer } from "./answer.ts";
import { checkDword, invalid } from "./checks.ts";
import { SCARD_S_SUCCESS } from "./codes.ts";
import type { ConnectFunctions } from "./connect_functions.ts";
import {
  SC_DLG_FORCE_UI,
  SC_DLG_MINIMAL_UI,
  SC_DLG_NO_UI,
} from "./constants.ts";
import { connectTo, DialogSearch } from "./dialog_search.ts";
import type {
  DialogCard,
  OpenCardName,
  OpenCardNameEx,
  SelectedCard,
} from "./dialog_types.ts";
import { runDialog } from "./dialog_waits.ts";
import { SCARD_PROTOCOL_Tx } from "./engine_constants.ts";
import { checkMaxLength, isRoom, textLength } from "./lengths.ts";
import type { WinscardState } from "./options.ts";
import { orStopped } from "./stopped.ts";

/** Functions that let a user choose a card. */
export interface DialogFunctions {
  /**
   * Finds a card, by asking the user where need be, and connects to it.
   *
   * With SC_DLG_MINIMAL_UI the user is asked unless exactly one card fits, with
   * SC_DLG_FORCE_UI always, with SC_DLG_NO_UI never: the first card that fits is taken.
   *
   * @returns `code` SCARD_W_CANCELLED_BY_USER when the user gave up, SCARD_E_CANCELLED after
   * SCardCancel, SCARD_E_NO_SMARTCARD when none fits and nobody may be asked,
   * SCARD_E_UNSUPPORTED_FEATURE when there is nobody to ask, SCARD_E_NO_MEMORY when a name
   * has no room, or what connecting gave
   */
  SCardUIDlgSelectCard(
    request: OpenCardNameEx,
  ): Promise<ScardAnswer<SelectedCard>>;
  /** The predecessor of SCardUIDlgSelectCard: the same with everything in one object. */
  GetOpenCardName(request: OpenCardName): Promise<ScardAnswer<SelectedCard>>;
}

const ATTEMPT = "choose a card";

/** Makes the functions of the dialog. */
export function dialogFunctions(
  state: WinscardState,
  functions: ConnectFunctions,
): DialogFunctions {
  const select = (request: OpenCardNameEx) =>
    answer<SelectedCard>(nothingSelected(), () => {
      if (typeof request !== "object" || request === null) {
        throw invalid(ATTEMPT, "request", request, "an object");
      }
      return selectCard(state, functions, request);
    });
  return {
    SCardUIDlgSelectCard: select,
    GetOpenCardName: (request) => {
      const { groups, cards, interfaces, check, disconnect, ...rest } =
        request ?? {};
      const { connect, shareMode, preferredProtocols } = rest;
      return select(
        request && {
          ...rest,
          search: {
            groups,
            cards,
            interfaces,
            check: check
              ? { check, disconnect, connect: connect ?? undefined }
              : null,
            shareMode: shareMode || undefined,
            preferredProtocols: preferredProtocols || undefined,
          },
        },
      );
    },
  };
}

async function selectCard(
  state: WinscardState,
  functions: ConnectFunctions,
  request: OpenCardNameEx,
): Promise<Outcome<SelectedCard>> {
  const { hContext, userData } = request;
  const entry = state.handles.context(hContext, ATTEMPT);
  const flags = checkFlags(request.flags ?? SC_DLG_MINIMAL_UI);
  const readerRoom = checkMaxLength(request.maxReaderLength, ATTEMPT);
  const cardRoom = checkMaxLength(request.maxCardLength, ATTEMPT);
  const shareMode = checkDword(request.shareMode ?? 0, "share mode", ATTEMPT);
  const search = new DialogSearch(
    state,
    functions,
    entry,
    request.search ?? {},
    userData,
  );
  const chosen = await orStopped(
    state.manager,
    runDialog(
      entry,
      (signal) => choose(state, request, flags, search, signal),
    ),
  );
  const { reader, card } = chosen;
  const names = {
    reader,
    readerLength: textLength(reader),
    card,
    cardLength: textLength(card),
  };
  if (
    !isRoom(names.readerLength, readerRoom) ||
    !isRoom(names.cardLength, cardRoom)
  ) {
    return { ...nothingSelected(), ...noMemory(names) };
  }
  const { connect = null, preferredProtocols = SCARD_PROTOCOL_Tx } = request;
  if (connect === null && shareMode === 0) {
    return { ...names, hCard: 0, activeProtocol: 0 };
  }
  const connected = await connectTo(
    functions,
    hContext,
    chosen,
    { connect, shareMode, preferredProtocols },
    userData,
  );
  const { activeProtocol, hCard, code } = connected;
  return code === SCARD_S_SUCCESS
    ? { ...names, hCard, activeProtocol }
    : { ...nothingSelected(), code, error: connected.error };
}

/** The card that is taken, with the user's help or without. */
async function choose(
  { options }: WinscardState,
  request: OpenCardNameEx,
  flags: number,
  search: DialogSearch,
  signal: AbortSignal,
): Promise<DialogCard> {
  let offered = await search.cards();
  if (flags === SC_DLG_NO_UI) {
    if (offered.length > 0) return offered[0];
    throw refusal("SCARD_E_NO_SMARTCARD", ATTEMPT, "no card fits", "one");
  }
  if (flags === SC_DLG_MINIMAL_UI && offered.length === 1) return offered[0];
  const { chooseCard } = options;
  if (chooseCard === undefined) {
    throw refusal(
      "SCARD_E_UNSUPPORTED_FEATURE",
      ATTEMPT,
      `${offered.length} cards fit and there is nobody to ask`,
      "the option chooseCard",
    );
  }
  const choice = await chooseCard({
    hContext: request.hContext,
    title: request.title ?? "",
    searchDescription: request.searchDescription ?? "",
    icon: request.icon ?? null,
    cards: offered,
    signal,
    nextCards: async () => offered = await search.nextCards(signal),
  });
  if (choice === null) {
    throw refusal(
      "SCARD_W_CANCELLED_BY_USER",
      ATTEMPT,
      "the user gave up",
      "a choice",
    );
  }
  const card = offered.find(({ reader }) => reader === choice.reader);
  if (card !== undefined) return card;
  throw refusal(
    "SCARD_E_INVALID_VALUE",
    ATTEMPT,
    `"${choice.reader}" was chosen`,
    "one of the cards that were offered last",
  );
}

function checkFlags(flags: unknown): number {
  const value = checkDword(flags, "flags", ATTEMPT);
  switch (value) {
    case 0:
      return SC_DLG_MINIMAL_UI;
    case SC_DLG_MINIMAL_UI:
    case SC_DLG_NO_UI:
    case SC_DLG_FORCE_UI:
      return value;
  }
  throw refusal(
    "SCARD_E_INVALID_VALUE",
    ATTEMPT,
    `the flags are ${value}`,
    "SC_DLG_MINIMAL_UI, SC_DLG_NO_UI or SC_DLG_FORCE_UI",
  );
}

function nothingSelected(): SelectedCard {
  return {
    reader: "",
    readerLength: 0,
    card: "",
    cardLength: 0,
    hCard: 0,
    activeProtocol: 0,
  };
}

/** The dialog's own word for a name without room; the lengths are told. */
function noMemory(
  names: Pick<SelectedCard, "readerLength" | "cardLength">,
): Outcome<Pick<SelectedCard, "readerLength" | "cardLength">> {
  const { readerLength, cardLength } = names;
  const error = refusal(
    "SCARD_E_NO_MEMORY",
    ATTEMPT,
    "a name has no room",
    `room for ${readerLength} and ${cardLength} characters`,
  );
  return { readerLength, cardLength, code: error.code, error };
}
