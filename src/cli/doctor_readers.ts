/**
 * What would fail at the readers of a service, and why.
 *
 * @module
 */

import { type ContextBackend, SCARD_CODES } from "../resource_manager/mod.ts";
import type { Board, BoardConnection, BoardReader } from "./board.ts";
import { reportOf } from "./board_words.ts";
import { type Finding, note, ok, problem } from "./doctor_findings.ts";
import { pcscPrograms } from "./doctor_system.ts";
import { exitOf } from "./exit_codes.ts";
import { describeCard, type ReaderReport } from "./reader_words.ts";

/** A connect that takes longer would seem to hang to anybody. */
const CONNECT_MS = 5000;
/** From here on a transaction keeps others waiting, in seconds. */
const LONG_TRANSACTION = 10;

const RELEASE = "end that program, or let it give the card back";

function holder(
  { context, share, seconds }: BoardConnection,
): string {
  return `${context}, ${share} since ${seconds.toFixed(0)} s`;
}

/** Who may be it: a service knows its clients by number at best. */
function suspects(): string {
  const programs = pcscPrograms();
  if (programs.length === 0) return "";
  const list = programs.map(({ pid, name, since }) =>
    `${name} (process ${pid}, since ${since})`
  );
  return `; programs that use PC/SC: ${list.join(", ")}`;
}

function held(name: string, reader: BoardReader): Finding {
  const { connections } = reader;
  const told = connections === null
    ? "the service does not tell by whom"
    : connections.map(holder).join("; ");
  return problem(
    name,
    "held-exclusively",
    `the reader is held exclusively: ${told}${suspects()}`,
    `${RELEASE}; gpg's scdaemon does by: gpgconf --kill scdaemon, or shares it with "pcsc-shared" in scdaemon.conf`,
  );
}

function mute(name: string): Finding {
  return problem(
    name,
    "mute-card",
    "mute card: it does not answer a reset",
    "turn it round, clean its contacts, try it in another reader; a memory card has no such answer, and needs a reader made for it",
  );
}

/** What the state alone tells; null: one has to try. */
function fromState(reader: BoardReader, report: ReaderReport): Finding | null {
  const { reader: name, card, use } = report;
  if (card === "unavailable") {
    return problem(
      name,
      "reader-broken",
      "the reader does not work",
      "plug it in again; look into the log of the service",
    );
  }
  if (use === "exclusive") return held(name, reader);
  if (card === "mute") return mute(name);
  if (card === "none") {
    return note(name, "no card", "put one in, before a program asks for it");
  }
  const running = reader.connections?.find(({ transactionSeconds }) =>
    (transactionSeconds ?? 0) >= LONG_TRANSACTION
  );
  if (running === undefined) return null;
  return problem(
    name,
    "long-transaction",
    `others wait: ${running.context} runs a transaction since ${
      running.transactionSeconds?.toFixed(0)
    } s`,
    RELEASE,
  );
}

/** What came of a try, when it failed. */
function fromFailure(
  reader: BoardReader,
  error: unknown,
): Finding {
  const { name } = reader;
  const words = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? error.code : null;
  switch (code) {
    case SCARD_CODES.SCARD_E_SHARING_VIOLATION:
      return held(name, reader);
    case SCARD_CODES.SCARD_W_UNRESPONSIVE_CARD:
    case SCARD_CODES.SCARD_W_UNPOWERED_CARD:
      return mute(name);
    case SCARD_CODES.SCARD_E_NO_SMARTCARD:
    case SCARD_CODES.SCARD_W_REMOVED_CARD:
      return note(name, "the card was taken out while it was looked at");
  }
  if (exitOf(error) === "denied") {
    return problem(
      name,
      "permission",
      `permission denied: ${words}`,
      "let yourself use cards: pcscd asks polkit (org.debian.pcsc-lite.access_card)",
    );
  }
  return problem(
    name,
    "card-failed",
    `a connection fails: ${words}`,
    "take the card out and put it in again; try another reader",
  );
}

async function tryReader(
  context: ContextBackend,
  reader: BoardReader,
  report: ReaderReport,
): Promise<Finding> {
  try {
    const connection = await context.connect(reader.name, {
      signal: AbortSignal.timeout(CONNECT_MS),
    });
    await connection.disconnect();
    const { connections } = reader;
    const users = connections === null || connections.length === 0
      ? ""
      : `; held by ${connections.map(holder).join("; ")}`;
    return ok(
      reader.name,
      `${describeCard(report)}; a program can connect${users}`,
    );
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") {
      return problem(
        reader.name,
        "long-transaction",
        `a connection is not made within ${
          CONNECT_MS / 1000
        } s: another program's transaction lasts`,
        RELEASE,
      );
    }
    return fromFailure(reader, error);
  }
}

/** Looks at every reader; a card that nobody holds is connected to, shared, and left as it is. */
export async function examineReaders(
  context: ContextBackend,
  board: Board,
): Promise<Finding[]> {
  if (board.readers.length === 0) {
    return [problem(
      "readers",
      "no-reader",
      "the service has no reader",
      "plug one in; install its driver (Debian: libccid); or add one: scard serve --virtual",
    )];
  }
  const findings: Finding[] = [];
  for (const reader of board.readers) {
    const report = reportOf(reader);
    findings.push(
      fromState(reader, report) ?? await tryReader(context, reader, report),
    );
  }
  return findings;
}
