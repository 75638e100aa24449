import assert from "node:assert/strict";
import { scard, start, temporaryFolder } from "./fake_io.ts";

Deno.test("list: what is in the readers, in words and as JSON", async () => {
  const words = await scard(["list", "--virtual=default,mute,empty"]);
  assert.equal(words.code, 0);
  assert.match(words.io.lines[0], /Virtual Reader 0: card 3B 95 /);
  assert.match(words.io.lines[1], /Virtual Reader 1: mute card$/);
  assert.match(words.io.lines[2], /Virtual Reader 2: no card$/);
  const { io } = await scard(["list", "--virtual", "--json"]);
  assert.deepEqual(io.json.map(({ card, use }) => [card, use]), [
    ["present", "nobody"],
  ]);
});

Deno.test("colours: on a terminal, and not with NO_COLOR", async () => {
  const plain = await scard(["list", "--virtual"]);
  assert.doesNotMatch(plain.io.text, /\p{Cc}\[/u);
  const coloured = await scard(["list", "--virtual"], { isTerminal: true });
  assert.match(coloured.io.text, /\p{Cc}\[1m/u);
  const env = { NO_COLOR: "1" };
  const asked = await scard(["list", "--virtual"], { isTerminal: true, env });
  assert.doesNotMatch(asked.io.text, /\p{Cc}\[/u);
});

Deno.test("what cannot be read is told, with exit code 2", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/card.json`;
  for (
    const [text, message] of [
      ["{", /card\.json: Cannot read card data: .*expected JSON/],
      ['{"files":[{"type":"ef"}]}', /files\[0\]\.type/],
      ['{"format":"deno-smartcard recording"}', /Cannot read recording/],
      ['{"v":1}', /trace line 1/],
    ] as const
  ) {
    await Deno.writeTextFile(file, text);
    const { code, io } = await scard(["list", `--virtual=${file}`]);
    assert.equal(code, 2, text);
    assert.match(io.errors, message);
  }
  for (
    const [args, message] of [
      [["--virtual=/no/file"], /no such file/],
      [["--vpcd", "x"], /the port of --vpcd/],
      [["--vpcd", "1:17"], /the slots of --vpcd/],
      [["--vpcd", "1:1:1"], /PORT:SLOTS/],
      [["--virtual", "--socket", "x"], /--socket beside readers/],
      [["x"], /expected no operand/],
    ] as const
  ) {
    const { code, io } = await scard(["list", ...args]);
    assert.equal(code, 2, args.join(" "));
    assert.match(io.errors, message);
  }
});

Deno.test("watch runs until it is interrupted", async () => {
  await using watch = await start(
    ["watch", "--json", "--vpcd", "0"],
    /reader-added/,
  );
  assert.equal(watch.io.json[0].card, "none");
  assert.equal(await watch.end(), 0);
});

Deno.test("watch --count ends by itself", async () => {
  const { code, io } = await scard(["watch", "--virtual", "--count", "1"]);
  assert.equal(code, 0);
  assert.equal(io.lines.length, 1);
});
