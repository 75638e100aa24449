/** Readers that a policy hides are not there for its context, in no list, state or wait. */

import assert from "node:assert/strict";
import {
  PCSC_LITE_PROFILE,
  PNP_NOTIFICATION,
  type Policy,
  SCARD_STATE_CHANGED,
  SCARD_STATE_UNKNOWN,
} from "../../src/resource_manager/mod.ts";
import { bench, fails, isSettled } from "./bench.ts";
import { FakeReader, settle } from "./fake_reader.ts";

const NAME = "Fake Reader 0";

Deno.test("policy: a hidden reader is not there, and never comes or goes", async () => {
  await using setup = await bench();
  const { manager } = setup;
  const policy: Policy = {
    seeReader: ({ readerName }) => readerName !== "Secret",
  };
  const context = manager.establishContext({ policy });
  const list = { readerName: PNP_NOTIFICATION, currentState: 0 };
  const [{ eventCount }] = context.readerStates([list]);
  const waiting = context.getStatusChange([
    { ...list, currentCount: eventCount },
    { readerName: "Secret", currentState: SCARD_STATE_UNKNOWN },
  ]);
  const secret = new FakeReader();
  const reader = await manager.addReader(secret, { name: "Secret" });
  secret.insert();
  await settle();
  assert.deepEqual(context.listReaders(), [NAME]);
  const message = await fails(
    "SCARD_E_UNKNOWN_READER",
    () => context.connect("Secret"),
  );
  assert.ok(message.endsWith(`expected one of ["${NAME}"]`), message);
  const [answer] = context.readerStates([{
    readerName: "Secret",
    currentState: 0,
  }]);
  assert.ok((answer.eventState & SCARD_STATE_UNKNOWN) !== 0);
  assert.equal(answer.atr, null);
  manager.removeReader(reader);
  assert.equal(await isSettled(waiting), false);
  await manager.addReader(new FakeReader(), { name: "Public" });
  const [{ eventState }] = await waiting;
  assert.ok((eventState & SCARD_STATE_CHANGED) !== 0);
  assert.deepEqual(context.listReaders(), [NAME, "Public"]);
});

Deno.test("policy: with pcsc-lite, waiting for a hidden reader is an error", async () => {
  await using setup = await bench({ profile: PCSC_LITE_PROFILE });
  const context = setup.manager.establishContext({
    policy: {
      seeReader: () => {
        throw new Error("broken");
      },
    },
  });
  assert.deepEqual(context.listReaders(), []);
  await fails(
    "SCARD_E_UNKNOWN_READER",
    () => context.getStatusChange([{ readerName: NAME, currentState: 0 }]),
  );
});

Deno.test("policy: without hidden readers the count of the list is the manager's", async () => {
  await using setup = await bench({ profile: PCSC_LITE_PROFILE });
  const { manager } = setup;
  const list = [{ readerName: PNP_NOTIFICATION, currentState: 0 }];
  const policy: Policy = { seeReader: () => true };
  const [plain, judged] = [{}, { policy }].map((options) =>
    manager.establishContext(options)
  );
  for (let i = 0; i < 3; i++) {
    const reader = await manager.addReader(new FakeReader());
    assert.deepEqual(judged.readerStates(list), plain.readerStates(list));
    manager.removeReader(reader);
    assert.deepEqual(judged.readerStates(list), plain.readerStates(list));
    assert.deepEqual(judged.listReaders(), plain.listReaders());
  }
});
