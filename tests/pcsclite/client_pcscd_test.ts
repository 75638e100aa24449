// Invariant: the faces work over Debian's pcscd as they do over the engine of this process.

import assert from "node:assert/strict";
import { equalBytes, fromHex, toHex } from "../../src/bytes.ts";
import { createApduCard } from "../../src/cards/mod.ts";
import { VpcdCard } from "../../src/drivers/vpcd/mod.ts";
import {
  SCARD_RESET_CARD,
  SCARD_SPECIFIC,
  SCARD_STATE_CHANGED,
  SCARD_STATE_EMPTY,
  SCARD_STATE_INUSE,
  SCARD_STATE_PRESENT,
} from "../../src/resource_manager/mod.ts";
import {
  PcscLiteClient,
  type PcscLiteContext,
} from "../../src/pcsclite/client/mod.ts";
import { SmartCardResourceManager } from "../../src/smart_card/mod.ts";
import { RecordedCard } from "../drivers/vpcd/recorded_card.ts";
import { pcscdTest } from "../interop/pcscd.ts";
import { SOCKET } from "../interop/pcscd_process.ts";

const SELECT_MF = fromHex("00A4000C023F00");

function connect(minor?: number): Promise<PcscLiteClient> {
  return PcscLiteClient.connect({ socketPath: SOCKET, minor });
}

/** Waits until the reader has, or has not, a card. */
async function until(
  context: PcscLiteContext,
  readerName: string,
  flag: number,
): Promise<void> {
  let currentState = 0;
  do {
    const [{ eventState }] = await context.getStatusChange(
      [{ readerName, currentState }],
      { timeoutMs: 10_000 },
    );
    currentState = eventState;
  } while ((currentState & flag) === 0);
}

pcscdTest("client: the Web Smart Card API, step by step", async (pcscd) => {
  const { ports: [port], readers: [name, other] } = pcscd;
  await using client = await connect();
  assert.deepEqual(client.readers.map((reader) => reader.name), [name, other]);
  const smartCard = new SmartCardResourceManager(client);
  await using context = await smartCard.establishContext();
  assert.deepEqual(await context.listReaders(), [name, other]);
  const card = createApduCard();
  await using _plug = await VpcdCard.connect({ card, port });
  for await (const event of context.readerEvents()) {
    if (event.type !== "card-inserted") continue;
    assert.equal(event.reader, name);
    assert.equal(toHex(event.atr ?? new Uint8Array()), toHex(card.atr));
    break;
  }
  const { connection, activeProtocol } = await context.connect(name, "shared", {
    preferredProtocols: ["t1"],
  });
  assert.equal(activeProtocol, "t1");
  await connection.startTransaction(async () => {
    const answer = await connection.transmit(SELECT_MF);
    assert.equal(toHex(new Uint8Array(answer)), "9000");
    return "leave";
  });
  const status = await connection.status();
  assert.equal(status.state, "t1");
  assert.equal(status.readerName, name);
  await connection.disconnect("reset");
});

pcscdTest(
  "client: whatever version is proposed, pcscd's own is spoken",
  async ({ readers }) => {
    for (const minor of [3, 4, 5, 6]) {
      await using client = await connect(minor);
      assert.equal(client.minor, 4);
      await using context = await client.establishContext();
      assert.deepEqual(await context.listReaders(), [...readers]);
    }
  },
);

pcscdTest(
  "client: two clients, one card: locks, resets, removal",
  async (pcscd) => {
    const { ports: [port], readers: [name] } = pcscd;
    await using client = await connect();
    await using one = await client.establishContext();
    await using two = await client.establishContext();
    // As long as vpcd's frames are.
    const longest = new Uint8Array(65_535).map((_, i) => i % 251);
    const card = new RecordedCard({
      onApdu: (apdu) => apdu[1] === 0xB0 ? longest : Uint8Array.of(0x90, 0),
    });
    const plug = await VpcdCard.connect({ card, port });
    await until(one, name, SCARD_STATE_PRESENT);
    const first = await one.connect(name);
    const second = await two.connect(name);

    await first.beginTransaction();
    const order: string[] = [];
    const waiting = second.transmit(SELECT_MF).then(() => order.push("second"));
    const asking = second.status();
    await first.transmit(SELECT_MF);
    order.push("first");
    await first.endTransaction();
    await waiting;
    assert.deepEqual(order, ["first", "second"]);
    const { state, protocol, atr } = await asking;
    assert.equal(state, SCARD_SPECIFIC);
    assert.equal(protocol, first.activeProtocol);
    assert.equal(toHex(atr ?? new Uint8Array()), toHex(card.atr));

    const long = await first.transmit(fromHex("00B00000000000"));
    assert.ok(equalBytes(long, longest));
    // vpcd's driver leaves pcscd no room for the name.
    await assert.rejects(first.getAttribute(0x7FFF_0003), {
      name: "SCARD_E_INSUFFICIENT_BUFFER",
    });
    await assert.rejects(first.getAttribute(0x0007_BEEF), {
      name: "SCARD_E_UNSUPPORTED_FEATURE",
    });

    await second.reconnect({
      shareMode: "shared",
      protocols: 3,
      initialization: SCARD_RESET_CARD,
    });
    const reset = { name: "SCARD_W_RESET_CARD" };
    await assert.rejects(first.transmit(SELECT_MF), reset);
    await assert.rejects(first.beginTransaction(), reset);
    await first.reconnect({ shareMode: "shared", protocols: 3 });
    await first.transmit(SELECT_MF);

    const gone = one.getStatusChange([{
      readerName: name,
      currentState: SCARD_STATE_PRESENT | SCARD_STATE_INUSE,
    }]);
    await plug.close();
    const [answer] = await gone;
    assert.equal(answer.eventState, SCARD_STATE_EMPTY | SCARD_STATE_CHANGED);
    const removed = { name: "SCARD_W_REMOVED_CARD" };
    await assert.rejects(first.transmit(SELECT_MF), removed);
    await assert.rejects(second.status(), removed);
    await first.disconnect();
    second.close();
    await assert.rejects(one.connect(name), { name: "SCARD_E_NO_SMARTCARD" });
    await assert.rejects(one.connect("Nobody"), {
      name: "SCARD_E_UNKNOWN_READER",
    });
  },
);

pcscdTest(
  "client: waits are cancelled from elsewhere; pcscd goes and comes back",
  async (pcscd) => {
    const { readers: [readerName] } = pcscd;
    await using client = await connect();
    await using context = await client.establishContext();
    const empty = { readerName, currentState: SCARD_STATE_EMPTY };
    await assert.rejects(context.getStatusChange([empty], { timeoutMs: 10 }), {
      name: "SCARD_E_TIMEOUT",
    });
    const cancelled = { name: "SCARD_E_CANCELLED" };
    const own = assert.rejects(context.getStatusChange([empty]), cancelled);
    context.cancel();
    await own;
    const others = assert.rejects(context.getStatusChange([empty]), cancelled);
    await cancelFromElsewhere(context.hContext);
    await others;
    await assert.rejects(client.cancelContext(1), {
      name: "SCARD_E_INVALID_HANDLE",
    });

    const service = { name: "SCARD_E_NO_SERVICE" };
    const lost = assert.rejects(context.getStatusChange([empty]), service);
    await pcscd.stop();
    await lost;
    await assert.rejects(context.listReaders(), service);
    await assert.rejects(client.establishContext(), service);
    await pcscd.start();
    await using again = await client.establishContext();
    assert.deepEqual(await again.listReaders(), [...pcscd.readers]);
  },
);

/** This pcscd refuses to cancel who does not wait yet. */
async function cancelFromElsewhere(hContext: number): Promise<void> {
  await using other = await connect();
  for (;;) {
    try {
      return await other.cancelContext(hContext);
    } catch (error) {
      const { name } = error as Error;
      if (name !== "SCARD_E_INVALID_HANDLE") throw error;
    }
  }
}
