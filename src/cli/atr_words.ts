/**
 * An ATR in words, byte by byte.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import { type Atr, describeAtrProblem, FI_TABLE } from "../core/mod.ts";
import { explainHistorical } from "./historical_words.ts";

const CLOCK_STOP = ["not supported", "state low", "state high", "either state"];

function classes(indicator: number): string {
  const names = ["A (5 V)", "B (3 V)", "C (1.8 V)"].filter((_, bit) =>
    (indicator & 1 << bit) !== 0
  );
  return names.join(", ") || "none";
}

function announces(byte: number, group: number): string[] {
  return ["TA", "TB", "TC", "TD"]
    .filter((_, bit) => (byte & 0x10 << bit) !== 0)
    .map((name) => `${name}${group}`);
}

function mode(value: number): string {
  const change = (value & 0x80) === 0 ? "may change" : "fixed";
  const parameters = (value & 0x10) === 0 ? "of TA1" : "implicit";
  return `specific mode (${change}): T=${value & 15}, F and D ${parameters}`;
}

function speed(value: number, atr: Atr): string {
  const { maxHz } = FI_TABLE[value >> 4];
  if (atr.fi === 0 || atr.di === 0) return "reserved factor";
  return `Fi = ${atr.fi}, Di = ${atr.di}: ${+(atr.fi / atr.di).toFixed(
    2,
  )} clocks per etu, at most ${maxHz / 1e6} MHz`;
}

/** The meaning of an interface byte: `kind` is TA, TB or TC. */
function meaning(
  kind: string,
  group: number,
  under: number,
  value: number,
  atr: Atr,
): string {
  const name = `${kind}${group}`;
  if (name === "TA1") return speed(value, atr);
  if (name === "TA2") return mode(value);
  if (name === "TB1" || name === "TB2") return "programming voltage, withdrawn";
  if (name === "TC1") {
    return value === 255
      ? "N = 255: the shortest guard time"
      : `N = ${value}: extra guard time`;
  }
  if (name === "TC2") return `WI = ${value}: waiting time of T=0`;
  if (under === 1 && kind === "TA") return `IFSC = ${value} bytes`;
  if (under === 1 && kind === "TB") {
    return `BWI = ${value >> 4}, CWI = ${value & 15}: waiting times of T=1`;
  }
  if (under === 1) return `check of T=1: ${(value & 1) === 0 ? "LRC" : "CRC"}`;
  if (under === 15 && kind === "TA") {
    return `clock stop: ${CLOCK_STOP[value >> 6]}; classes: ${
      classes(value & 0x3f)
    }`;
  }
  if (under === 15 && kind === "TB") return "use of contact C6";
  return "reserved";
}

interface Row {
  name: string;
  bytes: string;
  words: string;
}

function byteRows(atr: Atr): Row[] {
  const { raw } = atr;
  const rows: Row[] = [];
  const add = (name: string, bytes: Uint8Array, words: string) =>
    rows.push({ name, bytes: toHex(bytes, " "), words });
  if (raw.length === 0) return rows;
  add("TS", raw.subarray(0, 1), `${atr.convention ?? "unknown"} convention`);
  if (raw.length === 1) return rows;
  const follow = announces(raw[1], 1).join(" ");
  add(
    "T0",
    raw.subarray(1, 2),
    `${follow === "" ? "" : `${follow}, `}${raw[1] & 15} historical bytes`,
  );
  let at = 2;
  let present = raw[1];
  let under = 0;
  for (let group = 1; (present & 0xf0) !== 0 && at < raw.length; group++) {
    let next = 0;
    for (const name of announces(present, group)) {
      if (at >= raw.length) break;
      const value = raw[at];
      if (name.startsWith("TD")) {
        next = value;
        const more = announces(value, group + 1).join(" ");
        add(
          name,
          raw.subarray(at, at + 1),
          `${(value & 15) === 15 ? "global bytes (T=15)" : `T=${value & 15}`}${
            more === "" ? "" : `, ${more} follow`
          }`,
        );
      } else {
        add(
          name,
          raw.subarray(at, at + 1),
          meaning(name.slice(0, 2), group, under, value, atr),
        );
      }
      at++;
    }
    under = next & 15;
    present = next;
  }
  for (const { bytes, words } of explainHistorical(atr.historical)) {
    add("T", bytes, words);
  }
  if (atr.tck !== null) {
    add(
      "TCK",
      Uint8Array.of(atr.tck),
      atr.tckOk ? "check byte, right" : "check byte, wrong",
    );
  }
  if (atr.extraBytes > 0) {
    add("-", raw.subarray(atr.lengthUsed), "beyond the end of the ATR");
  }
  return rows;
}

function verdict({ valid, accepted }: Atr): string {
  if (!valid) return "invalid";
  return accepted ? "valid" : "valid, though no reader can apply its factors";
}

/** What the ATR says, over several lines. */
export function explainAtr(atr: Atr): string {
  const rows = byteRows(atr);
  const width = Math.min(
    24,
    Math.max(0, ...rows.map(({ bytes }) => bytes.length)),
  );
  const lines = [
    toHex(atr.raw, " "),
    `  ${verdict(atr)}, ${atr.mode} mode, protocols: ${
      atr.protocols.map((t) => `T=${t}`).join(" ")
    }`,
    ...atr.problems.map((code) => `  ! ${describeAtrProblem(code)}`),
    ...rows.map(({ name, bytes, words }) =>
      `  ${name.padEnd(4)}${bytes.padEnd(width)}  ${words}`
    ),
  ];
  return `${lines.join("\n")}\n`;
}
