// Whatever a client sends, it harms itself alone: the server goes on, and holds nothing of it.

import assert from "node:assert/strict";
import fc from "fast-check";
import * as wire from "../../src/pcsclite/wire/mod.ts";
import { RawClient } from "../pcsclite/raw_client.ts";
import {
  APDU,
  type ServerBench,
  serverBench,
} from "../pcsclite/server_bench.ts";
import { sampleRequests } from "./requests.ts";

const { COMMANDS } = wire;

/** A client that has done nothing wrong is served as ever. */
async function bystander(b: ServerBench) {
  const client = await b.client();
  const hCard = await client.card(b.names[0]);
  return {
    client,
    hCard,
    async isWell() {
      const { rv } = await client.transmit(hCard, APDU);
      assert.equal(rv, 0);
    },
    [Symbol.dispose]: () => client.close(),
  };
}

Deno.test("every message, cut at every byte", async () => {
  await using b = await serverBench();
  using other = await bystander(b);
  let cuts = 0;
  for (const minor of [3, 6]) {
    for (const { bytes } of sampleRequests(minor)) {
      for (let length = 0; length < bytes.length; length++) {
        const client = await RawClient.connect(b.path);
        await client.send(bytes.subarray(0, length));
        client.close();
        cuts++;
      }
    }
    await other.isWell();
  }
  await b.until(() => b.server.clientCount === 1);
  assert.ok(cuts > 2000, `${cuts} cuts`);
  await other.isWell();
});

Deno.test("every message, cut at every eighth byte, of a client that has everything", async () => {
  await using b = await serverBench();
  using other = await bystander(b);
  for (const { bytes } of sampleRequests(4)) {
    for (let length = 1; length < bytes.length; length += 8) {
      const client = await b.client();
      const hCard = await client.card(b.names[0]);
      const [whole] = sampleRequests(4, {
        hCard,
        hContext: client.hContext,
        szReader: b.names[0],
      }).filter((sample) => sample.bytes[4] === bytes[4]);
      await client.send(whole.bytes.subarray(0, length));
      client.close();
    }
    await other.isWell();
  }
  await b.until(() => b.server.clientCount === 1);
  assert.equal(b.manager.readers[0].connections.size, 1);
});

Deno.test("a header that announces 4 GiB ends the connection at once", async () => {
  await using b = await serverBench();
  using other = await bystander(b);
  for (const command of Object.values(COMMANDS)) {
    for (const size of [0xFFFFFFFF, 0x7FFFFFFF, 0x10000, 0x1001, 1]) {
      using client = await RawClient.connect(b.path);
      await client.send(wire.HEADER.encode({ size, command }));
      await client.ended();
    }
  }
  await other.isWell();
});

Deno.test("commands that do not exist, and lengths that cannot be, end it too", async () => {
  await using b = await serverBench();
  for (
    const command of [0, 3, 0x0C, 0x0E, 0x15, 0x16, 0x17, 0x18, 0xFFFFFFFF]
  ) {
    using client = await RawClient.connect(b.path);
    await client.send(wire.HEADER.encode({ size: 0, command }));
    await client.ended();
  }
  const tooLong: [wire.Command, Uint8Array][] = [
    [COMMANDS.TRANSMIT, wire.TRANSMIT.encode({ cbSendLength: 65549 })],
    [COMMANDS.TRANSMIT, wire.TRANSMIT.encode({ cbSendLength: 0xFFFFFFFF })],
    [COMMANDS.CONTROL, wire.CONTROL.encode({ cbSendLength: 65549 })],
    [COMMANDS.GET_ATTRIB, wire.ATTRIBUTE.encode({ cbAttrLen: 265 })],
    [COMMANDS.SET_ATTRIB, wire.ATTRIBUTE.encode({ cbAttrLen: 265 })],
  ];
  for (const [command, body] of tooLong) {
    using client = await RawClient.connect(b.path);
    await client.send(wire.encodeRequest(command, body));
    await client.ended();
  }
});

Deno.test("the card of another client, or of none, ends the connection", async () => {
  await using b = await serverBench();
  using other = await bystander(b);
  const foreign = new Set<wire.CommandName>([
    "RECONNECT",
    "DISCONNECT",
    "BEGIN_TRANSACTION",
    "END_TRANSACTION",
    "TRANSMIT",
    "CONTROL",
    "STATUS",
    "GET_ATTRIB",
    "SET_ATTRIB",
  ]);
  for (const hCard of [other.hCard, other.hCard ^ 1, 0, -1]) {
    for (const { name, bytes } of sampleRequests(4, { hCard })) {
      if (!foreign.has(name)) continue;
      using client = await b.client();
      await client.send(bytes);
      await client.ended();
    }
  }
  await other.isWell();
});

Deno.test("random bytes, and good messages with spoilt bytes", async () => {
  await using b = await serverBench();
  using other = await bystander(b);
  const spoilt = fc.record({
    sample: fc.nat(15),
    at: fc.nat(300),
    byte: fc.nat(255),
    rest: fc.uint8Array({ maxLength: 64 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(fc.uint8Array({ maxLength: 400 }), spoilt),
        { maxLength: 4 },
      ),
      fc.boolean(),
      async (pieces, knows) => {
        const client = await (knows ? b.client() : RawClient.connect(b.path));
        const hCard = knows ? await client.card(b.names[0]) : 1;
        const samples = sampleRequests(4, { hContext: client.hContext, hCard });
        for (const piece of pieces) {
          let bytes: Uint8Array;
          if (piece instanceof Uint8Array) bytes = piece;
          else {
            const { sample, at, byte, rest } = piece;
            const whole = samples[sample].bytes;
            bytes = Uint8Array.of(...whole, ...rest);
            bytes[at % whole.length] = byte;
          }
          try {
            await client.send(bytes);
          } catch (error) {
            // The server had enough.
            if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
          }
        }
        client.close();
      },
    ),
    { seed: 78163, numRuns: 300 },
  );
  await b.until(() => b.server.clientCount === 1);
  // Somebody may have reset the card; the bystander hears of it by its documented code.
  const { rv } = await other.client.transmit(other.hCard, APDU);
  assert.ok(rv === 0 || rv === 0x80100068, rv.toString(16));
});
