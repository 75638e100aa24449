import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { sendCommand } from "../../src/cli/apdu_send.ts";
import { SCARD_PROTOCOL_T0 } from "../../src/resource_manager/mod.ts";
import { scard, temporaryFolder } from "./fake_io.ts";

const SELECT = "00A4040C06F044454E4F01";

Deno.test("apdu: answers in words, exit code 0 when all are as expected", async () => {
  const { code, io } = await scard([
    "apdu",
    "--virtual",
    `${SELECT}=9000`,
    "00B0810005=48656C6C6F9000",
  ]);
  assert.equal(code, 0, io.errors);
  assert.match(io.text, /^> 00 A4 04 0C .*SELECT/m);
  assert.match(io.text, /^< 48 65 6C 6C 6F 90 00 /m);
});

Deno.test("apdu: stops at what was not expected, or keeps going; exit code 1", async () => {
  const script = [`${SELECT}=6A82`, "00B0810001"];
  const stopped = await scard(["apdu", "--virtual", "--json", ...script]);
  assert.equal(stopped.code, 1);
  assert.deepEqual(stopped.io.json.map(({ ok }) => ok), [false]);
  const kept = await scard(
    ["apdu", "--virtual", "--json", "--keep-going", ...script],
  );
  assert.equal(kept.code, 1);
  assert.deepEqual(kept.io.json.map(({ ok, sw }) => [ok, sw]), [
    [false, "9000"],
    [true, "9000"],
  ]);
});

Deno.test("apdu: T=0 and T=1 are chosen, reset brings the ATR", async () => {
  for (const protocol of ["--t0", "--t1", "--exclusive"]) {
    const { code, io } = await scard(
      ["apdu", "--virtual", protocol, "--json", "reset", SELECT],
    );
    assert.equal(code, 0, io.errors);
    assert.equal(io.json[0].atr, "3B95958031FE458073F621406E");
  }
  const both = await scard(["apdu", "--virtual", "--t0", "--t1", SELECT]);
  assert.equal(both.code, 2);
  assert.match(both.io.errors, /--t0 and --t1 found/);
});

Deno.test("apdu: files and standard input, with comments and places", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/script.apdu`;
  await Deno.writeTextFile(file, `# select\n${SELECT} = 9000\n\n00B0=9000\n`);
  const wrong = await scard(["apdu", "--virtual", file]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.io.errors, /script\.apdu:4: .*2 bytes/);
  const input = `00 A4 04 0C 06 F0 44 45 4E 4F 01\r\n00B0810001 # read\n`;
  const right = await scard(["apdu", "--virtual", "--json", "-"], { input });
  assert.equal(right.code, 0);
  assert.equal(right.io.json[1].response, "489000");
  const none = await scard(["apdu", "--virtual"]);
  assert.equal(none.code, 2);
  const missing = await scard(["apdu", "--virtual", `${file}x`]);
  assert.match(missing.io.errors, /no such file/);
});

Deno.test("apdu: a long script shows a progress line on a terminal alone", async () => {
  const steps = new Array<string>(50).fill(SELECT);
  const quiet = await scard(["apdu", "--virtual", ...steps]);
  assert.equal(quiet.io.errors, "");
  const shown = await scard(["apdu", "--virtual", ...steps], {
    isTerminal: true,
  });
  assert.match(shown.io.errors, /of 50 commands, \d+ %/);
});

Deno.test("apdu: reader and card say no", async () => {
  const mute = await scard(["apdu", "--virtual=mute", SELECT]);
  assert.equal(mute.code, 1);
  assert.match(mute.io.errors, /does not answer a reset/);
  const empty = await scard(["apdu", "--virtual=empty", SELECT]);
  assert.equal(empty.code, 1);
  const unclear = await scard(["apdu", "--virtual=default,default", SELECT]);
  assert.equal(unclear.code, 4);
  assert.match(unclear.io.errors, /Reader 0": card .*\n.*Reader 1": card /);
  const chosen = await scard(
    ["apdu", "--virtual=default,default", "-r", "reader 1", SELECT],
  );
  assert.equal(chosen.code, 0);
});

Deno.test("apdu: under T=0 what 61xx announces is fetched, unless --raw", async () => {
  const select = "00A4040009A00000030800001000";
  const card = ["apdu", "--virtual=piv", "--t0", "--json", select];
  const { code, io } = await scard(card);
  assert.equal(code, 0, io.errors);
  assert.match(String(io.json[0].response), /^61.*9000$/);
  const raw = await scard([...card, "--raw"]);
  assert.match(String(raw.io.json[0].response), /^61..$/);
});

Deno.test("apdu: 6Cxx brings the command again, and an endless card is given up", async () => {
  const sent: string[] = [];
  const connection = {
    activeProtocol: SCARD_PROTOCOL_T0,
    transmit(command: Uint8Array) {
      sent.push(toHex(command));
      return fromHex(command[4] === 3 ? "0102039000" : "6C03");
    },
  };
  const { signal } = new AbortController();
  const read = await sendCommand(connection, fromHex("00B0000000"), signal);
  assert.equal(toHex(read), "0102039000");
  assert.deepEqual(sent, ["00B0000000", "00B0000003"]);
  connection.transmit = () => fromHex("FF6101");
  await assert.rejects(
    sendCommand(connection, fromHex("00B1000000"), signal),
    /Cannot fetch the answer/,
  );
});
