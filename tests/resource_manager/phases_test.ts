import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_POWER,
  STATUS_IO_TIMEOUT,
} from "../../src/smclib/mod.ts";
import { StateTable } from "../../src/resource_manager/state_table.ts";
import { bench, fails } from "./bench.ts";
import { settle } from "./fake_reader.ts";

const APDU = Uint8Array.of(0, 0xA4, 0, 0);

Deno.test("table: a row leads on, stays where it names no phase, and what has none is the error", () => {
  const table = new StateTable<"shut" | "open", "push" | "look">(
    "door",
    "shut",
    [
      { from: "shut", on: "push", to: "open", rule: "doors open" },
      { from: ["shut", "open"], on: "look", rule: "looking changes nothing" },
    ],
  );
  assert.equal(table.next("shut", "push"), "open");
  assert.equal(table.next("open", "look"), "open");
  assert.throws(() => table.next("open", "push"), {
    message:
      'Cannot go on with the door: "push" while "open" found, expected look',
  });
});

Deno.test("table: two rows for the same phase and event are refused", () => {
  const row = { from: "shut", on: "push", rule: "doors open" } as const;
  assert.throws(
    () => new StateTable<"shut", "push">("door", "shut", [row, row]),
    /two rows for "push" while "shut" found/,
  );
});

Deno.test("transaction: a removal that was not served yet has ended it", async () => {
  await using b = await bench({ card: false });
  const context = b.manager.establishContext();
  // It has no card to lose, but the lock goes with the card that came in.
  const direct = await context.connect(b.reader.name, { shareMode: "direct" });
  b.device.insert();
  await settle();
  await direct.beginTransaction();
  b.device.remove();
  await fails("SCARD_E_NOT_TRANSACTED", () => direct.endTransaction(1));
});

Deno.test("transaction: its end with a reset leaves the card of a reader alone that broke down", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  await connection.beginTransaction();
  b.device.pace = "held";
  const sent = Promise.resolve(connection.transmit(APDU));
  const ending = Promise.resolve(connection.endTransaction(1));
  const resets = b.device.count(IOCTL_SMARTCARD_POWER);
  b.device.endTracking(STATUS_IO_TIMEOUT);
  await settle();
  assert.equal(b.reader.available, false);
  b.device.pace = "sync";
  b.device.release();
  await sent;
  await fails("SCARD_E_READER_UNAVAILABLE", () => ending);
  assert.equal(b.device.count(IOCTL_SMARTCARD_POWER), resets);
});

Deno.test("reader: what held a card of a reader that did not work must reconnect when it does", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const direct = await context.connect(b.reader.name, {
    shareMode: "direct",
    protocols: 3,
  });
  b.device.pace = "held";
  // The card is found again by the question that follows the failed reset.
  const reconnected = direct.reconnect({
    shareMode: "direct",
    protocols: 0,
    initialization: 1,
  });
  await settle();
  b.device.endTracking(STATUS_IO_TIMEOUT);
  await settle();
  b.device.failNext(IOCTL_SMARTCARD_POWER, STATUS_IO_TIMEOUT);
  b.device.pace = "sync";
  b.device.release();
  await Promise.allSettled([reconnected]);
  await settle();
  assert.equal(direct.problem, "reader-unavailable");
  await context.connect(b.reader.name, { shareMode: "direct" });
  assert.equal(direct.problem, "card-removed");
});
