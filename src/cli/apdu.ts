/**
 * `scard apdu`: sends commands to a card.
 *
 * @module
 */

import {
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
} from "../resource_manager/mod.ts";
import { runScript } from "./apdu_run.ts";
import { isStep, parseStep, type ScriptStep } from "./apdu_script.ts";
import { readText } from "./card_source.ts";
import { CliError, EXIT } from "./exit_codes.ts";
import { type Io, linesOf } from "./io.ts";
import { JSON_OPTION, type OptionRow, type Options } from "./options.ts";
import { chooseReader, READER_OPTION } from "./reader_choice.ts";
import { openService, SERVICE_OPTIONS } from "./service.ts";
import type { Verb } from "./verb.ts";

const CONNECT_OPTIONS: readonly OptionRow[] = [
  { name: "t0", kind: "flag", words: "only T=0" },
  { name: "t1", kind: "flag", words: "only T=1" },
  { name: "exclusive", kind: "flag", words: "nobody else may use the card" },
  {
    name: "keep-going",
    kind: "flag",
    words: "go on behind an answer that was not expected",
  },
  {
    name: "raw",
    kind: "flag",
    words: "send nothing but what is given",
  },
];

/** The steps of all operands: steps, files, and standard input. */
async function readScript(
  operands: readonly string[],
  io: Io,
): Promise<ScriptStep[]> {
  const steps: (ScriptStep | null)[] = [];
  for (const word of operands) {
    if (word === "-") {
      let number = 0;
      for await (const line of linesOf(io.input())) {
        steps.push(parseStep(line, `line ${++number}`));
      }
    } else if (isStep(word)) steps.push(parseStep(word, "command line"));
    else {
      const lines = (await readText(word)).split("\n");
      lines.forEach((line, index) =>
        steps.push(parseStep(line, `${word}:${index + 1}`))
      );
    }
  }
  const script = steps.filter((step) => step !== null);
  if (script.length > 0) return script;
  throw new CliError(
    "usage",
    "Cannot run scard apdu: no command found, expected one at least, a file, or -",
  );
}

function protocols(options: Options): number {
  options.atMostOne("t0", "t1");
  if (options.has("t0")) return SCARD_PROTOCOL_T0;
  if (options.has("t1")) return SCARD_PROTOCOL_T1;
  return SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
}

async function run(options: Options, io: Io): Promise<number> {
  const reconnect = {
    shareMode: options.has("exclusive") ? "exclusive" : "shared",
    protocols: protocols(options),
  } as const;
  const steps = await readScript(options.operands, io);
  await using service = await openService(options, io);
  const { context, manager } = service;
  const name = chooseReader(manager.readers, options.value("reader"), io);
  const { signal } = io;
  const connection = await context.connect(name, { ...reconnect, signal });
  try {
    await connection.beginTransaction({ signal });
    const refused = await runScript(connection, steps, {
      print: (line) => io.print(line),
      json: options.has("json"),
      keepGoing: options.has("keep-going"),
      raw: options.has("raw"),
      reconnect,
    }, io);
    await connection.endTransaction();
    await connection.disconnect();
    return refused === 0 ? EXIT.done.code : EXIT.refused.code;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted.code;
    throw error;
  } finally {
    connection.close();
  }
}

/** `scard apdu`. */
export const APDU_VERB: Verb = {
  name: "apdu",
  usage: [
    "[OPTIONS] COMMAND[=EXPECTED]...",
    "[OPTIONS] FILE...",
    "[OPTIONS] -",
  ],
  about:
    `Sends commands to a card, in one transaction, and shows the answers. A command is
a C-APDU in hexadecimal; behind "=" stands what is expected: SW1 SW2, or the whole
answer, with X for any digit, | between alternatives, * for anything. Without it an
answer is well unless its status says error. "reset" resets the card. A file, or
standard input ("-"), holds one command a line, and comments behind "#".
Under T=0 what 61xx announces is
fetched, and a command answered 6Cxx is sent again, unless --raw is given.`,
  options: [
    READER_OPTION,
    ...CONNECT_OPTIONS,
    JSON_OPTION,
    ...SERVICE_OPTIONS,
  ],
  operands: "file",
  exits: [
    "refused",
    "noService",
    "noReader",
    "busy",
    "denied",
    "late",
    "interrupted",
  ],
  example: "scard apdu --virtual 00A4040C06F044454E4F01=9000 00B0810005",
  run,
};
