/**
 * Draws the reaction table of T=1 (`core-as/t1_table.ts`) into `docs/t1_states.md`: a
 * state diagram, and the table with the rule beside each row.
 *
 * With `--check` nothing is written: exit code 1 if the committed drawing is stale.
 *
 * @module
 */

import { keepDrawing } from "./drawing.ts";

const SOURCE = new URL("../core-as/t1_table.ts", import.meta.url);

/** A row of the table as its source has it. */
export interface TableRow {
  /** Constant of what is outstanding. */
  readonly name: string;
  /** The rules above the row. */
  readonly rules: string;
  /** Constants of what to do, a column each. */
  readonly actions: readonly string[];
}

/** What can come, by column. */
export const COLUMNS = [
  "nothing valid",
  "I",
  "I again",
  "R mine",
  "R next",
  "S(IFS?)",
  "S(WTX?)",
  "S(ABORT?)",
  "S-response",
] as const;

/** Reads the rows off the source. @throws {Error} when the source has another form */
export function tableRows(source: string): TableRow[] {
  const rows: TableRow[] = [];
  let comment: string[] = [];
  for (const line of source.split("\n").map((text) => text.trim())) {
    const row = line.match(/^row\((OUT_\w+),\s*(.*)\);$/);
    if (row !== null) {
      const actions = row[2].split(",").map((action) => action.trim());
      if (actions.length !== COLUMNS.length || comment.length === 0) {
        throw new Error(
          `Cannot draw row ${
            row[1]
          }: ${actions.length} columns and ${comment.length} lines of rules found, expected ${COLUMNS.length} and at least one`,
        );
      }
      rows.push({ name: row[1], rules: comment.join(" "), actions });
      comment = [];
    } else if (line.startsWith("// ")) comment.push(line.slice(3));
    else comment = [];
  }
  return rows;
}

/** The three stretches of a command: a state's name ends with its stretch. */
const STRETCHES = ["_MORE", "_CHAIN", "_ABORTED"];

function stretchOf(name: string): string {
  if (name === "OUT_ABORTED") return "_ABORTED";
  return STRETCHES.find((ending) => name.endsWith(ending)) ?? "";
}

/** Where a reaction leads: constants of what is outstanding then, or `end`. */
export function targets(row: TableRow, action: string): string[] {
  const stretch = stretchOf(row.name);
  const first = ["OUT_I", "OUT_I_MORE"];
  switch (action) {
    case "DO_SAME":
      return [row.name];
    case "DO_R":
      return [`OUT_R${stretch}`];
    case "DO_I_AGAIN":
      return [`OUT_I${stretch}`];
    case "DO_I_NEXT":
      return first;
    case "DO_TAKE":
      // A chain that grows too long is aborted by the reader.
      return ["end", "OUT_R_CHAIN", "OUT_ABORT"];
    case "DO_IFS":
    case "DO_WTX":
      // After an abortion an S-response is one among the states of the abortion.
      return stretch === "_ABORTED" ? ["OUT_ABORTED"] : [`OUT_S${stretch}`];
    case "DO_ABORT":
      return ["OUT_ABORTED"];
    case "DO_IFS_DONE":
      return ["end", ...first];
    case "DO_RESYNCH_DONE":
      return ["end", "OUT_IFS", ...first];
    case "DO_ABORT_DONE":
    case "DO_TURN":
      return ["end"];
    default:
      throw new Error(`Cannot draw action ${action}: no such reaction known`);
  }
}

/** Reactions to a failure; each may be the last one allowed. */
const FAILURES = ["DO_R", "DO_SAME", "DO_I_AGAIN"];

/** All edges of a row, those that repetitions lead to included. */
export function edges(
  row: TableRow,
): { column: number; action: string; to: string }[] {
  return row.actions.flatMap((action, column) => [
    ...targets(row, action).map((to) => ({ column, action, to })),
    ...(FAILURES.includes(action)
      ? escalation(row.name).map((to) => ({ column, action: "third", to }))
      : []),
  ]);
}

/** What a third failure in a row leads to (rules 7.4.1, 7.4.2, 6.4). */
function escalation(name: string): string[] {
  // An S-response answers something valid: the failure that follows is the first.
  if (name.startsWith("OUT_S") || name === "OUT_ABORTED") return [];
  if (name === "OUT_RESYNCH") return ["end"];
  // An IFSD that the card refuses may be done without.
  if (name === "OUT_IFS") return ["OUT_RESYNCH", "end", "OUT_I", "OUT_I_MORE"];
  // A card that asks for an I-block again has been heard.
  if (name === "OUT_I_MORE") return ["OUT_RESYNCH"];
  return ["OUT_RESYNCH", "end"];
}

function label(name: string): string {
  return name === "end" ? "[*]" : name.replace(/^OUT_/, "");
}

function actionName(action: string): string {
  return action.replace(/^DO_/, "").toLowerCase().replaceAll("_", " ");
}

function diagram(rows: readonly TableRow[]): string {
  const lines: string[] = [];
  for (const row of rows) {
    const byTarget = new Map<string, string[]>();
    row.actions.forEach((action, column) => {
      // A loop at a state says nothing that the table does not say better.
      for (const to of targets(row, action)) {
        if (to === row.name || (to === "OUT_ABORT" && action === "DO_TAKE")) {
          continue;
        }
        byTarget.set(to, [...byTarget.get(to) ?? [], COLUMNS[column]]);
      }
    });
    for (const [to, came] of byTarget) {
      lines.push(`  ${label(row.name)} --> ${label(to)}: ${came.join(", ")}`);
    }
    if (escalation(row.name).includes("OUT_RESYNCH")) {
      lines.push(`  ${label(row.name)} --> RESYNCH: third failure`);
    }
  }
  lines.push("  RESYNCH --> [*]: third failure, reset the card");
  return lines.join("\n");
}

/** The page. */
export function draw(source: string): string {
  const rows = tableRows(source);
  const table = rows.map((row) =>
    `| ${label(row.name)} | ${
      row.actions.map(actionName).join(" | ")
    } | ${row.rules} |`
  );
  return `<!-- Made by \`deno task draw\` from core-as/t1_table.ts: do not edit. -->

# T=1: the reader's states

A state is what is outstanding: the block sent last, and which part of the exchange
it belongs to. \`MORE\`: in the command's chain; \`CHAIN\`: in the card's chain;
\`ABORTED\`: after an abortion by the card. What comes leads from state to state. Not
drawn are repetitions, which stay in a state; a third failure in a row leads to
RESYNCH, or to the end where the card has never been heard (rule 7.4.1). The EMV
profile ends in place of RESYNCH. More S-requests of the card than allowed end the
command, too.

\`\`\`mermaid
stateDiagram-v2
  [*] --> I: command
  [*] --> I_MORE: command
  [*] --> IFS: IFSD to announce
  [*] --> RESYNCH: numbers in doubt
  [*] --> ABORT: abort
${diagram(rows)}
\`\`\`

Rule numbers are those of ISO/IEC 7816-3 11.6.2 and 11.6.3. "R mine" asks for the
I-block that is outstanding, "R next" for the one after it; "I" has the number
expected, "I again" the other one.

| outstanding | ${COLUMNS.join(" | ")} | rules |
|${" --- |".repeat(COLUMNS.length + 2)}
${table.join("\n")}
`;
}

if (import.meta.main) {
  const page = draw(Deno.readTextFileSync(SOURCE));
  await keepDrawing("docs/t1_states.md", "core-as/t1_table.ts", page);
}
