// Invariant: who says nothing keeps nobody out, and who came for nothing is let go.

import assert from "node:assert/strict";
import { encodeFrame, VpcdReader } from "../../../src/drivers/vpcd/mod.ts";
import { SCARD_ABSENT, SCARD_COLD_RESET } from "../../../src/smclib/mod.ts";
import { power, show, state, untilAbsent, untilPresent } from "../requests.ts";
import { ATR_T0, plainCard, ScriptedCard } from "./scripted_card.ts";

/** As many as the reader asks at a time, but one. */
const STRANGERS = 7;

/** Connects somebody who says nothing; settles when he was asked for his ATR. */
async function stranger(port: number): Promise<ScriptedCard> {
  const asked = Promise.withResolvers<void>();
  const silent = await ScriptedCard.insert(port, () => {
    asked.resolve();
    return "silence";
  });
  await asked.promise;
  return silent;
}

Deno.test("silent strangers keep no card out, and are let go when the reader closes", async () => {
  const reader = VpcdReader.listen({ port: 0 });
  const strangers: ScriptedCard[] = [];
  for (let i = 0; i < STRANGERS; i++) {
    strangers.push(await stranger(reader.port));
  }
  for (let round = 0; round < 2; round++) {
    await using card = await ScriptedCard.insert(
      reader.port,
      plainCard(undefined, ATR_T0),
    );
    await untilPresent(reader);
    const reset = await power(reader, SCARD_COLD_RESET);
    assert.equal(show(reset), "00000000 3B00");
    const absent = untilAbsent(reader);
    await card.remove();
    await absent;
  }
  await reader.close();
  await Promise.all(strangers.map((silent) => silent.gone));
});

Deno.test("strangers beyond the number asked at a time give way at their deadline", async () => {
  await using reader = VpcdReader.listen({ port: 0, atrTimeoutMs: 20 });
  const strangers = await Promise.all(
    Array.from(
      { length: 3 * STRANGERS },
      () => ScriptedCard.insert(reader.port, () => "silence"),
    ),
  );
  const present = untilPresent(reader);
  let isPresent = false;
  present.then(() => isPresent = true);
  // On a busy machine a good card may miss so short a deadline, too: then it comes again.
  while (!isPresent) {
    const card = await ScriptedCard.insert(reader.port, plainCard());
    await Promise.race([present, card.gone]);
    await card.remove();
  }
  await Promise.all(strangers.map((silent) => silent.remove()));
});

Deno.test("the first to tell its ATR is in, the second when that has gone, without a word to it meanwhile", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  const gates = [0, 1].map(() => Promise.withResolvers<void>());
  const asked = [0, 1].map(() => Promise.withResolvers<void>());
  const cards: ScriptedCard[] = [];
  for (const [i, { promise }] of gates.entries()) {
    cards.push(
      await ScriptedCard.insert(reader.port, async (payload) => {
        if (payload[0] !== 4) return "silence";
        asked[i].resolve();
        await promise;
        return encodeFrame(Uint8Array.of(0x3B, 0x01, i));
      }),
    );
    await asked[i].promise;
  }
  gates[1].resolve();
  await untilPresent(reader);
  const reset = () => power(reader, SCARD_COLD_RESET).then(show);
  assert.equal(await reset(), "00000000 3B0101");
  gates[0].resolve();
  assert.equal(await reset(), "00000000 3B0101");
  const absent = untilAbsent(reader);
  await cards[1].remove();
  await absent;
  await untilPresent(reader);
  assert.deepEqual(cards[0].received, ["04"]);
  assert.equal(await reset(), "00000000 3B0100");
  await cards[0].remove();
});

Deno.test("a card that left while it waited is never in", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  const silent = await stranger(reader.port);
  const first = await ScriptedCard.insert(
    reader.port,
    plainCard(undefined, ATR_T0),
  );
  await untilPresent(reader);
  const early = await ScriptedCard.insert(reader.port, plainCard());
  await early.remove();
  await silent.remove();
  const absent = untilAbsent(reader);
  await first.remove();
  await absent;
  assert.equal(await state(reader), SCARD_ABSENT);
  await using _last = await ScriptedCard.insert(
    reader.port,
    plainCard(undefined, ATR_T0),
  );
  await untilPresent(reader);
  assert.equal(show(await power(reader, SCARD_COLD_RESET)), "00000000 3B00");
});
