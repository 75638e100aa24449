/**
 * Reads faults from JSON, member by member.
 *
 * @module
 */

import type {
  BlockFault,
  BlockPlace,
  ByteFault,
  BytePlace,
  FaultEnd,
  FaultWhich,
  LinkFault,
} from "./faults.ts";
import { FaultMembers, refuse } from "./faults_members.ts";

const MOST_FAULTS = 1000;
const MOST = 1_000_000_000;
const MILLION = 1_000_000;
const MOST_NOISE_BYTES = 255;

const BYTE_KINDS = ["flip", "lose", "double", "parity", "remove"] as const;
const BLOCK_KINDS = [
  "mute",
  "truncate",
  "duplicate",
  "noise",
  "sequence",
  "late",
] as const;
const KINDS = [...BYTE_KINDS, ...BLOCK_KINDS] as const;
const END_KINDS = ["times", "bytes", "exchanges", "reset", "never"] as const;

/**
 * Reads a list of faults, at most 1000, as JSON or a program gives it.
 *
 * @returns a frozen copy, member for member
 * @throws {RangeError} `Cannot read link fault: ...` naming the member, what was found and what was expected
 */
export function parseLinkFaults(value: unknown): readonly LinkFault[] {
  if (!Array.isArray(value)) return refuse("faults", value, "an array");
  if (value.length > MOST_FAULTS) {
    refuse("faults.length", value.length, `at most ${MOST_FAULTS}`);
  }
  return Object.freeze(
    Array.from(value, (fault, index) => parseFault(fault, `faults[${index}]`)),
  );
}

function parseFault(value: unknown, path: string): LinkFault {
  const members = new FaultMembers(value, path);
  const fault = {
    what: parseWhat(members.get("what"), `${path}.what`),
    until: parseEnd(members.get("until"), `${path}.until`),
  };
  members.expect("what", "until");
  return Object.freeze(fault);
}

function parseWhat(value: unknown, path: string): ByteFault | BlockFault {
  const members = new FaultMembers(value, path);
  const kind = members.choice("kind", KINDS);
  const isByte = BYTE_KINDS.some((each) => each === kind);
  const at = members.has("at")
    ? parsePlace(members.get("at"), `${path}.at`, isByte)
    : undefined;
  const what = {
    ...readWhat(kind, members, path),
    ...(at === undefined ? {} : { at }),
  };
  members.expect("kind", "at", ...MEMBERS[kind]);
  if (kind === "late" && at?.direction === "to-card") {
    refuse(`${path}.at.direction`, "to-card", '"from-card" for kind "late"');
  }
  return Object.freeze(what);
}

/** What each kind has besides `kind` and `at`. */
const MEMBERS: Record<typeof KINDS[number], readonly string[]> = {
  flip: ["bit"],
  lose: [],
  double: [],
  parity: ["bit", "arrivals"],
  remove: [],
  mute: [],
  truncate: ["keep"],
  duplicate: [],
  noise: ["hex"],
  sequence: ["number"],
  late: ["waits"],
};

function readWhat(
  kind: typeof KINDS[number],
  members: FaultMembers,
  path: string,
): ByteFault | BlockFault {
  switch (kind) {
    case "flip":
      return { kind, bit: parseBits(members.get("bit"), `${path}.bit`) };
    case "parity":
      return {
        kind,
        bit: members.integer("bit", 0, 7),
        ...members.optionalInteger("arrivals", 1, 255),
      };
    case "truncate":
      return { kind, keep: members.integer("keep", 1, 1023) };
    case "noise":
      return { kind, hex: parseNoise(members.get("hex"), `${path}.hex`) };
    case "sequence":
      return {
        kind,
        ...members.optionalChoice("number", ["N(S)", "N(R)"] as const),
      };
    case "late":
      return { kind, waits: parseWaits(members.get("waits"), `${path}.waits`) };
    default:
      return { kind };
  }
}

function parseBits(value: unknown, path: string): number | readonly number[] {
  const isBit = (each: unknown): each is number =>
    Number.isInteger(each) && Number(each) >= 0 && Number(each) <= 7;
  if (isBit(value)) return value;
  if (
    Array.isArray(value) && value.length > 0 && value.length <= 8 &&
    [...value].every(isBit) && new Set(value).size === value.length
  ) return Object.freeze([...value]);
  return refuse(path, value, "0 to 7, or an array of different ones");
}

function parseNoise(value: unknown, path: string): string {
  if (
    typeof value === "string" && value.length <= 2 * MOST_NOISE_BYTES &&
    /^(?:[0-9A-Fa-f]{2})+$/.test(value)
  ) return value;
  return refuse(path, value, `1 to ${MOST_NOISE_BYTES} bytes in hexadecimal`);
}

function parseWaits(value: unknown, path: string): number {
  if (typeof value === "number" && value > 0 && value <= 1000) return value;
  return refuse(path, value, "more than 0, at most 1000");
}

function parsePlace(
  value: unknown,
  path: string,
  isByte: boolean,
): BlockPlace & BytePlace {
  const members = new FaultMembers(value, path);
  const since = isByte
    ? members.optionalChoice("since", ["reset", "exchange", "block"] as const)
    : members.optionalChoice("since", ["reset", "exchange"] as const);
  const place = {
    ...members.optionalChoice("direction", ["to-card", "from-card"] as const),
    ...members.optionalChoice("phase", ["atr", "after-atr", "any"] as const),
    ...members.optionalInteger("exchange", 0, MOST),
    ...members.optionalInteger("block", 0, MOST),
    ...since,
    ...(isByte ? members.optionalInteger("byte", 0, MOST) : {}),
    ...(members.has("which")
      ? { which: parseWhich(members.get("which"), `${path}.which`) }
      : {}),
  };
  members.expect(
    "direction",
    "phase",
    "exchange",
    "block",
    "since",
    "which",
    ...(isByte ? ["byte"] : []),
  );
  if (place.phase === "atr" && place.direction === "to-card") {
    refuse(`${path}.direction`, "to-card", '"from-card" in phase "atr"');
  }
  return Object.freeze(place) as BlockPlace & BytePlace;
}

function parseWhich(value: unknown, path: string): FaultWhich {
  const members = new FaultMembers(value, path);
  const kind = members.choice("kind", ["every", "random"] as const);
  if (kind === "every") {
    const which = {
      kind,
      every: members.integer("every", 1, MILLION),
      ...members.optionalInteger("first", 0, MOST),
    };
    members.expect("kind", "every", "first");
    return Object.freeze(which);
  }
  const which = {
    kind,
    seed: members.integer("seed", 0, 0xffffffff),
    perMillion: members.integer("perMillion", 0, MILLION),
  };
  members.expect("kind", "seed", "perMillion");
  return Object.freeze(which);
}

function parseEnd(value: unknown, path: string): FaultEnd {
  const members = new FaultMembers(value, path);
  const kind = members.choice("kind", END_KINDS);
  switch (kind) {
    case "times":
      members.expect("kind", kind);
      return Object.freeze({ kind, times: members.integer(kind, 1, MOST) });
    case "bytes":
      members.expect("kind", kind);
      return Object.freeze({ kind, bytes: members.integer(kind, 1, MOST) });
    case "exchanges":
      members.expect("kind", kind);
      return Object.freeze({ kind, exchanges: members.integer(kind, 1, MOST) });
    default:
      members.expect("kind");
      return Object.freeze({ kind });
  }
}
