/**
 * Whether a service answers behind a socket, and if not, why.
 *
 * @module
 */

import { SCARD_CODES } from "../resource_manager/mod.ts";
import { type Finding, note, ok, problem } from "./doctor_findings.ts";
import { counted } from "./board_words.ts";
import { exitOf } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import { openSocket, type Service } from "./service.ts";

const START =
  "start one: scard serve, or systemctl start pcscd.socket; or name another by --socket";

/** What is known of a path before anybody opens it. */
function look(path: string): Deno.FileInfo | "missing" | "hidden" {
  try {
    return Deno.statSync(path);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "missing" : "hidden";
  }
}

function owner({ uid, mode }: Deno.FileInfo): string {
  const octal = ((mode ?? 0) & 0o777).toString(8).padStart(4, "0");
  return `it belongs to user ${uid}, mode ${octal}`;
}

function denied(path: string, info: Deno.FileInfo | null): Finding {
  return problem(
    path,
    "permission",
    `permission denied: you are user ${Deno.uid() ?? "unknown"}, ${
      info === null ? "a folder on the way is closed to you" : owner(info)
    }`,
    "run as that user; or let others in: scard serve --mode 0666; pcscd may ask polkit (org.debian.pcsc-lite.access_pcsc); under Deno the permissions --allow-read, --allow-write and --allow-net belong to it",
  );
}

function codeOf(error: unknown): number | null {
  return error instanceof Error && "code" in error &&
      typeof error.code === "number"
    ? error.code
    : null;
}

/** Why the service did not answer. */
function failure(
  path: string,
  error: unknown,
  info: Deno.FileInfo,
): Finding {
  if (exitOf(error) === "denied") return denied(path, info);
  const words = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case SCARD_CODES.SCARD_E_NO_SERVICE:
      return problem(
        path,
        "stale-socket",
        "no service: the socket is there, and nobody listens on it any more",
        START,
      );
    case SCARD_CODES.SCARD_E_SERVICE_STOPPED:
      return problem(
        path,
        "wrong-version",
        `wrong version of the socket's protocol: ${words}`,
        "update the older side: pcscd 1.8.9 or newer, or this package; programs with a libpcsclite of their own (containers, Flatpak, Snap) need one that fits the service",
      );
    case SCARD_CODES.SCARD_W_SECURITY_VIOLATION:
    case SCARD_CODES.SCARD_E_NO_ACCESS:
      return denied(path, info);
    default:
      return problem(
        path,
        "no-answer",
        `something listens, and does not answer as a PC/SC service: ${words}`,
        "look at what listens there; restart it, or name another by --socket",
      );
  }
}

/** A service, or why there is none. */
export interface Probe {
  /** What was found. */
  readonly finding: Finding;
  /** The service; null when it does not answer. */
  readonly service: Service | null;
}

/** Looks for a service behind a socket. */
export async function probeService(path: string, io: Io): Promise<Probe> {
  const info = look(path);
  if (info === "missing") {
    const words = "no service: there is no such socket";
    return {
      finding: problem(path, "no-service", words, START),
      service: null,
    };
  }
  if (info === "hidden") return { finding: denied(path, null), service: null };
  if (!info.isSocket) {
    const words = "no service: this is no socket";
    return { finding: problem(path, "no-socket", words, START), service: null };
  }
  try {
    const service = await openSocket(path, io);
    const count = service.manager.readers.length;
    const words = `a service answers, with ${counted(count, "reader")}; ${
      owner(info)
    }`;
    return { finding: ok(path, words), service };
  } catch (error) {
    if (io.signal.aborted) throw error;
    return { finding: failure(path, error, info), service: null };
  }
}

/** The same for a service that nobody asked for: what is wrong there is no problem. */
export async function probeOther(path: string, io: Io): Promise<Finding> {
  const { finding, service } = await probeService(path, io);
  await service?.[Symbol.asyncDispose]();
  return note(path, `not chosen; ${finding.words}`);
}
