// What becomes of connections, waiters and cards when a card is reset or goes, a reader
// goes, and the manager stops: per resource manager.

import assert from "node:assert/strict";
import {
  type Connection,
  PCSC_LITE_PROFILE,
  type Profile,
  SCARD_LEAVE_CARD,
  SCARD_RESET_CARD,
  SCARD_UNPOWER_CARD,
  WEB_PROFILE,
  WINDOWS_PROFILE,
} from "../../src/resource_manager/mod.ts";
import { fails } from "./bench.ts";
import { settle } from "./fake_reader.ts";
import { APDU, clients, refuses, SHARED, works } from "./model/life_cycle.ts";

const PROFILES = [WINDOWS_PROFILE, PCSC_LITE_PROFILE, WEB_PROFILE];

/** How one connection may reset the card of the others. */
const RESETS: readonly [
  string,
  (connection: Connection) => Promise<unknown>,
][] = [
  SCARD_RESET_CARD,
  SCARD_UNPOWER_CARD,
].flatMap((how) => {
  const word = how === SCARD_RESET_CARD ? "a reset" : "a power-down";
  return [
    [
      `reconnect with ${word}`,
      (c: Connection) => c.reconnect({ ...SHARED, initialization: how }),
    ],
    [
      `disconnect with ${word}`,
      async (c: Connection) => await c.disconnect(how),
    ],
    [
      `end of a transaction with ${word}`,
      async (c: Connection) => {
        await c.beginTransaction();
        await c.endTransaction(how);
      },
    ],
  ];
});

for (const profile of PROFILES) {
  const { name } = profile;
  for (const [how, reset] of RESETS) {
    Deno.test(`life cycle, ${name}: ${how}`, async () => {
      const { b, first, second } = await clients(profile);
      await using _ = b;
      const mine = await first.connect(b.reader.name);
      const others = [
        await first.connect(b.reader.name),
        await second.connect(b.reader.name),
      ];
      await reset(mine);
      for (const other of others) {
        await refuses(other, "SCARD_W_RESET_CARD");
        await other.reconnect(SHARED);
        await works(other);
      }
      // Who connects now sees nothing of it.
      await works(await second.connect(b.reader.name));
    });
  }

  Deno.test(`life cycle, ${name}: the card is removed, and comes back`, async () => {
    const { b, first, second } = await clients(profile);
    await using _ = b;
    const owner = await first.connect(b.reader.name);
    const other = await second.connect(b.reader.name);
    await owner.beginTransaction();
    const waiting = fails(
      "SCARD_W_REMOVED_CARD",
      () => other.beginTransaction(),
    );
    b.device.remove();
    await waiting;
    assert.equal(b.reader.lock.owner, null);
    for (const connection of [owner, other]) {
      await refuses(connection, "SCARD_W_REMOVED_CARD");
      await fails("SCARD_E_NO_SMARTCARD", () => connection.reconnect(SHARED));
    }
    b.device.insert();
    await settle();
    for (const connection of [owner, other]) {
      await refuses(connection, "SCARD_W_REMOVED_CARD");
      await connection.reconnect(SHARED);
      await works(connection);
    }
    assert.equal(b.reader.state.eventCount, 2);
  });

  Deno.test(`life cycle, ${name}: the reader is removed`, async () => {
    const { b, first, second } = await clients(profile);
    await using _ = b;
    const owner = await first.connect(b.reader.name);
    const other = await second.connect(b.reader.name);
    await owner.beginTransaction();
    const waiting = fails(
      "SCARD_E_READER_UNAVAILABLE",
      () => other.beginTransaction(),
    );
    b.manager.removeReader(b.reader);
    await waiting;
    for (const connection of [owner, other]) {
      await refuses(connection, "SCARD_E_READER_UNAVAILABLE");
      await connection.disconnect(SCARD_RESET_CARD);
    }
    // The context is kept.
    assert.deepEqual(first.listReaders(), []);
    await fails("SCARD_E_UNKNOWN_READER", () => first.connect(b.reader.name));
  });

  Deno.test(`life cycle, ${name}: the manager stops`, async () => {
    const { b, first, second } = await clients(profile);
    await using _ = b;
    const owner = await first.connect(b.reader.name);
    const other = await second.connect(b.reader.name);
    await owner.beginTransaction();
    const waits = [
      other.beginTransaction(),
      second.connect(b.reader.name),
      first.getStatusChange([{
        readerName: b.reader.name,
        currentState: b.reader.state.flags,
      }]),
    ].map((wait) => assert.rejects(Promise.resolve(wait)));
    await b.manager.close();
    await Promise.all(waits);
    await fails("SCARD_E_SERVICE_STOPPED", () => first.connect(b.reader.name));
    await fails("SCARD_E_NO_SERVICE", () => b.manager.establishContext());
    await fails("SCARD_E_INVALID_HANDLE", () => owner.transmit(APDU));
  });
}

/** Whether the one who ended a transaction like this must reconnect, too. */
const OWN: readonly (readonly [Profile, number, boolean])[] = [
  [WINDOWS_PROFILE, SCARD_LEAVE_CARD, false],
  [WINDOWS_PROFILE, SCARD_RESET_CARD, false],
  [PCSC_LITE_PROFILE, SCARD_LEAVE_CARD, false],
  [PCSC_LITE_PROFILE, SCARD_RESET_CARD, true],
  [WEB_PROFILE, SCARD_LEAVE_CARD, false],
  [WEB_PROFILE, SCARD_RESET_CARD, false],
];

for (const [profile, disposition, marksOwn] of OWN) {
  Deno.test(`life cycle, ${profile.name}: disposition ${disposition} at the end of one's own transaction`, async () => {
    const { b, first } = await clients(profile);
    await using _ = b;
    const mine = await first.connect(b.reader.name);
    await mine.beginTransaction();
    await mine.endTransaction(disposition);
    if (marksOwn) await refuses(mine, "SCARD_W_RESET_CARD");
    else await works(mine);
  });
}
