// Every command of pcsc-lite's protocol ends as pcscd ends it.

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import * as wire from "../../src/pcsclite/wire/mod.ts";
import {
  type Policy,
  type ScardName,
  scardName,
} from "../../src/resource_manager/mod.ts";
import {
  STATUS_IO_DEVICE_ERROR,
  STATUS_IO_TIMEOUT,
} from "../../src/smclib/mod.ts";
import { APDU, serverBench } from "./server_bench.ts";
import { RawClient } from "./raw_client.ts";

const { COMMANDS } = wire;

function ends(expected: ScardName, { rv }: { rv: number }): void {
  assert.equal(scardName(rv) ?? rv, expected);
}

Deno.test("VERSION: 4:3 to 4:6 are spoken, everything else is told 4:4", async () => {
  await using b = await serverBench();
  for (const [major, minor] of [[4, 2], [4, 7], [3, 4], [5, 4]]) {
    using client = await RawClient.connect(b.path);
    const version = wire.VERSION.encode({ major, minor });
    await client.send(wire.encodeRequest(COMMANDS.VERSION, version));
    assert.equal(toHex(await client.read(12)), "04000000040000001E001080");
    // The same socket may ask again, with what was proposed.
    const again = { major: 4, minor: 4 };
    const { rv } = await client.ask(COMMANDS.VERSION, wire.VERSION, again);
    assert.equal(rv, 0);
  }
  for (const minor of [3, 4, 5, 6]) {
    using client = await RawClient.connect(b.path);
    const own = { major: 4, minor };
    assert.deepEqual(
      { ...await client.ask(COMMANDS.VERSION, wire.VERSION, own) },
      { ...own, rv: 0 },
    );
  }
});

Deno.test("ESTABLISH and RELEASE", async () => {
  await using b = await serverBench();
  using client = await RawClient.connect(b.path);
  const establish = (dwScope: number) =>
    client.ask(COMMANDS.ESTABLISH_CONTEXT, wire.ESTABLISH, { dwScope });
  const release = (hContext: number) =>
    client.ask(COMMANDS.RELEASE_CONTEXT, wire.RELEASE, { hContext });
  ends("SCARD_E_INVALID_HANDLE", await release(1));
  ends("SCARD_E_INVALID_VALUE", await establish(4));
  const { hContext } = await establish(3);
  assert.ok(hContext > 0 && hContext <= 0x7FFFFFFF);
  ends("SCARD_E_INVALID_VALUE", await release(hContext ^ 1));
  const second = (await establish(0)).hContext;
  assert.notEqual(second, hContext);
  ends("SCARD_E_INVALID_VALUE", await release(hContext));
  ends("SCARD_S_SUCCESS", await release(second));
  ends("SCARD_E_INVALID_HANDLE", await release(second));
  ends("SCARD_S_SUCCESS", await establish(2));
});

Deno.test("CONNECT: checks in pcscd's order", async () => {
  await using b = await serverBench({ readers: 2 });
  const [name] = b.names;
  b.devices[1].remove();
  using client = await b.client();
  ends("SCARD_E_PROTO_MISMATCH", await client.connectCard("x", 9, 0));
  ends("SCARD_E_PROTO_MISMATCH", await client.connectCard(name, 2, 8));
  ends("SCARD_E_INVALID_VALUE", await client.connectCard("x", 9, 3));
  ends("SCARD_E_UNKNOWN_READER", await client.connectCard("x"));
  ends(
    "SCARD_E_UNKNOWN_READER",
    await client.connectCard(name.toLowerCase()),
  );
  ends("SCARD_E_NO_SMARTCARD", await client.connectCard(b.names[1]));
  ends("SCARD_S_SUCCESS", await client.connectCard(b.names[1], 3, 0));
  ends(
    "SCARD_E_INVALID_VALUE",
    await client.connectCard(name, 2, 3, client.hContext ^ 1),
  );
  assert.equal(b.manager.findReader(name)?.connections.size, 0);
  const connected = await client.connectCard(name);
  ends("SCARD_S_SUCCESS", connected);
  assert.equal(connected.dwActiveProtocol, 2);
  const sole = await client.connectCard(name, 1);
  ends("SCARD_E_SHARING_VIOLATION", sole);
  assert.equal(sole.dwActiveProtocol, 2);
  ends("SCARD_E_PROTO_MISMATCH", await client.connectCard(name, 2, 1));
  ends("SCARD_E_PROTO_MISMATCH", await client.connectCard(name, 2, 0x1000));
  const direct = await client.connectCard(name, 3, 0);
  assert.equal(direct.dwActiveProtocol, 2);
  using other = await RawClient.connect(b.path);
  ends("SCARD_E_INVALID_HANDLE", await other.connectCard(name));
});

Deno.test("CONNECT: a mute card has no power", async () => {
  await using b = await serverBench({ card: false });
  b.devices[0].mute = true;
  b.devices[0].insert();
  using client = await b.client();
  ends("SCARD_W_UNPOWERED_CARD", await client.connectCard(b.names[0]));
});

Deno.test("TRANSMIT: answers, buffers and protocols", async () => {
  await using b = await serverBench();
  const [device] = b.devices;
  using client = await b.client();
  const hCard = await client.card(b.names[0]);
  const good = await client.transmit(hCard, APDU);
  assert.equal(toHex(good.data), "00A4000C9000");
  const any = await client.transmit(hCard, APDU, { protocol: 0x1000 });
  ends("SCARD_S_SUCCESS", any);
  ends(
    "SCARD_E_PROTO_MISMATCH",
    await client.transmit(hCard, APDU, { protocol: 1 }),
  );
  const tight = await client.transmit(hCard, APDU, { room: 5 });
  ends("SCARD_E_INSUFFICIENT_BUFFER", tight);
  assert.equal(tight.length, 6);
  const none = await client.transmit(hCard, APDU, { room: 1 });
  ends("SCARD_E_INSUFFICIENT_BUFFER", none);
  assert.equal(none.length, 2);
  ends(
    "SCARD_E_INVALID_PARAMETER",
    await client.transmit(hCard, APDU.subarray(0, 3)),
  );
  for (const status of [STATUS_IO_DEVICE_ERROR, STATUS_IO_TIMEOUT]) {
    device.respond = () => status;
    ends("SCARD_E_NOT_TRANSACTED", await client.transmit(hCard, APDU));
  }
  const long = new Uint8Array(65544).fill(0x5A);
  device.respond = (apdu) => Uint8Array.of(...apdu.subarray(0, 65536), 0x90, 0);
  const answer = await client.transmit(hCard, long);
  assert.equal(answer.length, 65538);
  assert.ok(answer.data.subarray(0, 65536).every((byte) => byte === 0x5A));
});

Deno.test("TRANSMIT: the header of an answer has the protocol's number", async () => {
  await using b = await serverBench();
  using client = await b.client();
  const hCard = await client.card(b.names[0]);
  const request = { hCard, ioSendPciProtocol: 2, cbSendLength: 4 };
  const { ioRecvPciProtocol, pcbRecvLength } = await client.ask(
    COMMANDS.TRANSMIT,
    wire.TRANSMIT,
    { ...request, pcbRecvLength: 256 },
    APDU,
  );
  assert.equal(ioRecvPciProtocol, 1);
  await client.read(pcbRecvLength);
});

Deno.test("STATUS, RECONNECT and DISCONNECT after the reset of another", async () => {
  await using b = await serverBench();
  using client = await b.client();
  using other = await b.client();
  const hCard = await client.card(b.names[0]);
  const theirs = await other.card(b.names[0]);
  const status = () => client.ask(COMMANDS.STATUS, wire.STATUS, { hCard });
  const reconnect = (
    dwInitialization: number,
    dwShareMode = 2,
    dwPreferredProtocols = 3,
  ) =>
    client.ask(COMMANDS.RECONNECT, wire.RECONNECT, {
      hCard,
      dwInitialization,
      dwShareMode,
      dwPreferredProtocols,
    });
  const disconnect = (c: RawClient, hCard: number, dwDisposition: number) =>
    c.ask(COMMANDS.DISCONNECT, wire.DISCONNECT, { hCard, dwDisposition });
  ends("SCARD_S_SUCCESS", await status());
  ends("SCARD_E_INVALID_VALUE", await disconnect(other, theirs, 4));
  ends("SCARD_S_SUCCESS", await disconnect(other, theirs, 1));
  ends("SCARD_W_RESET_CARD", await status());
  ends("SCARD_W_RESET_CARD", await client.transmit(hCard, APDU));
  ends("SCARD_E_INVALID_VALUE", await reconnect(3));
  ends("SCARD_E_INVALID_VALUE", await reconnect(0, 4));
  ends("SCARD_E_PROTO_MISMATCH", await reconnect(0, 2, 0));
  const { dwActiveProtocol, rv } = await reconnect(0);
  assert.deepEqual([dwActiveProtocol, rv], [2, 0]);
  ends("SCARD_S_SUCCESS", await status());
  b.devices[0].remove();
  ends("SCARD_W_REMOVED_CARD", await status());
  ends("SCARD_E_NO_SMARTCARD", await reconnect(1));
  b.devices[0].mute = true;
  b.devices[0].insert();
  ends("SCARD_W_UNRESPONSIVE_CARD", await reconnect(1));
  b.manager.removeReader(b.manager.readers[0]);
  ends("SCARD_E_INVALID_VALUE", await status());
  ends("SCARD_S_SUCCESS", await disconnect(client, hCard, 1));
});

Deno.test("a removed reader answers SCARD_E_INVALID_VALUE, as an unknown card does in pcscd", async () => {
  await using b = await serverBench();
  using client = await b.client();
  const hCard = await client.card(b.names[0]);
  b.manager.removeReader(b.manager.readers[0]);
  ends("SCARD_E_INVALID_VALUE", await client.transmit(hCard, APDU));
  const begun = await client.ask(COMMANDS.BEGIN_TRANSACTION, wire.BEGIN, {
    hCard,
  });
  ends("SCARD_E_INVALID_VALUE", begun);
});

Deno.test("limits: 200 connections of a context, 200 to a reader", async () => {
  await using b = await serverBench({ readers: 2 });
  using client = await b.client();
  using other = await b.client();
  for (let i = 0; i < 200; i++) await client.card(b.names[0]);
  ends("SCARD_E_NO_MEMORY", await client.connectCard(b.names[1]));
  ends("SCARD_F_INTERNAL_ERROR", await other.connectCard(b.names[0]));
  ends("SCARD_S_SUCCESS", await other.connectCard(b.names[1]));
});

Deno.test("a policy hides readers, and what it refuses is SCARD_W_SECURITY_VIOLATION", async () => {
  const policy: Policy = {
    seeReader: ({ readerName }) => readerName.endsWith("01 00"),
    connect: ({ shareMode }) =>
      shareMode === "exclusive" ? "no exclusive use" : true,
  };
  await using b = await serverBench({ readers: 2, manager: { policy } });
  using client = await b.client();
  await client.order(COMMANDS.GET_READERS_STATE);
  const states = wire.decodeReaderStates(await client.read(2944));
  assert.deepEqual(states.map(({ readerName }) => readerName), [b.names[1]]);
  ends("SCARD_E_UNKNOWN_READER", await client.connectCard(b.names[0]));
  const refused = await client.connectCard(b.names[1], 1);
  ends("SCARD_W_SECURITY_VIOLATION", refused);
  assert.equal(refused.hCard, -1);
  ends("SCARD_S_SUCCESS", await client.connectCard(b.names[1]));
});
