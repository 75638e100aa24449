import assert from "node:assert/strict";
import { withoutPermission } from "../alone/without_permission.ts";

Deno.test("the front door is importable and usable without any permission", async () => {
  const front = new URL("../../mod.ts", import.meta.url).href;
  assert.equal(
    await withoutPermission(`
      import { createCard, ResourceManager, SmartCardResourceManager, VirtualReader } from ${
      JSON.stringify(front)
    };
      const reader = new VirtualReader();
      reader.insert(createCard());
      const manager = new ResourceManager();
      const { name } = await manager.addReader(reader);
      const context = await new SmartCardResourceManager(manager).establishContext();
      const { activeProtocol } = await context.connect(name, "shared", {
        preferredProtocols: ["t0", "t1"],
      });
      console.log(activeProtocol);
      await context.release();
      await manager.close();
    `),
    "t1",
  );
});
