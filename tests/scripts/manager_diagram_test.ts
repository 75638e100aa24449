// Invariant: a running manager goes where the drawing says, and the drawing says nothing that no manager does.
import assert from "node:assert/strict";
import { draw, DRAWN, edges } from "../../scripts/manager_diagram.ts";
import type { StateTable } from "../../src/resource_manager/state_table.ts";
import { Random } from "../fuzz/random.ts";
import { walk } from "./manager_walk.ts";

/** While it lives, each transition of the running engine is told. */
function listen(
  seen: (subject: string, from: string, on: string, to: string) => void,
): Disposable {
  const tables = DRAWN.map(([table]) => table as StateTable<string, string>);
  const originals = tables.map((table) => {
    const { next } = table;
    table.next = (from, on) => {
      const to = next.call(table, from, on);
      seen(table.subject, from, on, to);
      return to;
    };
    return next;
  });
  return {
    [Symbol.dispose]: () =>
      tables.forEach((table, i) => table.next = originals[i]),
  };
}

Deno.test("the drawing has the rows of the running tables", () => {
  const page = draw();
  for (const [table] of DRAWN) {
    const running = table as StateTable<string, string>;
    assert(page.includes(`[*] --> ${table.initial}`));
    for (const { from, on, to, rule } of edges(table)) {
      assert.equal(running.next(from, on), to, `${from}, ${on}`);
      assert(page.includes(rule), rule);
      const arrow = `${from} --> ${to}`.replaceAll("-", "_");
      assert(from === to || page.replaceAll("-", "_").includes(arrow), arrow);
    }
  }
});

Deno.test("a manager's transitions are those drawn, all of them", async () => {
  const name = (subject: string, from: string, on: string, to: string) =>
    `${subject}: ${from}, ${on}, ${to}`;
  const drawn = new Set(
    DRAWN.flatMap(([table]) =>
      edges(table).map(({ from, on, to }) => name(table.subject, from, on, to))
    ),
  );
  const unseen = new Set(drawn);
  const random = new Random(78163);
  using _listening = listen((...transition) => {
    const taken = name(...transition);
    assert(drawn.has(taken), taken);
    unseen.delete(taken);
  });
  for (let i = 0; i < 12000 && unseen.size > 0; i++) await walk(random, 100);
  assert.deepEqual([...unseen], []);
});
