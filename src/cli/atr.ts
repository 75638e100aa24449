/**
 * `scard atr`: explains ATRs.
 *
 * @module
 */

// @ts-types="./std_cli.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { fromHex, toHex } from "../bytes.ts";
import { type Atr, parseAtr } from "../core/mod.ts";
import { explainAtr } from "./atr_words.ts";
import { printLine } from "./output.ts";
import type { Verb } from "./verb.ts";

const HELP = `Usage: scard atr [--json] ATR...
       scard atr [--json] -

Explains ATRs, given in hexadecimal; with "-" they are read from standard input,
one a line. An ATR may be written with spaces or colons between its bytes.

  --json   one JSON object a line

Exit code 0 if every ATR is valid, 1 if one is not, 2 for wrong usage.

Example:
  scard atr 3B951381018073FF01000B`;

/** An ATR as `--json` prints it. */
interface AtrReport {
  /** The bytes in hexadecimal, or the text that is none. */
  atr: string;
  /** The strict verdict. */
  valid: boolean;
  /** Codes of what is wrong or remarkable. */
  problems: string[];
  [field: string]: unknown;
}

/** The fields of one ATR. */
function reportAtr(atr: Atr): AtrReport {
  const { specific } = atr;
  return {
    atr: toHex(atr.raw),
    valid: atr.valid,
    accepted: atr.accepted,
    problems: atr.problems,
    convention: atr.convention,
    mode: atr.mode,
    specific: specific === null ? null : {
      T: specific.protocol,
      implicitParams: specific.implicitParameters,
      canChange: specific.canChange,
    },
    protocols: atr.protocols,
    protocolsIfSpecificHonoured: specific !== null &&
        atr.protocols.includes(specific.protocol)
      ? [specific.protocol]
      : atr.protocols,
    firstOffered: atr.firstOffered,
    Fi: atr.fi,
    Di: atr.di,
    N: atr.n,
    WI: atr.wi,
    IFSC: atr.ifscBytes,
    BWI: atr.bwi,
    CWI: atr.cwi,
    EDC: atr.edc,
    historical: toHex(atr.historical),
    tckRequired: atr.tckRequired,
    tckPresent: atr.tckPresent,
    tck: atr.tck,
    tckOk: atr.tckOk,
    lengthUsed: atr.lengthUsed,
    extraBytes: atr.extraBytes,
    class: atr.voltageClass,
    clockStop: atr.clockStop,
    SPU: atr.spu,
  };
}

/** The report of a text that is no ATR at all: every field, and nothing in most of them. */
function reportText(text: string): AtrReport {
  const fields = Object.keys(reportAtr(parseAtr(new Uint8Array(0))));
  return {
    ...Object.fromEntries(fields.map((field) => [field, null])),
    atr: text,
    valid: false,
    accepted: false,
    problems: ["not_hexadecimal"],
  };
}

/** Prints one ATR; returns whether it is valid. */
function show(text: string, json: boolean): boolean {
  let bytes: Uint8Array;
  try {
    bytes = fromHex(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    printLine(
      json
        ? JSON.stringify(reportText(text))
        : `${text}\n  invalid: ${error.message}\n`,
    );
    return false;
  }
  const atr = parseAtr(bytes);
  printLine(json ? JSON.stringify(reportAtr(atr)) : explainAtr(atr));
  return atr.valid;
}

/** A line longer than this is no ATR, however it is spaced: the rest of it is not kept. */
const MAX_LINE = 4096;

/** Lines of standard input, without those that are empty. */
async function* inputLines(): AsyncGenerator<string> {
  let line = "";
  const text = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  for await (const chunk of text) {
    const pieces = chunk.split("\n");
    for (let i = 0; i < pieces.length; i++) {
      if (i > 0) {
        if (line.trim() !== "") yield line.trim();
        line = "";
      }
      if (line.length < MAX_LINE) line += pieces[i].slice(0, MAX_LINE);
    }
  }
  if (line.trim() !== "") yield line.trim();
}

/** ATRs of the command line: one written byte by byte counts as one. */
function argumentAtrs(args: string[]): string[] {
  const bytewise = args.length > 1 && args.every((arg) => arg.length === 2);
  return bytewise ? [args.join(" ")] : args;
}

async function run(args: string[]): Promise<number> {
  const unknown: string[] = [];
  const options = parseArgs(args, {
    boolean: ["json"],
    string: ["_"],
    unknown: (arg, key) => {
      if (key !== undefined) unknown.push(arg);
      return key === undefined;
    },
  });
  const atrs = options._.map(String);
  const json = options.json === true;
  if (unknown.length > 0 || atrs.length === 0) {
    console.error(
      unknown.length > 0
        ? `scard atr: unknown option ${unknown.join(" ")}\n\n${HELP}`
        : HELP,
    );
    return 2;
  }
  if (atrs.includes("-") && atrs.length > 1) {
    console.error(`scard atr: "-" stands alone\n\n${HELP}`);
    return 2;
  }
  let valid = true;
  if (atrs[0] === "-") {
    for await (const line of inputLines()) valid = show(line, json) && valid;
  } else {
    for (const atr of argumentAtrs(atrs)) valid = show(atr, json) && valid;
  }
  return valid ? 0 : 1;
}

/** `scard atr`. */
export const ATR_VERB: Verb = {
  name: "atr",
  summary: "explain Answers to Reset",
  help: HELP,
  run,
};
