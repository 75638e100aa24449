import assert from "node:assert/strict";
import { VirtualReader } from "../../src/drivers/virtual/mod.ts";
import {
  RDF_TRANSMIT,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
} from "../../src/smclib/mod.ts";
import {
  type Law,
  LawBroken,
  lawLeftOut,
  type LawOptions,
  laws,
  readerDriverLaws,
  type ReaderUnderTest,
  runLaw,
} from "../../src/testing/mod.ts";
import { virtualReaderUnderTest } from "./virtual_reader.ts";

const makeReader = () => virtualReaderUnderTest(new VirtualReader());
const [SOME_LAW] = laws;

/** Names and reasons of what is registered with `options`. */
function registered(options: LawOptions): [string, string | null][] {
  const found: [string, string | null][] = [];
  readerDriverLaws(makeReader, {
    ...options,
    register: (name, _run, leftOut) => found.push([name, leftOut]),
  });
  return found;
}

Deno.test("each law has a name of its own, a demand and a source", () => {
  assert.equal(new Set(laws.map(({ name }) => name)).size, laws.length);
  for (const { name, demands, source } of laws) {
    assert.ok(!name.includes(":"), name);
    assert.ok(demands.endsWith("."), name);
    assert.match(source, /IFDTest|logo requirement|smclib/, name);
  }
});

Deno.test("all laws are registered, those that do not apply with their reason", () => {
  const every: LawOptions = { canEject: true, waitsForRequests: true };
  const all = registered({ name: "x", ...every });
  assert.deepEqual(
    all,
    laws.map(({ name }) => [`x: ${name}`, null]),
  );
  const t0Only = registered({ protocols: ["t0"], ...every });
  const leftOut = t0Only.filter(([, reason]) => reason !== null);
  assert.ok(leftOut.length > 10);
  for (const [name, reason] of leftOut) {
    assert.equal(reason, "the reader has no T=1");
    assert.ok(name.endsWith(`(left out: ${reason})`), name);
  }
  const apdu = registered({ level: "apdu" });
  assert.ok(apdu.some(([, reason]) => reason?.includes("contacts")));
  assert.ok(apdu.some(([, reason]) => reason?.includes("takes 261 bytes")));
});

Deno.test("a law is left out by its name and a reason", () => {
  const entry = `${SOME_LAW.name}: the slot is never empty`;
  assert.equal(
    lawLeftOut(SOME_LAW, { without: [entry] }),
    "the slot is never empty",
  );
  const found = registered({
    without: [entry],
    canEject: true,
    waitsForRequests: true,
  });
  assert.equal(found.filter(([, reason]) => reason !== null).length, 1);
  for (const wrong of [SOME_LAW.name, `${SOME_LAW.name}: `, "no law: why"]) {
    assert.throws(() => registered({ without: [wrong] }), RangeError, wrong);
  }
});

Deno.test("a law that does not apply cannot be run", async () => {
  const without = [`${SOME_LAW.name}: because`];
  await assert.rejects(
    runLaw(SOME_LAW, makeReader, { without }),
    /because, expected a law that applies/,
  );
});

Deno.test("a breach names the law; the reader is disposed of in any case", async () => {
  let disposed = 0;
  const law: Law = {
    name: "an empty reader has a card",
    demands: "Nonsense.",
    source: "nowhere",
    run: (_, context) => context.expectState("always", 2),
  };
  const make = () => ({
    ...makeReader(),
    [Symbol.asyncDispose]: () => {
      disposed++;
      return Promise.resolve();
    },
  });
  await assert.rejects(runLaw(law, make), (error) => {
    assert.ok(error instanceof LawBroken);
    assert.equal(error.law, law.name);
    assert.equal(
      error.message,
      'Cannot keep the law "an empty reader has a card": the state always is ABSENT, expected PRESENT',
    );
    return true;
  });
  assert.equal(disposed, 1);
});

Deno.test("whatever never ends breaks the law at the deadline", async () => {
  const never = new Promise<never>(() => {});
  const options = { deadlineMs: 20 };
  const asks = laws.find(({ name }) => name === "an empty reader is ABSENT")!;
  await assert.rejects(
    runLaw(asks, () => never, options),
    /making the reader has not ended after 20 ms/,
  );
  await assert.rejects(
    runLaw(asks, () => ({
      ...makeReader(),
      device: { deviceName: "stuck", deviceControl: () => never },
    }), options),
    /IOCTL_SMARTCARD_GET_STATE has not ended after 20 ms/,
  );
  await assert.rejects(
    runLaw(asks, () => ({
      ...makeReader(),
      [Symbol.asyncDispose]: () => never,
    }), options),
    /disposal has not ended after 20 ms/,
  );
});

Deno.test("an answer that comes later is as good as one at once", async () => {
  const later = () => {
    const reader = new VirtualReader();
    return virtualReaderUnderTest(reader, {
      deviceName: reader.deviceName,
      cleanup: () => reader.cleanup(),
      deviceControl: async (irp) => await reader.deviceControl(irp),
      sleep: async () => await reader.sleep(),
      wake: async () => await Promise.resolve(reader.wake()),
    });
  };
  const options: LawOptions = { canEject: true, inserts: 5 };
  for (const law of laws) {
    if (lawLeftOut(law, options) !== null) continue;
    assert.equal(await runLaw(law, later, options), null, law.name);
  }
});

Deno.test("what the device cannot do is reported as left out, never as kept", async () => {
  const makePlain = () => {
    const reader = new VirtualReader();
    return virtualReaderUnderTest(reader, {
      deviceName: reader.deviceName,
      deviceControl: (irp) => reader.deviceControl(irp),
    });
  };
  const reasons = new Map<string, number>();
  const runs: (() => Promise<string | null>)[] = [];
  readerDriverLaws(makePlain, {
    register: (_name, run) => runs.push(run),
    canEject: true,
    inserts: 5,
  });
  for (const run of runs) {
    const reason = await run();
    if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  assert.deepEqual(Object.fromEntries(reasons), {
    "the device has no cleanup()": 1,
    "the device has no sleep()": 5,
    "nothing says that disposal waits": 1,
  });
});

Deno.test("other statuses of a card that went away are the law book's by option only", async () => {
  const makeLate = () => {
    const reader = new VirtualReader();
    const { readerFunction } = reader.extension;
    const transmit = readerFunction[RDF_TRANSMIT];
    readerFunction[RDF_TRANSMIT] = async (ext) => {
      const status = await transmit?.(ext);
      return status === STATUS_NO_MEDIA || status === undefined
        ? STATUS_IO_TIMEOUT
        : status;
    };
    return virtualReaderUnderTest(reader);
  };
  const name = "a card pulled during a TRANSMIT ends it cleanly";
  const law = laws.find((law) => law.name === name)!;
  await assert.rejects(
    runLaw(law, makeLate),
    /ended with STATUS_IO_TIMEOUT, expected STATUS_NO_MEDIA/,
  );
  await runLaw(law, makeLate, { removalStatuses: [STATUS_IO_TIMEOUT] });
});

Deno.test("a reader that is made too late is disposed of all the same", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const disposed = Promise.withResolvers<void>();
  const late = async (): Promise<ReaderUnderTest> => {
    await promise;
    const reader = makeReader();
    return {
      ...reader,
      [Symbol.asyncDispose]: async () => {
        await reader[Symbol.asyncDispose]();
        disposed.resolve();
      },
    };
  };
  await assert.rejects(
    runLaw(laws[0], late, { deadlineMs: 20 }),
    /making the reader has not ended/,
  );
  resolve();
  await disposed.promise;
});
