/**
 * SELECT (ISO/IEC 7816-4 11.2.2).
 *
 * @module
 */
import type { CardCommand } from "../apdu.ts";
import {
  allDirectories,
  type CardFile,
  type Directory,
  findChild,
  MASTER_FILE_ID,
} from "./files.ts";
import type { CardSession } from "./session.ts";
import { fail, SW } from "./status_words.ts";
import { fciTemplate, fcpTemplate, fmdTemplate } from "./templates.ts";

/** A file and the DF that becomes current with it. */
interface Found {
  readonly file: CardFile;
  readonly directory: Directory;
}

type Finder = (session: CardSession, command: CardCommand) => Found | null;

/** By P1. */
const FINDERS: ReadonlyMap<number, Finder> = new Map<number, Finder>([
  [0x00, byFileId],
  [0x01, (session, command) => child(session, command, true)],
  [0x02, (session, command) => child(session, command, false)],
  [0x03, parent],
  [0x04, byName],
  [0x08, fromRoot],
  [0x09, ({ directory }, { data }) => byPath(directory, data)],
]);

/** Selects a file; answers with the template that P2 asks for when Le is there. */
export function select(session: CardSession, command: CardCommand): Uint8Array {
  const { p1, p2, ne } = command;
  const finder = FINDERS.get(p1) ?? fail(SW.INCORRECT_P1_P2);
  // Occurrences other than the first exist for names alone.
  if ((p2 & 0xf0) !== 0 || ((p2 & 3) !== 0 && p1 !== 0x04)) {
    fail(SW.INCORRECT_P1_P2);
  }
  const { file, directory } = finder(session, command) ??
    fail(SW.FILE_NOT_FOUND);
  if (file.kind === "directory") session.selectDirectory(file);
  else session.selectFile(file, directory);
  const template = ne === 0 ? null : templateOf(file, p2);
  return template === null
    ? session.respond()
    : session.respondWith(template, 0, Math.min(ne, template.length));
}

function templateOf(file: CardFile, p2: number): Uint8Array | null {
  switch (p2 & 0x0c) {
    case 0x00:
      return fciTemplate(file);
    case 0x04:
      return fcpTemplate(file);
    case 0x08:
      return fmdTemplate(file);
    default:
      return null;
  }
}

/** Children of the current DF first, then itself, its parent, and its siblings. */
function byFileId(session: CardSession, { data }: CardCommand): Found | null {
  const { directory, memory } = session;
  if (data.length === 0) return found(memory.root);
  const id = fileId(data);
  if (id === MASTER_FILE_ID) return found(memory.root);
  const own = findChild(directory, id);
  if (own !== null) return { file: own, directory };
  if (directory.id === id) return found(directory);
  if (directory.parent === null) return null;
  if (directory.parent.id === id) return found(directory.parent);
  const sibling = findChild(directory.parent, id);
  return sibling && { file: sibling, directory: directory.parent };
}

function child(
  { directory }: CardSession,
  { data }: CardCommand,
  wantsDirectory: boolean,
): Found | null {
  const file = findChild(
    directory,
    fileId(data),
    ({ kind }) => (kind === "directory") === wantsDirectory,
  );
  return file && { file, directory };
}

function parent({ directory }: CardSession, { data }: CardCommand) {
  if (data.length !== 0) fail(SW.LENGTH_INCONSISTENT_WITH_P1_P2);
  return directory.parent && found(directory.parent);
}

/** DF names match from their start; P2 chooses among those that do. */
function byName(session: CardSession, { data, p2 }: CardCommand): Found | null {
  if (data.length === 0 || data.length > 16) {
    fail(SW.LENGTH_INCONSISTENT_WITH_P1_P2);
  }
  const all = allDirectories(session.memory.root);
  const matches = all.filter(({ name }) =>
    name !== null && data.every((byte, index) => name[index] === byte)
  );
  // Next and previous count from the current DF, in the order of the data.
  const here = all.indexOf(session.directory);
  const after = matches.filter((match) => all.indexOf(match) > here);
  const before = matches.filter((match) => all.indexOf(match) < here);
  const chosen = [matches[0], matches.at(-1), after[0], before.at(-1)][p2 & 3];
  return chosen === undefined ? null : found(chosen);
}

function byPath(start: Directory, path: Uint8Array): Found | null {
  if (path.length === 0 || path.length % 2 !== 0) {
    fail(SW.LENGTH_INCONSISTENT_WITH_P1_P2);
  }
  let directory = start;
  for (let offset = 0; offset < path.length; offset += 2) {
    const file = findChild(directory, path[offset] << 8 | path[offset + 1]);
    if (file === null) return null;
    if (offset + 2 === path.length) return { file, directory };
    if (file.kind !== "directory") return null;
    directory = file;
  }
  return null;
}

/** A path from the MF is given without the MF; many hosts send it all the same. */
function fromRoot(
  { memory }: CardSession,
  { data }: CardCommand,
): Found | null {
  const hasRoot = data.length >= 2 && data[0] === MASTER_FILE_ID >> 8 &&
    data[1] === (MASTER_FILE_ID & 0xff);
  if (!hasRoot) return byPath(memory.root, data);
  if (data.length === 2) return found(memory.root);
  return byPath(memory.root, data.subarray(2));
}

function found(directory: Directory): Found {
  return { file: directory, directory };
}

function fileId(data: Uint8Array): number {
  if (data.length !== 2) fail(SW.LENGTH_INCONSISTENT_WITH_P1_P2);
  return data[0] << 8 | data[1];
}
