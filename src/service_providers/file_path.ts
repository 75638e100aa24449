/**
 * Where a file is: `/5000/5001` from the master file, `5001` or `../5002` from the current
 * directory, `aid:A000000001/5001` from an application.
 *
 * @module
 */

import { fromHex, toHex } from "../bytes.ts";

/** The way to a file, from where it starts. */
export interface FilePath {
  /** DF name of the application that it starts from, in hexadecimal; null: the master file. */
  readonly application: string | null;
  /** File identifiers, four hexadecimal digits each; none: the start itself. */
  readonly ids: readonly string[];
}

/** The master file. */
export const MASTER_FILE: FilePath = { application: null, ids: [] };

const MASTER_FILE_ID = "3F00";
const APPLICATION_PREFIX = "aid:";
const MAX_DEPTH = 127;

/**
 * Reads a path.
 *
 * @param text identifiers of four hexadecimal digits between `/`; `.` and `..` as usual
 * @param from where a relative path starts
 * @throws {RangeError} when it is no path, or leads above its start
 */
export function parsePath(text: string, from: FilePath): FilePath {
  const parts = text.split("/").filter((part) => part !== "");
  const { application, ids } = start(text, parts, from);
  const way = [...ids];
  for (const part of parts) {
    if (part === ".") continue;
    if (part === "..") {
      if (way.pop() !== undefined) continue;
      throw refused(text, "it leads above its start", "a path below it");
    }
    if (!/^[0-9A-F]{4}$/i.test(part)) {
      throw refused(text, JSON.stringify(part), "four hexadecimal digits");
    }
    way.push(part.toUpperCase());
  }
  if (way.length > MAX_DEPTH) {
    throw refused(text, `${way.length} identifiers`, `${MAX_DEPTH} at most`);
  }
  return { application, ids: way };
}

/** Takes the part that says where the path starts off `parts`. */
function start(text: string, parts: string[], from: FilePath): FilePath {
  const [first = ""] = parts;
  if (first.toLowerCase().startsWith(APPLICATION_PREFIX)) {
    parts.shift();
    const name = first.slice(APPLICATION_PREFIX.length);
    if (!/^(?:[0-9A-F]{2}){1,16}$/i.test(name)) {
      throw refused(text, JSON.stringify(name), "1 to 16 bytes in hexadecimal");
    }
    return { application: name.toUpperCase(), ids: [] };
  }
  if (first.toUpperCase() === MASTER_FILE_ID) {
    parts.shift();
    return MASTER_FILE;
  }
  return text.startsWith("/") ? MASTER_FILE : from;
}

/** The path as text, from its start. */
export function formatPath({ application, ids }: FilePath): string {
  const way = ids.join("/");
  if (application === null) return `/${way}`;
  return `${APPLICATION_PREFIX}${application}${way && `/${way}`}`;
}

/** The directory that a file is in; the start of the path is its own. */
export function parentOf({ application, ids }: FilePath): FilePath {
  return { application, ids: ids.slice(0, -1) };
}

/** The identifiers as SELECT takes them, two bytes each. */
export function pathBytes({ ids }: FilePath): Uint8Array {
  return fromHex(ids.join(""));
}

/** The path to the application of this name. */
export function applicationPath(name: Uint8Array): FilePath {
  return { application: toHex(name), ids: [] };
}

function refused(text: string, found: string, expected: string): RangeError {
  return new RangeError(
    `Cannot read path ${
      JSON.stringify(text.slice(0, 64))
    }: ${found} found, expected ${expected}`,
  );
}
