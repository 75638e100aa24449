import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { createCard } from "../../src/cards/mod.ts";
import {
  CardAuth,
  CardStatusError,
  CHVerification,
  expectOk,
  FileAccess,
  type Guid,
  ISO7816,
  ISO7816_PROVIDER,
  isoServiceProvider,
  ProviderRegistry,
  ServiceProviderError,
  statusMeaning,
  statusScardName,
} from "../../src/service_providers/mod.ts";
import { attachCard, attached, scriptedCard, stack, typeOf } from "./stack.ts";

const SELECT_MF = fromHex("00A4000C023F00");

Deno.test("service: sends values and bytes, over T=0 and T=1 the same", async () => {
  for (const protocol of ["t0", "t1"] as const) {
    await using a = await attached(protocol);
    const { service } = a;
    const iso = service.getInterface(ISO7816)!;
    assert.deepEqual((await service.send(SELECT_MF)).sw, 0x9000);
    const answer = await service.send(
      iso.selectFile({ by: "path-from-mf", value: fromHex("50005001") }),
    );
    assert.equal(answer.sw, 0x9000);
    assert.equal(toHex(answer.data.subarray(0, 1)), "6F");
    const { data } = await service.send(iso.readBinary({ shortId: 1 }, 5));
    assert.equal(new TextDecoder().decode(data), "Hello");
    assert.equal((await service.send(iso.getData(0x6e))).sw, 0x6d00);
    await assert.rejects(service.send(fromHex("00A4")), RangeError);
    assert.equal(service.atr[0], 0x3b);
  }
});

Deno.test("service: middleware can be switched off", async () => {
  const bare = { getResponse: false, leCorrection: false, t0Commands: false };
  await using a = await attached("t0", undefined, bare);
  const select = await a.service.send(fromHex("00A40400 06 F044454E4F01"));
  assert.equal(select.sw >> 8, 0x61);
  const read = await a.service.send(fromHex("00B08100FF"));
  assert.equal(read.sw, 0x9000);
});

Deno.test("service: commands of one service wait for each other", async () => {
  await using a = await attached("t1");
  const { service } = a;
  const answers = await Promise.all(
    [SELECT_MF, SELECT_MF, SELECT_MF].map((command) => service.send(command)),
  );
  assert.deepEqual(answers.map(({ sw }) => sw), [0x9000, 0x9000, 0x9000]);
});

Deno.test("lock: others wait, work inside joins, errors leave the card alone", async () => {
  await using a = await attached("t1");
  const { service } = a;
  const other = await a.stack.web.establishContext();
  const [name] = await other.listReaders();
  const { connection } = await other.connect(name, "shared", {
    preferredProtocols: ["t1"],
  });
  const order: string[] = [];
  let theirs: Promise<unknown> | undefined;
  const result = await service.lock(async () => {
    theirs = connection.transmit(SELECT_MF).then(() => order.push("theirs"));
    await service.lock(() => service.send(SELECT_MF));
    // Not awaited, and still inside.
    service.lock(async () => {
      await service.send(SELECT_MF);
      order.push("joined");
    });
    order.push("mine");
    return 42;
  });
  await theirs;
  assert.equal(result, 42);
  assert.deepEqual(order, ["mine", "joined", "theirs"]);
  const reason = new Error("mine");
  await assert.rejects(service.lock(() => Promise.reject(reason)), reason);
  await assert.rejects(
    service.lock(() => {
      throw reason;
    }),
    reason,
  );
  await connection.transmit(SELECT_MF);
  const two = [1, 2].map((value) => service.lock(() => Promise.resolve(value)));
  assert.deepEqual(await Promise.all(two), [1, 2]);
});

Deno.test("lock: dispositions, and attaching again", async () => {
  await using a = await attached("t1");
  const { service } = a;
  const other = await a.stack.web.establishContext();
  const [name] = await other.listReaders();
  const { connection } = await other.connect(name, "shared", {
    preferredProtocols: ["t1"],
  });
  await service.lock(() => Promise.resolve(), { disposition: "reset" });
  await assert.rejects(connection.transmit(SELECT_MF), {
    responseCode: "reset-card",
  });
  await connection.reconnect("shared", { preferredProtocols: ["t1"] });
  const reason = new Error("mine");
  await assert.rejects(
    service.lock(() => Promise.reject(reason), { dispositionOnError: "reset" }),
    reason,
  );
  await assert.rejects(connection.transmit(SELECT_MF), {
    responseCode: "reset-card",
  });
  await connection.reconnect("shared", {
    preferredProtocols: ["t1"],
    initialization: "reset",
  });
  const files = service.getInterface(FileAccess)!;
  await assert.rejects(files.readFile("/5000/5001"), {
    responseCode: "reset-card",
  });
  await service.reattach({ preferredProtocols: ["t0", "t1"] });
  assert.equal((await files.readFile("/5000/5001")).length, 256);
});

Deno.test("lock: a signal ends the waiting for others", async () => {
  await using a = await attached("t1");
  const other = await a.stack.web.establishContext();
  const [name] = await other.listReaders();
  const { connection } = await other.connect(name, "shared", {
    preferredProtocols: ["t1"],
  });
  const files = a.service.getInterface(FileAccess)!;
  await connection.startTransaction(async () => {
    const abort = new AbortController();
    const reason = new Error("too late");
    const { signal } = abort;
    const reading = files.readFile("/5000/5001", { signal });
    const locking = a.service.lock(() => Promise.resolve(), { signal });
    abort.abort(reason);
    await assert.rejects(reading, reason);
    await assert.rejects(locking, reason);
    return "leave";
  });
  await files.readFile("/5000/5001");
});

Deno.test("lock: a timeout ends the waiting for a transaction that others keep from beginning", async () => {
  await using a = await attached("t1");
  const other = await a.stack.web.establishContext();
  const [name] = await other.listReaders();
  const { connection } = await other.connect(name, "shared", {
    preferredProtocols: ["t1"],
  });
  const { service } = a;
  await connection.startTransaction(async () => {
    const abort = new AbortController();
    const nothing = () => Promise.resolve();
    const first = service.lock(nothing, { signal: abort.signal });
    await assert.rejects(service.lock(nothing, { timeout: 1 }), {
      name: "TimeoutError",
    });
    abort.abort();
    await assert.rejects(first, { name: "AbortError" });
    return "leave";
  });
});

Deno.test("a card that cannot forget a PIN is reset, but not inside a lock", async () => {
  await using a = await attachCard("t1", scriptedCard(() => "6A86"));
  const pins = a.service.getInterface(CHVerification)!;
  const other = await a.stack.web.establishContext();
  const [name] = await other.listReaders();
  const { connection } = await other.connect(name, "shared", {
    preferredProtocols: ["t1"],
  });
  await assert.rejects(
    a.service.lock(() => pins.resetSecurityState(1)),
    { name: "InvalidStateError" },
  );
  await connection.transmit(SELECT_MF);
  await pins.resetSecurityState(1);
  await assert.rejects(connection.transmit(SELECT_MF), {
    responseCode: "reset-card",
  });
  assert.equal((await a.service.send(SELECT_MF)).sw, 0x6a86);
});

Deno.test("authentication: challenge and cryptogram in one go", async () => {
  const seen: string[] = [];
  const card = scriptedCard((command) => {
    seen.push(command);
    if (command.startsWith("0084")) return "01020304050607089000";
    return command.startsWith("0088") ? "CAFE9000" : "9000";
  });
  await using a = await attachCard("t1", card);
  const auth = a.service.getInterface(CardAuth)!;
  await auth.externalAuthenticate(
    (challenge) => challenge.map((byte) => byte ^ 0xff),
    { reference: 0x81 },
  );
  const answer = await auth.internalAuthenticate(fromHex("AABB"), {
    algorithm: 1,
  });
  assert.equal(toHex(answer), "CAFE");
  assert.deepEqual(seen, [
    "0084000008",
    "0082008108FEFDFCFBFAF9F8F7",
    "0088010002AABB00",
  ]);
});

Deno.test("chaining where the ATR says so", async () => {
  const seen: string[] = [];
  const card = scriptedCard((command) => {
    seen.push(command.slice(0, 10));
    return "9000";
  }, "8073C02180");
  await using a = await attachCard("t1", card);
  const iso = a.service.getInterface(ISO7816)!;
  await a.service.send(iso.putData(0x0101, new Uint8Array(300)));
  assert.deepEqual(seen, ["10DA0101FF", "00DA01012D"]);
});

Deno.test("attach: a connection without protocol is refused", async () => {
  await using all = await stack(createCard());
  const [name] = await all.context.listReaders();
  const { connection } = await all.context.connect(name, "direct");
  const provider = isoServiceProvider(ISO7816_PROVIDER);
  const card = typeOf(fromHex("3B00"));
  await assert.rejects(
    provider.attach(connection, card),
    /expected t0, t1 or raw/,
  );
});

Deno.test("registry: register, activate, refuse", async () => {
  const id: Guid = "{05B4C716-8170-4895-B403-515138F4712E}";
  const registry = new ProviderRegistry();
  assert.equal(registry.ids.length, 3);
  assert(registry.has(ISO7816_PROVIDER.toLowerCase()));
  const shipped = await registry.activate(ISO7816_PROVIDER);
  assert.deepEqual(shipped.interfaces, [ISO7816.guid, CardAuth.guid]);
  const own = isoServiceProvider(id);
  registry.register(id, () => Promise.resolve({ default: own }));
  assert.equal(await registry.activate(id.slice(1, -1)), own);
  assert.throws(() => registry.register(id, () => own), TypeError);
  assert(registry.unregister(id));
  await assert.rejects(registry.activate(id), ServiceProviderError);
  const factories: [() => unknown, RegExp][] = [
    [() => {
      throw new Error("no");
    }, /its factory failed/],
    [() => Promise.reject(new Error("no")), /its factory failed/],
    [() => null, /gave no provider/],
    [() => ({ id, interfaces: [] }), /gave no provider/],
    [() => shipped, /gave \{47D45E23.*expected that one/],
  ];
  for (const [factory, message] of factories) {
    registry.register(id, factory as () => typeof own);
    await assert.rejects(registry.activate(id), message);
    registry.unregister(id);
  }
  const abort = new AbortController();
  registry.register(id, () => new Promise<typeof own>(() => {}));
  const activating = registry.activate(id, abort.signal);
  const reason = new Error("enough");
  abort.abort(reason);
  await assert.rejects(activating, reason);
  assert.deepEqual(new ProviderRegistry({ shipped: false }).ids, []);
  assert.throws(() => isoServiceProvider(id, { interfaces: [id] }), RangeError);
});

Deno.test("status: meanings, codes, counters", () => {
  assert.equal(statusMeaning(0x6a82), "file or application not found");
  assert.equal(statusMeaning(0x6af0), "wrong parameters P1-P2");
  assert.equal(statusMeaning(0x9100), "unknown status");
  assert.match(statusMeaning(0x63c1), /1 further try allowed/);
  assert.equal(statusScardName(0x6a82), "SCARD_E_FILE_NOT_FOUND");
  assert.equal(statusScardName(0x6a80), undefined);
  const error = new CardStatusError("VERIFY", 0x6983);
  assert.equal(error.retriesLeft, 0);
  assert.equal(error.scardName, "SCARD_W_CHV_BLOCKED");
  assert.match(
    error.message,
    /^Cannot VERIFY: the card answers 6983 \(.*9000$/,
  );
  const data = new Uint8Array(1);
  assert.equal(expectOk({ data, sw: 0x6282 }, "READ", [0x6282]), data);
  assert.throws(() => expectOk({ data, sw: 0x6282 }, "READ"), CardStatusError);
});
