/** Memory of a card is used again and again; what it hands out for keeps must not change. */
import { deepEqual, equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes.ts";
import { BytePool } from "../../src/cards/byte_pool.ts";
import { CharacterBuffer } from "../../src/cards/character_buffer.ts";
import {
  type CardApplication,
  FileSystemApplication,
  ProtocolCard,
  T0Endpoint,
} from "../../src/cards/mod.ts";
import { runT1Script, ScriptedApplication } from "./t1_exchange.ts";
import { PlainT1Reader, t0Tpdu, Wire } from "./test_reader.ts";

Deno.test("arrays of a pool are zeros, lie apart, and are aligned as those with a buffer of their own", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(40), fc.nat(600)), { maxLength: 200 }),
      (lengths) => {
        const pool = new BytePool();
        const pieces = lengths.map((length, index) => {
          const piece = pool.take(length);
          deepEqual([...new Set(piece)], length === 0 ? [] : [0]);
          equal(piece.byteOffset % 8, 0);
          return piece.fill(index + 1);
        });
        pieces.forEach((piece, index) => {
          deepEqual(piece, new Uint8Array(lengths[index]).fill(index + 1));
        });
      },
    ),
    { seed: 31, numRuns: 200 },
  );
});

Deno.test("a pool whose buffer was transferred away goes on with another", () => {
  const pool = new BytePool();
  const { buffer } = pool.take(8);
  structuredClone(null, { transfer: [buffer as ArrayBuffer] });
  deepEqual(pool.copy(Uint8Array.of(1, 2, 3), 1), Uint8Array.of(2, 3));
});

Deno.test("a character buffer holds what was put in since it was emptied", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.uint8Array({ maxLength: 150 }))),
      (lots) => {
        const buffer = new CharacterBuffer(1);
        for (const lot of lots) {
          buffer.clear();
          for (const part of lot) {
            buffer.push(part.length);
            buffer.append(part);
          }
          const expected = lot.flatMap((part) => [part.length, ...part]);
          deepEqual([...buffer.bytes], expected);
          equal(buffer.length, expected.length);
        }
      },
    ),
    { seed: 32, numRuns: 200 },
  );
});

/** Keeps its commands as they come, spoils them if told so, and answers at once or later. */
function keeper(isAsync: boolean, spoils: boolean) {
  const kept: Uint8Array[] = [];
  const seen: string[] = [];
  const application: CardApplication = {
    process(command) {
      seen.push(toHex(command));
      if (spoils) command.fill(0xee);
      kept.push(command);
      const response = fromHex("9000");
      return isAsync ? Promise.resolve(response) : response;
    },
    reset() {},
    // Gets an array of its own: what it does to it concerns nobody.
    waitingTime(command) {
      command.fill(0xdd);
      return null;
    },
  };
  return { application, kept, seen };
}

for (const isAsync of [false, true]) {
  const when = isAsync ? "later" : "at once";
  Deno.test(`an application that answers ${when} may keep its commands, over T=1 and T=0`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 250 }), {
          maxLength: 12,
        }),
        fc.integer({ min: 1, max: 254 }),
        fc.boolean(),
        async (datas, ifscBytes, spoils) => {
          const commands = datas.map((data) =>
            Uint8Array.of(0, 0xd6, 0, 0, data.length, ...data)
          );
          const left = commands.map((command) =>
            toHex(spoils ? new Uint8Array(command.length).fill(0xee) : command)
          );
          for (const protocol of [0, 1]) {
            const { application, kept, seen } = keeper(isAsync, spoils);
            const atr = { protocols: [protocol] };
            const t1 = { ifscBytes };
            const wire = new Wire(new ProtocolCard(application, { atr, t1 }));
            wire.reset();
            const reader = new PlainT1Reader(wire, ifscBytes);
            for (const command of commands) {
              const answer = protocol === 1
                ? await reader.transmit(command)
                : await t0Tpdu(
                  wire,
                  command.subarray(0, 5),
                  command.subarray(5),
                );
              equal(toHex(answer), "9000");
            }
            deepEqual(seen, commands.map((command) => toHex(command)));
            deepEqual(kept.map((command) => toHex(command)), left);
          }
        },
      ),
      { seed: 33, numRuns: 60 },
    );
  });
}

Deno.test("T=1 card: an I-block is repeated byte for byte, whatever was sent in between", () => {
  runT1Script(
    new ScriptedApplication("0102030405060708090A9000"),
    {},
    `> 00C101 05
     < 00E101 05
     > 210004 00B00000
     < 122005 0102030405
     ! 008000
     < 129100
     > 008000
     < 122005 0102030405
     > 00C101 03
     < 00E101 03
     > 008000
     < 122005 0102030405
     > 009000
     < 006003 060708
     > 009000
     < 006003 060708
     > 008000
     < 002003 090A90
     > 009000
     < 004001 00`,
  );
});

Deno.test("a response kept for GET RESPONSE or 6Cxx is not touched by later ones", () => {
  const response = fromHex("01020304050607089000");
  let heard = "";
  const endpoint = new T0Endpoint(
    { process: () => response, reset() {} },
    (bytes) => heard += toHex(bytes),
  );
  const send = (hex: string) => {
    heard = "";
    endpoint.receive(fromHex(hex));
    return heard;
  };
  equal(send("00B0000003"), "B00102036105");
  response.fill(0xee, 0, 8);
  equal(send("00C0000005"), "C004050607089000");
  equal(send("00B0000020"), "6C08");
  response.fill(0x11, 0, 8);
  equal(send("00B0000008"), "B0EEEEEEEEEEEEEEEE9000");
});

Deno.test("T=0 card: a command that ends after a reset leaves nothing to fetch", async () => {
  let resolve = (_: Uint8Array) => {};
  let heard = "";
  const endpoint = new T0Endpoint({
    process: () => new Promise((settle) => resolve = settle),
    reset() {},
  }, (bytes) => heard += toHex(bytes));
  const lost = endpoint.receive(fromHex("00B0000004"));
  endpoint.reset();
  resolve(fromHex("0102030405069000"));
  await lost;
  endpoint.receive(fromHex("00C0000002"));
  equal(heard, "6985");
});

Deno.test("records and responses do not change with the array that held a command", () => {
  const application = new FileSystemApplication();
  const run = (hex: string) => application.process(fromHex(hex));
  run("00A4040006F044454E4F01");
  run("00A4020C025003");
  const update = fromHex(`00DC010410${"AB".repeat(16)}`);
  equal(toHex(application.process(update)), "9000");
  update.fill(0);
  const first = run("00B2010410");
  equal(toHex(first), `${"AB".repeat(16)}9000`);
  first.fill(0);
  const second = run("00B2010410");
  equal(toHex(second), `${"AB".repeat(16)}9000`);
  notEqual(first.byteOffset, second.byteOffset);
});
