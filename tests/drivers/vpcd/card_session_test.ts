// Invariant: every request that has an answer gets exactly one, in order, or the connection ends.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  VpcdCard,
  type VpcdCardEnd,
  VpcdCardSession,
  type VpcdLink,
} from "../../../src/drivers/vpcd/mod.ts";
import { type Behaviour, RecordedCard } from "./recorded_card.ts";
import { ATR_T1 } from "./scripted_card.ts";
import { ScriptedReader } from "./scripted_reader.ts";

const ON = "000101";
const OFF = "000100";
const RESET = "000102";
const ATR = "000104";
const SELECT = "0005 00A4000C02";

/** A card that listens, and a reader that has connected to it. */
async function pair(behaviour?: Behaviour, settleTimeoutMs?: number) {
  const card = new RecordedCard(behaviour);
  const ended = Promise.withResolvers<VpcdCardEnd>();
  const plug = VpcdCard.listen({
    card,
    port: 0,
    settleTimeoutMs,
    onDisconnect: ended.resolve,
  });
  const reader = await ScriptedReader.connect(plug.port);
  return { card, plug, reader, ended: ended.promise };
}

Deno.test("the card answers the ATR at any time, and APDUs with power", async () => {
  const { card, plug, reader } = await pair();
  await using _plug = plug;
  using _reader = reader;
  assert.equal(await reader.ask(ATR), toHex(ATR_T1));
  assert.equal(await reader.ask(SELECT), "6985");
  assert.equal(await reader.ask(ON + ATR), toHex(ATR_T1));
  assert.equal(await reader.ask(SELECT), "9000");
  assert.equal(await reader.ask(RESET + ATR), toHex(ATR_T1));
  assert.equal(await reader.ask(OFF + ATR), toHex(ATR_T1));
  assert.equal(await reader.ask(SELECT), "6985");
  assert.equal(card.take(), "on 00A4000C02 reset off");
});

Deno.test("a power on with power is a cold reset, a reset without is too, a second power off is none", async () => {
  const { card, plug, reader } = await pair();
  await using _plug = plug;
  using _reader = reader;
  await reader.ask(OFF + ON + ON + OFF + OFF + RESET + ATR);
  assert.equal(card.take(), "on on off on");
});

Deno.test("control codes without a meaning are ignored, in every state", async () => {
  const { card, plug, reader } = await pair();
  await using _plug = plug;
  using _reader = reader;
  const undefinedCodes = ["03", "05", "7F", "FF"].map((code) => `0001${code}`)
    .join("");
  for (const state of ["", ON]) {
    assert.equal(
      await reader.ask(state + undefinedCodes + ATR),
      toHex(ATR_T1),
    );
  }
  assert.equal(await reader.ask(SELECT), "9000");
  assert.equal(card.take(), "on 00A4000C02");
});

Deno.test("a command without a whole header is answered 6700, and the card never sees it", async () => {
  const { card, plug, reader } = await pair();
  await using _plug = plug;
  using _reader = reader;
  await reader.send(ON);
  for (const command of ["0000", "0002 00A4", "0003 00A400"]) {
    assert.equal(await reader.ask(command), "6700");
  }
  assert.equal(await reader.ask("0004 00A4000C"), "9000");
  assert.equal(card.take(), "on 00A4000C");
});

Deno.test("the longest answer passes, and one byte more becomes 6700", async () => {
  let lengthBytes = 0;
  const { plug, reader } = await pair({
    onApdu: () => new Uint8Array(lengthBytes).fill(0xA5),
  });
  await using _plug = plug;
  using _reader = reader;
  await reader.send(ON);
  for (
    const [length, answer] of [
      [65535, "A5".repeat(65535)],
      [65536, "6700"],
      [65538, "6700"],
      [2, "A5A5"],
      [0, ""],
    ] as const
  ) {
    lengthBytes = length;
    assert.equal(await reader.ask(SELECT), answer);
  }
});

Deno.test("the longest command passes, in pieces of any size", async () => {
  const { card, plug, reader } = await pair();
  await using _plug = plug;
  using _reader = reader;
  const command = "80".repeat(65535);
  assert.equal(await reader.ask(`${ON}FFFF${command}`), "9000");
  for (const byte of fromHex(SELECT)) {
    await reader.send(toHex(Uint8Array.of(byte)));
  }
  assert.equal(await reader.receive(), "9000");
  assert.equal(card.take(), `on ${command} 00A4000C02`);
});

Deno.test("an answer goes out in one piece", async () => {
  const { plug, reader } = await pair();
  await using _plug = plug;
  using _reader = reader;
  await reader.send(ON + ATR);
  assert.equal(await reader.readPiece(), `000B${toHex(ATR_T1)}`);
});

Deno.test("a card that is slow to come on is waited for, and what the reader says meanwhile is kept", async () => {
  const gate = Promise.withResolvers<void>();
  const { card, plug, reader } = await pair({ onPowerOn: () => gate.promise });
  await using _plug = plug;
  using _reader = reader;
  await reader.send(ON);
  await reader.send(RESET);
  const atr = reader.ask(ATR);
  gate.resolve();
  assert.equal(await atr, toHex(ATR_T1));
  assert.equal(card.take(), "on reset");
});

Deno.test("a card without an ATR says so with an empty frame", async () => {
  const { plug, reader } = await pair({ atr: new Uint8Array(0) });
  await using _plug = plug;
  using _reader = reader;
  assert.equal(await reader.ask(ATR), "");
});

Deno.test("an impossible ATR, a throw and a rejection end the connection, with the error", async () => {
  const behaviours: [Behaviour, RegExp][] = [
    [{ atr: new Uint8Array(1) }, /^RangeError: Cannot tell ATR: it has 1 byte/],
    [{ atr: new Uint8Array(34) }, /it has 34 bytes, expected none or 2 to 33$/],
    [{
      onPowerOn: () => {
        throw new Error("burnt");
      },
    }, /burnt/],
    [{ onApdu: () => Promise.reject(new Error("torn")) }, /torn/],
    [{
      onApdu: () => {
        throw new Error("cut");
      },
    }, /cut/],
  ];
  for (const [behaviour, message] of behaviours) {
    const { card, plug, reader, ended } = await pair(behaviour);
    await using _plug = plug;
    using _reader = reader;
    await reader.send(ON);
    await reader.send(behaviour.atr === undefined ? SELECT : ATR);
    assert.equal(await reader.receive(), "end");
    const end = await ended;
    assert.equal(end.reason, "card-failed");
    assert.match(String(end.error), message);
    assert.match(card.take(), /off$/);
  }
});

Deno.test("a reader that speaks while an answer is owed is out of step", async () => {
  const torn: [string, boolean][] = [[ATR + ATR, true], [SELECT + "00", true], [
    SELECT,
    false,
  ]];
  for (const [bytes, isAtOnce] of torn) {
    const reached = Promise.withResolvers<void>();
    const { card, plug, reader, ended } = await pair({
      onApdu: () => {
        reached.resolve();
        return new Promise(() => {});
      },
    });
    await using _plug = plug;
    using _reader = reader;
    await reader.send(ON + bytes);
    if (!isAtOnce) {
      await reached.promise;
      await reader.send(OFF);
    }
    assert.equal((await ended).reason, "out-of-step");
    assert.equal(await reader.receive(), "end");
    assert.match(card.take(), /off$/);
  }
});

Deno.test("a reader that goes on and on while the card comes up is out of step", async () => {
  const { plug, reader, ended } = await pair({
    onPowerOn: () => new Promise(() => {}),
  });
  await using _plug = plug;
  using _reader = reader;
  const flood = `FFFF${"00".repeat(65535)}`;
  await reader.send(ON);
  // It may be cut off while it sends.
  await reader.send(flood + flood + "00").catch(() => {});
  assert.equal((await ended).reason, "out-of-step");
});

Deno.test("the reader's leaving is heard at any moment, and takes the power", async () => {
  for (const last of ["", "00", "0005 00A4", SELECT]) {
    const { card, plug, reader, ended } = await pair({
      onApdu: () => new Promise(() => {}),
    });
    await using _plug = plug;
    using _reader = reader;
    await reader.ask(ON + ATR);
    await reader.send(last);
    await reader.closeWrite();
    assert.equal((await ended).reason, "reader-gone");
    assert.match(card.take(), /^on .*off$|^on off$/);
    assert.equal(await reader.receive(), "end");
  }
});

/** Says `request` once, and takes nothing. */
function deafReader(request: string): VpcdLink & { closes: number } {
  const closed = Promise.withResolvers<number | null>();
  let isSaid = false;
  return {
    closes: 0,
    read(target) {
      if (isSaid) return closed.promise;
      isSaid = true;
      const bytes = fromHex(request);
      target.set(bytes);
      return Promise.resolve(bytes.length);
    },
    write: () => closed.promise.then(() => 0),
    close() {
      this.closes++;
      closed.resolve(null);
    },
  };
}

Deno.test("a reader that takes no answer is given up at the deadline", async () => {
  const link = deafReader(ON + ATR);
  const card = new RecordedCard();
  const session = new VpcdCardSession(link, card, 20);
  assert.deepEqual(await session.ended, { reason: "reader-stuck" });
  assert.equal(card.take(), "on off");
  assert.equal(link.closes, 1);
  session.close();
  assert.equal(link.closes, 1);
});

Deno.test("a card that never loses its power, or fails at it, holds nobody up", async () => {
  for (
    const [onPowerOff, reason] of [
      [() => new Promise<void>(() => {}), "reader-gone"],
      [() => Promise.reject(new Error("stuck on")), "card-failed"],
    ] as const
  ) {
    const { plug, reader, ended } = await pair({ onPowerOff }, 20);
    await using _plug = plug;
    await reader.ask(ON + ATR);
    reader[Symbol.dispose]();
    assert.equal((await ended).reason, reason);
  }
});

Deno.test("whatever a reader sends, the next one finds the card", async () => {
  const card = new RecordedCard();
  await using plug = VpcdCard.listen({ card, port: 0 });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 80 }),
      async (noise) => {
        {
          using stranger = await ScriptedReader.connect(plug.port);
          await stranger.send(toHex(noise));
        }
        using reader = await ScriptedReader.connect(plug.port);
        assert.equal(await reader.ask(ON + ATR), toHex(ATR_T1));
        assert.equal(await reader.ask(SELECT), "9000");
      },
    ),
    { seed: 78163, numRuns: 40 },
  );
});
