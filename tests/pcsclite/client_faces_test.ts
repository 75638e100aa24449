// Invariant: what is written for the engine of this process runs unchanged over a service, in every version of the protocol.

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import { createCard } from "../../src/cards/mod.ts";
import { VirtualReader } from "../../src/drivers/virtual/mod.ts";
import {
  type ContextBackend,
  PNP_NOTIFICATION,
  ResourceManager,
  type ResourceManagerBackend,
  SCARD_RESET_CARD,
  SCARD_SPECIFIC,
  SCARD_STATE_CHANGED,
  SCARD_STATE_EMPTY,
  SCARD_STATE_INUSE,
  SCARD_STATE_PRESENT,
} from "../../src/resource_manager/mod.ts";
import { PcscLiteClient } from "../../src/pcsclite/client/mod.ts";
import {
  PCSC_LITE_SERVER_PROFILE,
  PcscLiteServer,
} from "../../src/pcsclite/server/mod.ts";
import { DIALECTS } from "../../src/pcsclite/wire/mod.ts";
import {
  type ReaderEvent,
  SmartCardResourceManager,
} from "../../src/smart_card/mod.ts";

const SELECT_MF = Uint8Array.of(0, 0xA4, 0, 0x0C, 2, 0x3F, 0);

/** A reader with a card, the engine behind it, and a way to reach the engine. */
interface Desk {
  readonly reader: VirtualReader;
  readonly manager: ResourceManagerBackend;
}

async function withEngine(use: (desk: Desk) => Promise<void>): Promise<void> {
  using reader = new VirtualReader();
  reader.insert(createCard());
  await using manager = new ResourceManager({
    profile: PCSC_LITE_SERVER_PROFILE,
  });
  await manager.addReader(reader);
  await use({ reader, manager });
}

function withService(
  minor: number,
  use: (desk: Desk) => Promise<void>,
): Promise<void> {
  return withEngine(async ({ reader, manager: engine }) => {
    const folder = Deno.makeTempDirSync({ prefix: "faces-" });
    const socketPath = `${folder}/socket`;
    try {
      await using _server = await PcscLiteServer.listen({
        manager: engine as ResourceManager,
        socketPath,
      });
      await using manager = await PcscLiteClient.connect({ socketPath, minor });
      await use({ reader, manager });
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

/** Ways to the engine, by name. */
const WAYS: readonly [string, typeof withEngine][] = [
  ["the engine", withEngine],
  ...DIALECTS.map(({ minor }): [string, typeof withEngine] => [
    `4:${minor}`,
    (use) => withService(minor, use),
  ]),
];

/** The part of the README's first example that is the Web Smart Card API's. */
function readmeExample(): string {
  const readme = new URL("../../README.md", import.meta.url);
  const [, example] = Deno.readTextFileSync(readme).split("```ts\n");
  const [, rest] = example.split(
    "// From here on it is the Web Smart Card API.",
  );
  return rest.split("```")[0];
}

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;

for (const [way, withDesk] of WAYS) {
  Deno.test(`${way}: the example of the README`, async () => {
    const names = ["SmartCardResourceManager", "manager", "toHex", "assert"];
    const run = new AsyncFunction(...names, readmeExample());
    await withDesk(({ manager }) =>
      run(SmartCardResourceManager, manager, toHex, assert)
    );
  });

  Deno.test(`${way}: cards that come and go, as events`, async () => {
    await withDesk(async ({ reader, manager }) => {
      const smartCard = new SmartCardResourceManager(manager);
      await using context = await smartCard.establishContext();
      const told: string[] = [];
      const script: Partial<Record<ReaderEvent["type"], () => void>>[] = [
        { "card-inserted": () => void reader.remove() },
        { "card-removed": () => reader.insert(createCard()) },
      ];
      for await (const event of context.readerEvents()) {
        if (event.type === "state") continue;
        told.push(event.type);
        if (told.length === 4) break;
        if (script[0]?.[event.type] !== undefined) {
          script.shift()?.[event.type]?.();
        }
      }
      assert.deepEqual(told, [
        "reader-added",
        "card-inserted",
        "card-removed",
        "card-inserted",
      ]);
    });
  });

  Deno.test(`${way}: a reset by one is told to the other, and a reconnect heals`, async () => {
    await withDesk(async ({ manager }) => {
      const [one, two] = await Promise.all([open(manager), open(manager)]);
      const [name] = await one.listReaders();
      const first = await one.connect(name);
      const second = await two.connect(name);
      assert.notEqual(first.id, second.id);
      assert.equal(first.reader.name, name);
      assert.equal(toHex(await second.transmit(SELECT_MF)), "9000");
      await first.disconnect(SCARD_RESET_CARD);
      const reset = { name: "SCARD_W_RESET_CARD" };
      await assert.rejects(async () => await second.transmit(SELECT_MF), reset);
      await assert.rejects(async () => await second.status(), reset);
      await second.reconnect({ shareMode: "shared", protocols: 3 });
      const { state, protocol, atr, readerNames } = await second.status();
      assert.equal(state, SCARD_SPECIFIC);
      assert.equal(protocol, second.activeProtocol);
      assert.ok(atr !== null && atr[0] === 0x3B);
      assert.deepEqual(readerNames, [name]);
      await one.release();
      await two.release();
    });
  });

  Deno.test(`${way}: transactions keep others out until they end`, async () => {
    await withDesk(async ({ manager }) => {
      const [one, two] = await Promise.all([open(manager), open(manager)]);
      const [name] = await one.listReaders();
      const first = await one.connect(name);
      const second = await two.connect(name);
      await first.beginTransaction();
      const order: string[] = [];
      const waiting = (async () => {
        await second.beginTransaction();
        order.push("second");
        await second.endTransaction();
      })();
      assert.equal(toHex(await first.transmit(SELECT_MF)), "9000");
      order.push("first");
      await first.endTransaction();
      await waiting;
      assert.deepEqual(order, ["first", "second"]);
      await one.release();
      await two.release();
    });
  });

  Deno.test(`${way}: states, attributes and controls`, async () => {
    await withDesk(async ({ manager, reader }) => {
      const context = await open(manager);
      const [name] = await context.listReaders();
      const [state] = await context.getStatusChange([
        { readerName: name, currentState: 0 },
      ]);
      assert.equal(
        state.eventState,
        SCARD_STATE_PRESENT | SCARD_STATE_CHANGED,
      );
      const connection = await context.connect(name);
      const waiting = context.getStatusChange([
        {
          readerName: name,
          currentState: SCARD_STATE_PRESENT | SCARD_STATE_INUSE,
        },
        { readerName: PNP_NOTIFICATION, currentState: 0 },
      ]);
      const friendly = await connection.getAttribute(0x7FFF_0003);
      assert.equal(new TextDecoder().decode(friendly), `${name}\0`);
      const unsupported = { name: "SCARD_E_UNSUPPORTED_FEATURE" };
      await assert.rejects(
        async () => await connection.getAttribute(0x0007_BEEF),
        unsupported,
      );
      reader.remove();
      const [gone] = await waiting;
      assert.equal(gone.eventState, SCARD_STATE_EMPTY | SCARD_STATE_CHANGED);
      await assert.rejects(
        async () => await connection.transmit(SELECT_MF),
        { name: "SCARD_W_REMOVED_CARD" },
      );
      await assert.rejects(context.connect("Nobody"), {
        name: "SCARD_E_UNKNOWN_READER",
      });
      await assert.rejects(context.connect(name), {
        name: "SCARD_E_NO_SMARTCARD",
      });
      const direct = await context.connect(name, { shareMode: "direct" });
      assert.equal(direct.activeProtocol, 0);
      await direct.disconnect();
      await context.release();
    });
  });
}

async function open(manager: ResourceManagerBackend): Promise<ContextBackend> {
  return await manager.establishContext();
}
