// Clients that die, stall or crowd take nothing from the others.

import assert from "node:assert/strict";
import * as wire from "../../src/pcsclite/wire/mod.ts";
import { SCARD_CODES } from "../../src/resource_manager/mod.ts";
import { RawClient } from "../pcsclite/raw_client.ts";
import { APDU, serverBench } from "../pcsclite/server_bench.ts";
import { sampleRequests } from "./requests.ts";

const { COMMANDS } = wire;

/** A process that connects, does `script` with a client `c`, says so, and waits to be killed. */
async function victim(path: string, script: string) {
  const modules = new URL("../pcsclite/raw_client.ts", import.meta.url);
  const wireModule = new URL("../../src/pcsclite/wire/mod.ts", import.meta.url);
  const code = `
    import { RawClient } from ${JSON.stringify(modules.href)};
    import * as wire from ${JSON.stringify(wireModule.href)};
    const c = await RawClient.open(${JSON.stringify(path)});
    ${script}
    console.log("ready");
    setInterval(() => {}, 1e6);
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--ext=ts", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  assert.match(new TextDecoder().decode(value), /ready/);
  return async () => {
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
  };
}

Deno.test("a process that is killed in a transaction: the card is reset, and the next one begins", async () => {
  await using b = await serverBench();
  const kill = await victim(
    b.path,
    `const hCard = await c.card(${JSON.stringify(b.names[0])}, 2);
     await c.ask(wire.COMMANDS.BEGIN_TRANSACTION, wire.BEGIN, { hCard });`,
  );
  using client = await b.client();
  const connecting = client.card(b.names[0]);
  await kill();
  const hCard = await connecting;
  assert.equal((await client.transmit(hCard, APDU)).rv, 0);
});

Deno.test("a process that is killed with a card of its own: the card is reset", async () => {
  await using b = await serverBench();
  const kill = await victim(
    b.path,
    `await c.card(${JSON.stringify(b.names[0])}, 1);`,
  );
  const { resets } = b.manager.readers[0].slot;
  await kill();
  await b.until(() => b.server.clientCount === 0);
  assert.equal(b.manager.readers[0].slot.resets, resets + 1);
});

Deno.test("clients that go while they share a card leave it as it is", async () => {
  await using b = await serverBench();
  using client = await b.client();
  const hCard = await client.card(b.names[0]);
  const other = await b.client();
  await other.card(b.names[0]);
  other.close();
  await b.until(() => b.server.clientCount === 1);
  assert.equal((await client.transmit(hCard, APDU)).rv, 0);
});

Deno.test("clients that go in the middle of each message, inside a transaction", async () => {
  await using b = await serverBench();
  for (const { name, bytes } of sampleRequests(4)) {
    const client = await b.client();
    const hCard = await client.card(b.names[0]);
    await client.ask(COMMANDS.BEGIN_TRANSACTION, wire.BEGIN, { hCard });
    using next = await b.client();
    const waiting = next.connectCard(b.names[0]);
    await client.send(bytes.subarray(0, bytes.length - 1));
    client.close();
    assert.equal((await waiting).rv, 0, name);
  }
});

Deno.test("clients that go while they wait for events", async () => {
  await using b = await serverBench();
  for (let i = 0; i < 20; i++) {
    const client = await b.client();
    await client.order(COMMANDS.WAIT_READER_STATE_CHANGE);
    if (i % 2 === 0) await client.read(2944);
    client.close();
    b.devices[0].remove();
    b.devices[0].insert();
  }
  await b.until(() => b.server.clientCount === 0);
});

Deno.test("a client that goes while the reader is at work", async () => {
  await using b = await serverBench();
  const [device] = b.devices;
  using client = await b.client();
  const hCard = await client.card(b.names[0]);
  const dying = await b.client();
  const theirs = await dying.card(b.names[0]);
  device.pace = "held";
  const lost = dying.transmit(theirs, APDU).catch(() => {});
  await b.until(() => true);
  while (device.held.length === 0) await new Promise((go) => setTimeout(go));
  dying.close();
  await b.until(() => b.server.clientCount === 1);
  const waiting = client.transmit(hCard, APDU);
  device.pace = "sync";
  device.release();
  assert.equal((await waiting).rv, 0);
  await lost;
});

Deno.test("a thousand idle connections: the others work, and all go again", async () => {
  await using b = await serverBench({ maxClients: 1100 });
  using client = await b.client();
  const hCard = await client.card(b.names[0]);
  for (const crowd of [200, 1000]) {
    const idle: RawClient[] = [];
    for (let i = 0; i < crowd; i++) {
      const one = await RawClient.connect(b.path);
      // Half of them are in the middle of something.
      if (i % 2 === 0) await one.send(Uint8Array.of(32, 0, 0, 0, 9, 0));
      idle.push(one);
    }
    await b.until(() => b.server.clientCount === crowd + 1);
    assert.equal((await client.transmit(hCard, APDU)).rv, 0);
    b.devices[0].remove();
    assert.equal(
      (await client.transmit(hCard, APDU)).rv,
      SCARD_CODES.SCARD_W_REMOVED_CARD,
    );
    b.devices[0].insert();
    for (const one of idle) one.close();
    await b.until(() => b.server.clientCount === 1);
    const { rv } = await client.ask(COMMANDS.RECONNECT, wire.RECONNECT, {
      hCard,
      dwShareMode: 2,
      dwPreferredProtocols: 3,
    });
    assert.equal(rv, 0);
  }
});

Deno.test("a client that never reads is given up, and holds the others nowhere", async () => {
  await using b = await serverBench({ writeTimeoutMs: 300 });
  using client = await b.client();
  const hCard = await client.card(b.names[0]);
  const deaf = await b.client();
  const theirs = await deaf.card(b.names[0]);
  await deaf.ask(COMMANDS.BEGIN_TRANSACTION, wire.BEGIN, { hCard: theirs });
  const states = wire.encodeRequest(COMMANDS.GET_READERS_STATE);
  const many = new Uint8Array(1000 * states.length);
  for (let i = 0; i < 1000; i++) many.set(states, i * states.length);
  // The server stops reading long before it has kept what it cannot send.
  const flood = (async () => {
    for (let i = 0; i < 200; i++) await deaf.send(many);
  })().catch(() => {});
  const begun = await client.ask(COMMANDS.STATUS, wire.STATUS, { hCard });
  assert.equal(begun.rv, SCARD_CODES.SCARD_E_SHARING_VIOLATION);
  await b.until(() => b.server.clientCount === 1);
  const gone = b.events.find(({ kind }) => kind === "disconnected");
  assert.match(String(gone?.kind === "disconnected" && gone.error), /not read/);
  const { rv } = await client.ask(COMMANDS.BEGIN_TRANSACTION, wire.BEGIN, {
    hCard,
  });
  assert.equal(rv, SCARD_CODES.SCARD_W_RESET_CARD);
  deaf.close();
  await flood;
});
