import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { createCard } from "../../src/cards/mod.ts";
import {
  CardStatusError,
  FileAccess,
  ISO7816,
} from "../../src/service_providers/mod.ts";
import {
  formatPath,
  MASTER_FILE,
  parsePath,
} from "../../src/service_providers/file_path.ts";
import { Turns } from "../../src/service_providers/turns.ts";
import { attachCard, attached, bytes, scriptedCard } from "./stack.ts";

Deno.test("paths: from the master file, the current directory, an application", () => {
  const here = parsePath("/5000/6000", MASTER_FILE);
  const cases: [string, string][] = [
    ["/", "/"],
    ["3F00", "/"],
    ["3f00/5001", "/5001"],
    ["/3F00/5001", "/5001"],
    ["", "/5000/6000"],
    [".", "/5000/6000"],
    ["..", "/5000"],
    ["../..", "/"],
    ["../7000/./abcd", "/5000/7000/ABCD"],
    ["aid:a0000001", "aid:A0000001"],
    ["AID:A0000001/5001/../5002", "aid:A0000001/5002"],
  ];
  for (const [text, expected] of cases) {
    assert.equal(formatPath(parsePath(text, here)), expected);
  }
  const wrong = ["../../..", "500", "5000/3F", "aid:A", "aid:A0000001/..", "~"];
  for (const text of [...wrong, "/5000".repeat(128)]) {
    assert.throws(() => parsePath(text, here), {
      name: "RangeError",
      message: /^Cannot read path .* found, expected /,
    });
  }
});

Deno.test("writing: far offsets in data objects, and short commands where long ones are refused", async () => {
  const memory = new Uint8Array(33_000);
  const refused: number[] = [];
  const card = scriptedCard((command) => {
    const raw = fromHex(command);
    if (raw[1] === 0xa4) return "62048002 80E8 9000";
    if (raw[4] === 0) {
      refused.push(raw.length);
      return "6700";
    }
    if (raw[1] === 0xd6) {
      memory.set(raw.subarray(5), raw[2] << 8 | raw[3]);
      return "9000";
    }
    // D7: 54 02 offset, 53 or 53 81 length.
    const data = raw.subarray(raw[10] === 0x81 ? 12 : 11);
    memory.set(data, raw[7] << 8 | raw[8]);
    return "9000";
  });
  await using a = await attachCard("t1", card, { extended: true });
  const files = a.service.getInterface(FileAccess)!;
  await files.updateFile("/5001", bytes(1000), 32_000);
  assert.deepEqual(memory.subarray(32_000), bytes(1000));
  assert.deepEqual(refused, [7 + 1000]);
});

Deno.test("a signal ends a long read between two commands", async () => {
  const abort = new AbortController();
  const reason = new Error("enough");
  let reads = 0;
  const card = scriptedCard((command) => {
    if (command.startsWith("00A4")) return "9000";
    if (++reads === 3) abort.abort(reason);
    return `${"00".repeat(256)}9000`;
  });
  await using a = await attachCard("t1", card);
  const files = a.service.getInterface(FileAccess)!;
  const { signal } = abort;
  await assert.rejects(files.readFile("/5001", { signal }), reason);
  assert.equal(reads, 3);
  await assert.rejects(files.readFile("/5001", { signal }), reason);
  assert.equal(reads, 3);
});

Deno.test("EF.DIR with wrong lengths", async () => {
  for (const directory of ["61034F05A1", "6104 4F01A1", "61"]) {
    const card = scriptedCard((command) =>
      command.startsWith("00A4") ? "6203 820102 9000" : `${directory}9000`
    );
    await using a = await attachCard("t1", card);
    const files = a.service.getInterface(FileAccess)!;
    await assert.rejects(files.listApplications(), /Cannot read EF.DIR/);
  }
});

Deno.test("EF.DIR, transparent", async () => {
  const directory = "61034F01A1" + "61025000" + "6F00" + "0000";
  const card = scriptedCard((command) =>
    command.startsWith("00A4")
      ? "6207 820101 80 02 000D 9000"
      : `${directory}9000`
  );
  await using a = await attachCard("t1", card);
  const files = a.service.getInterface(FileAccess)!;
  assert.deepEqual(await files.listApplications(), [
    { aid: fromHex("A1"), label: undefined, path: "aid:A1" },
  ]);
});

Deno.test("records: refused, and of wrong length", async () => {
  const answers = ["9000", "6982", "9000", `${"AA".repeat(257)}9000`];
  await using a = await attachCard("t1", scriptedCard(() => answers.shift()!));
  const files = a.service.getInterface(FileAccess)!;
  await assert.rejects(files.readRecords("/5001"), CardStatusError);
  await assert.rejects(files.readRecords("/5001"), /257 bytes came/);
});

Deno.test("T=0: 300 bytes of data reach the card in ENVELOPE commands", async () => {
  const card = createCard({
    files: [{ type: "transparent", id: "0001", shortId: 1, size: 400 }],
  });
  await using a = await attachCard("t0", card);
  const iso = a.service.getInterface(ISO7816)!;
  const update = iso.updateBinary({ shortId: 1 }, bytes(300));
  assert.equal((await a.service.send(update)).sw, 0x9000);
  const read = await a.service.send(iso.readBinary({ shortId: 1 }, 400));
  assert.equal(toHex(read.data), toHex(bytes(300).subarray(0, 256)));
});

Deno.test("commands that wait for their turn can be called off, and others go on", async () => {
  const turns = new Turns();
  const first = Promise.withResolvers<number>();
  const one = turns.run(() => first.promise);
  const abort = new AbortController();
  const reason = new Error("enough");
  let ran = false;
  const two = turns.run(() => {
    ran = true;
    return Promise.resolve(2);
  }, { signal: abort.signal });
  const three = turns.run(() => Promise.resolve(3));
  abort.abort(reason);
  await assert.rejects(two, reason);
  first.resolve(1);
  assert.deepEqual(await Promise.all([one, three]), [1, 3]);
  assert.equal(ran, false);
  await assert.rejects(
    turns.run(() => Promise.resolve(4), { signal: abort.signal }),
    reason,
  );
});

Deno.test("the sizes of commands can be set", async () => {
  const sizes = { maxCommandDataBytes: 10, maxResponseDataBytes: 20 };
  await using a = await attached("t1", undefined, sizes);
  const files = a.service.getInterface(FileAccess)!;
  await files.updateFile("/5000/5001", bytes(25), 5);
  const whole = await files.readFile("/5000/5001");
  assert.deepEqual(whole.slice(5, 30), bytes(25));
});
