/**
 * Contexts, and whether the service runs.
 *
 * @module
 */

import { answer, refusal, type ScardAnswer } from "./answer.ts";
import { checkDword, invalid } from "./checks.ts";
import { ERROR_INVALID_HANDLE, SCARD_S_SUCCESS } from "./codes.ts";
import { SCARD_SCOPE_SYSTEM } from "./constants.ts";
import { cancelDialogs } from "./dialog_waits.ts";
import type { WinscardState } from "./options.ts";
import { type StartedEvent, StartedEvents } from "./started_event.ts";

/** Functions of contexts. */
export interface ContextFunctions {
  /**
   * Opens a context.
   *
   * @param scope SCARD_SCOPE_USER, SCARD_SCOPE_TERMINAL or SCARD_SCOPE_SYSTEM; all see the same
   * @returns `code` SCARD_E_INVALID_VALUE for another scope, SCARD_E_NO_SERVICE after the
   * manager was closed
   */
  SCardEstablishContext(
    scope: number,
  ): Promise<ScardAnswer<{ readonly hContext: number }>>;
  /** Ends a context: its connections are closed, its waits end with SCARD_E_CANCELLED. */
  SCardReleaseContext(hContext: number): Promise<ScardAnswer>;
  /** Whether a context is open: SCARD_S_SUCCESS or ERROR_INVALID_HANDLE. */
  SCardIsValidContext(hContext: number): Promise<ScardAnswer>;
  /**
   * Ends the waits of a context for a reader, a card or a user, with SCARD_E_CANCELLED.
   * Other calls go on.
   */
  SCardCancel(hContext: number): Promise<ScardAnswer>;
  /**
   * Does nothing to the memory, which the runtime frees by itself.
   *
   * @param hContext null or 0: none
   * @param memory an output of another function
   */
  SCardFreeMemory(
    hContext: number | null,
    memory: string | readonly unknown[] | Uint8Array,
  ): Promise<ScardAnswer>;
  /** An event that is signalled while the service runs; to be given back by SCardReleaseStartedEvent. */
  SCardAccessStartedEvent(): Promise<
    ScardAnswer<{ readonly startedEvent: StartedEvent }>
  >;
  /** Gives the event back once; after the last time it is never signalled. */
  SCardReleaseStartedEvent(): Promise<ScardAnswer>;
}

/** Makes the functions of contexts. */
export function contextFunctions(state: WinscardState): ContextFunctions {
  const { handles, manager, options: { applicationName: name } } = state;
  const started = new StartedEvents(manager);
  return {
    SCardEstablishContext: (scope) =>
      answer({ hContext: 0 }, () => {
        const attempt = "establish a context";
        if (checkDword(scope, "scope", attempt) > SCARD_SCOPE_SYSTEM) {
          throw refusal(
            "SCARD_E_INVALID_VALUE",
            attempt,
            `the scope is ${scope}`,
            "SCARD_SCOPE_USER, SCARD_SCOPE_TERMINAL or SCARD_SCOPE_SYSTEM",
          );
        }
        const { hContext } = handles.addContext(
          manager.establishContext(name === undefined ? {} : { name }),
        );
        return { hContext };
      }),

    SCardReleaseContext: (hContext) =>
      answer({}, async () => {
        const entry = handles.findContext(hContext);
        try {
          const { context } = handles.context(hContext, "release a context");
          await context.release();
        } finally {
          if (entry !== undefined) handles.forgetContext(entry);
        }
        return {};
      }),

    SCardIsValidContext: (hContext) =>
      answer({}, () => {
        handles.context(hContext, "use a context");
        return {};
      }, {
        SCARD_E_INVALID_HANDLE: ERROR_INVALID_HANDLE,
        SCARD_E_SERVICE_STOPPED: ERROR_INVALID_HANDLE,
      }),

    SCardCancel: (hContext) =>
      answer({}, () => {
        const entry = handles.context(hContext, "cancel waits");
        entry.context.cancel();
        cancelDialogs(entry);
        return {};
      }),

    SCardFreeMemory: (hContext, memory) =>
      answer({}, () => {
        const attempt = "free memory";
        if (hContext !== null && hContext !== 0) {
          handles.context(hContext, attempt);
        }
        if (
          typeof memory !== "string" && typeof memory !== "object" ||
          memory === null
        ) {
          throw invalid(attempt, "memory", memory, "an output of a function");
        }
        return {};
      }),

    SCardAccessStartedEvent: () =>
      Promise.resolve({
        code: SCARD_S_SUCCESS,
        error: null,
        startedEvent: started.access(),
      }),

    SCardReleaseStartedEvent: () =>
      answer({}, () => {
        started.release();
        return {};
      }),
  };
}
