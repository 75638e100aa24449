/** What a policy is asked, what a refusal looks like, and that nothing goes around it. */

import assert from "node:assert/strict";
import {
  type Connection,
  type Policy,
  ResourceManager,
  SCARD_EJECT_CARD,
  SCARD_RESET_CARD,
  SCARD_UNPOWER_CARD,
  type ScardName,
} from "../../src/resource_manager/mod.ts";
import { IOCTL_SMARTCARD_TRANSMIT } from "../../src/smclib/mod.ts";
import { type Bench, bench, fails, isSettled } from "./bench.ts";
import { FakeReader } from "./fake_reader.ts";
import { FakeTimers } from "./fake_timers.ts";

const NAME = "Fake Reader 0";
const APDU = Uint8Array.of(0x00, 0xA4, 0x04, 0x0C);

async function connected(
  { manager }: Bench,
  policy: Policy,
): Promise<Connection> {
  return await manager.establishContext({ name: "app", policy }).connect(NAME);
}

const REFUSALS: readonly {
  rule: string;
  policy: Policy;
  code: ScardName;
  work: (connection: Connection) => unknown;
}[] = [
  {
    rule: "connect, on reconnecting",
    policy: { connect: ({ exists }) => !exists },
    code: "SCARD_W_SECURITY_VIOLATION",
    work: (connection) =>
      connection.reconnect({ shareMode: "exclusive", protocols: 3 }),
  },
  {
    rule: "beginTransaction",
    policy: { beginTransaction: () => false },
    code: "SCARD_E_NO_ACCESS",
    work: (connection) => connection.beginTransaction(),
  },
  {
    rule: "transmit",
    policy: { transmit: () => false },
    code: "SCARD_E_NO_ACCESS",
    work: (connection) => connection.transmit(APDU),
  },
  {
    rule: "control",
    policy: { control: () => false },
    code: "SCARD_E_NO_ACCESS",
    work: (connection) => connection.control(0x00312000, APDU),
  },
  {
    rule: "setAttribute",
    policy: { setAttribute: () => false },
    code: "SCARD_E_NO_ACCESS",
    work: (connection) => connection.setAttribute(0x7FFF0007, APDU),
  },
  {
    rule: "dispose, on disconnecting",
    policy: { dispose: () => false },
    code: "SCARD_E_NO_ACCESS",
    work: (connection) => connection.disconnect(SCARD_RESET_CARD),
  },
  {
    rule: "dispose, on reconnecting",
    policy: { dispose: () => false },
    code: "SCARD_E_NO_ACCESS",
    work: (connection) =>
      connection.reconnect({
        shareMode: "shared",
        protocols: 3,
        initialization: SCARD_UNPOWER_CARD,
      }),
  },
  {
    rule: "dispose, on ending a transaction",
    policy: { dispose: () => false },
    code: "SCARD_E_NO_ACCESS",
    work: (connection) => connection.endTransaction(SCARD_EJECT_CARD),
  },
];

for (const { rule, policy, code, work } of REFUSALS) {
  Deno.test(`policy: refused by ${rule}, nothing has happened`, async () => {
    await using setup = await bench();
    const connection = await connected(setup, policy);
    if (rule.includes("transaction") && rule.startsWith("dispose")) {
      await connection.beginTransaction();
    }
    const { length } = setup.device.log;
    const message = await fails(code, () => work(connection));
    assert.match(message, /"Fake Reader 0": the policy refuses it to context/);
    assert.match(message, /\("app"\), expected its consent$/);
    assert.equal(setup.device.log.length, length, "the reader was asked");
    assert.equal(connection.problem, null);
    await connection.disconnect();
  });
}

Deno.test("policy: a refused connect is SCARD_W_SECURITY_VIOLATION, as with Polkit", async () => {
  await using setup = await bench();
  const seen: unknown[] = [];
  const context = setup.manager.establishContext({
    name: "app",
    policy: { connect: (question) => (seen.push(question), "not today") },
  });
  const message = await fails(
    "SCARD_W_SECURITY_VIOLATION",
    () => context.connect(NAME, { shareMode: "direct" }),
  );
  assert.equal(
    message,
    `Cannot connect to "${NAME}": the policy refuses it to context ${context.id} ("app") (not today), expected its consent`,
  );
  assert.deepEqual(seen, [{
    contextId: context.id,
    contextName: "app",
    readerName: NAME,
    shareMode: "direct",
    protocols: 0,
    exists: false,
  }]);
  assert.equal(setup.reader.connections.size, 0);
});

Deno.test("policy: what is no clear yes refuses", async () => {
  await using setup = await bench();
  const cause = new Error("broken");
  const rules: Policy["transmit"][] = [
    () => undefined as unknown as boolean,
    () => 1 as unknown as boolean,
    () => "",
    () => Promise.resolve(false),
    () => Promise.resolve("why not"),
    () => Promise.reject(cause),
    () => {
      throw cause;
    },
  ];
  for (const transmit of rules) {
    const connection = await connected(setup, { transmit });
    await assert.rejects(
      async () => await connection.transmit(APDU),
      (error: Error) => {
        assert.equal(error.name, "SCARD_E_NO_ACCESS");
        const failed = error.message.includes("the policy failed for context");
        assert.equal(error.cause, failed ? cause : undefined);
        return true;
      },
    );
  }
  assert.equal(setup.device.count(IOCTL_SMARTCARD_TRANSMIT), 0);
});

Deno.test("policy: no verdict in time refuses", async () => {
  const timers = new FakeTimers();
  await using manager = new ResourceManager({
    timers,
    policyTimeoutMs: 100,
    policy: { connect: () => new Promise(() => {}) },
  });
  await manager.addReader(new FakeReader());
  const connecting = manager.establishContext().connect(NAME);
  timers.advance(99);
  assert.equal(await isSettled(connecting), false);
  timers.advance(1);
  const message = await fails("SCARD_W_SECURITY_VIOLATION", () => connecting);
  assert.match(message, /no verdict within 100 ms/);
  assert.equal(timers.pending, 0);
  assert.throws(() => new ResourceManager({ policyTimeoutMs: -1 }), RangeError);
});

Deno.test("policy: one that answers at once keeps transmit synchronous", async () => {
  await using setup = await bench();
  const connection = await connected(setup, { transmit: () => true });
  assert.ok(connection.transmit(APDU) instanceof Uint8Array);
});

Deno.test("policy: the manager's is the default, a context's own takes its place", async () => {
  const timers = new FakeTimers();
  await using manager = new ResourceManager({
    timers,
    policy: { transmit: () => false },
  });
  const device = new FakeReader();
  device.insert();
  await manager.addReader(device);
  const plain = await manager.establishContext().connect(NAME);
  await fails("SCARD_E_NO_ACCESS", () => plain.transmit(APDU));
  const free = await manager.establishContext({ policy: null }).connect(NAME);
  assert.equal((await free.transmit(APDU)).length, 6);
  const own = await manager.establishContext({ policy: {} }).connect(NAME);
  assert.equal((await own.transmit(APDU)).length, 6);
});
