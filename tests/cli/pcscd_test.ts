import assert from "node:assert/strict";
import { PcscLiteClient } from "../../src/pcsclite/client/mod.ts";
import { pcscdTest } from "../interop/pcscd.ts";
import { SOCKET } from "../interop/pcscd_process.ts";
import { scard, start, temporaryFolder } from "./fake_io.ts";

const TO = ["--socket", SOCKET];

pcscdTest(
  "scard lists, watches and sends; a card is plugged into it",
  async (pcscd) => {
    const [name] = pcscd.readers;
    await using watch = await start(
      ["watch", "--json", ...TO],
      /(reader-added.*\n?){2}/s,
    );
    const port = String(pcscd.ports[0]);
    await using card = await start(["card", "--vpcd", port], /card in/);
    await watch.io.until(() => /card-inserted/.test(watch.io.text));
    const list = await scard(["list", "--json", ...TO]);
    assert.equal(list.code, 0, list.io.errors);
    const found = list.io.json.find(({ reader }) => reader === name);
    assert.equal(found?.card, "present");
    assert.equal(found?.atr, "3B95958031FE458073F621406E");
    const apdu = await scard(
      ["apdu", ...TO, "reset", "00A4040C06F044454E4F01=9000"],
    );
    assert.equal(apdu.code, 0, apdu.io.text + apdu.io.errors);
    const monitor = await scard(["monitor", "--count", "1", ...TO]);
    assert.match(monitor.io.text, /^Vpcd 00 00: card 3B/m);
    const trace = await scard(["trace", ...TO]);
    assert.equal(trace.code, 3);
    assert.equal(await card.end(), 0);
    await watch.io.until(() => /card-removed/.test(watch.io.text));
    await pcscd.stop();
    await watch.io.until(() => /reader-removed/.test(watch.io.text));
  },
);

pcscdTest("scard doctor tells what is wrong", async (pcscd) => {
  const port = String(pcscd.ports[0]);
  await using card = await start(["card", "--vpcd", port], /card in/);
  await using client = await PcscLiteClient.connect({ socketPath: SOCKET });
  const inserted = Promise.withResolvers<void>();
  const look = () => {
    if (client.readers[0]?.state.atr) inserted.resolve();
  };
  client.subscribe(look);
  look();
  await inserted.promise;
  const well = await scard(["doctor", ...TO]);
  assert.equal(well.code, 0, well.io.text);
  const context = await client.establishContext();
  await context.connect(pcscd.readers[0], { shareMode: "exclusive" });
  const held = await scard(["doctor", "--json", ...TO]);
  assert.equal(held.code, 5, held.io.text);
  assert.match(
    held.io.text,
    /"cause":"held-exclusively".*does not tell by whom/,
  );
  await client.close();
  await card.end();
  await pcscd.stop();
  const none = await scard(["doctor", ...TO]);
  assert.equal(none.code, 3, none.io.text);
});

pcscdTest("scard serve --system offers its readers", async (pcscd) => {
  await using folder = await temporaryFolder();
  const socket = `${folder.path}/s`;
  await using daemon = await start(
    ["serve", "--system", "--socket", socket],
    /^export /m,
  );
  const to = ["--socket", socket];
  await using watch = await start(
    ["watch", "--json", ...to],
    /(reader-added.*\n?){2}/s,
  );
  await using _card = await start(
    ["card", "--vpcd", String(pcscd.ports[0])],
    /card in/,
  );
  await watch.io.until(() => /card-inserted/.test(watch.io.text));
  const apdu = await scard(["apdu", ...to, "00A4040C06F044454E4F01=9000"]);
  assert.equal(apdu.code, 0, apdu.io.text + apdu.io.errors);
  assert.equal(await daemon.end(), 0);
});
