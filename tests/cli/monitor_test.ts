import assert from "node:assert/strict";
import { fromHex } from "../../src/bytes.ts";
import { type Board, BoardNews, parseBoard } from "../../src/cli/board.ts";
import { boardLines, Rates } from "../../src/cli/board_words.ts";
import { paintFor } from "../../src/cli/paint.ts";
import { VERBS } from "../../src/cli/verbs.ts";
import { parseTrace } from "../../src/tracing/mod.ts";
import { FakeIo, scard, start, temporaryFolder } from "./fake_io.ts";

/** A board with one reader that has answered so many APDUs. */
function board(time: number, apdus: number): Board {
  return {
    board: 1,
    time,
    contexts: 2,
    readers: [{
      name: "Reader\x1b[31m",
      flags: 0x20,
      atr: "3B00",
      events: 1,
      connections: [{
        context: 'context 1 ("test")',
        share: "shared",
        seconds: 75,
        transactionSeconds: 2.5,
      }],
      waiting: 3,
      apdus,
      bytesSent: apdus * 10,
      bytesReceived: apdus * 5,
    }],
  };
}

Deno.test("monitor: holders, transactions, and rates between boards", () => {
  const rates = new Rates();
  assert.equal(rates.take(board(10_000, 5)).size, 0);
  // Too soon for a rate.
  assert.equal(rates.take(board(10_100, 6)).size, 0);
  const found = rates.take(board(12_000, 25));
  assert.deepEqual([...found.values()], [{ apdus: 10, bytes: 150 }]);
  const paint = paintFor(new FakeIo());
  const text = boardLines(board(12_000, 25), found, "/s", paint).join("\n");
  assert.match(text, /10\.0 a second, 150 bytes a second; 3 wait/);
  assert.match(
    text,
    /context 1 \("test"\): shared since 1 min, in a transaction since 2\.5 s/,
  );
  assert.ok(!text.includes("\x1b"));
  // A reader that came back counts from nothing.
  assert.equal(rates.take(board(14_000, 1)).size, 0);
});

Deno.test("monitor: drawn on a terminal and cut to its size, plain elsewhere, JSON for programs", async () => {
  const args = ["monitor", "--virtual", "--count", "1"];
  const drawn = await scard(args, { isTerminal: true });
  const text = new TextDecoder().decode(Uint8Array.from(drawn.io.bytes));
  assert.ok(text.startsWith("\x1b[?1049h"));
  assert.ok(text.endsWith("\x1b[?1049l"));
  for (const line of text.split("\r\n")) {
    assert.ok(
      line.replaceAll(/\p{Cc}\[[?\d]*[A-Za-z]/gu, "").length <= 40,
      line,
    );
  }
  const plain = await scard(args);
  assert.match(plain.io.text, /^deno-smartcard Virtual Reader 0: card 3B/m);
  const json = await scard([...args, "--json"]);
  assert.equal(json.io.json[0].board, 1);
});

Deno.test("monitor: cards that come and go are seen at once", async () => {
  await using monitor = await start(
    ["monitor", "--json", "--vpcd", "0"],
    /"board"/,
  );
  assert.equal(await monitor.end(), 0);
});

Deno.test("trace: text, JSON lines and captures, live and decoded", async () => {
  await using folder = await temporaryFolder();
  const command = "00200081083132333435363738";
  const text = await scard(["trace", "--virtual", command]);
  assert.equal(text.code, 0, text.io.errors);
  assert.match(text.io.text, /IOCTL_SMARTCARD_TRANSMIT T1 VERIFY/);
  assert.doesNotMatch(text.io.text, /31 32 33 34/);
  const json = await scard(["trace", "--virtual", "-f", "json", command]);
  assert.ok([...parseTrace(json.io.lines)].length > 5);
  const file = `${folder.path}/t.json`;
  await Deno.writeTextFile(file, json.io.text);
  const decoded = await scard(["trace", "--decode", file]);
  assert.match(decoded.io.text, /VERIFY/);
  const input = json.io.text;
  const piped = await scard(
    ["trace", "-d", "-", "-f", "pcapng"],
    { input },
  );
  assert.deepEqual(piped.io.bytes.slice(0, 4), [...fromHex("0A0D0D0A")]);
  const capture = `${folder.path}/t.pcapng`;
  assert.equal((await scard(["trace", "-d", file, "-o", capture])).code, 0);
  assert.deepEqual([...Deno.readFileSync(capture)], piped.io.bytes);
  const one = await scard(["trace", "-d", file, "--count", "1"]);
  assert.match(one.io.text, /^ +1 /);
  const other = await scard(["trace", "-d", file, "-r", "nobody"]);
  assert.equal(other.io.text, "");
});

Deno.test("trace: what is wrong", async () => {
  await using folder = await temporaryFolder();
  const nobody = await scard(["trace", "--socket", `${folder.path}/s`]);
  assert.equal(nobody.code, 3);
  assert.match(nobody.io.errors, /no daemon of this package/);
  const input = '{"v":1}';
  const broken = await scard(["trace", "-d", "-"], { input });
  assert.equal(broken.code, 2);
  assert.match(broken.io.errors, /trace line 1/);
  const format = await scard(["trace", "-d", "-", "-f", "xml"]);
  assert.equal(format.code, 2);
  const terminal = await scard(
    ["trace", "-d", "-", "-f", "pcapng"],
    { isTerminal: true },
  );
  assert.match(terminal.io.errors, /a terminal found/);
});

Deno.test("completions name every verb and option; bash reads them", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, io } = await scard(["completions", shell]);
    assert.equal(code, 0);
    for (const { name, load } of VERBS) {
      assert.ok(io.text.includes(name), `${shell}: ${name}`);
      const { options } = await load();
      for (const { name } of options) {
        const option = shell === "fish" ? `-l ${name}` : `--${name}`;
        assert.ok(io.text.includes(option), `${shell}: ${option}`);
      }
    }
  }
  const { io } = await scard(["completions", "bash"]);
  const script = `${io.text}
COMP_WORDS=(scard trace -f p); COMP_CWORD=3; _scard; echo "\${COMPREPLY[@]}"
COMP_WORDS=(scard l); COMP_CWORD=1; _scard; echo "\${COMPREPLY[@]}"
COMP_WORDS=(scard apdu --ex); COMP_CWORD=2; _scard; echo "\${COMPREPLY[@]}"`;
  const { stdout } = await new Deno.Command("bash", { args: ["-c", script] })
    .output();
  assert.equal(
    new TextDecoder().decode(stdout),
    "pcapng\nlist\n--exclusive\n",
  );
  const none = await scard(["completions"]);
  assert.equal(none.code, 2);
  assert.match(none.io.errors, /expected bash, zsh, fish/);
});

Deno.test("boards: what is worth showing, and what is none", () => {
  const idle = (time: number, apdus: number): Board => ({
    ...board(time, apdus),
    readers: [{ ...board(time, apdus).readers[0], connections: [] }],
  });
  const news = new BoardNews();
  assert.equal(news.isNews(idle(10_000, 1)), true);
  // At once again: nothing new. A second later, so that rates fall; then no more.
  assert.equal(news.isNews(idle(10_100, 1)), false);
  assert.equal(news.isNews(idle(11_000, 1)), true);
  assert.equal(news.isNews(idle(12_600, 1)), false);
  assert.equal(news.isNews(idle(12_700, 2)), true);
  // While somebody holds the reader, its times change.
  assert.equal(news.isNews(board(20_000, 2)), true);
  assert.equal(news.isNews(board(29_000, 2)), true);
  for (const line of ["", "{", "null", "[]", '{"board":2,"readers":[]}']) {
    assert.throws(() => parseBoard(line), /Cannot read the daemon's board/);
  }
});
