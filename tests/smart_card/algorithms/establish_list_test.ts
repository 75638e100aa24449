/** establishContext, listReaders, and what ends a context, step by step. */

import assert from "node:assert/strict";
import { SmartCardResourceManager } from "../../../src/smart_card/mod.ts";
import { desk, NAME, refuses, rejects } from "../desk.ts";

Deno.test("establishContext step 1: a policy that forbids the feature rejects with SecurityError", async () => {
  await using d = await desk();
  let allowed = false;
  const web = new SmartCardResourceManager(d.manager, {
    featurePolicy: () => allowed,
  });
  await rejects("SecurityError", web.establishContext());
  allowed = true;
  assert.deepEqual(await (await web.establishContext()).listReaders(), [NAME]);
});

Deno.test("establishContext step 2: an error of the resource manager rejects with its exception", async () => {
  await using d = await desk();
  await d.manager.close();
  await refuses("no-service", d.web.establishContext());
});

Deno.test("establishContext step 3: each context is another one, and has its own operationInProgress", async () => {
  await using d = await desk();
  const other = await d.web.establishContext();
  assert.notEqual(other, d.context);
  const connection = await d.connect();
  d.device.pace = "held";
  const pending = connection.status();
  await rejects("InvalidStateError", d.context.listReaders());
  assert.deepEqual(await other.listReaders(), [NAME]);
  d.device.release();
  await pending;
});

Deno.test("listReaders step 1: an operation in progress rejects with InvalidStateError", async () => {
  await using d = await desk();
  const first = d.context.listReaders();
  await rejects("InvalidStateError", d.context.listReaders());
  assert.deepEqual(await first, [NAME]);
});

Deno.test("listReaders step 2: no readers are an empty list", async () => {
  await using d = await desk();
  d.manager.removeReader(d.reader);
  assert.deepEqual(await d.context.listReaders(), []);
});

Deno.test("listReaders step 3: any other error rejects with its exception", async () => {
  await using d = await desk();
  await d.manager.close();
  // SCARD_E_SERVICE_STOPPED.
  await rejects("InvalidStateError", d.context.listReaders());
});

Deno.test("after any operation: clear operationInProgress comes before its promise settles", async () => {
  await using d = await desk();
  const names = d.context.listReaders().then(() => d.context.listReaders());
  assert.deepEqual(await names, [NAME]);
  const failed = d.context.connect("nobody", "direct").catch(() =>
    d.context.listReaders()
  );
  assert.deepEqual(await failed, [NAME]);
});

Deno.test("document no longer active: all contexts of the manager are disposed of, with their connections", async () => {
  await using d = await desk();
  const second = await d.web.establishContext();
  const connections = [await d.connect(), await d.connect(second)];
  const elsewhere = await new SmartCardResourceManager(d.manager)
    .establishContext();
  await d.web.releaseContexts();
  assert.equal(d.reader.connections.size, 0);
  for (const context of [d.context, second]) {
    await rejects("InvalidStateError", context.listReaders());
  }
  for (const connection of connections) {
    await rejects("InvalidStateError", connection.status());
  }
  assert.deepEqual(await elsewhere.listReaders(), [NAME]);
  assert.deepEqual(await (await d.web.establishContext()).listReaders(), [
    NAME,
  ]);
});
