import assert from "node:assert/strict";
import { CardDatabase } from "../../src/card_database/mod.ts";
import { WINDOWS_PROFILE } from "../../src/resource_manager/mod.ts";
import {
  createWinscard,
  SCARD_ALL_READERS,
  SCARD_DEFAULT_READERS,
  SCARD_SYSTEM_READERS,
} from "../../src/winscard/mod.ts";
import { bench } from "../resource_manager/bench.ts";
import { FakeReader, settle } from "../resource_manager/fake_reader.ts";
import { type Desk, desk, ends, NAME } from "./desk.ts";

const ok = "SCARD_S_SUCCESS";

async function readers(d: Desk, groups: string[] | null = null) {
  return (await d.ws.SCardListReaders(d.hContext, groups)).names;
}

Deno.test("readers: lengths as a multi-string, with and without room", async () => {
  await using d = await desk();
  const length = NAME.length + 2;
  const whole = { code: 0, error: null, names: [NAME], length };
  assert.deepEqual(await d.ws.SCardListReaders(d.hContext), whole);
  assert.deepEqual(await d.ws.SCardListReaders(null, null, length), whole);
  assert.deepEqual(await d.ws.SCardListReaders(0, null, null), {
    ...whole,
    names: [],
  });
  const short = await d.ws.SCardListReaders(d.hContext, null, length - 1);
  ends("SCARD_E_INSUFFICIENT_BUFFER", short);
  assert.deepEqual([short.names, short.length], [[], length]);
  const empty = await d.ws.SCardListCards(null);
  assert.deepEqual([empty.code, empty.names, empty.length], [0, [], 1]);
});

Deno.test("readers: a new name, and the old one forgotten", async () => {
  await using d = await desk();
  const { ws, hContext } = d;
  ends(ok, await ws.SCardIntroduceReader(hContext, "Desk", "SCReader0"));
  assert.deepEqual(await readers(d), [NAME, "Desk"]);
  const hCard = (await ws.SCardConnect(hContext, "desk", 2, 3)).hCard;
  assert.deepEqual((await ws.SCardStatus(hCard)).names, [NAME, "Desk"]);
  ends(ok, await ws.SCardForgetReader(hContext, NAME));
  assert.deepEqual(await readers(d), ["Desk"]);
  ends("SCARD_E_UNKNOWN_READER", await ws.SCardConnect(hContext, NAME, 2, 3));
  const { readerStates } = await ws.SCardGetStatusChange(hContext, 0, [
    { reader: NAME },
    { reader: "Desk" },
  ]);
  assert.deepEqual(
    readerStates.map(({ eventState }) => eventState & 0xFFFF),
    [0x7, 0x122],
  );
  const wait = ws.SCardGetStatusChange(hContext, 5000, [{
    reader: "Desk",
    currentState: readerStates[1].eventState,
  }]);
  d.device.remove();
  const [{ reader, eventState }] = (await wait).readerStates;
  assert.deepEqual([reader, eventState & 0xFFFF], ["Desk", 0x12]);
});

Deno.test("readers: the name of one that is not there yet may be waited for", async () => {
  await using d = await desk();
  const wait = d.ws.SCardGetStatusChange(d.hContext, 5000, [
    { reader: "Fake Reader 1", currentState: 4 },
  ]);
  await settle();
  const second = new FakeReader();
  second.unit = 1;
  await d.manager.addReader(second);
  assert.equal((await wait).readerStates[0].eventState, 0x12);
});

Deno.test("groups: made by their first reader, gone with their last", async () => {
  await using d = await desk();
  const { ws, hContext } = d;
  const groups = async () => (await ws.SCardListReaderGroups(hContext)).names;
  assert.deepEqual(await groups(), [SCARD_DEFAULT_READERS]);
  ends(ok, await ws.SCardIntroduceReaderGroup(null, "Till"));
  assert.deepEqual(await groups(), [SCARD_DEFAULT_READERS]);
  ends(ok, await ws.SCardAddReaderToGroup(hContext, NAME, "Till"));
  assert.deepEqual(await groups(), [SCARD_DEFAULT_READERS, "Till"]);
  for (const group of ["till", SCARD_ALL_READERS, SCARD_SYSTEM_READERS]) {
    assert.deepEqual(await readers(d, ["No", group]), [NAME], group);
  }
  ends(ok, await ws.SCardRemoveReaderFromGroup(hContext, NAME, "Till"));
  assert.deepEqual(await groups(), [SCARD_DEFAULT_READERS]);
  ends(ok, await ws.SCardAddReaderToGroup(hContext, NAME, "Till"));
  ends(ok, await ws.SCardForgetReaderGroup(hContext, "Till"));
  ends(
    "SCARD_E_NO_READERS_AVAILABLE",
    await ws.SCardListReaders(hContext, ["Till"]),
  );
});

Deno.test("a database of the program's, and one for all objects of a manager", async () => {
  using database = CardDatabase.open();
  database.introduceReader("Old", "Elsewhere");
  database.introduceReader(NAME, "Elsewhere");
  await using d = await desk({ database });
  // The name stands for another device: this one has none until somebody gives it one.
  ends("SCARD_E_NO_READERS_AVAILABLE", await d.ws.SCardListReaders(null));
  ends(ok, await d.ws.SCardIntroduceReader(d.hContext, "New", "SCReader0"));
  assert.deepEqual(await readers(d), ["New"]);

  const [first, second] = [1, 2].map(() =>
    createWinscard({ manager: d.manager })
  );
  const { hContext } = await first.SCardEstablishContext(0);
  await first.SCardIntroduceReaderGroup(hContext, "G");
  await first.SCardAddReaderToGroup(hContext, NAME, "G");
  assert.deepEqual((await second.SCardListReaders(null, ["G"])).names, [NAME]);
  database.close();
  ends("SCARD_E_NO_SERVICE", await d.ws.SCardListReaders(null));
});

Deno.test("a database that may not be written: readers keep their own names", async () => {
  const file = await Deno.makeTempFile({ suffix: ".db" });
  try {
    CardDatabase.open({ file }).close();
    using database = CardDatabase.open({ file, readOnly: true });
    await using b = await bench({ profile: WINDOWS_PROFILE });
    const ws = createWinscard({ manager: b.manager, database });
    const { hContext } = await ws.SCardEstablishContext(0);
    assert.deepEqual((await ws.SCardListReaders(hContext)).names, [NAME]);
    const { code, hCard } = await ws.SCardConnect(hContext, NAME, 2, 3);
    assert.equal(code, 0);
    assert.deepEqual((await ws.SCardStatus(hCard)).names, [NAME]);
    const { readerStates } = await ws.SCardGetStatusChange(hContext, 0, [
      { reader: NAME },
    ]);
    assert.equal(readerStates[0].eventState & 0xFFFF, 0x122);
    ends(
      "SCARD_E_NO_ACCESS",
      await ws.SCardIntroduceReader(hContext, "X", "SCReader0"),
    );
  } finally {
    await Deno.remove(file);
  }
});
