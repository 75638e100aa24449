/** The ready policies, each at a manager with a card, and together. */

import assert from "node:assert/strict";
import { fromHex } from "../../src/bytes.ts";
import {
  allOf,
  denyResets,
  inventoryOnly,
  onlyReaders,
  type Policy,
  SCARD_RESET_CARD,
  SCARD_UNPOWER_CARD,
} from "../../src/resource_manager/mod.ts";
import {
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  IOCTL_SMARTCARD_TRANSMIT,
} from "../../src/smclib/mod.ts";
import { bench, fails } from "./bench.ts";
import { FakeReader, TEST_ATR } from "./fake_reader.ts";

const NAME = "Fake Reader 0";
const SELECT = fromHex("00A4040C023F00");

Deno.test("inventoryOnly: list, status and ATR; nothing else", async () => {
  await using setup = await bench();
  const context = setup.manager.establishContext({ policy: inventoryOnly() });
  assert.deepEqual(context.listReaders(), [NAME]);
  await fails(
    "SCARD_W_SECURITY_VIOLATION",
    () => context.connect(NAME, { shareMode: "exclusive" }),
  );
  await fails(
    "SCARD_W_SECURITY_VIOLATION",
    () => context.connect(NAME, { shareMode: "direct" }),
  );
  const connection = await context.connect(NAME);
  assert.deepEqual((await connection.status()).atr, TEST_ATR);
  assert.ok((await connection.getAttribute(0x00010100)).length > 0);
  const state = await connection.control(
    IOCTL_SMARTCARD_GET_STATE,
    new Uint8Array(),
  );
  assert.equal(state.length, 4);
  for (
    const work of [
      () => connection.transmit(SELECT),
      () => connection.beginTransaction(),
      () => connection.setAttribute(0x7FFF0007, SELECT),
      () => connection.control(IOCTL_SMARTCARD_TRANSMIT, SELECT),
      () => connection.control(IOCTL_SMARTCARD_SET_ATTRIBUTE, SELECT),
      () => connection.control(0x42000001, SELECT),
      () => connection.disconnect(SCARD_RESET_CARD),
    ]
  ) await fails("SCARD_E_NO_ACCESS", work);
  assert.equal(setup.device.count(IOCTL_SMARTCARD_TRANSMIT), 0);
  await connection.disconnect();
});

Deno.test("denyResets: no disposition, no initialization, no control code resets", async () => {
  await using setup = await bench();
  const context = setup.manager.establishContext({ policy: denyResets() });
  const connection = await context.connect(NAME);
  await connection.beginTransaction();
  const { resets } = setup.reader.slot;
  for (
    const work of [
      () => connection.endTransaction(SCARD_RESET_CARD),
      () => connection.disconnect(SCARD_UNPOWER_CARD),
      () => connection.control(IOCTL_SMARTCARD_POWER, new Uint8Array(4)),
      () =>
        connection.reconnect({
          shareMode: "shared",
          protocols: 3,
          initialization: SCARD_RESET_CARD,
        }),
    ]
  ) await fails("SCARD_E_NO_ACCESS", work);
  assert.equal(setup.reader.slot.resets, resets);
  assert.equal(connection.problem, null);
  await connection.transmit(SELECT);
  await connection.endTransaction();
  await connection.disconnect();
});

Deno.test("onlyReaders: names by wildcards and expressions", () => {
  const sees = (pattern: string | RegExp, readerName: string) => {
    const policy = onlyReaders([pattern]);
    const question = { contextId: 1, contextName: "", readerName };
    const seen = policy.seeReader!(question);
    // Asked twice: a global expression has no memory.
    assert.equal(policy.seeReader!(question), seen);
    return seen;
  };
  const matching: [string | RegExp, string][] = [
    ["ACS ACR122U 00 00", "ACS ACR122U 00 00"],
    ["ACS*", "ACS ACR122U 00 00"],
    ["*", ""],
    ["**a**b*", "xaxbx"],
    ["Reader ?", "Reader 7"],
    ["[a-z] (1+1) 50% ^$ {2} a|b \\/.", "[a-z] (1+1) 50% ^$ {2} a|b \\/."],
    ["two*lines", "two\nlines"],
    [/acr122/gi, "ACS ACR122U 00 00"],
  ];
  for (const [pattern, name] of matching) {
    assert.equal(sees(pattern, name), true, `${pattern}`);
  }
  const others: [string | RegExp, string][] = [
    ["ACS", "ACS ACR122U"],
    ["acs*", "ACS ACR122U"],
    ["Reader ?", "Reader 10"],
    ["[a-z]", "a"],
    ["a.c", "abc"],
    [/^ACR/, "ACS ACR122U"],
  ];
  for (const [pattern, name] of others) {
    assert.equal(sees(pattern, name), false, `${pattern}`);
  }
  const nobody = onlyReaders([]);
  assert.equal(
    nobody.seeReader!({ contextId: 1, contextName: "", readerName: NAME }),
    false,
  );
});

Deno.test("onlyReaders: the others are hidden, or listed and refused", async () => {
  await using setup = await bench();
  const { manager } = setup;
  await manager.addReader(new FakeReader(), { name: "Other" });
  const hidden = manager.establishContext({ policy: onlyReaders(["Fake*"]) });
  assert.deepEqual(hidden.listReaders(), [NAME]);
  await fails("SCARD_E_UNKNOWN_READER", () => hidden.connect("Other"));
  await (await hidden.connect(NAME)).disconnect();
  const policy = onlyReaders(["Fake*"], { others: "refused" });
  const refused = manager.establishContext({ policy });
  assert.deepEqual(refused.listReaders(), [NAME, "Other"]);
  await fails(
    "SCARD_W_SECURITY_VIOLATION",
    () => refused.connect("Other", { shareMode: "direct" }),
  );
});

Deno.test("allOf: everybody must agree, and is asked until one refuses", async () => {
  const asked: string[] = [];
  const question = {
    contextId: 1,
    contextName: "",
    readerName: NAME,
    disposition: 1,
    occasion: "disconnect",
  } as const;
  const says = (name: string, verdict: boolean | string, later = false) => ({
    dispose: () => {
      asked.push(name);
      return later ? Promise.resolve(verdict) : verdict;
    },
  });
  const ask = async (...policies: Policy[]) => {
    asked.length = 0;
    return await allOf(...policies).dispose!(question);
  };
  assert.equal(await ask(says("a", true), {}, says("b", true)), true);
  assert.deepEqual(asked, ["a", "b"]);
  assert.equal(await ask(says("a", true, true), says("b", "no")), "no");
  assert.equal(await ask(says("a", false), says("b", true)), false);
  assert.deepEqual(asked, ["a"]);
  assert.equal(await ask(says("a", "no", true), says("b", true)), "no");
  assert.deepEqual(asked, ["a"]);
  assert.deepEqual(allOf(), {});
  assert.deepEqual(Object.keys(allOf(denyResets(), {})), ["dispose"]);
  const both = allOf(onlyReaders(["F*"]), onlyReaders(["*1"]));
  const seen = ["F1", "F2", "G1"].filter((readerName) =>
    both.seeReader!({ contextId: 1, contextName: "", readerName })
  );
  assert.deepEqual(seen, ["F1"]);
});

Deno.test("allOf: a policy keeps its own this", async () => {
  class Counting implements Policy {
    count = 0;
    transmit(): boolean {
      this.count++;
      return true;
    }
  }
  const counting = new Counting();
  await using setup = await bench();
  const policy = allOf(counting, denyResets());
  const context = setup.manager.establishContext({ policy });
  await (await context.connect(NAME)).transmit(SELECT);
  assert.equal(counting.count, 1);
});
