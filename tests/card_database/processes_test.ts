/**
 * Invariant: whatever a process has confirmed every other one sees, and neither kill -9
 * nor another writer takes it away; what was not confirmed is there whole or not at all.
 */

import assert from "node:assert/strict";
import { CardDatabase } from "../../src/card_database/mod.ts";
import { TemporaryFile } from "./temporary_file.ts";

const DEADLINE_MS = 60_000;
const KILLS = 20;
const CHILD = new URL("child.ts", import.meta.url);

function spawn(file: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--cached-only",
      `--allow-read=${file}`,
      `--allow-write=${file}`,
      CHILD.href,
      file,
      ...args,
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Lines of a child, as they come, until it ends or the deadline does it. */
async function* lines(child: Deno.ChildProcess): AsyncGenerator<string> {
  const timer = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
  try {
    let rest = "";
    const text = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const piece of text) {
      const complete = (rest + piece).split("\n");
      rest = complete.pop()!;
      yield* complete;
    }
  } finally {
    clearTimeout(timer);
  }
}

async function allLines(child: Deno.ChildProcess): Promise<string[]> {
  const found = await Array.fromAsync(lines(child));
  assert.equal((await child.status).success, true);
  return found;
}

/** Every reader of the file is there with its group, card type, interface and provider. */
function assertWhole(database: CardDatabase): Set<string> {
  const names = database.listReaders();
  assert.deepEqual(database.listCards(), names);
  for (const name of names) {
    assert.equal(database.findReader(name)?.device, `device of ${name}`);
    assert.ok(database.readerGroupsOf(name).includes(`group of ${name}`));
    assert.equal(database.listInterfaces(name).length, 1);
    assert.equal(database.getCardTypeProviderName(name, 2), name);
  }
  return new Set(names);
}

Deno.test("two processes on one file see each other's confirmed changes", async () => {
  using file = new TemporaryFile();
  // Both find no file, and make it.
  const [one, other] = await Promise.all([
    allLines(spawn(file.path, "write", "one ", "25")),
    allLines(spawn(file.path, "write", "other ", "25")),
  ]);
  using database = CardDatabase.open({ file: file.path });
  assert.deepEqual(assertWhole(database), new Set([...one, ...other]));
  database.introduceReader("here", "device of here");
  const seen = await allLines(spawn(file.path, "list"));
  assert.deepEqual(seen, database.listReaders());
  assert.equal(seen.length, 51);
});

Deno.test("an open database sees every line that a child confirms, when it does", async () => {
  using file = new TemporaryFile();
  using database = CardDatabase.open({ file: file.path });
  const child = spawn(file.path, "write", "reader ", "10");
  let confirmed = 0;
  for await (const name of lines(child)) {
    assert.notEqual(database.findReader(name), undefined, name);
    assert.ok(
      database.listCards({ atr: new TextEncoder().encode(name) })
        .includes(name),
    );
    confirmed++;
  }
  assert.equal((await child.status).success, true);
  assert.equal(confirmed, 10);
});

Deno.test("kill -9 takes nothing away that was confirmed", async () => {
  using file = new TemporaryFile();
  const confirmed = new Set<string>();
  let seed = 78163;
  for (let run = 0; run < KILLS; run++) {
    const child = spawn(file.path, "write", `run ${run} `, "100000");
    // A kill at a random moment of a random write.
    seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF;
    const patience = 1 + seed % 7;
    const delayMs = (seed >> 8) % 12;
    let count = 0;
    for await (const name of lines(child)) {
      confirmed.add(name);
      if (++count === patience) {
        setTimeout(() => child.kill("SIGKILL"), delayMs);
      }
    }
    assert.equal((await child.status).signal, "SIGKILL");
    using database = CardDatabase.open({ file: file.path });
    const there = assertWhole(database);
    assert.deepEqual([...confirmed.difference(there)], []);
    // At most the one write that was under way when the process ended.
    const more = there.difference(confirmed);
    assert.ok(more.size <= 1, [...more].join());
    for (const name of more) confirmed.add(name);
  }
  assert.ok(confirmed.size >= KILLS);
});
