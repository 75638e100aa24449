import assert from "node:assert/strict";
import { leaveSocket } from "./command.ts";
import { type Running, scard, start, temporaryFolder } from "./fake_io.ts";

const SELECT = "00A4040C06F044454E4F01";

/** A daemon on `folder/s`, whose log is JSON. */
function serve(folder: string, ...args: string[]): Promise<Running> {
  return start(
    ["serve", "--json", "--socket", `${folder}/s`, ...args],
    /"event":"listening"/,
  );
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** A member of the first entry of the log that has it. */
function told({ io }: Running, pattern: RegExp): string {
  return pattern.exec(io.text)?.[1] ?? assert.fail(`${pattern} in ${io.text}`);
}

Deno.test("serve: the other verbs work against it", async () => {
  await using folder = await temporaryFolder();
  const to = ["--socket", `${folder.path}/s`];
  await using daemon = await serve(folder.path, "--virtual", "--vpcd", "0:2");
  const list = await scard(["list", "--json", ...to]);
  assert.equal(list.code, 0, list.io.errors);
  assert.deepEqual(
    list.io.json.map(({ card }) => card),
    ["present", "none", "none"],
  );
  const apdu = await scard(["apdu", ...to, `${SELECT}=9000`]);
  assert.equal(apdu.code, 0, apdu.io.errors);
  const none = await scard(["apdu", ...to, "-r", "PCD", SELECT]);
  assert.equal(none.code, 4);

  await using watch = await start(
    ["watch", "--json", ...to],
    /(reader-added.*\n?){3}/s,
  );
  const port = told(daemon, /connect to 127\.0\.0\.1:(\d+)/);
  await using card = await start(["card", "--vpcd", port], /card in/);
  await watch.io.until(() => /card-inserted/.test(watch.io.text));
  assert.equal(await card.end(), 0);
  await watch.io.until(() => /card-removed/.test(watch.io.text));
  await daemon.end();
  await watch.io.until(() => /reader-removed/.test(watch.io.text));
});

Deno.test("serve: monitor shows who holds what, trace what passes", async () => {
  await using folder = await temporaryFolder();
  const to = ["--socket", `${folder.path}/s`];
  await using _daemon = await serve(folder.path);
  await using monitor = await start(["monitor", ...to], /0 APDUs/);
  await using trace = await start(["trace", ...to], /^$/);
  await trace.io.until(() => /following/.test(trace.io.errors));
  const apdu = await scard(["apdu", ...to, SELECT]);
  assert.equal(apdu.code, 0);
  await trace.io.until(() => /TRANSMIT = STATUS_SUCCESS/.test(trace.io.text));
  await monitor.io.until(() => /1 APDU, 11 bytes sent/.test(monitor.io.text));
  assert.match(monitor.io.text, /pcsc-lite client \d+"\): shared since/);
  assert.equal(await trace.end(), 0);
  assert.equal(await monitor.end(), 0);
});

Deno.test("serve: metrics, and a trace that becomes a card again", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/trace.json`;
  const daemon = await serve(
    folder.path,
    "--metrics",
    "0",
    "--trace",
    file,
  );
  const socket = `${folder.path}/s`;
  await scard(["apdu", "--socket", socket, SELECT, "00B0810005"]);
  const url = told(daemon, /"url":"([^"]+)"/);
  assert.match(await (await fetch(url)).text(), /^scard_readers 1$/m);
  assert.equal(await daemon.end(), 0);
  assert.equal(exists(socket), false);
  assert.equal(exists(`${socket}.monitor`), false);
  assert.equal(Deno.statSync(file).mode! & 0o777, 0o600);

  await using replay = await start(
    ["replay", "--order", "strict", "--socket", socket, file],
    /export PCSCLITE/,
  );
  const env = { PCSCLITE_CSOCK_NAME: socket };
  const again = await scard(
    ["apdu", SELECT, "00B0810005=48656C6C6F9000", "00B0810006=6F00"],
    { env },
  );
  assert.equal(again.code, 0, again.io.text + again.io.errors);
  assert.match(replay.io.errors, /00B0810006 found, expected no command/);
});

Deno.test("serve: one daemon a socket; what a dead one left is taken over", async () => {
  await using folder = await temporaryFolder();
  const socket = `${folder.path}/s`;
  await leaveSocket(socket);
  await using _daemon = await serve(folder.path, "--mode", "0660");
  assert.equal(Deno.statSync(socket).mode! & 0o777, 0o660);
  assert.equal(Deno.statSync(`${socket}.monitor`).mode! & 0o777, 0o600);
  const second = await scard(["serve", "--socket", socket]);
  assert.equal(second.code, 5);
  assert.match(second.io.errors, /another server listens there/);
  const list = await scard(["list", "--socket", socket]);
  assert.equal(list.code, 0);
});

Deno.test("serve: by default in XDG_RUNTIME_DIR, where the others look", async () => {
  await using folder = await temporaryFolder();
  const env = { XDG_RUNTIME_DIR: folder.path };
  await using daemon = await start(["serve"], /^export .*scard\.comm$/m, {
    env,
  });
  assert.match(daemon.io.text, /virtual, with the default card/);
  const list = await scard(["list"], { env });
  assert.equal(list.code, 0);
  assert.match(list.io.text, /card 3B 95/);
});

Deno.test("serve: without XDG_RUNTIME_DIR in a folder of the user alone", async () => {
  await using folder = await temporaryFolder();
  const env = { TMPDIR: folder.path };
  await using daemon = await start(["serve"], /^export /m, { env });
  const path = `${folder.path}/scard-${Deno.uid()}`;
  assert.equal(Deno.statSync(path).mode! & 0o777, 0o700);
  await daemon.end();
  Deno.chmodSync(path, 0o755);
  const open = await scard(["serve"], { env });
  assert.equal(open.code, 6);
  assert.match(open.io.errors, /open to others/);
});

Deno.test("serve: wrong options", async () => {
  await using folder = await temporaryFolder();
  const socket = `${folder.path}/s`;
  await Deno.writeTextFile(`${folder.path}/file`, "");
  for (
    const [args, message] of [
      [["--mode", "999"], /octal/],
      [["card.json"], /expected no operand/],
      [["--metrics", "x"], /--metrics/],
      [["--trace", "/no/such/folder/t"], /Cannot write/],
      [["--virtual=/no/card"], /no such file/],
      [["--socket", `${folder.path}/file`], /no socket/],
      [["--socket", `${folder.path}/${"x".repeat(120)}`], /bytes, expected/],
      [["--socket", `${folder.path}/no/s`], /expected a folder/],
    ] as const
  ) {
    const { code, io } = await scard(["serve", "--socket", socket, ...args]);
    assert.equal(code, 2, `${args}: ${io.errors}`);
    assert.match(io.errors, message);
    assert.equal(exists(socket), false, `${args}`);
  }
  const env = { PCSCLITE_CSOCK_NAME: socket };
  const loop = await scard(["serve", "--socket", socket, "--system"], { env });
  assert.equal(loop.code, 2);
  assert.match(loop.io.errors, /the socket of this daemon/);
});

Deno.test("serve: ports that others have, with exit code 5", async () => {
  await using folder = await temporaryFolder();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String(taken.addr.port);
  for (const option of ["--vpcd", "--metrics"]) {
    const socket = `${folder.path}/s`;
    const { code, io } = await scard([
      "serve",
      "--socket",
      socket,
      option,
      port,
    ]);
    assert.equal(code, 5, io.errors);
    assert.match(io.errors, /another program does/);
    assert.equal(exists(socket), false);
  }
});

Deno.test("serve: who asks the second socket nonsense is sent away, and nobody else notices", async () => {
  await using folder = await temporaryFolder();
  await using _daemon = await serve(folder.path);
  const path = `${folder.path}/s.monitor`;
  for (const question of ["{", '{"want":"all"}', "x".repeat(100_000), "null"]) {
    using client = await Deno.connect({ transport: "unix", path });
    await client.write(new TextEncoder().encode(`${question}\n`)).catch(
      () => {},
    );
    const end = await client.read(new Uint8Array(1)).catch(() => null);
    assert.equal(end, null, question.slice(0, 20));
  }
  const clients: Deno.UnixConn[] = [];
  for (let i = 0; i < 40; i++) {
    clients.push(await Deno.connect({ transport: "unix", path }));
  }
  for (const client of clients) client.close();
  const socket = `${folder.path}/s`;
  const { code, io } = await scard(["doctor", "--socket", socket]);
  assert.equal(code, 0, io.text);
});

Deno.test("serve: without the second socket, and with something else in its place", async () => {
  await using folder = await temporaryFolder();
  const socket = `${folder.path}/s`;
  await Deno.writeTextFile(`${socket}.monitor`, "");
  const blocked = await scard(["serve", "--socket", socket]);
  assert.equal(blocked.code, 5);
  assert.equal(exists(socket), false);
  // The path has room for the one socket alone.
  const long = `${folder.path}/${"x".repeat(105 - folder.path.length)}`;
  await using _daemon = await start(["serve", "--socket", long], /^export /m);
  const to = ["--socket", long];
  const monitor = await scard(["monitor", "--count", "1", ...to]);
  assert.equal(monitor.code, 0, monitor.io.errors);
  assert.match(monitor.io.text, /card 3B 95/);
  assert.equal((await scard(["trace", ...to])).code, 3);
});
