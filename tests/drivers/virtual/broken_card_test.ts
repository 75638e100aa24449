// Invariant: whatever a card throws, the reader goes on, and tells of its removal.
import assert from "node:assert/strict";
import {
  type InsertableCard,
  VirtualReader,
} from "../../../src/drivers/virtual/mod.ts";
import {
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_POWER_DOWN,
  STATUS_DEVICE_REMOVED,
  STATUS_IO_TIMEOUT,
  STATUS_SUCCESS,
} from "../../../src/smclib/mod.ts";
import { power, state, untilAbsent, untilPresent } from "../requests.ts";

/** A card all of whose methods throw. */
const broken: InsertableCard = {
  attach: () => fail("attach"),
  reset: () => fail("reset"),
  powerOff: () => fail("powerOff"),
  receive: () => fail("receive"),
};

function fail(what: string): never {
  throw new Error(`broken ${what}`);
}

Deno.test("a card that throws at everything is a silent one", async () => {
  using reader = new VirtualReader();
  reader.insert(broken);
  await untilPresent(reader);
  const reset = await power(reader, SCARD_COLD_RESET);
  assert.equal(reset.status, STATUS_IO_TIMEOUT);
  const off = await power(reader, SCARD_POWER_DOWN);
  assert.equal(off.status, STATUS_SUCCESS);
  const absent = untilAbsent(reader);
  assert.equal(reader.remove(), broken);
  await absent;
  assert.equal(await state(reader), SCARD_ABSENT);
});

Deno.test("a reader is unplugged with a card that throws in it", async () => {
  const reader = new VirtualReader();
  reader.insert(broken);
  reader[Symbol.dispose]();
  const { status } = await power(reader, SCARD_COLD_RESET);
  assert.equal(status, STATUS_DEVICE_REMOVED);
});
