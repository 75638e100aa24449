/**
 * What `deno task fuzz` does with its command line.
 *
 * @module
 */

import { Fuzzer } from "./engine.ts";
import { type Finding, reproducerName } from "./finding.ts";
import {
  type FuzzCommand,
  parseCommand,
  usage,
  UsageError,
} from "./options.ts";
import { findingLines, PROGRESS_LEGEND, totalLine } from "./report.ts";
import {
  formatReproducer,
  parseReproducer,
  reproduce,
  type Reproducer,
} from "./reproducer.ts";
import type { FuzzTarget } from "./target.ts";
import type { Output } from "./terminal.ts";

/** Where reproducers go. */
const DIRECTORY = "build/fuzz";

/** What the command needs of the world. */
export interface Host {
  readonly targets: readonly FuzzTarget[];
  readonly output: Output;
  /** Prints a line about wrong usage. */
  warn(text: string): void;
  /** Milliseconds; never goes back. */
  now(): number;
  /** An unsigned 32-bit number that nobody foresees. */
  drawSeed(): number;
  /** Lets signals come in; resolves to whether the run is to end. */
  isInterrupted(): Promise<boolean>;
  /** Writes a file, and the directories it needs. */
  writeFile(path: string, text: string): void;
  /** Reads a file. @throws {Error} when it cannot */
  readFile(path: string): string;
}

/** Runs the command with `args`; returns the exit code. */
export async function runCommand(
  args: readonly string[],
  host: Host,
): Promise<number> {
  const names = host.targets.map(({ name }) => name);
  try {
    const command = parseCommand(args, names);
    if (command.kind === "fuzz") return await runFuzz(command, host);
    if (command.kind === "reproduce") return runReproducer(command.path, host);
    host.output.line(usage(names));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    host.warn(`fuzz: ${error.message}\n\n${usage(names)}`);
    return 2;
  }
}

async function runFuzz(command: FuzzCommand, host: Host): Promise<number> {
  const { output } = host;
  const targets = host.targets.filter(({ name }) =>
    command.targets?.includes(name) ?? true
  );
  if (targets.length === 0) throw new UsageError("there are no targets");
  const seed = command.seed ?? host.drawSeed();
  output.line(`seed ${seed}, ${command.seconds} s; ${PROGRESS_LEGEND}`);
  const fuzzer = new Fuzzer(targets, {
    seconds: command.seconds,
    seed,
    now: () => host.now(),
    progress: (line) => output.progress(line),
    onFinding: (finding) => saveFinding(finding, host),
  });
  while (fuzzer.turn()) {
    if (await host.isInterrupted()) break;
  }
  const report = fuzzer.report();
  for (const target of report.targets) output.line(totalLine(target));
  return report.targets.some(({ findings }) => findings.length > 0) ? 1 : 0;
}

function saveFinding(finding: Finding, { output, writeFile }: Host): void {
  const path = `${DIRECTORY}/${reproducerName(finding)}`;
  writeFile(path, formatReproducer(finding));
  output.line(findingLines(finding, path));
}

function runReproducer(path: string, host: Host): number {
  let reproducer: Reproducer;
  try {
    reproducer = parseReproducer(host.readFile(path));
  } catch (error) {
    throw new UsageError(`${path}: ${error}`);
  }
  const target = host.targets.find(({ name }) => name === reproducer.target);
  if (target === undefined) {
    throw new UsageError(`${path}: there is no target "${reproducer.target}"`);
  }
  const outcome = reproduce(target, reproducer);
  if (!outcome.failed) {
    host.output.line(`${target.name}: the input passes`);
    return 0;
  }
  const { thrown } = outcome;
  host.output.line(
    `${target.name}: the input fails\n${
      thrown instanceof Error ? thrown.stack : String(thrown)
    }`,
  );
  return 1;
}
