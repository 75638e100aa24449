/** What most tests of the resource manager begin with. */

import assert from "node:assert/strict";
import {
  type Profile,
  type Reader,
  ResourceManager,
  type ScardName,
} from "../../src/resource_manager/mod.ts";
import { FakeReader, settle } from "./fake_reader.ts";
import { FakeTimers } from "./fake_timers.ts";

export interface Bench extends AsyncDisposable {
  manager: ResourceManager;
  timers: FakeTimers;
  device: FakeReader;
  reader: Reader;
}

/** A manager with one reader, a card in it unless told otherwise. */
export async function bench(
  options: { profile?: Profile; card?: boolean; pace?: FakeReader["pace"] } =
    {},
): Promise<Bench> {
  const timers = new FakeTimers();
  const manager = new ResourceManager({ profile: options.profile, timers });
  const device = new FakeReader();
  if (options.card ?? true) device.insert();
  const reader = await manager.addReader(device);
  device.pace = options.pace ?? "sync";
  return {
    manager,
    timers,
    device,
    reader,
    async [Symbol.asyncDispose]() {
      device.pace = "sync";
      device.release();
      await manager.close();
      await settle();
      assert.equal(timers.pending, 0, "timers left");
      assert.equal(device.tracking, null, "tracking left");
      assert.equal(reader.connections.size, 0, "connections left");
      assert.equal(reader.lock.waiting, 0, "waiters left");
    },
  };
}

/** Asserts that `work` throws or rejects with this code, and returns the message. */
export async function fails(
  name: ScardName,
  work: () => unknown,
): Promise<string> {
  try {
    await work();
  } catch (error) {
    assert.equal((error as Error).name, name, (error as Error).message);
    return (error as Error).message;
  }
  throw new assert.AssertionError({ message: `expected ${name}` });
}

/** Whether a promise is settled, without waiting for it. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const done = () => settled = true;
  promise.then(done, done);
  await settle();
  return settled;
}
