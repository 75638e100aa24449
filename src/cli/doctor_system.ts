/**
 * What is installed, and who uses PC/SC.
 *
 * @module
 */

import { type Finding, note } from "./doctor_findings.ts";

/** A program that has libpcsclite loaded. */
export interface PcscProgram {
  /** Its process. */
  readonly pid: number;
  /** Its name. */
  readonly name: string;
  /** When it was started, ISO 8601, or "unknown". */
  readonly since: string;
}

/** Ticks of the clock in /proc, a second: the same on every architecture of Linux (USER_HZ). */
const TICKS = 100;
/** In /proc/PID/stat, counted behind the name. */
const START_FIELD = 19;

const LIBRARY_FOLDERS = [
  "/usr/lib",
  "/usr/lib64",
  "/usr/local/lib",
  `/usr/lib/${Deno.build.arch}-linux-gnu`,
  `/lib/${Deno.build.arch}-linux-gnu`,
];
const DAEMONS = ["/usr/sbin/pcscd", "/usr/local/sbin/pcscd"];
const DRIVER_FOLDERS = ["/usr/lib/pcsc/drivers", "/usr/local/lib/pcsc/drivers"];

/** A file's text; null when it is not there, or not for us. */
function read(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function entries(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

function startOf(pid: number): string {
  const boot = /^btime (\d+)$/m.exec(read("/proc/stat") ?? "")?.[1];
  const stat = read(`/proc/${pid}/stat`);
  if (boot === undefined || stat === null) return "unknown";
  // The name, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const seconds = Number(boot) + Number(fields[START_FIELD]) / TICKS;
  return Number.isFinite(seconds)
    ? new Date(seconds * 1000).toISOString().slice(0, 19) + "Z"
    : "unknown";
}

/** Programs that have libpcsclite loaded, as far as this user may see them. Linux alone tells. */
export function pcscPrograms(): PcscProgram[] {
  const found: PcscProgram[] = [];
  for (const entry of entries("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const pid = Number(entry);
    if (pid === Deno.pid) continue;
    if (!read(`/proc/${pid}/maps`)?.includes("libpcsclite")) continue;
    const name = read(`/proc/${pid}/comm`)?.trim() ?? "unknown";
    if (name !== "pcscd") found.push({ pid, name, since: startOf(pid) });
  }
  return found;
}

/** What is installed of PC/SC. */
export function installed(): Finding[] {
  const libraries = LIBRARY_FOLDERS
    .map((folder) => `${folder}/libpcsclite.so.1`).filter(exists);
  const daemons = DAEMONS.filter(exists);
  const drivers = DRIVER_FOLDERS.flatMap((folder) =>
    entries(folder).flatMap((name) =>
      name === "serial"
        ? entries(`${folder}/serial`)
        : [name.replace(/\.bundle$/, "")]
    )
  );
  const { deno } = Deno.version;
  return [
    note("runtime", `Deno ${deno}, ${Deno.build.os} ${Deno.build.arch}`),
    note(
      "libpcsclite",
      libraries.length === 0
        ? "not installed: --system has no readers, other programs have no PC/SC"
        : libraries[0],
    ),
    note("pcscd", daemons.length === 0 ? "not installed" : daemons[0]),
    note(
      "drivers of pcscd",
      drivers.length === 0 ? "none" : drivers.join(", "),
    ),
  ];
}
