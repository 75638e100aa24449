/**
 * An ATR parser in TypeScript, written the usual way: one pass over the bytes, and
 * an object with the same fields as the core's (ISO/IEC 7816-3 8.2, 8.3).
 *
 * @module
 */

import type { Atr } from "../../src/core/mod.ts";

// deno-fmt-ignore
const FI = [372, 372, 558, 744, 1116, 1488, 1860, 0, 0, 512, 768, 1024, 1536, 2048, 0, 0];
const DI = [0, 1, 2, 4, 8, 16, 32, 64, 12, 20, 0, 0, 0, 0, 0, 0];

/** What the interface bytes say. Absent bytes are -1. */
class InterfaceBytes {
  ta1 = -1;
  tb1 = -1;
  tc1 = -1;
  ta2 = -1;
  tb2 = -1;
  tc2 = -1;
  t1Ta = -1;
  t1Tb = -1;
  t1Tc = -1;
  t15Ta = -1;
  t15Tb = -1;
  offered = 0;
  firstOffered = 0;
  hasT15 = false;
  tckRequired = false;
  isTruncated = false;
  isT15First = false;
  isUnordered = false;
  hasT0Bytes = false;
  /** Offset behind the last one. */
  end = 2;

  /** Reads them all. */
  read(bytes: Uint8Array): void {
    let present = bytes[1] >> 4;
    let t = 0;
    let last = -1;
    for (let group = 1; present !== 0; group++) {
      for (let kind = 0; kind < 3; kind++) {
        if ((present & 1 << kind) === 0) continue;
        if (this.end >= bytes.length) {
          this.isTruncated = true;
          return;
        }
        this.#file(kind, group, t, bytes[this.end++]);
      }
      if ((present & 8) === 0) return;
      if (this.end >= bytes.length) {
        this.isTruncated = true;
        return;
      }
      const td = bytes[this.end++];
      t = td & 15;
      present = td >> 4;
      if (t < last) this.isUnordered = true;
      last = t;
      if (t !== 0) this.tckRequired = true;
      if (t === 15) {
        this.hasT15 = true;
        if (group === 1) this.isT15First = true;
      } else {
        if (this.offered === 0) this.firstOffered = t;
        this.offered |= 1 << t;
      }
    }
  }

  #file(kind: number, group: number, t: number, value: number): void {
    if (group === 1) {
      if (kind === 0) this.ta1 = value;
      else if (kind === 1) this.tb1 = value;
      else this.tc1 = value;
    } else if (group === 2) {
      if (kind === 0) this.ta2 = value;
      else if (kind === 1) this.tb2 = value;
      else this.tc2 = value;
    } else if (t === 1) {
      if (kind === 0 && this.t1Ta < 0) this.t1Ta = value;
      else if (kind === 1 && this.t1Tb < 0) this.t1Tb = value;
      else if (kind === 2 && this.t1Tc < 0) this.t1Tc = value;
    } else if (t === 15) {
      if (kind === 0 && this.t15Ta < 0) this.t15Ta = value;
      else if (kind === 1 && this.t15Tb < 0) this.t15Tb = value;
    } else if (t === 0) this.hasT0Bytes = true;
  }
}

/** What the interface bytes break by their values, behind `problems`. */
function addProblems(problems: string[], found: InterfaceBytes): void {
  const { offered, ta1, ta2, tc2, t1Ta, t1Tb, t1Tc, t15Ta } = found;
  if (found.isT15First) problems.push("T15_in_TD1");
  if (found.isUnordered) problems.push("protocols_not_ascending");
  if ((offered & 0x7ffc) !== 0) {
    problems.push("protocol_T14_not_supported_or_RFU");
  }
  if (found.hasT0Bytes) problems.push("T0_specific_bytes_i>2");
  if (ta1 >= 0 && FI[ta1 >> 4] === 0) problems.push("RFU_Fi");
  if (ta1 >= 0 && DI[ta1 & 15] === 0) problems.push("RFU_Di");
  if (t1Ta === 0) problems.push("IFSC_RFU_00");
  if (t1Ta === 255) problems.push("IFSC_RFU_FF");
  if (t1Tb > 0x9f) problems.push("BWI_RFU");
  if (t1Tc > 1) problems.push("TC_T1_RFU_bits");
  if (ta2 >= 0 && (ta2 & 0x60) !== 0) problems.push("TA2_RFU_bits");
  if (ta2 >= 0 && (offered & 1 << (ta2 & 15)) === 0) {
    problems.push("TA2_protocol_not_offered");
  }
  if (tc2 >= 0 && (offered & 1) === 0) problems.push("TC2_without_T0");
  if (tc2 === 0) problems.push("WI_RFU_00");
  const supply = t15Ta & 0x3f;
  if (t15Ta >= 0 && (supply === 0 || supply === 5 || supply > 7)) {
    problems.push("class_RFU");
  }
}

/** The T values in `mask`, ascending. */
function protocolsIn(mask: number): number[] {
  const protocols: number[] = [];
  for (let t = 0; mask >> t !== 0; t++) {
    if ((mask & 1 << t) !== 0) protocols.push(t);
  }
  return protocols;
}

/** Reads an ATR. Never throws for what a card sends. */
export function parseAtrPlain(bytes: Uint8Array): Atr {
  const raw = bytes.slice();
  const { length } = raw;
  const problems: string[] = [];
  const found = new InterfaceBytes();
  const isTooShort = length < 2;
  if (isTooShort) problems.push("too_short");
  else found.read(raw);
  if (found.offered === 0) found.offered = 1;
  if (length > 33) problems.push("too_long");
  const convention = isTooShort
    ? null
    : raw[0] === 0x3b
    ? "direct"
    : raw[0] === 0x3f
    ? "inverse"
    : null;
  if (!isTooShort && convention === null) problems.push("bad_TS");

  let lengthUsed = length;
  let historicalAt = isTooShort ? 0 : length;
  let historicalEnd = historicalAt;
  let tck: number | null = null;
  let tckOk: boolean | null = null;
  if (found.isTruncated) problems.push("truncated_in_interface_bytes");
  else if (!isTooShort) {
    historicalAt = found.end;
    historicalEnd = historicalAt + (raw[1] & 15);
    if (historicalEnd > length) {
      historicalEnd = length;
      problems.push("truncated_in_historical");
    } else {
      lengthUsed = historicalEnd;
      if (found.tckRequired && lengthUsed >= length) {
        problems.push("missing_TCK");
      } else if (found.tckRequired) {
        tck = raw[lengthUsed++];
        let sum = 0;
        for (let i = 1; i < lengthUsed; i++) sum ^= raw[i];
        tckOk = sum === 0;
        if (!tckOk) problems.push("bad_TCK");
      }
    }
  }
  const refusals = problems.length;
  const extraBytes = length - lengthUsed;
  if (extraBytes > 0) problems.push(`extra_bytes_${extraBytes}`);
  addProblems(problems, found);
  const valid = refusals === 0 && !found.isT15First;

  const { ta1, tb1, tc1, ta2, tb2, tc2, t1Ta, t1Tb, t1Tc, t15Ta, t15Tb } =
    found;
  const factors = ta1 < 0 ? 0x11 : ta1;
  const fi = FI[factors >> 4];
  const di = DI[factors & 15];
  const specific = ta2 < 0 ? null : {
    protocol: ta2 & 15,
    implicitParameters: (ta2 & 0x10) !== 0,
    canChange: (ta2 & 0x80) === 0,
  };
  const isUnworkable = specific !== null && !specific.implicitParameters &&
    (fi === 0 || di === 0);
  const timing = t1Tb < 0 ? 0x4d : t1Tb;
  const programming = tb1 < 0 ? 0 : tb1;
  return {
    raw,
    valid,
    accepted: valid && !isUnworkable,
    problems,
    convention,
    mode: specific === null ? "negotiable" : "specific",
    specific,
    protocols: protocolsIn(found.offered),
    firstOffered: found.firstOffered,
    fiIndex: factors >> 4,
    diIndex: factors & 15,
    hasTa1: ta1 >= 0,
    fi,
    di,
    n: tc1 < 0 ? 0 : tc1,
    wi: tc2 < 0 ? 10 : tc2,
    ifscBytes: t1Ta < 0 ? 32 : t1Ta,
    bwi: timing >> 4,
    cwi: timing & 15,
    edc: t1Tc < 0 || (t1Tc & 1) === 0 ? "LRC" : "CRC",
    hasT15: found.hasT15,
    clockStop: t15Ta < 0 ? null : t15Ta >> 6,
    voltageClass: t15Ta < 0 ? null : t15Ta & 0x3f,
    spu: t15Tb < 0 ? null : t15Tb,
    vpp: tb1 < 0 && tb2 < 0 ? null : {
      ii: programming >> 5 & 3,
      pi1: programming & 0x1f,
      pi2: tb2 < 0 ? null : tb2,
    },
    historical: raw.subarray(historicalAt, historicalEnd),
    tckRequired: found.tckRequired,
    tckPresent: tck !== null,
    tck,
    tckOk,
    lengthUsed,
    extraBytes,
  };
}
