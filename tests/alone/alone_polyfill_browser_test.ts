/** The stack with a virtual reader in a page and in its worker, through `navigator.smartCard`. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";
import { chromium } from "playwright-core";
import { DEADLINE_MS, withinDeadline } from "../../scripts/deadline.ts";
import type { NavigatorSmartCard } from "../../src/smart_card/polyfill.ts";
import type { PolyfillReport } from "../smart_card/polyfill_worker.ts";
import { findChromium, programTest } from "./programs.ts";

const ROOT = new URL("../../", import.meta.url);

const SCRIPT = "polyfill.js";

/** What a page takes of the project: the program of an application, and the floors beneath. */
const ENTRY = `
  export * from "./tests/smart_card/polyfill_worker.ts";
  export * from "./src/smart_card/mod.ts";
  export * from "./src/smart_card/polyfill.ts";
  export { ResourceManager } from "./src/resource_manager/mod.ts";
  export { VirtualReader } from "./src/drivers/virtual/mod.ts";
  export { createCard } from "./src/cards/mod.ts";
`;

/** What {@linkcode ENTRY} exports, as far as it is used here. */
interface PageModule {
  usePolyfill(): Promise<PolyfillReport>;
  ResourceManager:
    typeof import("../../src/resource_manager/mod.ts").ResourceManager;
  VirtualReader:
    typeof import("../../src/drivers/virtual/mod.ts").VirtualReader;
  createCard: typeof import("../../src/cards/mod.ts").createCard;
  SmartCardResourceManager:
    typeof import("../../src/smart_card/mod.ts").SmartCardResourceManager;
  installSmartCard:
    typeof import("../../src/smart_card/polyfill.ts").installSmartCard;
}

const PAGE = `<!DOCTYPE html>
<html lang="en"><title>Smart card</title><link rel="icon" href="data:,"></html>`;

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";

/** Bundled and minified: names must not depend on those of the source. */
async function bundle(): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { outputFiles } = await build({
      stdin: {
        contents: ENTRY,
        resolveDir: fileURLToPath(ROOT),
        loader: "ts",
      },
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      write: false,
      logLevel: "silent",
    });
    return new Uint8Array(outputFiles[0].contents);
  } finally {
    await stop();
  }
}

function serve(script: Uint8Array<ArrayBuffer>): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url }) => {
      const isPage = new URL(url).pathname === "/";
      return new Response(isPage ? PAGE : script, {
        headers: {
          "content-type": isPage ? "text/html" : "text/javascript",
          "content-security-policy": POLICY,
        },
      });
    },
  );
}

/** Runs in the page: the same in a worker of it. */
function inWorker(path: string): Promise<PolyfillReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(path, { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

/** Runs in the page: properties beside those that are native, and objects of another realm. */
async function inspect(path: string): Promise<Record<string, unknown>> {
  const module: PageModule = await import(path);
  const manager = new module.ResourceManager();
  const reader = new module.VirtualReader();
  reader.insert(module.createCard());
  await manager.addReader(reader);
  module.installSmartCard(new module.SmartCardResourceManager(manager));
  const scope = globalThis as unknown as {
    document: {
      createElement(name: "iframe"): {
        contentWindow: {
          AbortSignal: typeof AbortSignal;
          Uint8Array: typeof Uint8Array;
          ArrayBuffer: typeof ArrayBuffer;
        };
      };
      documentElement: { append(child: object): void };
    };
    Navigator: { prototype: object };
    [name: string]: unknown;
  };
  const attributesOf = (target: object, name: string) => {
    const { get, set, value, ...attributes } = Object.getOwnPropertyDescriptor(
      target,
      name,
    )!;
    const described = get ?? value;
    return { ...attributes, set, name: described.name.replace(name, "?") };
  };
  const { prototype } = scope.Navigator;
  const { smartCard } = navigator as Navigator & NavigatorSmartCard;
  const context = await smartCard.establishContext();
  const [name] = await context.listReaders();
  const frame = scope.document.createElement("iframe");
  scope.document.documentElement.append(frame);
  const other = frame.contentWindow;
  const reason = await context.connect(name, "shared", {
    preferredProtocols: ["t1"],
    signal: other.AbortSignal.abort("of the frame"),
  }).catch((error: unknown) => error);
  const { connection } = await context.connect(name, "shared", {
    preferredProtocols: ["t1"],
  });
  const select = [0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00];
  const view = other.Uint8Array.from(select);
  const answers = [
    (await connection.transmit(view)).byteLength,
    (await connection.transmit(view.buffer)).byteLength,
  ];
  const error = await context.connect("nobody", "direct")
    .catch((error: unknown) => error);
  globalThis.dispatchEvent(new Event("pagehide"));
  const ended = await connection.transmit(view)
    .catch((error: DOMException) => error.name);
  const report = {
    attribute: attributesOf(prototype, "smartCard"),
    nativeAttribute: attributesOf(prototype, "userAgent"),
    interfaceObject: attributesOf(globalThis, "SmartCardContext"),
    nativeInterfaceObject: attributesOf(globalThis, "EventTarget"),
    classes: [smartCard, context, connection, error].map(String),
    constructors: [smartCard, context, connection, error as object]
      .map((object) => scope[object.constructor.name] === object.constructor),
    reason,
    answers,
    ended,
  };
  reader[Symbol.dispose]();
  await manager.close();
  return report;
}

programTest(
  "Chromium has navigator.smartCard, in a page and in a worker, with a virtual reader behind it",
  await findChromium(),
  async (executablePath) => {
    await using server = serve(await bundle());
    const origin = `http://127.0.0.1:${server.addr.port}/`;
    const timeout = DEADLINE_MS;
    await using browser = await chromium.launch({ executablePath, timeout });
    await withinDeadline("navigator.smartCard in Chromium", async () => {
      const page = await browser.newPage();
      await page.goto(origin, { timeout });
      const expected = {
        readers: ["deno-smartcard Virtual Reader 0"],
        answer: "9000",
        uninstalled: true,
      };
      const inPage = await page.evaluate(async (path) => {
        const module: PageModule = await import(path);
        return await module.usePolyfill();
      }, `/${SCRIPT}`);
      assert.deepEqual(inPage, { owner: "Navigator", ...expected });
      assert.deepEqual(await page.evaluate(inWorker, `/${SCRIPT}`), {
        owner: "WorkerNavigator",
        ...expected,
      });
      const found = await page.evaluate(inspect, `/${SCRIPT}`);
      assert.deepEqual(found.attribute, found.nativeAttribute);
      assert.deepEqual(found.interfaceObject, {
        ...found.nativeInterfaceObject as object,
      });
      assert.deepEqual(found.classes, [
        "[object SmartCardResourceManager]",
        "[object SmartCardContext]",
        "[object SmartCardConnection]",
        'SmartCardError: Cannot connect to "nobody": no reader has this name, expected one of ["deno-smartcard Virtual Reader 0"]',
      ]);
      assert.deepEqual(found.constructors, [true, true, true, true]);
      assert.equal(found.reason, "of the frame");
      assert.deepEqual(found.answers, [2, 2]);
      assert.equal(found.ended, "InvalidStateError");
    });
  },
);
