// Whoever asked first for a transaction is served first, and the dead leave nothing locked.

import assert from "node:assert/strict";
import * as wire from "../../src/pcsclite/wire/mod.ts";
import {
  PCSC_LITE_PROFILE,
  type ScardName,
  scardName,
} from "../../src/resource_manager/mod.ts";
import { APDU, type ServerBench, serverBench } from "./server_bench.ts";
import type { RawClient } from "./raw_client.ts";

const { COMMANDS } = wire;

async function begin(client: RawClient, hCard: number): Promise<ScardName> {
  const command = COMMANDS.BEGIN_TRANSACTION;
  return scardName((await client.ask(command, wire.BEGIN, { hCard })).rv)!;
}

async function end(
  client: RawClient,
  hCard: number,
  dwDisposition = 0,
): Promise<ScardName> {
  const { rv } = await client.ask(COMMANDS.END_TRANSACTION, wire.END, {
    hCard,
    dwDisposition,
  });
  return scardName(rv)!;
}

/** As libpcsclite does it, but without its pause. */
async function insist(client: RawClient, hCard: number): Promise<void> {
  for (;;) {
    const name = await begin(client, hCard);
    if (name === "SCARD_S_SUCCESS") return;
    assert.equal(name, "SCARD_E_SHARING_VIOLATION");
  }
}

async function member(b: ServerBench) {
  const client = await b.client();
  return { client, hCard: await client.card(b.names[0]) };
}

Deno.test("begin, nest, end", async () => {
  await using b = await serverBench();
  const { client, hCard } = await member(b);
  assert.equal(await end(client, hCard), "SCARD_E_NOT_TRANSACTED");
  assert.equal(await end(client, hCard, 4), "SCARD_E_INVALID_VALUE");
  assert.equal(await begin(client, hCard), "SCARD_S_SUCCESS");
  assert.equal(await begin(client, hCard), "SCARD_S_SUCCESS");
  assert.equal(await end(client, hCard), "SCARD_S_SUCCESS");
  assert.equal(await end(client, hCard, 1), "SCARD_S_SUCCESS");
  // The own connection is marked, too.
  assert.equal(await begin(client, hCard), "SCARD_W_RESET_CARD");
});

Deno.test("while another runs a transaction everything but a place in line is a violation", async () => {
  await using b = await serverBench();
  const holder = await member(b);
  const { client, hCard } = await member(b);
  assert.equal(await begin(holder.client, holder.hCard), "SCARD_S_SUCCESS");
  const startMs = performance.now();
  assert.equal(await begin(client, hCard), "SCARD_E_SHARING_VIOLATION");
  assert.ok(performance.now() - startMs > 95, "answered before its time");
  assert.equal(await end(client, hCard), "SCARD_E_SHARING_VIOLATION");
  const violation = 0x8010000B;
  const rvs = [
    await client.transmit(hCard, APDU),
    await client.ask(COMMANDS.STATUS, wire.STATUS, { hCard }),
    await client.ask(COMMANDS.CONTROL, wire.CONTROL, { hCard }),
    await client.ask(COMMANDS.GET_ATTRIB, wire.ATTRIBUTE, { hCard }),
    await client.ask(COMMANDS.SET_ATTRIB, wire.ATTRIBUTE, { hCard }),
    await client.ask(COMMANDS.RECONNECT, wire.RECONNECT, {
      hCard,
      dwShareMode: 2,
      dwPreferredProtocols: 3,
    }),
  ];
  for (const { rv } of rvs) assert.equal(rv, violation);
  assert.equal(await end(holder.client, holder.hCard), "SCARD_S_SUCCESS");
  assert.equal(await begin(client, hCard), "SCARD_S_SUCCESS");
});

Deno.test("clients that ask again are all served", async () => {
  await using b = await serverBench();
  const holder = await member(b);
  const members = [await member(b), await member(b), await member(b)];
  await begin(holder.client, holder.hCard);
  const served = members.map(async ({ client, hCard }) => {
    assert.equal(await begin(client, hCard), "SCARD_E_SHARING_VIOLATION");
    for (let i = 0; i < 20; i++) {
      await insist(client, hCard);
      assert.equal((await client.transmit(hCard, APDU)).rv, 0);
      assert.equal(await end(client, hCard), "SCARD_S_SUCCESS");
    }
  });
  await b.until(() =>
    b.events.filter(({ kind }) => kind === "failed").length === 3
  );
  await end(holder.client, holder.hCard);
  await Promise.all(served);
});

Deno.test("a client that gave up leaves the line", async () => {
  await using b = await serverBench();
  const holder = await member(b);
  const { client, hCard } = await member(b);
  await begin(holder.client, holder.hCard);
  await begin(client, hCard);
  const { rv } = await client.ask(COMMANDS.STATUS, wire.STATUS, { hCard });
  assert.equal(rv, 0x8010000B);
  await end(holder.client, holder.hCard);
  assert.equal(b.manager.readers[0].lock.owner, null);
  assert.equal(await begin(client, hCard), "SCARD_S_SUCCESS");
});

Deno.test("with pcsc-lite's own profile waiting ends the same way", async () => {
  await using b = await serverBench({
    manager: { profile: PCSC_LITE_PROFILE },
  });
  const holder = await member(b);
  const { client, hCard } = await member(b);
  await begin(holder.client, holder.hCard);
  assert.equal(await begin(client, hCard), "SCARD_E_SHARING_VIOLATION");
  const served = insist(client, hCard);
  await end(holder.client, holder.hCard);
  await served;
});

Deno.test("a client that dies in a transaction has its card reset before the next one begins", async () => {
  await using b = await serverBench();
  const holder = await member(b);
  const { client, hCard } = await member(b);
  await begin(holder.client, holder.hCard);
  const waiting = begin(client, hCard);
  holder.client.close();
  assert.equal(await waiting, "SCARD_W_RESET_CARD");
  using fresh = await b.client();
  await begin(fresh, await fresh.card(b.names[0]));
});

Deno.test("a client that dies in line, or in CONNECT, leaves it", async () => {
  await using b = await serverBench();
  const holder = await member(b);
  const inLine = await member(b);
  const connecting = await b.client();
  await begin(holder.client, holder.hCard);
  const { lock } = b.manager.readers[0];
  const both = [
    begin(inLine.client, inLine.hCard),
    connecting.connectCard(b.names[0]),
  ];
  inLine.client.close();
  connecting.close();
  await Promise.allSettled(both);
  await b.until(() => b.server.clientCount === 1);
  assert.equal(lock.waiting, 0);
  await end(holder.client, holder.hCard);
});

Deno.test("CONNECT waits for a transaction, and CANCEL calls it off", async () => {
  await using b = await serverBench();
  const holder = await member(b);
  await begin(holder.client, holder.hCard);
  const client = await b.client();
  const connecting = client.connectCard(b.names[0], 3, 0);
  const canceller = await b.client();
  const cancel = () =>
    canceller.ask(COMMANDS.CANCEL, wire.CANCEL, { hContext: client.hContext });
  while (b.manager.readers[0].lock.waiting === 0) await cancel();
  await cancel();
  assert.equal(scardName((await connecting).rv), "SCARD_E_CANCELLED");
  const again = client.connectCard(b.names[0]);
  await end(holder.client, holder.hCard);
  assert.equal((await again).rv, 0);
});
