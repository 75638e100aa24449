/**
 * Running laws: one, or all of them as a suite of tests.
 *
 * @module
 */

import { laws } from "./laws/mod.ts";
import {
  type Law,
  LawBroken,
  type LawOptions,
  type LawSettings,
  type RegisterLaw,
} from "./law.ts";
import { LawContext } from "./law_context.ts";
import { LawJudge } from "./law_judge.ts";
import type { MakeReader, ReaderUnderTest } from "./reader_under_test.ts";

/** Longest command in short form: header, Lc, 255 bytes, Le. */
const SHORT_APDU_BYTES = 261;

function settingsOf(options: LawOptions): LawSettings {
  const level = options.level ?? "character";
  return {
    name: options.name ?? "reader",
    level,
    protocols: options.protocols ?? ["t0", "t1"],
    canEject: options.canEject ?? false,
    canSwallow: options.canSwallow ?? false,
    removalStatuses: options.removalStatuses ?? [],
    waitsForRequests: options.waitsForRequests ?? false,
    maxApduBytes: options.maxApduBytes ??
      (level === "character" ? 600 : SHORT_APDU_BYTES),
    without: options.without ?? [],
    deadlineMs: options.deadlineMs ?? 5000,
    inserts: options.inserts ?? 200,
  };
}

/** Why `law` is left out with these options; null when it applies. */
export function lawLeftOut(
  law: Law,
  options: LawOptions = {},
): string | null {
  const settings = settingsOf(options);
  for (const entry of settings.without) {
    if (entry.startsWith(`${law.name}: `)) {
      return entry.slice(law.name.length + 2);
    }
  }
  return law.leftOut?.(settings) ?? null;
}

/**
 * Tries a fresh reader by `law`, and disposes of it.
 *
 * @returns null, or why the law does not apply to a device like this, which shows only now
 * @throws {LawBroken} when the reader breaks the law, or a request never ends
 * @throws {RangeError} when the law does not apply with these options
 */
export async function runLaw(
  law: Law,
  makeReader: MakeReader,
  options: LawOptions = {},
): Promise<string | null> {
  const leftOut = lawLeftOut(law, options);
  if (leftOut !== null) {
    throw new RangeError(
      `Cannot run the law "${law.name}": ${leftOut}, expected a law that applies`,
    );
  }
  const settings = settingsOf(options);
  const reader = await make(law, settings, makeReader);
  const context = new LawContext(law.name, settings, reader);
  let breach: unknown = null;
  const unfit = law.leftOutOf?.(reader.device) ?? null;
  try {
    if (unfit === null) await law.run(reader, context);
  } catch (error) {
    breach = error;
  }
  try {
    await disposeOf(reader, context, breach);
  } finally {
    context.close();
  }
  if (breach !== null) throw breach;
  return unfit;
}

/** Makes the reader; one that comes too late is disposed of then. */
async function make(
  law: Law,
  settings: LawSettings,
  makeReader: MakeReader,
): Promise<ReaderUnderTest> {
  const judge = new LawJudge(law.name, settings);
  const reader = Promise.resolve(makeReader());
  try {
    return await judge.within(reader, "making the reader");
  } catch (error) {
    reader.then((late) => late[Symbol.asyncDispose]()).catch(() => {});
    throw error;
  }
}

/** Disposes of the reader; a failure counts unless the law was broken before. */
async function disposeOf(
  reader: ReaderUnderTest,
  context: LawContext,
  breach: unknown,
): Promise<void> {
  try {
    await context.within(reader[Symbol.asyncDispose](), "disposal");
  } catch (error) {
    if (breach !== null) return;
    if (error instanceof LawBroken) throw error;
    context.fail(`disposal threw ${error}, expected no error`, error);
  }
}

const denoTest: RegisterLaw = (name, run, leftOut) =>
  Deno.test({
    name,
    ignore: leftOut !== null,
    async fn(test) {
      const unfit = await run();
      if (unfit === null) return;
      await test.step({
        name: `left out: ${unfit}`,
        ignore: true,
        fn: () => {},
      });
    },
  });

/**
 * Registers all laws as tests of the readers that `makeReader` makes, one each. Those that
 * do not apply are registered as ignored, with the reason in their name; where only the
 * device shows it, the test has an ignored step that says so.
 *
 * @example
 * ```ts ignore
 * readerDriverLaws(() => makeMyReader(), { name: "my reader" });
 * ```
 *
 * @throws {RangeError} when an entry of `without` names no law or gives no reason
 */
export function readerDriverLaws(
  makeReader: MakeReader,
  options: LawOptions = {},
): void {
  checkWithout(options.without ?? []);
  const { name } = settingsOf(options);
  const register = options.register ?? denoTest;
  for (const law of laws) {
    const leftOut = lawLeftOut(law, options);
    if (leftOut === null) {
      register(
        `${name}: ${law.name}`,
        () => runLaw(law, makeReader, options),
        null,
      );
    } else {
      register(
        `${name}: ${law.name} (left out: ${leftOut})`,
        () => Promise.resolve(leftOut),
        leftOut,
      );
    }
  }
}

function checkWithout(without: readonly string[]): void {
  for (const entry of without) {
    const isGood = laws.some(({ name }) =>
      entry.startsWith(`${name}: `) && entry.length > name.length + 2
    );
    if (isGood) continue;
    throw new RangeError(
      `Cannot leave out a law: ${
        JSON.stringify(entry)
      } found, expected the name of a law, a colon and a reason`,
    );
  }
}
