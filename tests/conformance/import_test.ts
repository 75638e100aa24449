import assert from "node:assert/strict";

/** Runs `code` in a process that has no permission at all. */
async function withoutPermission(code: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-lock", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  assert.ok(success, text.decode(stderr));
  return text.decode(stdout).trim();
}

Deno.test("each floor is importable and usable without any permission", async () => {
  const front = new URL("../../mod.ts", import.meta.url).href;
  const core = new URL("../../src/core/mod.ts", import.meta.url).href;
  assert.equal(
    await withoutPermission(`
      import { parseAtr } from ${JSON.stringify(core)};
      console.log(parseAtr(Uint8Array.of(0x3b, 0x00)).valid);
    `),
    "true",
  );
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
