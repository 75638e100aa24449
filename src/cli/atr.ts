/**
 * `scard atr`: explains ATRs.
 *
 * @module
 */

import { fromHex, toHex } from "../bytes.ts";
import { type Atr, parseAtr } from "../core/mod.ts";
import { explainAtr } from "./atr_words.ts";
import { CliError, EXIT } from "./exit_codes.ts";
import { type Io, linesOf } from "./io.ts";
import { JSON_OPTION, type Options } from "./options.ts";
import { cardTypeName } from "./reader_words.ts";
import type { Verb } from "./verb.ts";

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
    type: cardTypeName(atr.raw),
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
function show(text: string, json: boolean, io: Io): boolean {
  let bytes: Uint8Array;
  try {
    bytes = fromHex(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    io.print(
      json
        ? JSON.stringify(reportText(text))
        : `${text}\n  invalid: ${error.message}\n`,
    );
    return false;
  }
  const atr = parseAtr(bytes);
  io.print(json ? JSON.stringify(reportAtr(atr)) : inWords(atr));
  return atr.valid;
}

function inWords(atr: Atr): string {
  const type = cardTypeName(atr.raw);
  return type === null
    ? explainAtr(atr)
    : `${explainAtr(atr)}  card type: ${type}\n`;
}

/** A line longer than this is no ATR, however it is spaced: the rest of it is not kept. */
const MAX_LINE = 4096;

/** ATRs of the command line: one written byte by byte counts as one. */
function argumentAtrs(args: readonly string[]): readonly string[] {
  const bytewise = args.length > 1 && args.every((arg) => arg.length === 2);
  return bytewise ? [args.join(" ")] : args;
}

async function run(options: Options, io: Io): Promise<number> {
  const { operands } = options;
  const json = options.has("json");
  if (operands.length === 0) {
    throw new CliError(
      "usage",
      "Cannot run scard atr: no ATR found, expected one, or -",
    );
  }
  if (operands.includes("-") && operands.length > 1) {
    throw new CliError(
      "usage",
      'Cannot run scard atr: "-" stands alone, more found, expected nothing beside it',
    );
  }
  let valid = true;
  if (operands[0] === "-") {
    for await (const line of linesOf(io.input(), MAX_LINE)) {
      if (line.trim() !== "") valid = show(line.trim(), json, io) && valid;
    }
  } else {
    for (const atr of argumentAtrs(operands)) {
      valid = show(atr, json, io) && valid;
    }
  }
  return valid ? EXIT.done.code : EXIT.refused.code;
}

/** `scard atr`. */
export const ATR_VERB: Verb = {
  name: "atr",
  usage: ["[--json] ATR...", "[--json] -"],
  about:
    `Explains ATRs, given in hexadecimal; with "-" they are read from standard input,
one a line. An ATR may be written with spaces or colons between its bytes. The
card type, where one is named, is a guess from a stock of ATRs.`,
  options: [JSON_OPTION],
  exits: ["done", "refused", "outputClosed"],
  example: "scard atr 3B951381018073FF01000B",
  run,
};
