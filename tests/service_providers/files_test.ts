import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type CardData,
  DEFAULT_CARD_AID,
  DEFAULT_CARD_PIN,
} from "../../src/cards/mod.ts";
import {
  CardStatusError,
  CHVerification,
  FileAccess,
  ISO7816,
} from "../../src/service_providers/mod.ts";
import { attached, bytes, type Protocol } from "./stack.ts";

const text = (data: Uint8Array) => new TextDecoder().decode(data);
const trimmed = (data: Uint8Array) => text(data).replace(/\0+$/, "");

function both(name: string, test: (protocol: Protocol) => Promise<void>) {
  for (const protocol of ["t0", "t1"] as const) {
    Deno.test(`${name}, over ${protocol}`, () => test(protocol));
  }
}

async function refused(sw: number, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => {
    assert(error instanceof CardStatusError, String(error));
    assert.equal(error.sw, sw, error.message);
    return true;
  });
}

both("files: the default card", async (protocol) => {
  await using a = await attached(protocol);
  const files = a.service.getInterface(FileAccess)!;
  assert.equal(a.service.getInterface(FileAccess), files);
  assert.equal(files.getCurrentDirectory(), "/");
  const hello = await files.readFile("/5000/5001");
  assert.equal(hello.length, 256);
  assert.equal(trimmed(hello), "Hello from a virtual smart card.");
  const path = `aid:${DEFAULT_CARD_AID}`;
  assert.deepEqual(await files.readFile(`${path}/5001`), hello);
  assert.deepEqual(await files.listApplications(), [
    { aid: fromHex(DEFAULT_CARD_AID), label: "Deno", path },
  ]);
  const directory = await files.changeDirectory(path);
  assert.equal(directory.kind, "directory");
  assert.equal(toHex(directory.name!), DEFAULT_CARD_AID);
  assert.equal(files.getCurrentDirectory(), path);
  assert.deepEqual(await files.readFile("5001"), hello);
  const records = await files.readRecords("5003");
  assert.deepEqual(records.map(trimmed), ["First record", "Second record"]);
  await files.changeDirectory("/5000");
  const facts = await files.getProperties("5003");
  assert.equal(facts.kind, "linear-fixed");
  assert.equal(facts.id, 0x5003);
  assert.equal(facts.shortId, 3);
  assert.equal(facts.recordBytes, 16);
  assert.equal(facts.recordCount, 2);
  assert.equal(facts.lifeCycle, 5);
  assert.equal(files.parentOf("5003"), "/5000");
});

both("files: what cannot be", async (protocol) => {
  await using a = await attached(protocol);
  const files = a.service.getInterface(FileAccess)!;
  await refused(0x6a82, files.readFile("/5000/5999"));
  await refused(0x6a82, files.readFile("/6000/5001"));
  await refused(0x6982, files.readFile("/5000/5002"));
  await refused(0x6981, files.readFile("/5000/5003"));
  await refused(0x6a84, files.updateFile("/5000/5001", bytes(200), 100));
  await refused(0x6d00, files.delete("/5000/5001"));
  await refused(0x6d00, files.invalidate("/5000/5001"));
  await refused(0x6d00, files.rehabilitate("/5000/5001"));
  await refused(0x6d00, files.create({ kind: "transparent", id: 0x5010 }));
  await assert.rejects(files.open("/5000"), /a directory found/);
  await assert.rejects(files.changeDirectory("/5000/5001"), /transparent file/);
  await assert.rejects(files.delete("/"), /current directory is in it/);
  for (const bad of ["50", "/../5000", "aid:XY", "aid:", "5000//50010"]) {
    await assert.rejects(files.readFile(bad), RangeError, bad);
  }
});

const BIG: CardData = {
  files: [
    {
      type: "transparent",
      id: "0001",
      size: 32_768,
      content: toHex(bytes(32_768)),
    },
    { type: "transparent", id: "0002", size: 0 },
    {
      type: "cyclic",
      id: "0003",
      recordLength: 1,
      maxRecords: 3,
      records: ["02", "01"],
    },
  ],
};

both("files: large, empty, and written in pieces", async (protocol) => {
  await using a = await attached(protocol, BIG);
  const files = a.service.getInterface(FileAccess)!;
  assert.deepEqual(await files.readFile("0001"), bytes(32_768));
  assert.equal((await files.readFile("0002")).length, 0);
  const piece = bytes(1000).map((byte) => byte ^ 0xff);
  await files.updateFile("0001", piece, 300);
  const expected = bytes(32_768);
  expected.set(piece, 300);
  assert.deepEqual(await files.readFile("0001"), expected);
});

both("cursor: read, seek, write, close", async (protocol) => {
  await using a = await attached(protocol, BIG);
  const files = a.service.getInterface(FileAccess)!;
  using file = await files.open("/0001");
  assert.equal(file.path, "/0001");
  assert.equal(toHex(await file.read(4)), "00070E15");
  assert.equal(file.position, 4);
  assert.equal(file.seek(-2, "current"), 2);
  assert.equal(toHex(await file.read(2)), "0E15");
  file.seek(-3, "end");
  assert.deepEqual(await file.read(100), bytes(32_768).subarray(-3));
  assert.equal((await file.read(100)).length, 0);
  file.seek(1);
  await file.write(fromHex("AABB"));
  assert.equal(file.position, 3);
  file.seek(0);
  assert.equal(toHex(await file.read(4)), "00AABB15");
  assert.throws(() => file.seek(-1), RangeError);
  file.close();
  await assert.rejects(file.read(1), { name: "InvalidStateError" });
});

both("cursor: records", async (protocol) => {
  await using a = await attached(protocol, BIG);
  const files = a.service.getInterface(FileAccess)!;
  using file = await files.open("0003");
  assert(file.hasRecords);
  assert.equal(toHex(await file.read(0)), "02");
  assert.equal(toHex(await file.read(0)), "01");
  assert.equal((await file.read(0)).length, 0);
  assert.equal(file.position, 2);
  await file.appendRecord(fromHex("03"));
  assert.equal(toHex(await file.readRecord(1) ?? bytes(0)), "03");
  assert.equal(await file.readRecord(9), null);
  file.seek(1);
  await file.write(fromHex("FF"));
  await file.updateRecord(3, fromHex("EE"));
  assert.deepEqual((await file.readRecords()).map((r) => toHex(r)), [
    "03",
    "FF",
    "EE",
  ]);
});

Deno.test("cursors of several files, and commands between, do not disturb each other", async () => {
  await using a = await attached("t1", BIG);
  const files = a.service.getInterface(FileAccess)!;
  const iso = a.service.getInterface(ISO7816)!;
  using big = await files.open("0001");
  using cyclic = await files.open("0003");
  await a.service.lock(async () => {
    assert.equal(toHex(await big.read(2)), "0007");
    assert.equal(toHex(await cyclic.read(1)), "02");
    assert.equal(toHex(await big.read(2)), "0E15");
    await a.service.send(iso.selectFile({ by: "file-id", answer: "none" }));
    assert.equal(toHex(await big.read(2)), "1C23");
  });
});

Deno.test("another application selects between: each operation selects again", async () => {
  await using a = await attached("t1", BIG);
  const files = a.service.getInterface(FileAccess)!;
  using big = await files.open("0001");
  await big.read(2);
  const other = await a.stack.web.establishContext();
  const [name] = await other.listReaders();
  const { connection } = await other.connect(name, "shared", {
    preferredProtocols: ["t1"],
  });
  await connection.transmit(fromHex("00A4000C020003"));
  assert.equal(toHex(await big.read(2)), "0E15");
});

both("PINs: verify, change, unblock, forget", async (protocol) => {
  await using a = await attached(protocol);
  const files = a.service.getInterface(FileAccess)!;
  const pins = a.service.getInterface(CHVerification)!;
  assert.deepEqual(await pins.getState(1), { verified: false, retriesLeft: 3 });
  await assert.rejects(pins.verify(1, "0000"), (error) => {
    assert(error instanceof CardStatusError);
    assert.equal(error.sw, 0x63c2);
    assert.equal(error.retriesLeft, 2);
    assert.equal(error.scardName, "SCARD_W_WRONG_CHV");
    assert.match(error.meaning, /2 further tries/);
    assert(!error.message.includes("0000"));
    return true;
  });
  await pins.verify(1, DEFAULT_CARD_PIN);
  assert.equal((await pins.getState(1)).verified, true);
  const secret = await files.readFile("/5000/5002");
  assert.equal(trimmed(secret), "For whoever knows the PIN.");
  await pins.resetSecurityState(1);
  await refused(0x6982, files.readFile("/5000/5002"));
  await pins.change(1, DEFAULT_CARD_PIN, "987654");
  for (let left = 2; left >= 0; left--) {
    await refused(0x63c0 | left, pins.verify(1, "0000"));
  }
  await refused(0x6983, pins.verify(1, "987654"));
  assert.deepEqual(await pins.getState(1), { verified: false, retriesLeft: 0 });
  await pins.unblock(1, "12345678", "4711");
  await pins.verify(1, new TextEncoder().encode("4711"));
  await refused(0x6a88, pins.getState(7));
});

both("PINs: a wrong length does not reach the card", async (protocol) => {
  await using a = await attached(protocol);
  const pins = a.service.getInterface(CHVerification)!;
  for (const bad of ["123", "1".repeat(17), "12ä4"]) {
    await assert.rejects(pins.verify(1, bad), RangeError);
    await assert.rejects(pins.change(1, "1234", bad), RangeError);
    await assert.rejects(pins.unblock(1, "12345678", bad), RangeError);
  }
  assert.equal((await pins.getState(1)).retriesLeft, 3);
});
