/// <reference types="../../src/portable/portable.d.ts" />
// Invariant: the machine goes where the drawing says, and the drawing says nothing that the machine does not do.
import assert from "node:assert/strict";
import { outstanding } from "../../core-as/t1.ts";
import * as table from "../../core-as/t1_table.ts";
import { Machine, MACHINE_TRANSFER, T1Session } from "../../src/core/mod.ts";
import { edges, tableRows } from "../../scripts/t1_diagram.ts";
import { bothCores } from "../core/cores.ts";
import { DuelInput } from "../core/duel_input.ts";
import { cardAnswer } from "../core/duel_t1_card.ts";
import { blockCheck } from "../oracle/crc.ts";
import { Random } from "../fuzz/random.ts";

const ROWS = tableRows(
  Deno.readTextFileSync(new URL("../../core-as/t1_table.ts", import.meta.url)),
);
const NAMES = new Map(
  Object.entries(table)
    .filter(([name]) => name.startsWith("OUT_"))
    .map(([name, value]) => [value as number, name]),
);
const [, twin] = bothCores();

Deno.test("the drawing has the cells of the running table", () => {
  const constants = table as unknown as Record<string, number>;
  assert.equal(ROWS.length, NAMES.size);
  for (const { name, actions } of ROWS) {
    actions.forEach((action, column) => {
      const found = table.reaction(constants[name], column);
      assert.equal(found, constants[action], `${name}, column ${column}`);
    });
  }
});

/** Plays random exchanges; calls `seen` with each change of what is outstanding. */
function wander(
  sessions: number,
  seen: (from: string, to: string) => void,
): void {
  const random = new Random(78163);
  using session = new T1Session({}, new Machine(twin));
  const { machine } = session;
  const state = () => NAMES.get(outstanding(machine.address))!;
  for (let i = 0; i < sessions; i++) {
    session.reset({
      ifscBytes: 4,
      ifsdBytes: [undefined, 32, 254][random.below(3)],
      ifsRefusal: random.chance(0.5) ? "proceed" : "reset",
      maxWtx: 50,
    });
    const input = new DuelInput(
      Uint8Array.from({ length: 300 }, () => random.below(256)),
    );
    while (!input.isOver) {
      const job = random.below(12);
      let event = job === 0
        ? session.startAbort()
        : job === 1
        ? session.startResynch()
        : job === 2
        ? session.startIfs(16)
        : session.start(input.bytes(1 + random.below(10)));
      let before = new Uint8Array(0);
      while (event === MACHINE_TRANSFER && !input.isOver) {
        const from = state();
        const answer = cardAnswer(input.byte(), input, {
          sent: machine.send.slice(0, session.build()),
          expected: session.rsn,
          before,
          nad: 0,
          seal: (body) => Uint8Array.of(...body, ...blockCheck("LRC", body)),
        });
        before = answer;
        machine.receive.set(answer);
        event = session.digest(answer.length);
        seen(from, event === MACHINE_TRANSFER ? state() : "end");
      }
    }
  }
  machine[Symbol.dispose]();
}

Deno.test("the machine's transitions are those drawn, all of them", () => {
  const drawn = new Map<string, Set<string>>();
  for (const row of ROWS) {
    drawn.set(row.name, new Set(edges(row).map(({ to }) => to)));
  }
  const unseen = new Map([...drawn].map(([from, to]) => [from, new Set(to)]));
  wander(6000, (from, to) => {
    assert.ok(drawn.get(from)?.has(to), `${from} leads to ${to}, not drawn`);
    unseen.get(from)?.delete(to);
  });
  // Answers longer than 65 538 bytes do not come up here; t1_test.ts has them.
  for (const to of unseen.values()) to.delete("OUT_ABORT");
  const missing = [...unseen].flatMap(([from, to]) =>
    [...to].map((name) => `${from} to ${name}`)
  );
  assert.deepEqual(missing, []);
});
