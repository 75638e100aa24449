/**
 * `Deno.test` for hosts that have none: collects tests, and runs them one after another.
 * The bundler puts {@linkcode suiteTest} in place of every `Deno.test` of a suite.
 *
 * @module
 */

interface StepContext {
  name: string;
  step(...parts: Part[]): Promise<boolean>;
}

type Body = (context: StepContext) => void | Promise<void>;

interface Definition {
  name: string;
  fn: Body;
  ignore?: boolean;
}

/** What `Deno.test` and `t.step` take: name, options and body, in this order, the first two optional. */
type Part = string | Partial<Definition> | Body;

/** How a run ended, by the names of the tests that are not ignored. */
export interface Report {
  passed: string[];
  failed: { name: string; error: string }[];
}

const definitions: Definition[] = [];

function definitionOf(parts: Part[]): Definition {
  const fields = parts.map((part) => {
    if (typeof part === "string") return { name: part };
    return typeof part === "function" ? { name: part.name, fn: part } : part;
  });
  // What stands further left wins: a name is given before the body that may have one.
  const { name, fn, ignore }: Partial<Definition> = Object.assign(
    {},
    ...fields.reverse(),
  );
  if (!name || fn === undefined) {
    throw new TypeError("Cannot take a test: it has no name or no body");
  }
  return { name, fn, ignore };
}

/** Collects a test, unless it is to be ignored; takes all forms of `Deno.test`. */
export function suiteTest(...parts: Part[]): void {
  const definition = definitionOf(parts);
  if (!definition.ignore) definitions.push(definition);
}

function contextOf(path: string): StepContext {
  return {
    name: path,
    step: async (...parts) => {
      const { name, fn, ignore } = definitionOf(parts);
      if (ignore) return false;
      const inner = `${path} ... ${name}`;
      try {
        await fn(contextOf(inner));
      } catch (cause) {
        throw new Error(`step "${inner}" failed: ${text(cause)}`, { cause });
      }
      return true;
    },
  };
}

function text(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // V8 begins the stack with name and message; other engines do not.
  const { message, stack = "" } = error;
  return stack.includes(message) ? stack : `${message}\n${stack}`;
}

/** Names of all tests collected, in order. */
export function testNames(): string[] {
  return definitions.map(({ name }) => name);
}

/** Runs all tests collected. */
export async function runTests(): Promise<Report> {
  const report: Report = { passed: [], failed: [] };
  for (const { name, fn } of definitions) {
    try {
      await fn(contextOf(name));
      report.passed.push(name);
    } catch (error) {
      report.failed.push({ name, error: text(error) });
    }
  }
  return report;
}
