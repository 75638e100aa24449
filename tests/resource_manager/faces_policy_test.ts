// What a policy says of a context holds in the faces, too.

import assert from "node:assert/strict";
import { VirtualReader } from "../../src/drivers/virtual/mod.ts";
import {
  onlyReaders,
  ResourceManager,
} from "../../src/resource_manager/mod.ts";
import { SmartCardResourceManager } from "../../src/smart_card/mod.ts";
import { createWinscard, SCARD_SCOPE_USER } from "../../src/winscard/mod.ts";

Deno.test("faces: reader events do not tell of readers that the policy hides", async () => {
  using hidden = new VirtualReader({ unitNo: 0 });
  using seen = new VirtualReader({ unitNo: 1 });
  await using manager = new ResourceManager({ policy: onlyReaders(["Seen*"]) });
  await manager.addReader(hidden, { name: "Hidden" });
  const web = new SmartCardResourceManager(manager);
  await using context = await web.establishContext();
  const events = context.readerEvents();
  await manager.addReader(seen, { name: "Seen" });
  const { value } = await events.next();
  assert.equal(value?.reader, "Seen");
  await events.return?.();
});

Deno.test("faces: an application's name reaches the engine", async () => {
  await using manager = new ResourceManager();
  const web = new SmartCardResourceManager(manager);
  await using _context = await web.establishContext({ name: "browser" });
  const scard = createWinscard({ manager, applicationName: "login" });
  const { hContext } = await scard.SCardEstablishContext(SCARD_SCOPE_USER);
  const names = manager.contexts.map((context) => context.name);
  assert.deepEqual(names, ["browser", "login"]);
  await scard.SCardReleaseContext(hContext);
});
