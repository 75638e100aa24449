/**
 * Clients of every kind against one server, for as long as it is told, while cards and
 * readers come and go. In the end nothing may be left of them. Memory is looked at when
 * the collector can be called: run it with `--v8-flags=--expose-gc`.
 *
 *     deno run -A --v8-flags=--expose-gc tests/faults/soak_main.ts --minutes=60
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { Reader } from "../../src/resource_manager/mod.ts";
import { FakeReader } from "../resource_manager/fake_reader.ts";
import { APDU, serverBench } from "../pcsclite/server_bench.ts";
import { dice, mischief } from "./mischief.ts";

/** Clients at a time. */
const CROWD = 12;
const WARM_UP_ROUNDS = 40;
const PROGRESS_MS = 10_000;
/** What may be left on the heap, in bytes: compiled code and caches settle late. */
const HEAP_MARGIN = 4_000_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: "78163" },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error(
    `Cannot soak: --minutes=${values.minutes} --seed=${values.seed}, expected a positive number and an integer`,
  );
  Deno.exit(2);
}

const collect = (globalThis as { gc?: () => void }).gc;

function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

function heapBytes(): number {
  collect?.();
  collect?.();
  return Deno.memoryUsage().heapUsed;
}

const roll = dice(seed);
const b = await serverBench({ readers: 3, onEvent: () => b.events.length = 0 });

/** A crowd of clients, a card that goes and comes, a reader that comes and goes. */
async function round(): Promise<void> {
  const { path } = b;
  const names = [...b.names, "Passing 03 00"];
  const crowd = Array.from(
    { length: CROWD },
    () => mischief(path, names, dice(roll(0x7FFFFFFF))),
  );
  let passing: Reader | null = null;
  if (roll(3) === 0) {
    const device = new FakeReader();
    device.insert();
    passing = await b.manager.addReader(device, { name: names[3] });
  }
  if (roll(3) === 0) {
    const device = b.devices[roll(b.devices.length)];
    device.remove();
    device.insert();
  }
  const results = await Promise.allSettled(crowd);
  if (passing !== null) b.manager.removeReader(passing);
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
  }
  await b.until(() => b.server.clientCount === 0);
  // The fake readers remember every request.
  for (const device of b.devices) device.log.length = 0;
}

/** A client that comes afterwards finds everything free. */
async function isWell(): Promise<void> {
  using client = await b.client();
  for (const name of b.names) {
    const hCard = await client.card(name, 1);
    const { rv } = await client.transmit(hCard, APDU);
    if (rv !== 0) throw new Error(`${name}: ${rv.toString(16)} after a round`);
  }
}

for (let i = 0; i < WARM_UP_ROUNDS; i++) await round();
await isWell();
await b.until(() => b.server.clientCount === 0);
const before = { files: openFiles(), heap: heapBytes() };
const endMs = performance.now() + minutes * 60_000;
let rounds = 0;
let nextProgressMs = performance.now() + PROGRESS_MS;
while (performance.now() < endMs) {
  await round();
  rounds++;
  if (performance.now() < nextProgressMs) continue;
  nextProgressMs = performance.now() + PROGRESS_MS;
  const leftS = Math.max(0, Math.round((endMs - performance.now()) / 1000));
  console.log(
    `soak: ${rounds * CROWD} clients, ${openFiles()} files, ${
      (heapBytes() / 1e6).toFixed(1)
    } MB, ${leftS} s left`,
  );
  await isWell();
}
await isWell();
await b.until(() => b.server.clientCount === 0);
const after = { files: openFiles(), heap: heapBytes() };
await b[Symbol.asyncDispose]();
console.log(
  `soak: ${
    rounds * CROWD
  } clients; open files ${before.files} before, ${after.files} after; heap ${
    (before.heap / 1e6).toFixed(1)
  } MB before, ${(after.heap / 1e6).toFixed(1)} MB after`,
);
if (after.files > before.files) throw new Error("Files are left open");
if (collect !== undefined && after.heap > before.heap + HEAP_MARGIN) {
  throw new Error("Memory is left over");
}
