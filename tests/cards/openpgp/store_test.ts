import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  MemoryOpenPgpStore,
  OpenPgpApplication,
  type OpenPgpStore,
} from "../../../src/cards/mod.ts";
import { importCommand, P256, rsaKey } from "./key_material.ts";
import {
  go,
  PW1,
  PW1_SIGN,
  PW3,
  run,
  send,
  WRONG_PW1,
  WRONG_PW3,
} from "./openpgp_run.ts";

/** Refuses to save while told so. */
class StubbornStore extends MemoryOpenPgpStore {
  isFull = false;

  override save(state: Uint8Array): void {
    if (this.isFull) throw new Error("Cannot save: the disk is full");
    super.save(state);
  }
}

/** Saves when it is let go on. */
class SlowStore implements OpenPgpStore {
  readonly memory = new MemoryOpenPgpStore();
  #came = Promise.withResolvers<() => void>();

  load(): Uint8Array | null {
    return this.memory.load();
  }

  save(state: Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#came.resolve(() => {
      this.memory.save(state);
      resolve();
    });
    return promise;
  }

  /** Waits for a save. @returns what lets it go on */
  async next(): Promise<() => void> {
    const go = await this.#came.promise;
    this.#came = Promise.withResolvers();
    return go;
  }
}

Deno.test("another card with the same store is the same card", async () => {
  const store = new MemoryOpenPgpStore();
  const { e, p, q } = await rsaKey(2048);
  await run(
    { store, serialNumber: 42 },
    [WRONG_PW1, "6982"],
    [PW3, "9000"],
    [importCommand("B6", ["91", e], ["92", p], ["93", q]), "9000"],
    ["00DA00C209 122A8648CE3D030107", "9000"],
    [importCommand("B8", ["92", P256.secret]), "9000"],
    ["00DA010401 04", "9000"],
    ["00DA7F2103 303030", "9000"],
    ["00DA00C401 01", "9000"],
    ["00DA00CE04 01020304", "9000"],
    ["00DA00D308 3131313131313131", "9000"],
  );
  const copy = await run(
    { store: new MemoryOpenPgpStore(store.load()), serialNumber: 7 },
    ["00CA00C400", "017F7F7F 02 03 03 9000"],
    ["00CA00DE00", "010202020300 9000"],
    ["00CA004F00", "D276000124010304FFFF0000002A0000 9000"],
    ["00CA7F2100", "303030 9000"],
    ["00CA00CD00", "01020304 00000000 00000000 9000"],
    ["00478100000002B8000000", `7F49438641 04${P256.x}${P256.y} 9000`],
    [PW1_SIGN, "9000"],
    ["002A9E9A01AA 00", /9000$/],
    [PW3, "9000"],
    ["00CA010400", "04 9000"],
  );
  copy.reset();
  await go(copy, ["00CA009300", "000001 9000"]);
});

Deno.test("reading changes nothing, and saves nothing", async () => {
  const store = new MemoryOpenPgpStore();
  await run(
    { store },
    ["00CA006E000000", /9000$/],
    [PW1, "9000"],
    ["00200081", "63C3"],
  );
  equal(store.load(), null);
});

Deno.test("what cannot be saved is not told, and comes with the next save", async () => {
  const store = new StubbornStore();
  const card = await run({ store }, [PW3, "9000"]);
  store.isFull = true;
  // Right or wrong: the answer to a try that cannot be counted tells nothing.
  await go(
    card,
    [WRONG_PW1, "6581"],
    [PW1, "6581"],
    ["00200082", "6581"],
  );
  store.isFull = false;
  await go(
    card,
    ["00200082", "63C3"],
    ["00CA00C400", "007F7F7F 03 00 03 9000"],
    // A failure to save ends what was verified.
    ["00200083", "63C3"],
  );
  ok(store.load() !== null);
});

Deno.test("a wrong password is counted in the store before the answer comes", async () => {
  const store = new SlowStore();
  const card = new OpenPgpApplication({ store });
  let answer = "";
  const running = send(card, WRONG_PW1).then((text) => answer = text);
  // A reset does not undo it, and the next command waits for it.
  card.reset();
  const next = send(card, WRONG_PW3);
  const save = await store.next();
  equal(answer, "");
  equal(store.load(), null);
  save();
  await running;
  equal(answer, "6982");
  (await store.next())();
  equal(await next, "6982");
  const copy = new MemoryOpenPgpStore(store.load());
  await run({ store: copy }, ["00CA00C400", "007F7F7F 02 00 02 9000"]);
});

Deno.test("a command that a reset interrupts changes nothing", async () => {
  const card = await run({ algorithm: "curve25519" }, [PW3, "9000"]);
  const running = send(card, "00478000000002B6000000");
  card.reset();
  await go(card, ["00CA00DE00", "010002000300 9000"]);
  equal(await running, "6985");
  await go(card, ["00CA00DE00", "010002000300 9000"], ["00C0000000", "6985"]);
});

Deno.test("commands that come while another runs wait for it", async () => {
  const card = await run({ algorithm: "curve25519" }, [PW3, "9000"]);
  const running = send(card, "00478000000002B6000000");
  const read = send(card, "00478100000002B6000000");
  equal(await read, await running);
});

Deno.test("a stored state that is none is refused, with the place", async () => {
  const store = new MemoryOpenPgpStore();
  await run({ store }, [WRONG_PW1, "6982"]);
  const text = new TextDecoder().decode(store.load() ?? new Uint8Array(0));
  const spoiled: [string, string, RegExp][] = [
    [text, "[", /the text is .*, expected JSON/],
    [text, "1", /the text is 1, expected an object/],
    ['"version": 1', '"version": 2', /version is 2, expected 1/],
    ['"triesLeft": 2', '"triesLeft": 4', /passwords\.pw1\.triesLeft is 4/],
    ['"isTerminated": false', '"isTerminated": 0', /isTerminated is 0/],
    ["010800002000", "010400002000", /keys\.0\.attributes is 0104/],
    ['"origin": 0', '"origin": 1', /keys\.0\.key is null, expected an object/],
    [`"${"00".repeat(20)}"`, '"00"', /keys\.0\.fingerprint is 00, expected 20/],
    ['"objects": {}', '"objects": {"x": ""}', /objects\.x is there/],
    ['"serialNumber": 1', '"serialNumber": "1"', /serialNumber is 1/],
  ];
  for (const [found, replacement, message] of spoiled) {
    ok(text.includes(found), found);
    const bytes = new TextEncoder().encode(text.replace(found, replacement));
    const store = new MemoryOpenPgpStore(bytes);
    throws(() => new OpenPgpApplication({ store }), message);
  }
});

Deno.test("settings that are impossible are refused", () => {
  throws(
    () => new OpenPgpApplication({ serialNumber: -1 }),
    /Cannot make OpenPGP card: serial number -1, expected an integer/,
  );
  throws(
    () => new OpenPgpApplication(JSON.parse('{"algorithm":"dsa"}')),
    /Cannot make OpenPGP card: algorithm dsa, expected rsa2048/,
  );
});

Deno.test("the memory store keeps copies", () => {
  const bytes = fromHex("0102");
  const store = new MemoryOpenPgpStore(bytes);
  bytes[0] = 9;
  equal(toHex(store.load() ?? bytes), "0102");
  store.save(bytes);
  bytes[0] = 7;
  deepEqual(store.load(), fromHex("0902"));
});
