/**
 * `scard completions`: completions for shells.
 *
 * @module
 */

import { CliError, EXIT } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import type { OptionRow, Options } from "./options.ts";
import type { Verb } from "./verb.ts";
import { VERBS } from "./verbs.ts";

/** A verb with all that a shell wants to know. */
interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly verb: Verb;
}

/** Text in single quotes, for sh, zsh and fish. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The first line of what an option does. */
function firstLine({ words }: OptionRow): string {
  return words.split("\n")[0].replace(/;$/, "");
}

function dashes({ name, short }: OptionRow): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

function takesValue({ kind }: OptionRow): boolean {
  return kind === "value" || kind === "list";
}

function bashCase({ name, verb }: Completed): string {
  const words = verb.options.flatMap(dashes).join(" ");
  const values = verb.options.filter(takesValue).map((row) => {
    const reply = row.completes === "file"
      ? "compgen -f"
      : row.completes === undefined
      ? "true"
      : `compgen -W ${quoted(row.completes.join(" "))}`;
    return `        ${
      dashes(row).join("|")
    }) COMPREPLY=($(${reply} -- "$word")); return;;`;
  });
  const files = verb.operands === "file" ? 'compgen -f -- "$word"' : "true";
  return `    ${name})
      case "$before" in
${values.join("\n")}
      esac
      case "$word" in
        -*) COMPREPLY=($(compgen -W ${quoted(`${words} --help`)} -- "$word"));;
        *) COMPREPLY=($(${files}));;
      esac;;`;
}

function bash(verbs: readonly Completed[]): string {
  const names = verbs.map(({ name }) => name).join(" ");
  return `# bash completion for scard: eval "$(scard completions bash)"
_scard() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(`${names} --help`)} -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${verbs.map(bashCase).join("\n")}
  esac
}
complete -o filenames -F _scard scard`;
}

/** An entry of zsh's _arguments. */
function zshOption(row: OptionRow): string[] {
  const what = firstLine(row).replaceAll(/[\[\]:\\]/g, "\\$&");
  const action = row.completes === "file"
    ? "_files"
    : row.completes === undefined
    ? " "
    : `(${row.completes.join(" ")})`;
  const value = row.kind === "flag"
    ? ""
    : `:${(row.value ?? "VALUE").replaceAll(":", "\\:")}:${action}`;
  return dashes(row).map((dash) => {
    const joint = row.kind === "optional" ? "=-" : "";
    const sign = row.kind === "flag" || row.kind === "value" ? "" : "*";
    const optional = row.kind === "optional" ? `:${value}` : value;
    return quoted(`${sign}${dash}${joint}[${what}]${optional}`);
  });
}

function zsh(verbs: readonly Completed[]): string {
  const list = verbs.map(({ name, summary }) => quoted(`${name}:${summary}`));
  const cases = verbs.map(({ name, verb }) => {
    const rows = verb.options.flatMap(zshOption);
    if (verb.operands === "file") rows.push("'*:file:_files'");
    return `      ${name}) _arguments ${
      [...rows, "'--help[help]'"].join(" ")
    };;`;
  });
  return `#compdef scard
# zsh completion for scard: scard completions zsh > "\${fpath[1]}/_scard"
_scard() {
  local -a verbs
  verbs=(${list.join(" ")})
  if (( CURRENT == 2 )); then
    _describe verb verbs
  else
    local verb=$words[2]
    shift words
    (( CURRENT-- ))
    case $verb in
${cases.join("\n")}
    esac
  fi
}
compdef _scard scard`;
}

function fish(verbs: readonly Completed[]): string {
  const lines = [
    "# fish completion for scard: scard completions fish | source",
  ];
  lines.push("complete -c scard -f");
  for (const { name, summary, verb } of verbs) {
    lines.push(
      `complete -c scard -n __fish_use_subcommand -a ${name} -d ${
        quoted(summary)
      }`,
    );
    const start = `complete -c scard -n '__fish_seen_subcommand_from ${name}'`;
    if (verb.operands === "file") lines.push(`${start} -F`);
    for (const row of verb.options) {
      const short = row.short === undefined ? "" : ` -s ${row.short}`;
      const value = !takesValue(row)
        ? ""
        : row.completes === "file"
        ? " -r -F"
        : row.completes === undefined
        ? " -x"
        : ` -x -a ${quoted(row.completes.join(" "))}`;
      lines.push(
        `${start}${short} -l ${row.name}${value} -d ${quoted(firstLine(row))}`,
      );
    }
  }
  return lines.join("\n");
}

const SHELLS: Readonly<
  Record<string, (verbs: readonly Completed[]) => string>
> = { bash, zsh, fish };

async function run({ operands }: Options, io: Io): Promise<number> {
  const [shell, ...more] = operands;
  const make = shell !== undefined && Object.hasOwn(SHELLS, shell)
    ? SHELLS[shell]
    : undefined;
  if (make === undefined || more.length > 0) {
    throw new CliError(
      "usage",
      `Cannot make completions: ${
        operands.length === 0 ? "no shell" : JSON.stringify(operands.join(" "))
      } found, expected ${Object.keys(SHELLS).join(", ")}`,
    );
  }
  const verbs = await Promise.all(
    VERBS.map(async ({ name, summary, load }) => ({
      name,
      summary,
      verb: await load(),
    })),
  );
  io.print(make(verbs));
  return EXIT.done.code;
}

/** `scard completions`. */
export const COMPLETIONS_VERB: Verb = {
  name: "completions",
  usage: ["bash|zsh|fish"],
  about:
    "Prints completions of verbs and options for a shell, which reads them by\n" +
    'eval "$(scard completions bash)", or in its own way.',
  options: [],
  exits: [],
  example: "scard completions bash",
  run,
};
