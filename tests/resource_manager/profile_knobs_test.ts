// Invariant: each knob of a profile moves what it says, and the engine never asks which profile it has.
import assert from "node:assert/strict";
import {
  PCSC_LITE_PROFILE,
  type Profile,
  WEB_PROFILE,
  WINDOWS_PROFILE,
} from "../../src/resource_manager/mod.ts";
import { bench, fails, isSettled } from "./bench.ts";
import { settle } from "./fake_reader.ts";

const FOLDER = new URL("../../src/resource_manager/", import.meta.url);

Deno.test("profiles: where the three differ", () => {
  const row = (knob: keyof Profile) =>
    [WINDOWS_PROFILE, PCSC_LITE_PROFILE, WEB_PROFILE].map((p) => p[knob]);
  assert.deepEqual(row("directIsExclusive"), [true, false, false]);
  assert.deepEqual(row("beginWaitMs"), [Infinity, 100, Infinity]);
  assert.deepEqual(row("otherCallsWhileLocked"), ["wait", "violation", "wait"]);
  assert.deepEqual(row("idleTransactionResetMs"), [5000, 0, 0]);
  assert.deepEqual(row("reconnectKeepsTransaction"), [false, true, false]);
  assert.deepEqual(row("endResetMarksOwn"), [false, true, false]);
});

Deno.test("profiles: every knob is read, and the name by nobody", () => {
  const sources = [...Deno.readDirSync(FOLDER)]
    .filter(({ name }) => name !== "profiles.ts")
    .map(({ name }) => Deno.readTextFileSync(new URL(name, FOLDER))).join("\n");
  for (const knob of Object.keys(WEB_PROFILE)) {
    if (knob === "name") continue;
    assert.match(sources, new RegExp(`\\b${knob}\\b`), knob);
  }
  assert.doesNotMatch(sources, /profile\??\.name\b/);
  assert.doesNotMatch(sources, /=== (WINDOWS|PCSC_LITE|WEB)_PROFILE/);
});

for (const beginWaitMs of [100, 2500]) {
  Deno.test(`begin: waits ${beginWaitMs} ms where the profile says so, then is refused`, async () => {
    await using b = await bench({ profile: { ...WEB_PROFILE, beginWaitMs } });
    const context = b.manager.establishContext();
    const [holder, late, next] = [
      await context.connect(b.reader.name),
      await context.connect(b.reader.name),
      await context.connect(b.reader.name),
    ];
    await holder.beginTransaction();
    // Whoever owns the lock waits for nobody.
    await holder.beginTransaction();
    holder.endTransaction();
    const refused = Promise.resolve(late.beginTransaction());
    b.timers.advance(beginWaitMs - 1);
    assert.equal(await isSettled(refused), false);
    const served = Promise.resolve(next.beginTransaction());
    b.timers.advance(1);
    const message = await fails("SCARD_E_SHARING_VIOLATION", () => refused);
    assert.match(message, /runs a transaction .*, expected none within/);
    assert.equal(b.reader.lock.waiting, 1);
    holder.endTransaction();
    await served;
    assert.equal(b.reader.lock.owner, next);
    assert.equal(b.timers.pending, 0);
    next.endTransaction();
    await late.beginTransaction();
    late.endTransaction();
  });
}

Deno.test("begin: no limit where the profile has none; abort and disconnect end it before the limit", async () => {
  await using b = await bench({ profile: WINDOWS_PROFILE });
  const context = b.manager.establishContext();
  const [holder, other] = [
    await context.connect(b.reader.name),
    await context.connect(b.reader.name),
  ];
  await holder.beginTransaction();
  const waiting = Promise.resolve(other.beginTransaction());
  for (let i = 0; i < 100; i++) {
    b.timers.advance(1000);
    // In use: the rule for idle transactions does not end it.
    holder.transmit(Uint8Array.of(0, 0xA4, 0, 0));
  }
  assert.equal(await isSettled(waiting), false);
  holder.endTransaction();
  await waiting;
});

Deno.test("begin: abort and disconnect end a limited wait, and its timer", async () => {
  await using b = await bench({ profile: PCSC_LITE_PROFILE });
  const context = b.manager.establishContext();
  const [holder, aborted, closed] = [
    await context.connect(b.reader.name),
    await context.connect(b.reader.name),
    await context.connect(b.reader.name),
  ];
  await holder.beginTransaction();
  const abort = new AbortController();
  const first = Promise.resolve(
    aborted.beginTransaction({ signal: abort.signal }),
  );
  const second = Promise.resolve(closed.beginTransaction());
  const reason = new Error("called off");
  abort.abort(reason);
  closed.disconnect();
  await assert.rejects(first, reason);
  await fails("SCARD_E_INVALID_HANDLE", () => second);
  await settle();
  assert.equal(b.timers.pending, 0);
});
