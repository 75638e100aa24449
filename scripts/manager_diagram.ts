/**
 * Draws the tables of the resource manager (`src/resource_manager/*_table.ts`) into
 * `docs/resource_manager_states.md`: a state diagram each, and the rows with their rules.
 *
 * With `--check` nothing is written: exit code 1 if the committed drawing is stale.
 *
 * @module
 */

import { CARD_TABLE } from "../src/resource_manager/card_table.ts";
import { CONNECTION_TABLE } from "../src/resource_manager/connection_table.ts";
import { READER_TABLE } from "../src/resource_manager/reader_table.ts";
import {
  phasesOf,
  type StateTable,
} from "../src/resource_manager/state_table.ts";
import { LOCK_TABLE } from "../src/resource_manager/transaction_table.ts";
import { keepDrawing } from "./drawing.ts";

/** A table, whatever its phases and events are called. */
export type AnyTable = Pick<StateTable<string, string>, "subject" | "rows"> & {
  readonly initial: string;
};

/** The tables that are drawn, each with what the page says about it. */
export const DRAWN: readonly (readonly [table: AnyTable, text: string])[] = [
  [
    READER_TABLE,
    "Does the reader work? Only a working one can be used; the others show as SCARD_STATE_UNAVAILABLE.",
  ],
  [
    CARD_TABLE,
    "Is a card in, and what is known of it? `absent`, `fresh` and `powering` show as SCARD_STATE_EMPTY, all others as SCARD_STATE_PRESENT. A change of phase that takes something from others also counts as a reset or a removal, which is how connections learn of it.",
  ],
  [
    CONNECTION_TABLE,
    "Can the connection be used, and if not, why? Resets, removals and failures are noted when the connection is looked at, before each use.",
  ],
  [
    LOCK_TABLE,
    "Does somebody run a transaction on the reader? The owner, and how many transactions it has begun, stand beside the phase.",
  ],
];

/** One transition: where from, by what, where to, and why. */
export interface Edge {
  /** The phase before. */
  readonly from: string;
  /** The event. */
  readonly on: string;
  /** The phase after, the same one where nothing changes. */
  readonly to: string;
  /** The rule beside the row. */
  readonly rule: string;
}

/** All transitions of a table, those that stay in a phase included. */
export function edges({ rows }: AnyTable): Edge[] {
  return rows.flatMap(({ from, on, to, rule }) =>
    phasesOf(from).map((phase) => ({ from: phase, on, to: to ?? phase, rule }))
  );
}

/** Mermaid's names have no hyphen. */
function id(phase: string): string {
  return phase.replaceAll("-", "_");
}

function diagram(table: AnyTable): string {
  const lines: string[] = [];
  const phases = new Set<string>();
  const labels = new Map<string, Set<string>>();
  const left = new Set<string>();
  for (const { from, on, to } of edges(table)) {
    phases.add(from).add(to);
    // A loop at a phase says nothing that the table does not say better.
    if (from === to) continue;
    left.add(from);
    const arrow = `${id(from)} --> ${id(to)}`;
    labels.set(arrow, (labels.get(arrow) ?? new Set()).add(on));
  }
  for (const phase of phases) {
    if (id(phase) !== phase) lines.push(`state "${phase}" as ${id(phase)}`);
  }
  lines.push(`[*] --> ${id(table.initial)}`);
  for (const [arrow, events] of labels) {
    lines.push(`${arrow}: ${[...events].join(", ")}`);
  }
  for (const phase of phases) {
    if (!left.has(phase)) lines.push(`${id(phase)} --> [*]`);
  }
  return lines.map((line) => `  ${line}`).join("\n");
}

function tableOf({ rows }: AnyTable): string {
  return rows.map(({ from, on, to, rule }) =>
    `| ${phasesOf(from).join(", ")} | ${on} | ${to ?? "the same"} | ${rule} |`
  ).join("\n");
}

/** The page. */
export function draw(): string {
  const parts = DRAWN.map(([table, text]) => {
    const title = `${table.subject[0].toUpperCase()}${table.subject.slice(1)}`;
    return `## ${title}

${text}

\`\`\`mermaid
stateDiagram-v2
${diagram(table)}
\`\`\`

| phase | event | leads to | rule |
| --- | --- | --- | --- |
${tableOf(table)}
`;
  });
  return `<!-- Made by \`deno task draw\` from src/resource_manager/*_table.ts: do not edit. -->

# The resource manager's states

The engine walks these tables; what has no row is an error of the engine. Not drawn,
but in the tables, is what leaves a phase as it is.

${parts.join("\n")}`;
}

if (import.meta.main) {
  await keepDrawing(
    "docs/resource_manager_states.md",
    "src/resource_manager/*_table.ts",
    draw(),
  );
}
