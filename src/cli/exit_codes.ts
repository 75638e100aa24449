/**
 * The exit codes of the command: stable, and the same for every verb.
 *
 * @module
 */

import { OUTPUT_CLOSED } from "./output.ts";
import { type ScardName, scardName } from "../resource_manager/mod.ts";

/** One exit code. */
export interface ExitCode {
  /** The number. */
  readonly code: number;
  /** What it means. */
  readonly words: string;
}

/** Every exit code by its name in this source. */
export const EXIT = {
  done: { code: 0, words: "done" },
  refused: {
    code: 1,
    words: "a card or reader said no, or is not as it should",
  },
  usage: { code: 2, words: "wrong usage, or input that cannot be read" },
  noService: { code: 3, words: "no service answers" },
  noReader: { code: 4, words: "no such reader, or several and none chosen" },
  busy: { code: 5, words: "somebody else holds the reader, port or socket" },
  denied: { code: 6, words: "permission denied" },
  late: { code: 7, words: "a deadline passed" },
  internal: { code: 70, words: "a defect of this program" },
  interrupted: { code: 130, words: "interrupted" },
  outputClosed: {
    code: OUTPUT_CLOSED,
    words: "nobody reads the output any more",
  },
} as const satisfies Readonly<Record<string, ExitCode>>;

/** Name of an exit code. */
export type ExitName = keyof typeof EXIT;

/** A failure that the command tells its user in one line, and the code that it ends with. */
export class CliError extends Error {
  /** Name of the exit code. */
  readonly exit: ExitName;

  /** A failure with this message: `Cannot <verb> <thing>: <found>, expected <what>`. */
  constructor(exit: ExitName, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exit = exit;
  }
}

/** Failures of the resource manager that are not the card's or reader's no. */
const OF_SCARD: Partial<Record<ScardName, ExitName>> = {
  SCARD_E_NO_SERVICE: "noService",
  SCARD_E_SERVICE_STOPPED: "noService",
  SCARD_P_SHUTDOWN: "noService",
  SCARD_F_COMM_ERROR: "noService",
  SCARD_E_UNKNOWN_READER: "noReader",
  SCARD_E_NO_READERS_AVAILABLE: "noReader",
  SCARD_E_READER_UNAVAILABLE: "noReader",
  SCARD_E_SHARING_VIOLATION: "busy",
  SCARD_E_NO_ACCESS: "denied",
  SCARD_W_SECURITY_VIOLATION: "denied",
  SCARD_E_TIMEOUT: "late",
  SCARD_E_CANCELLED: "interrupted",
};

/** Failures that carry the system's own name. */
const OF_ERRNO: Readonly<Record<string, ExitName | undefined>> = {
  EACCES: "denied",
  EPERM: "denied",
  EBUSY: "busy",
  ENOENT: "usage",
  ENOTTY: "usage",
};

/** The system's name of a failure; empty where there is none. */
function errnoOf(error: unknown): string {
  const hasName = error instanceof Error && "code" in error &&
    typeof error.code === "string";
  return hasName ? String(error.code) : "";
}

/** The official name of a failure of a resource manager or PC/SC service; null for others. */
function scardNameOf(error: unknown): ScardName | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "number" ? scardName(error.code) : null;
}

/** Whether the system refused, here or where the error comes from. */
function isDenied(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof Deno.errors.PermissionDenied) return true;
    if (at instanceof Deno.errors.NotCapable) return true;
  }
  return false;
}

/** The exit code of a failure, by name; null for one that nobody has foreseen. */
export function exitOf(error: unknown): ExitName | null {
  if (error instanceof CliError) return error.exit;
  if (error instanceof Deno.errors.BrokenPipe) return "outputClosed";
  if (isDenied(error)) return "denied";
  const name = scardNameOf(error);
  if (name !== null) return OF_SCARD[name] ?? "refused";
  if (error instanceof DOMException && error.name === "AbortError") {
    return "interrupted";
  }
  const errno = OF_ERRNO[errnoOf(error)];
  if (errno !== undefined) return errno;
  if (error instanceof Deno.errors.AddrInUse) return "busy";
  if (error instanceof Deno.errors.NotFound) return "usage";
  // A defect has no such message.
  if (!(error instanceof Error && error.message.startsWith("Cannot "))) {
    return null;
  }
  const isMisuse = error instanceof RangeError || error instanceof TypeError;
  return isMisuse ? "usage" : "refused";
}

/** The table for `--help`. @param names which codes, in this order; default all */
export function exitCodeTable(
  names: readonly ExitName[] = Object.keys(EXIT) as ExitName[],
): string {
  return names.map((name) =>
    `  ${String(EXIT[name].code).padEnd(5)}${EXIT[name].words}`
  ).join("\n");
}
