/**
 * `scard doctor`: what is installed, which services answer, and what would fail.
 *
 * @module
 */

import { type Board, boardOf, plainBoard } from "./board.ts";
import { counted } from "./board_words.ts";
import { exitOfFindings, type Finding, note } from "./doctor_findings.ts";
import { examineReaders } from "./doctor_readers.ts";
import { probeOther, probeService } from "./doctor_service.ts";
import { installed } from "./doctor_system.ts";
import { EXIT } from "./exit_codes.ts";
import { harmless } from "./harmless.ts";
import type { Io } from "./io.ts";
import { askBoard } from "./monitor_client.ts";
import { JSON_OPTION, type Options } from "./options.ts";
import { paintFor } from "./paint.ts";
import {
  openService,
  type Service,
  SERVICE_OPTIONS,
  wantsOwnReaders,
} from "./service.ts";
import { chooseSocket, defaultSocket, PCSCD_SOCKET } from "./socket_path.ts";
import type { Verb } from "./verb.ts";

/** What the environment says. */
function environment(io: Io): Finding[] {
  return ["PCSCLITE_CSOCK_NAME", "SCARD_READER"].flatMap((name) => {
    const value = io.env(name);
    return value === undefined ? [] : [note(name, value)];
  });
}

/** Who holds what, as far as the service tells. */
async function boardFor({ own, manager, socket }: Service): Promise<Board> {
  if (own !== null) return boardOf(own);
  // A daemon of another user, say, tells strangers nothing.
  const told = socket === null
    ? null
    : await askBoard(socket).catch(() => null);
  return told ?? plainBoard(manager.readers);
}

async function* findings(
  options: Options,
  io: Io,
): AsyncGenerator<Finding> {
  yield* installed();
  yield* environment(io);
  if (wantsOwnReaders(options)) {
    await using service = await openService(options, io);
    yield* await examineReaders(service.context, await boardFor(service));
    return;
  }
  const { path } = await chooseSocket(options.value("socket"), io);
  const others = new Set([defaultSocket(io), PCSCD_SOCKET]);
  others.delete(path);
  for (const other of others) yield await probeOther(other, io);
  const { finding, service } = await probeService(path, io);
  yield finding;
  if (service === null) return;
  await using opened = service;
  yield* await examineReaders(opened.context, await boardFor(opened));
}

function show(finding: Finding, io: Io): void {
  const { green, red, dim, bold } = paintFor(io);
  const { about, status, words, remedy } = finding;
  const mark = status === "ok"
    ? green("ok ")
    : status === "note"
    ? dim(" - ")
    : red("!! ");
  io.print(`${mark} ${bold(harmless(about))}: ${harmless(words)}`);
  if (remedy !== null) io.print(`      ${harmless(remedy)}`);
}

async function run(options: Options, io: Io): Promise<number> {
  options.noOperands();
  const all: Finding[] = [];
  for await (const finding of findings(options, io)) {
    all.push(finding);
    if (options.has("json")) io.print(JSON.stringify(finding));
    else show(finding, io);
  }
  const problems = all.filter(({ status }) => status === "problem").length;
  if (!options.has("json")) {
    io.print(
      problems === 0
        ? "nothing is wrong"
        : `${counted(problems, "problem")} found`,
    );
  }
  return EXIT[exitOfFindings(all)].code;
}

/** `scard doctor`. */
export const DOCTOR_VERB: Verb = {
  name: "doctor",
  usage: ["[OPTIONS]"],
  about:
    `Tells what is installed, which services answer, who holds which reader since when,
and what would fail and why, with a remedy. A card that nobody holds exclusively is
connected to for a moment, and left as it is. The exit code is that of the first
problem. With --json one finding an object, whose "cause" is a stable name.`,
  options: [JSON_OPTION, ...SERVICE_OPTIONS],
  exits: ["refused", "noService", "noReader", "busy", "denied"],
  example: "scard doctor --virtual",
  run,
};
