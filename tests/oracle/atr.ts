/**
 * Test oracle: a plain reading of the answer to reset (ISO/IEC 7816-3 clause 8), written apart from the library it
 * judges and sharing no code with it.
 * Numbers are raw codes or counts as the ATR holds them: an RFU value is reported, not replaced.
 *
 * @module
 */

/** One set of interface bytes TAi, TBi, TCi, TDi (8.2); `under` is the T of TD(i-1), null for i = 1, and absent bytes are null. */
export interface InterfaceGroup {
  i: number;
  under: number | null;
  ta: number | null;
  tb: number | null;
  tc: number | null;
  td: number | null;
}

/** The interface bytes of an ATR, the offset just behind them, and whether the ATR ended before all announced ones were there. */
export interface InterfaceBytes {
  groups: InterfaceGroup[];
  end: number;
  truncated: boolean;
}

/** What an ATR says (clause 8); `tck` and `specific` are there only when the ATR has a TCK, respectively a TA2. */
export interface OracleAtr {
  problems: string[];
  convention: "direct" | "inverse" | null;
  historical: string;
  tck_required: boolean;
  tck_present: boolean;
  tck?: number;
  tck_ok: boolean | null;
  length_used: number;
  extra_bytes: number;
  protocols: number[];
  first_offered: number;
  Fi: number;
  Di: number;
  N: number;
  mode: "negotiable" | "specific";
  protocols_if_specific_honoured: number[];
  specific?: { T: number; implicit_params: boolean; can_change: boolean };
  WI: number;
  IFSC: number;
  BWI: number;
  CWI: number;
  EDC: "LRC" | "CRC";
  class: number | null;
  clock_stop: number | null;
  SPU: number | null;
  vpp: { ii: number | null; pi1: number | null; pi2: number | null } | null;
  valid: boolean;
}

/** The problems that make the strict verdict negative; every other one is a mark on an ATR that can still be used. */
export const REFUSALS: readonly string[] = [
  "too_short",
  "too_long",
  "bad_TS",
  "truncated_in_interface_bytes",
  "truncated_in_historical",
  "missing_TCK",
  "bad_TCK",
  "T15_in_TD1",
];

// Tables 7 and 8 of the 2006 edition by code; 0 stands for RFU.
// deno-fmt-ignore
const FI = [372, 372, 558, 744, 1116, 1488, 1860, 0, 0, 512, 768, 1024, 1536, 2048, 0, 0];
const DI = [0, 1, 2, 4, 8, 16, 32, 64, 12, 20, 0, 0, 0, 0, 0, 0];

const ABSENT = { ta: null, tb: null, tc: null, td: null };

/** Reads the sets of interface bytes (8.2) of an ATR of at least 2 bytes, as far as they are there. */
export function readInterfaceBytes(bytes: Uint8Array): InterfaceBytes {
  const groups: InterfaceGroup[] = [];
  let y = bytes[1] >> 4;
  let under: number | null = null;
  let end = 2;
  for (let i = 1;; i++) {
    const group: InterfaceGroup = { i, under, ...ABSENT };
    groups.push(group);
    for (
      const [bit, name] of [[1, "ta"], [2, "tb"], [4, "tc"], [8, "td"]] as const
    ) {
      if ((y & bit) === 0) continue;
      if (end >= bytes.length) return { groups, end, truncated: true };
      group[name] = bytes[end];
      end++;
    }
    if (group.td === null) return { groups, end, truncated: false };
    y = group.td >> 4;
    under = group.td & 0x0f;
  }
}

/** The first TAi, TBi or TCi with i > 2 that stands under the given T (8.2), null if there is none. */
export function firstUnder(
  groups: InterfaceGroup[],
  name: "ta" | "tb" | "tc",
  t: number,
): number | null {
  const group = groups.find((g) =>
    g.i > 2 && g.under === t && g[name] !== null
  );
  return group?.[name] ?? null;
}

/** The T values of all TDi, T=15 included, in order. */
function tValues(groups: InterfaceGroup[]): number[] {
  return groups.flatMap((g) => g.td === null ? [] : [g.td & 0x0f]);
}

function interfaceProblems(
  groups: InterfaceGroup[],
  protocols: number[],
): string[] {
  const [first, second] = groups;
  const ts = tValues(groups);
  const ta1 = first.ta ?? 0x11;
  const ta2 = second?.ta ?? null;
  const tc2 = second?.tc ?? null;
  const ifsc = firstUnder(groups, "ta", 1);
  const waits = firstUnder(groups, "tb", 1) ?? 0x4d;
  const edc = firstUnder(groups, "tc", 1) ?? 0x00;
  const classes = (firstUnder(groups, "ta", 15) ?? 0x01) & 0x3f;
  const found: Record<string, boolean> = {
    T15_in_TD1: ts[0] === 15,
    // T=15 has to come after all protocols (8.2), so it takes part in the order like any T.
    protocols_not_ascending: ts.some((t, k) => k > 0 && t < ts[k - 1]),
    protocol_T14_not_supported_or_RFU: protocols.some((t) => t >= 2),
    "T0_specific_bytes_i>2": groups.some((g) =>
      g.i > 2 && g.under === 0 && (g.ta ?? g.tb ?? g.tc) !== null
    ),
    RFU_Fi: FI[ta1 >> 4] === 0,
    RFU_Di: DI[ta1 & 0x0f] === 0,
    TA2_RFU_bits: ta2 !== null && (ta2 & 0x60) !== 0,
    TA2_protocol_not_offered: ta2 !== null && !protocols.includes(ta2 & 0x0f),
    TC2_without_T0: tc2 !== null && !protocols.includes(0),
    WI_RFU_00: tc2 === 0x00,
    IFSC_RFU_00: ifsc === 0x00,
    IFSC_RFU_FF: ifsc === 0xff,
    BWI_RFU: waits >> 4 > 9,
    TC_T1_RFU_bits: (edc & 0xfe) !== 0,
    class_RFU: ![1, 2, 3, 4, 6, 7].includes(classes),
  };
  return Object.keys(found).filter((code) => found[code]);
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
    .toUpperCase();
}

/**
 * Decodes an ATR (clause 8) and names what is wrong with it; never throws.
 *
 * An ATR that ends early keeps what was there: the interface bytes read count, and every other field has the value it has in their absence
 * (protocols [0] when no TD1 was read). Its TCK is neither present nor reported missing, its historical bytes are those that were there,
 * and `length_used` is the whole length. Below 2 bytes all fields are such defaults and the convention is null.
 * Beyond 33 bytes it is decoded to the end it announces.
 */
export function decodeAtr(bytes: Uint8Array): OracleAtr {
  const tooShort = bytes.length < 2;
  const { groups, end, truncated } = tooShort
    // As if T0 announced nothing.
    ? { ...readInterfaceBytes(Uint8Array.of(0x3b, 0x00)), end: bytes.length }
    : readInterfaceBytes(bytes);
  const problems: string[] = [];
  if (tooShort) problems.push("too_short");
  if (bytes.length > 33) problems.push("too_long");

  let convention: "direct" | "inverse" | null = null;
  if (!tooShort && bytes[0] === 0x3b) convention = "direct";
  if (!tooShort && bytes[0] === 0x3f) convention = "inverse";
  if (!tooShort && convention === null) problems.push("bad_TS");

  // Protocols, in the order of their first TD; T=15 is none, and T=0 is offered when no other is.
  const ts = tValues(groups);
  const protocols = [...new Set(ts.filter((t) => t !== 15))];
  if (protocols.length === 0) protocols.push(0);
  const tckRequired = ts.some((t) => t !== 0);

  const k = tooShort ? 0 : bytes[1] & 0x0f;
  const historical = bytes.slice(end, end + k);
  const complete = !truncated && historical.length === k;
  if (truncated) problems.push("truncated_in_interface_bytes");
  else if (!complete) problems.push("truncated_in_historical");

  const tckAt = end + k;
  const tckPresent = complete && tckRequired && tckAt < bytes.length;
  if (complete && tckRequired && !tckPresent) problems.push("missing_TCK");
  let tckOk: boolean | null = null;
  if (tckPresent) {
    let xor = 0;
    for (let at = 1; at <= tckAt; at++) xor ^= bytes[at];
    tckOk = xor === 0;
    if (!tckOk) problems.push("bad_TCK");
  }
  const lengthUsed = complete ? tckAt + (tckPresent ? 1 : 0) : bytes.length;
  const extraBytes = bytes.length - lengthUsed;
  if (extraBytes > 0) problems.push(`extra_bytes_${extraBytes}`);
  problems.push(...interfaceProblems(groups, protocols));

  const [first, second] = groups;
  const ta1 = first.ta ?? 0x11;
  const ta2 = second?.ta ?? null;
  const tb2 = second?.tb ?? null;
  const waits = firstUnder(groups, "tb", 1) ?? 0x4d;
  const clockAndClass = firstUnder(groups, "ta", 15);
  const specific = ta2 === null ? null : {
    T: ta2 & 0x0f,
    implicit_params: (ta2 & 0x10) !== 0,
    can_change: (ta2 & 0x80) === 0,
  };
  return {
    problems,
    convention,
    historical: toHex(historical),
    tck_required: tckRequired,
    tck_present: tckPresent,
    ...(tckPresent ? { tck: bytes[tckAt] } : {}),
    tck_ok: tckOk,
    length_used: lengthUsed,
    extra_bytes: extraBytes,
    protocols,
    first_offered: protocols[0],
    Fi: FI[ta1 >> 4],
    Di: DI[ta1 & 0x0f],
    N: first.tc ?? 0,
    mode: specific === null ? "negotiable" : "specific",
    // A TA2 naming a protocol that was not offered narrows nothing.
    protocols_if_specific_honoured:
      specific !== null && protocols.includes(specific.T)
        ? [specific.T]
        : protocols,
    ...(specific === null ? {} : { specific }),
    WI: second?.tc ?? 10,
    IFSC: firstUnder(groups, "ta", 1) ?? 32,
    BWI: waits >> 4,
    CWI: waits & 0x0f,
    EDC: ((firstUnder(groups, "tc", 1) ?? 0) & 1) === 1 ? "CRC" : "LRC",
    class: clockAndClass === null ? null : clockAndClass & 0x3f,
    clock_stop: clockAndClass === null ? null : clockAndClass >> 6,
    SPU: firstUnder(groups, "tb", 15),
    vpp: first.tb === null && tb2 === null ? null : {
      ii: first.tb === null ? null : (first.tb >> 5) & 3,
      pi1: first.tb === null ? null : first.tb & 0x1f,
      pi2: tb2,
    },
    valid: !problems.some((code) => REFUSALS.includes(code)),
  };
}
