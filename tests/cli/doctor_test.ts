import assert from "node:assert/strict";
import { PcscLiteClient } from "../../src/pcsclite/client/mod.ts";
import { VERSION } from "../../src/pcsclite/wire/mod.ts";
import { leaveSocket, runScard } from "./command.ts";
import { type Ran, scard, start, temporaryFolder } from "./fake_io.ts";

/** Causes of the problems that were found. */
function causes({ io }: Ran): unknown[] {
  return io.json.map(({ cause }) => cause).filter((cause) => cause !== null);
}

function doctor(socket: string): Promise<Ran> {
  return scard(["doctor", "--json", "--socket", socket]);
}

Deno.test("doctor: nothing is wrong", async () => {
  const { code, io } = await scard(["doctor", "--virtual"]);
  assert.equal(code, 0);
  assert.match(io.text, /a program can connect/);
  assert.match(io.text, /nothing is wrong$/);
});

Deno.test("doctor: no service", async () => {
  await using folder = await temporaryFolder();
  const missing = await doctor(`${folder.path}/none`);
  assert.equal(missing.code, 3);
  assert.deepEqual(causes(missing), ["no-service"]);
  await Deno.writeTextFile(`${folder.path}/file`, "");
  assert.deepEqual(causes(await doctor(`${folder.path}/file`)), ["no-socket"]);
  const path = `${folder.path}/stale`;
  await leaveSocket(path);
  const stale = await doctor(path);
  assert.equal(stale.code, 3);
  assert.deepEqual(causes(stale), ["stale-socket"]);
});

/** Accepts clients, and answers whatever they say. */
function answering(path: string, answer: Uint8Array): Disposable {
  const listener = Deno.listen({ transport: "unix", path });
  (async () => {
    for await (const client of listener) {
      const request = new Uint8Array(64);
      while (await client.read(request).catch(() => null) !== null) {
        await client.write(answer).catch(() => {});
      }
      client.close();
    }
  })();
  return listener;
}

Deno.test("doctor: wrong version of the socket's protocol", async () => {
  await using folder = await temporaryFolder();
  const answer = VERSION.encode({ major: 4, minor: 2, rv: 0x8010001E });
  using _service = answering(`${folder.path}/s`, answer);
  const found = await doctor(`${folder.path}/s`);
  assert.equal(found.code, 3);
  assert.deepEqual(causes(found), ["wrong-version"]);
  assert.match(found.io.text, /4:2/);
});

Deno.test("doctor: something else listens", async () => {
  await using folder = await temporaryFolder();
  const text = new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n");
  using _service = answering(`${folder.path}/s`, text);
  assert.deepEqual(causes(await doctor(`${folder.path}/s`)), ["no-answer"]);
});

Deno.test("doctor: a reader is held exclusively, by whom and since when", async () => {
  await using folder = await temporaryFolder();
  const socketPath = `${folder.path}/s`;
  await using _daemon = await start(
    ["serve", "--socket", socketPath],
    /export/,
  );
  await using client = await PcscLiteClient.connect({ socketPath });
  const context = await client.establishContext();
  const [{ name }] = client.readers;
  await context.connect(name, { shareMode: "exclusive" });
  const found = await doctor(socketPath);
  assert.equal(found.code, 5);
  assert.deepEqual(causes(found), ["held-exclusively"]);
  assert.match(found.io.text, /client \d+\\"\), exclusive since \d+ s/);
  // Without the daemon's second socket it says as much as it can.
  await Deno.rename(`${socketPath}.monitor`, `${socketPath}.hidden`);
  const less = await doctor(socketPath);
  assert.deepEqual(causes(less), ["held-exclusively"]);
  assert.match(less.io.text, /does not tell by whom/);
});

Deno.test("doctor: a mute card, here and behind a daemon", async () => {
  await using folder = await temporaryFolder();
  const own = await scard(["doctor", "--json", "--virtual=mute"]);
  assert.equal(own.code, 1);
  assert.deepEqual(causes(own), ["mute-card"]);
  await using _daemon = await start(
    ["serve", "--socket", `${folder.path}/s`, "--virtual", "mute"],
    /export/,
  );
  assert.deepEqual(causes(await doctor(`${folder.path}/s`)), ["mute-card"]);
});

/** Root may open everything, unless it gives that right up. */
function withoutOverride(): string[] | null {
  if (Deno.uid() !== 0) return [];
  const prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];
  try {
    const [program, ...args] = [...prefix, "true"];
    const { code } = new Deno.Command(program, { args }).outputSync();
    return code === 0 ? prefix : null;
  } catch {
    return null;
  }
}

const prefix = withoutOverride();
Deno.test({
  name: prefix === null
    ? "doctor: permission (skipped: root cannot give its rights up here)"
    : "doctor: permission",
  ignore: prefix === null,
  async fn() {
    await using folder = await temporaryFolder();
    const socket = `${folder.path}/s`;
    await using _daemon = await start(["serve", "--socket", socket], /export/);
    if (Deno.uid() === 0) Deno.chownSync(socket, 65534, 65534);
    else Deno.chmodSync(socket, 0);
    const { code, stdout } = await runScard(
      ["doctor", "--json", "--socket", socket],
      { prefix: prefix ?? [] },
    );
    assert.equal(code, 6, stdout);
    assert.match(
      stdout,
      /"cause":"permission".*permission denied: you are user/,
    );
  },
});
