import assert from "node:assert/strict";
import * as api from "../../src/smart_card/mod.ts";
import {
  installSmartCard,
  type InstallSmartCardOptions,
  type NavigatorSmartCard,
} from "../../src/smart_card/polyfill.ts";
import { withinDeadline } from "../../scripts/deadline.ts";
import { APDU, type Desk, desk, NAME, rejects } from "./desk.ts";
import type { PolyfillReport } from "./polyfill_worker.ts";

const GLOBALS = [
  "SmartCardResourceManager",
  "SmartCardContext",
  "SmartCardConnection",
  "SmartCardError",
];

/** An installation that ends with its scope. */
function installed(d: Desk, options?: InstallSmartCardOptions): Disposable {
  return { [Symbol.dispose]: installSmartCard(d.web, options) };
}

function attribute(): PropertyDescriptor | undefined {
  return Object.getOwnPropertyDescriptor(Navigator.prototype, "smartCard");
}

function smartCard(): NavigatorSmartCard["smartCard"] {
  return (navigator as Navigator & NavigatorSmartCard).smartCard;
}

/** A window that a browser would have. */
class FakeWindow extends EventTarget {
  readonly document = {};
  readonly navigator: object = new (class Navigator {})();
}

Deno.test("polyfill: importing it changes nothing", () => {
  assert.equal("smartCard" in navigator, false);
  for (const name of GLOBALS) assert.equal(name in globalThis, false);
});

Deno.test("polyfill: the attribute of Navigator.prototype, as Web IDL says", async () => {
  await using d = await desk();
  using _installed = installed(d);
  const { get, ...rest } = attribute()!;
  assert.deepEqual(rest, {
    set: undefined,
    enumerable: true,
    configurable: true,
  });
  assert.equal(get?.name, "get smartCard");
  assert.equal(get?.length, 0);
  assert.equal(Object.hasOwn(navigator, "smartCard"), false);
  for (const foreign of [Navigator.prototype, {}, undefined]) {
    assert.throws(() => get?.call(foreign), TypeError);
  }
  assert.throws(() => {
    (navigator as unknown as { smartCard: unknown }).smartCard = 1;
  }, TypeError);
});

Deno.test("polyfill: always the same object, and it works", async () => {
  await using d = await desk();
  using _installed = installed(d);
  assert.equal(smartCard(), smartCard());
  const context = await smartCard().establishContext();
  assert.deepEqual(await context.listReaders(), [NAME]);
  const { connection } = await context.connect(NAME, "shared", {
    preferredProtocols: ["t1"],
  });
  assert.equal((await connection.transmit(APDU)).byteLength, APDU.length + 2);
  const queued = await smartCard().establishContext({ queue: true });
  await Promise.all([queued.listReaders(), queued.listReaders()]);
  await rejects("TypeError", smartCard().establishContext(5 as never));
});

Deno.test("polyfill: the interface objects", async () => {
  await using d = await desk();
  using _installed = installed(d);
  const scope = globalThis as unknown as Record<
    string,
    { new (...args: unknown[]): unknown; prototype: object }
  >;
  for (const name of GLOBALS) {
    const { value, ...attributes } = Object.getOwnPropertyDescriptor(
      globalThis,
      name,
    )!;
    assert.deepEqual(attributes, {
      writable: true,
      enumerable: false,
      configurable: true,
    });
    assert.equal(value.name, name);
    assert.equal(value.prototype.constructor, value);
    assert.equal(
      Object.getPrototypeOf(value.prototype).constructor.name,
      {
        SmartCardError: "DOMException",
      }[name] ?? "Object",
    );
    if (name === "SmartCardError") continue;
    assert.equal(value.length, 0);
    assert.throws(() => new scope[name](), {
      name: "TypeError",
      message: "Illegal constructor",
    });
  }
  const manager = scope.SmartCardResourceManager;
  assert(smartCard() instanceof manager);
  assert.equal(String(smartCard()), "[object SmartCardResourceManager]");
  const establish = Object.getOwnPropertyDescriptor(
    manager.prototype,
    "establishContext",
  );
  assert.equal(establish?.enumerable, true);
  assert.equal(establish?.value.length, 0);
  await rejects("TypeError", establish?.value.call({}));
  const context = await smartCard().establishContext();
  assert(context instanceof scope.SmartCardContext);
  const error = await context.connect("nobody", "direct").catch((e) => e);
  assert(error instanceof scope.SmartCardError);
  assert.equal(
    (new scope.SmartCardError("x", { responseCode: "not-ready" }) as Error)
      .message,
    "x",
  );
});

Deno.test("polyfill: uninstalled, everything is as it was; contexts stay open", async () => {
  await using d = await desk();
  const uninstall = installSmartCard(d.web);
  const context = await smartCard().establishContext();
  uninstall();
  uninstall();
  assert.equal(attribute(), undefined);
  for (const name of GLOBALS) assert.equal(name in globalThis, false);
  assert.deepEqual(await context.listReaders(), [NAME]);
});

Deno.test("polyfill: what is there already stays, unless told otherwise", async () => {
  await using d = await desk();
  const native = { native: true };
  const before: PropertyDescriptor = {
    get: () => native,
    set: undefined,
    enumerable: true,
    configurable: true,
  };
  Object.defineProperty(Navigator.prototype, "smartCard", before);
  Object.assign(globalThis, { SmartCardError: "native" });
  try {
    installSmartCard(d.web)();
    assert.equal(smartCard(), native);
    assert.equal("SmartCardContext" in globalThis, false);
    {
      using _installed = installed(d, { replace: true });
      const context = await smartCard().establishContext();
      assert.deepEqual(await context.listReaders(), [NAME]);
    }
    assert.deepEqual(attribute(), before);
    assert.equal(Reflect.get(globalThis, "SmartCardError"), "native");
  } finally {
    Reflect.deleteProperty(Navigator.prototype, "smartCard");
    Reflect.deleteProperty(globalThis, "SmartCardError");
  }
});

Deno.test("polyfill: uninstalling leaves alone what somebody else has put there since", async () => {
  await using d = await desk();
  const other = new api.SmartCardResourceManager(d.manager);
  const first = installSmartCard(d.web);
  const second = installSmartCard(other, { replace: true });
  const shown = smartCard();
  Object.assign(globalThis, { SmartCardConnection: "mine" });
  first();
  assert.equal(smartCard(), shown);
  assert.equal(Reflect.get(globalThis, "SmartCardConnection"), "mine");
  second();
  Reflect.deleteProperty(globalThis, "SmartCardConnection");
  Reflect.deleteProperty(Navigator.prototype, "smartCard");
  for (const name of GLOBALS) Reflect.deleteProperty(globalThis, name);
});

Deno.test("polyfill: in a window, leaving the document releases the contexts", async () => {
  await using d = await desk();
  const scope = new FakeWindow();
  const uninstall = installSmartCard(d.web, { scope });
  const { smartCard } = scope.navigator as NavigatorSmartCard;
  assert.equal("smartCard" in navigator, false);
  const context = await smartCard.establishContext();
  const connection = await d.connect(context);
  scope.dispatchEvent(new Event("pagehide"));
  await rejects("InvalidStateError", connection.transmit(APDU));
  await rejects("InvalidStateError", context.listReaders());
  // Shown again, the page begins anew.
  const next = await smartCard.establishContext();
  assert.deepEqual(await next.listReaders(), [NAME]);
  uninstall();
  scope.dispatchEvent(new Event("pagehide"));
  assert.deepEqual(await next.listReaders(), [NAME]);
});

Deno.test("polyfill: what is no manager, and where there is no navigator", async () => {
  await using d = await desk();
  for (const wrong of [undefined, null, {}, d.manager, d.context]) {
    assert.throws(() => installSmartCard(wrong as never), {
      name: "TypeError",
      message: /manager is a .*, expected a SmartCardResourceManager$/,
    });
  }
  for (const navigator of [undefined, null, "Deno"]) {
    const scope = { navigator: navigator as never };
    assert.throws(() => installSmartCard(d.web, { scope }), {
      name: "TypeError",
      message: /expected the object of a window or worker$/,
    });
  }
});

Deno.test("polyfill: WorkerNavigator's in a worker", async () => {
  const worker = new Worker(new URL("./polyfill_worker.ts", import.meta.url), {
    type: "module",
  });
  try {
    const report = await withinDeadline(
      "the worker's report",
      () =>
        new Promise<PolyfillReport>((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = (event) => {
            event.preventDefault();
            reject(new Error(event.message));
          };
        }),
      60_000,
    );
    assert.deepEqual(report, {
      owner: "WorkerNavigator",
      readers: ["deno-smartcard Virtual Reader 0"],
      answer: "9000",
      uninstalled: true,
    });
  } finally {
    worker.terminate();
  }
});
